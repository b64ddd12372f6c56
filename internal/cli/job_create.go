package cli

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"

	"github.com/spf13/cobra"

	"phoneacs/admin/client"
)

// maxOrder bounds an order that is read from a file, in bytes.
const maxOrder = 16 << 20

func jobCreateCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "create FILE",
		Short: "Order what a file says",
		Long: `Order the job that a file describes in JSON, as the API takes it, or standard
input where the file is named -. Values in it are in no list of processes.`,
		Example: `  phoneacs job create order.json
  echo '{"kind": "reboot", "selection": {"phones": ["p17"]}, "when": {"now": true}}' | phoneacs job create - --watch`,
		Args: count(1, 1),
	}
	cmd.Flags().String("key", "", "`text` by which the same order, sent again within 24 hours, is the same job")
	cmd.Flags().Bool("watch", false, "follow the job until it ends")
	return verb(cmd, func(ctx context.Context, s *session, args []string) error {
		var j client.NewJob
		if err := s.readJSON(args[0], &j); err != nil {
			return err
		}
		return s.order(ctx, j)
	})
}

// readJSON reads one JSON value of a file, strictly, into v.
func (s *session) readJSON(path string, v any) error {
	in, err := s.input(path)
	if err != nil {
		return err
	}
	defer in.Close()
	text, err := io.ReadAll(io.LimitReader(in, maxOrder+1))
	switch {
	case err != nil:
		return fmt.Errorf("read %s: %w", path, err)
	case len(text) > maxOrder:
		return usage("%s is larger than %d bytes", path, maxOrder)
	}
	d := json.NewDecoder(bytes.NewReader(text))
	d.DisallowUnknownFields()
	if err := d.Decode(v); err != nil {
		return usage("%s: %w", path, err)
	}
	if _, err := d.Token(); err != io.EOF {
		return usage("%s: more follows behind the first value", path)
	}
	return nil
}
