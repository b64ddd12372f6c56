package cli

import (
	"context"
	"encoding/json"

	"github.com/spf13/cobra"

	"phoneacs/admin/client"
)

func jobUploadCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "upload {config | log} {PHONE… | --filter FILTER | --all}",
		Short: "Have phones send their configuration or log",
		Long:  "Have phones send their configuration or log. What came is in phoneacs phone uploads.",
		Example: `  phoneacs job upload log p17 --watch
  phoneacs job upload config --filter 'tags:lobby'`,
		Args:      count(1, -1),
		ValidArgs: []string{"config", "log"},
	}
	cmd.Flags().Int("instance", 0, "which of several, 1 to 9999, for phones that number them")
	return ordering(cmd, func(_ context.Context, _ *session, args []string) (order, error) {
		n, err := cmd.Flags().GetInt("instance")
		return order{"upload", &client.Args{Upload: &client.UploadArgs{Kind: args[0], Instance: n}}, args[1:]}, err
	})
}

func jobInformCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:               "schedule-inform DELAY {PHONE… | --filter FILTER | --all}",
		Short:             "Have phones inform later",
		Long:              "Have phones inform after a delay, of 1s to 24h from when they have taken the order.",
		Example:           "  phoneacs job schedule-inform 10m p17",
		Args:              count(1, -1),
		ValidArgsFunction: complete(-1, phoneWords),
	}
	return ordering(cmd, func(_ context.Context, _ *session, args []string) (order, error) {
		return order{"schedule-inform", &client.Args{Delay: args[0]}, args[1:]}, nil
	})
}

func jobRawCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "raw RPC {PHONE… | --filter FILTER | --all}",
		Short: "Send an RPC as it stands, for experts",
		Long: `Send an RPC as it stands: once, not followed up, its answer kept. The answer is
in phoneacs task result TASK.`,
		Example: `  phoneacs job raw GetParameterNames --args '{"ParameterPath": "Device.", "NextLevel": true}' p17
  phoneacs job raw X_VENDOR_Do --xml '<x:Do xmlns:x="urn:vendor"/>' p17`,
		Args:              count(1, -1),
		ValidArgsFunction: complete(-1, phoneWords),
	}
	cmd.Flags().String("args", "", "arguments as a `JSON` object, in the RPC's own names")
	cmd.Flags().String("xml", "", "the `element` of a vendor's RPC")
	return ordering(cmd, func(_ context.Context, s *session, args []string) (order, error) {
		call := &client.RawCall{RPC: args[0], XML: s.flag("xml")}
		if text := s.flag("args"); text != "" {
			if !json.Valid([]byte(text)) {
				return order{}, usage("--args: is not JSON, as in '{\"NextLevel\": true}'")
			}
			call.Args = json.RawMessage(text)
		}
		return order{"raw", &client.Args{Raw: call}, args[1:]}, nil
	})
}
