package cli

import (
	"context"
	"fmt"
	"io"
	"os"

	"github.com/spf13/cobra"

	"phoneacs/admin/client"
)

func phoneImportCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "import FILE",
		Short: "Add or update phones from a list",
		Long: `Add or update phones from a CSV file, or from standard input where it is named -.

The first row names the columns: mac, serial, oui, site, name, tags, vendor,
model, in any order. Listed phones are approved. A line that is wrong fails
alone; the status is then not 0.`,
		Example: `  phoneacs phone import phones.csv
  phoneacs phone import --create-sites phones.csv
  printf 'mac,site\n0c383e000011,s1\n' | phoneacs phone import -`,
		Args: count(1, 1),
	}
	cmd.Flags().Bool("create-sites", false, "create the sites that the list names and that are not known")
	return verb(cmd, func(ctx context.Context, s *session, args []string) error {
		in, err := s.input(args[0])
		if err != nil {
			return err
		}
		defer in.Close()
		r, err := s.ImportPhones(ctx, in, s.isSet("create-sites"))
		if err != nil {
			return err
		}
		return s.imported(r, r.Failed, r.Errors, fmt.Sprintf("%d phones created, %d updated, %d sites created", r.Created, r.Updated, r.SitesCreated))
	})
}

// input opens a file, or standard input for -.
func (s *session) input(path string) (io.ReadCloser, error) {
	if path == "-" {
		return io.NopCloser(s.cmd.InOrStdin()), nil
	}
	f, err := os.Open(path)
	if err != nil {
		return nil, &UsageError{err}
	}
	return f, nil
}

// imported tells what became of a list, and fails if some of its lines did.
func (o *output) imported(v any, failed int, errs []client.ImportError, said string) error {
	err := o.show(v, func() error {
		for _, e := range errs {
			at := fmt.Sprintf("line %d", e.Line)
			if e.Field != "" {
				at += ", " + e.Field
			}
			o.note("%s: %s", at, e.Detail)
		}
		return o.say("%s, %d lines failed", said, failed)
	})
	if err == nil && failed > 0 {
		err = fmt.Errorf("%d lines failed; the others are done, and the list may be sent again when they are mended", failed)
	}
	return err
}
