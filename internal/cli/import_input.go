package cli

import (
	"fmt"
	"io"
	"os"

	"phoneacs/admin/client"
)

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
		err = fmt.Errorf("%w: %d failed; the list may be sent again when they are mended", ErrRefused, failed)
	}
	return err
}
