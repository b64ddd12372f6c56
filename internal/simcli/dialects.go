package simcli

import (
	"fmt"
	"strings"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"phoneacs/internal/sim"
)

const dialectsLong = `dialects lists how agents that shipped depart from the letter of TR-069: the name
for --dialect, the rows of docs/spec.md that it shows, and what it changes.`

func newDialects() *cobra.Command {
	return &cobra.Command{
		Use:     "dialects",
		Short:   "list the dialects that phones can be given",
		Long:    dialectsLong,
		Example: "  phonesim dialects",
		Args:    noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			w := tabwriter.NewWriter(cmd.OutOrStdout(), 0, 0, 2, ' ', 0)
			for _, d := range sim.Dialects() {
				var rows []string
				for _, n := range d.Quirks {
					rows = append(rows, fmt.Sprintf("Q%d", n))
				}
				fmt.Fprintf(w, "%s\t%s\t%s\n", d.Name, strings.Join(rows, " "), d.What)
			}
			if err := w.Flush(); err != nil {
				return fmt.Errorf("write list: %w", err)
			}
			return nil
		},
	}
}
