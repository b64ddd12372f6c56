package cli

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"phoneacs/admin/client"
)

// Variables that stand in for flags.
const (
	ServerVariable = "PHONEACS_SERVER"
	TokenVariable  = "PHONEACS_TOKEN"
	CAVariable     = "PHONEACS_CA"
	dataVariable   = "PHONEACS_DATA"
)

// The data directory of `phoneacs serve`, and the file in it that holds the
// first token.
const (
	defaultData = "phoneacs-data"
	tokenFile   = "admin-token"
)

// maxSecret bounds files that hold a token or a certificate, in bytes.
const maxSecret = 1 << 20

// connectionFlags declares how a server is found, and how answers are shown.
func connectionFlags(f *pflag.FlagSet) {
	f.String("server", "", "`URL` of the admin API ("+ServerVariable+"); not given: "+client.DefaultServer)
	f.String("token", "", "admin `token`, which others on this machine can see in the list of processes; better in "+TokenVariable+", or in the file "+tokenFile+" of --data")
	f.String("ca", "", "PEM `file` with what the server's certificate is checked against ("+CAVariable+"); not given: what the system trusts")
	f.String("data", "", "`directory` of the server's store, if it is on this machine ("+dataVariable+"); not given: "+defaultData)
	f.Bool("json", false, "answer in JSON, lists as one object a line")
}

// setting is the value of a flag, else of its variable, else def.
func setting(cmd *cobra.Command, flag, variable, def string) string {
	if v, err := cmd.Flags().GetString(flag); err == nil && v != "" {
		return v
	}
	if v := os.Getenv(variable); v != "" {
		return v
	}
	return def
}

// open connects a command to its server and its output.
func open(cmd *cobra.Command) (*session, error) {
	o, err := connection(cmd)
	if err != nil {
		return nil, err
	}
	c, err := client.New(o)
	if err != nil {
		return nil, &UsageError{fmt.Errorf("--%w", err)}
	}
	asJSON, _ := cmd.Flags().GetBool("json")
	return &session{c, newOutput(cmd.OutOrStdout(), cmd.ErrOrStderr(), asJSON), cmd}, nil
}

// connection reads where the server is and what proves who asks. A token that
// lies in a directory of this machine is for a server of this machine only.
func connection(cmd *cobra.Command) (client.Options, error) {
	o := client.Options{
		Server: setting(cmd, "server", ServerVariable, client.DefaultServer),
		Token:  setting(cmd, "token", TokenVariable, ""),
		Agent:  "phoneacs",
	}
	base, err := client.ParseServer(o.Server)
	if err != nil {
		return o, &UsageError{fmt.Errorf("--%w", err)}
	}
	if path := setting(cmd, "ca", CAVariable, ""); path != "" {
		if o.CA, err = readSmall(path); err != nil {
			return o, &UsageError{fmt.Errorf("--ca: %w", err)}
		}
	}
	if o.Token != "" || !client.IsLocal(base) {
		return o, nil
	}
	secret, err := readSmall(filepath.Join(setting(cmd, "data", dataVariable, defaultData), tokenFile))
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return o, fmt.Errorf("read the token: %w; give one with %s", err, TokenVariable)
	}
	o.Token = strings.TrimSpace(string(secret))
	return o, nil
}

func readSmall(path string) ([]byte, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	b, err := io.ReadAll(io.LimitReader(f, maxSecret+1))
	if err == nil && len(b) > maxSecret {
		err = fmt.Errorf("%s is larger than %d bytes", path, maxSecret)
	}
	return b, err
}
