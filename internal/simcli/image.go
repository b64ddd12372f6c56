package simcli

import (
	"fmt"
	"os"
	"strings"

	"github.com/spf13/cobra"

	"phoneacs/internal/sim"
)

// maxImage bounds --size: an image is made in memory.
const maxImage = 1 << 30

// newImage makes the command that writes firmware for simulated phones.
func newImage() *cobra.Command {
	var models []string
	var version, output string
	var size int
	cmd := &cobra.Command{
		Use:   "image --models MODELS --to VERSION --output FILE",
		Short: "write a firmware image that simulated phones flash",
		Long: `image writes a file that simulated phones of the named models take for firmware:
after Download and a restart they report the version. Other models refuse it.`,
		Example: "  phonesim image --models X6,X6U --to 2.12.1 --size 4194304 --output x6.z",
		Args:    noArgs,
		RunE: func(*cobra.Command, []string) error {
			switch {
			case len(models) == 0 || version == "" || output == "":
				return fmt.Errorf("%w: --models, --to and --output are needed", ErrUsage)
			case strings.ContainsAny(version+strings.Join(models, ""), " \t\r\n"):
				return fmt.Errorf("%w: models and versions hold no white space", ErrUsage)
			case size < 0 || size > maxImage:
				return fmt.Errorf("%w: --size is 0 to %d", ErrUsage, maxImage)
			}
			if err := os.WriteFile(output, sim.FirmwareImage(models, version, size), 0o644); err != nil {
				return fmt.Errorf("write image: %w", err)
			}
			return nil
		},
	}
	fs := cmd.Flags()
	fs.StringSliceVar(&models, "models", nil, "models that flash it")
	fs.StringVar(&version, "to", "", "software version they report afterwards")
	fs.IntVar(&size, "size", 1<<20, "bytes")
	fs.StringVarP(&output, "output", "o", "", "file to write")
	return cmd
}
