package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"

	"github.com/spf13/cobra"

	"phoneacs/internal/app"
)

func checkCommand() *cobra.Command {
	var data string
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "check",
		Short: "Prove that the store of a data directory is sound",
		Long: `Prove every invariant of the store of a data directory that no server has open,
and say in words what does not hold. A store of an older layout is migrated first.

The exit status is 0 if all holds, 1 if something does not.`,
		Example: `  phoneacs check --data /var/lib/phoneacs
  phoneacs check --data /var/lib/phoneacs --json`,
		Args: noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			faults, err := app.CheckStore(cmd.Context(), data, os.Getenv(app.KeyVariable))
			if err != nil {
				return err
			}
			out := cmd.OutOrStdout()
			if asJSON {
				err = json.NewEncoder(out).Encode(map[string]any{"sound": len(faults) == 0, "faults": append([]string{}, faults...)})
			} else {
				for _, f := range faults {
					_, werr := fmt.Fprintln(out, f)
					err = errors.Join(err, werr)
				}
				if len(faults) == 0 {
					_, err = fmt.Fprintln(out, "the store is sound")
				}
			}
			if err == nil && len(faults) > 0 {
				err = fmt.Errorf("%d things do not hold: restore a backup", len(faults))
			}
			return err
		},
	}
	offline(cmd, &data)
	cmd.Flags().BoolVar(&asJSON, "json", false, "answer in JSON")
	return cmd
}

func compactCommand() *cobra.Command {
	var data, output string
	cmd := &cobra.Command{
		Use:   "compact",
		Short: "Give back what is free in the store of a data directory",
		Long: `Write the file of a store that no server has open anew, without what is free in
it, and put it in the place of the old one once it was found to hold the same.
There must be room for both.`,
		Example: `  phoneacs compact --data /var/lib/phoneacs
  phoneacs compact --data /var/lib/phoneacs --output /mnt/phoneacs.db`,
		Args: noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			before, after, err := app.CompactStore(cmd.Context(), data, output)
			if err != nil {
				return err
			}
			_, err = fmt.Fprintf(cmd.OutOrStdout(), "%d bytes before, %d after\n", before, after)
			return err
		},
	}
	offline(cmd, &data)
	cmd.Flags().StringVar(&output, "output", "", "`file` to write, which must not exist; not given: in the place of the store's")
	return cmd
}
