package main

import (
	"fmt"
	"os"
	"strconv"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/cobra/doc"

	"phoneacs/internal/app"
)

// manCommand writes the manual from what the commands say of themselves, so
// that the two cannot differ.
func manCommand() *cobra.Command {
	var dir string
	cmd := &cobra.Command{
		Use:   "man",
		Short: "Write the manual pages, one a command",
		Long: `Write the manual pages into a directory, one a command, as packages install them.

SOURCE_DATE_EPOCH, in seconds since 1970, dates them; without it they bear today's date.`,
		Example: `  phoneacs man --dir /usr/local/share/man/man1`,
		Args:    noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if dir == "" {
				return &usageError{fmt.Errorf("--dir: needs a directory; see `%s --help`", cmd.CommandPath())}
			}
			date, err := sourceDate()
			if err != nil {
				return err
			}
			if err := os.MkdirAll(dir, 0o755); err != nil {
				return fmt.Errorf("make the directory of --dir: %w", err)
			}
			header := &doc.GenManHeader{Section: "1", Source: "phoneacs " + app.Version, Manual: "phoneacs", Date: &date}
			if err := doc.GenManTree(cmd.Root(), header, dir); err != nil {
				return fmt.Errorf("write manual pages: %w", err)
			}
			return nil
		},
	}
	cmd.Flags().StringVar(&dir, "dir", "", "`directory` for the pages; made if it is not there")
	return cmd
}

// sourceDate is the date of what can be built again byte for byte.
func sourceDate() (time.Time, error) {
	v := os.Getenv("SOURCE_DATE_EPOCH")
	if v == "" {
		return time.Now(), nil
	}
	s, err := strconv.ParseInt(v, 10, 64)
	if err != nil {
		return time.Time{}, &usageError{fmt.Errorf("SOURCE_DATE_EPOCH=%q: want seconds since 1970", v)}
	}
	return time.Unix(s, 0).UTC(), nil
}
