package simcli

import (
	"errors"
	"fmt"
	"net"
	"net/url"
	"os"
	"time"

	"github.com/spf13/cobra"

	"phoneacs/internal/sim/replay"
)

// newReplay makes the command that plays a recorded session again.
func newReplay() *cobra.Command {
	var f flags
	var target, listen string
	var serve bool
	var timeout time.Duration
	cmd := &cobra.Command{
		Use:   "replay FILE --url URL | replay --serve FILE",
		Short: "play a recorded session again",
		Long: `replay plays a session that the server recorded (the JSON of
GET /api/v1/phones/{id}/recordings/{recording}) again.

With --url it posts what the phone sent, with cookies, ids and CommandKeys as the
server names them now, and compares what kind each answer is of with the
recorded one. The server has to know the phone and have the same orders for it.

With --serve it answers a phone with what the server answered, and compares what
kind each message of the phone is of. It says by which URL, on standard output.

It writes a line a message. What was masked in the recording is played masked.

Exit status: 0 all was as recorded, 1 it could not be played, 2 the flags make no
sense, 3 something was not as recorded.`,
		Example: `  phonesim replay session.json --url http://127.0.0.1:7547/acs
  phonesim replay --serve session.json --listen 127.0.0.1:7548`,
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) != 1 {
				return fmt.Errorf("%w: want one recording, as a file", ErrUsage)
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			u, err := url.Parse(target)
			switch {
			case serve == (target != ""):
				return fmt.Errorf("%w: want either --url or --serve", ErrUsage)
			case !serve && (err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == ""):
				return fmt.Errorf("%w: --url: want an http or https URL", ErrUsage)
			case timeout < 0:
				return fmt.Errorf("%w: --timeout is never negative", ErrUsage)
			}
			rec, err := loadRecording(args[0])
			if err != nil {
				return err
			}
			out := cmd.OutOrStdout()
			if !serve {
				tls, err := f.tls()
				if err != nil {
					return err
				}
				return replay.Play(cmd.Context(), rec, replay.PlayOptions{URL: target, Timeout: timeout, TLS: tls, Out: out})
			}
			s, err := replay.NewServer(rec, out)
			if err != nil {
				return err
			}
			l, err := new(net.ListenConfig).Listen(cmd.Context(), "tcp", listen)
			if err != nil {
				return fmt.Errorf("listen for the phone: %w", err)
			}
			fmt.Fprintf(out, "serving http://%s/\n", l.Addr())
			return s.Serve(cmd.Context(), l, timeout)
		},
	}
	fs := cmd.Flags()
	fs.SortFlags = false
	fs.StringVar(&target, "url", "", "URL of the server that the phone's side is played against")
	fs.BoolVar(&serve, "serve", false, "play the server's side, to a phone")
	fs.StringVar(&listen, "listen", "127.0.0.1:0", "address of --serve")
	fs.DurationVar(&timeout, "timeout", replay.DefaultTimeout, "wait for an answer, or for the phone's next message")
	fs.StringVar(&f.ca, "ca", "", "PEM file of the authority that signed the server's certificate")
	fs.BoolVar(&f.insecure, "insecure", false, "take any certificate")
	return cmd
}

func loadRecording(path string) (*replay.Recording, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("open recording: %w", err)
	}
	rec, err := replay.Load(file)
	return rec, errors.Join(err, file.Close())
}
