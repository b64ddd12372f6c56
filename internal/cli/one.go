package cli

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/spf13/cobra"

	"phoneacs/admin/client"
)

// oneCommand shows one thing that is told best as it is: JSON, laid out for
// people.
func oneCommand[T any](use, short, example string, get func(*client.Client, context.Context, string) (T, error)) *cobra.Command {
	cmd := &cobra.Command{Use: use, Short: short, Example: "  phoneacs " + example, Args: count(1, 1), ValidArgsFunction: completeThing}
	return verb(cmd, func(ctx context.Context, s *session, args []string) error {
		v, err := get(s.Client, ctx, args[0])
		if err != nil {
			return err
		}
		return s.show(v, func() error { return s.laidOut(v) })
	})
}

// laidOut prints a value as JSON over several lines.
func (o *output) laidOut(v any) error {
	b, err := json.MarshalIndent(v, "", "  ")
	if err != nil {
		return fmt.Errorf("write: %w", err)
	}
	if _, err := fmt.Fprintf(o.out, "%s\n", harmless(b)); err != nil {
		return fmt.Errorf("write: %w", err)
	}
	return nil
}

// goneCommand takes one thing away.
func goneCommand(use, short, example string, remove func(*client.Client, context.Context, string) error) *cobra.Command {
	cmd := &cobra.Command{Use: use, Short: short, Example: "  phoneacs " + example, Args: count(1, 1), ValidArgsFunction: completeThing}
	return verb(cmd, func(ctx context.Context, s *session, args []string) error {
		if err := remove(s.Client, ctx, args[0]); err != nil {
			return err
		}
		return s.gone(args[0])
	})
}
