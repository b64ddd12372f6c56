package cli

import "github.com/spf13/cobra"

func phoneCommand() *cobra.Command {
	return noun("phone", "Look at phones and change them", phoneListCommand())
}
