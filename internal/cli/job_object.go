package cli

import (
	"context"

	"github.com/spf13/cobra"

	"phoneacs/admin/client"
)

// object is a kind that takes one path.
func object(kind, short, long string) *cobra.Command {
	cmd := &cobra.Command{
		Use:               kind + " PATH {PHONE… | --filter FILTER | --all}",
		Short:             short,
		Long:              long,
		Example:           "  phoneacs job " + kind + " Device.Services.VoiceService.1.VoiceProfile.1.Line.2. p17",
		Args:              count(1, -1),
		ValidArgsFunction: complete(-1, phoneWords),
	}
	return ordering(cmd, func(_ context.Context, _ *session, args []string) (order, error) {
		return order{kind, &client.Args{Object: args[0]}, args[1:]}, nil
	})
}

func jobAddObjectCommand() *cobra.Command {
	return object("add-object", "Add an instance of an object", "Add an instance of the object at a path, which ends in a dot.")
}

func jobDeleteObjectCommand() *cobra.Command {
	return object("delete-object", "Take an instance of an object away", "Take away the instance at a path, which ends in a dot.")
}
