package main

import (
	"fmt"
	"os"

	"github.com/spf13/cobra"

	"phoneacs/internal/app"
)

// withoutServer lets `token create` work on a store that no server has open,
// when it is given the directory: who has lost the last token has no other way.
func withoutServer(nouns []*cobra.Command) []*cobra.Command {
	for _, noun := range nouns {
		if create, _, err := noun.Find([]string{"create"}); err == nil && noun.Name() == "token" {
			create.Flags().String("data", "", "`directory` of a store that no server has open; no server is asked then")
			online := create.RunE
			create.RunE = func(cmd *cobra.Command, args []string) error {
				f := cmd.Flags()
				if !f.Changed("data") {
					return online(cmd, args)
				}
				data, _ := f.GetString("data")
				name, _ := f.GetString("name")
				role, _ := f.GetString("role")
				after, _ := f.GetDuration("expires-in")
				secret, err := app.MakeToken(cmd.Context(), app.Config{Data: data, Key: os.Getenv(app.KeyVariable)}, name, role, after)
				if err != nil {
					return err
				}
				_, err = fmt.Fprintln(cmd.OutOrStdout(), secret)
				return err
			}
		}
	}
	return nouns
}
