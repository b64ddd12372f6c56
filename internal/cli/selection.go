package cli

import (
	"github.com/spf13/cobra"

	"phoneacs/admin/client"
)

// selectionFlags declares how phones are chosen beside by reference.
func selectionFlags(cmd *cobra.Command) *cobra.Command {
	cmd.Flags().String("filter", "", "the phones that an AIP-160 `filter` passes, as in 'model = \"X6U\" AND tags:lobby'")
	cmd.Flags().Bool("all", false, "all phones")
	return cmd
}

// selection reads which phones are meant: references, --filter or --all, of
// which exactly one is said.
func (s *session) selection(refs []string) (client.Selection, error) {
	sel := client.Selection{Phones: refs, Filter: s.flag("filter"), All: s.isSet("all")}
	said := 0
	for _, is := range []bool{len(refs) > 0, sel.Filter != "", sel.All} {
		if is {
			said++
		}
	}
	if said != 1 {
		return sel, usage("say which phones: by id, MAC or serial, or with --filter, or all of them with --all; see `%s --help`", s.cmd.CommandPath())
	}
	return sel, nil
}
