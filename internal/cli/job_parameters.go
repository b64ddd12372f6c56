package cli

import (
	"context"
	"strings"

	"github.com/spf13/cobra"

	"phoneacs/admin/client"
)

func jobSetCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "set NAME=VALUE… {--phone PHONE | --filter FILTER | --all}",
		Short: "Set parameters of phones",
		Long: `Set parameters, all together or not at all. The type is the one that the phone
has reported, unless it stands behind the name: NAME:TYPE=VALUE. A value given
here can be seen in the list of processes; for a secret, use job create -.`,
		Example: `  phoneacs job set Device.Time.NTPServer1=pool.ntp.org --phone p17
  phoneacs job set Device.Time.Enable:boolean=1 --filter 'site = "s2"'`,
		Args: count(1, -1),
	}
	return ordering(cmd, func(_ context.Context, _ *session, args []string) (order, error) {
		list := make([]client.Setting, len(args))
		for i, arg := range args {
			name, value, ok := strings.Cut(arg, "=")
			if !ok || name == "" {
				return order{}, usage("%q is not NAME=VALUE; phones are named with --phone", arg)
			}
			name, kind, _ := strings.Cut(name, ":")
			list[i] = client.Setting{Name: name, Type: kind, Value: value}
		}
		return order{kind: "set-parameters", args: &client.Args{Parameters: list}}, nil
	})
}

// named is a kind that takes names of parameters.
func named(use, short, long, example, kind string) *cobra.Command {
	cmd := &cobra.Command{
		Use: use + " NAME… {--phone PHONE | --filter FILTER | --all}", Short: short, Long: long, Example: example,
		Args: count(1, -1),
	}
	return ordering(cmd, func(_ context.Context, _ *session, args []string) (order, error) {
		return order{kind: kind, args: &client.Args{Names: args}}, nil
	})
}

func jobGetCommand() *cobra.Command {
	return named("get", "Ask phones for parameters",
		"Ask phones for parameters by name, or by a path that ends in a dot for all below it. What they\nanswer is then in phoneacs phone parameters.",
		"  phoneacs job get Device.DeviceInfo. --phone p17 --watch", "get-parameters")
}

func jobNamesCommand() *cobra.Command {
	return named("get-names", "Ask phones which parameters they have",
		"Ask phones which parameters they have below paths, which end in a dot, and which can be written.",
		"  phoneacs job get-names Device.Services. --phone p17", "get-names")
}

func jobAttributesCommand() *cobra.Command {
	return named("get-attributes", "Ask phones for attributes of parameters",
		"Ask phones who is told of changes of parameters, and who may write them.",
		"  phoneacs job get-attributes Device.DeviceInfo. --phone p17", "get-attributes")
}

func jobSetAttributesCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "set-attributes NAME… {--phone PHONE | --filter FILTER | --all}",
		Short: "Set attributes of parameters of phones",
		Long:  "Set who is told of changes of parameters, or who may write them.",
		Example: `  phoneacs job set-attributes Device.DeviceInfo.SoftwareVersion --notification 2 --phone p17
  phoneacs job set-attributes Device.Time. --access Subscriber --all`,
		Args: count(1, -1),
	}
	cmd.Flags().Int("notification", 0, "0 off, 1 passive, 2 active, 3 to 6 lightweight")
	cmd.Flags().StringSlice("access", nil, "who besides the server may write, as in Subscriber; empty: nobody")
	return ordering(cmd, func(_ context.Context, _ *session, args []string) (order, error) {
		f := cmd.Flags()
		if !f.Changed("notification") && !f.Changed("access") {
			return order{}, usage("give --notification, --access or both")
		}
		list := make([]client.NewAttribute, len(args))
		for i, name := range args {
			list[i].Name = name
			if n, err := f.GetInt("notification"); err == nil && f.Changed("notification") {
				list[i].Notification = &n
			}
			if who, err := f.GetStringSlice("access"); err == nil && f.Changed("access") {
				list[i].AccessList = &who
			}
		}
		return order{kind: "set-attributes", args: &client.Args{Attributes: list}}, nil
	})
}
