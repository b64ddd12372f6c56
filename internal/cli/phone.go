package cli

import (
	"github.com/spf13/cobra"
)

// refs is what commands say of how phones are named.
const refs = "A phone is named by its id, its MAC in any spelling, OUI-ProductClass-Serial or OUI-Serial."

func phoneCommand() *cobra.Command {
	return noun("phone", "Look at phones and change them",
		phoneListCommand(), phoneShowCommand(), phoneApproveCommand(), phoneEditCommand(), phoneWakeCommand(),
		phoneDeleteCommand(), phoneReplaceCommand(), importPhonesCommand("import"), phoneParametersCommand(), phoneHistoryCommand(), phoneTasksCommand(),
		phoneMethodsCommand(), phoneUploadsCommand(), phoneUploadCommand(), phoneQuirksCommand(), phoneRecordCommand(),
		phoneRecordingsCommand(), phoneRecordingCommand())
}

// aPhone makes a command that takes one phone.
func aPhone(cmd *cobra.Command) *cobra.Command {
	cmd.Args = count(1, 1)
	cmd.ValidArgsFunction = complete(1, phoneWords)
	return cmd
}
