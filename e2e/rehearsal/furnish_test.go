package rehearsal

import (
	"bytes"
	"context"
	"fmt"

	"phoneacs/admin/client"
	"phoneacs/internal/sim"
)

// newVersion is of the firmware that the phones are to get.
const newVersion = "3.1.4"

// furnish tells the server of the sites, who is let in there, and the file that
// the phones are to get; it returns the file's id.
func (p *plan) furnish(ctx context.Context, api *client.Client) (firmware string, err error) {
	for k := range p.places {
		s := &p.places[k]
		made, err := api.CreateSite(ctx, client.Site{Name: s.name, Zone: s.zone, Networks: []string{s.network.String()}})
		if err != nil {
			return "", fmt.Errorf("site %s: %w", s.name, err)
		}
		s.id = made.ID
		_, err = api.CreateEnrolmentRule(ctx, client.NewEnrolmentRule{Network: s.network.String(), Action: "approve", Site: made.ID})
		if err != nil {
			return "", fmt.Errorf("enrolment at %s: %w", s.name, err)
		}
	}
	image := sim.FirmwareImage(sim.Models(), newVersion, 8<<10)
	f, err := api.AddFile(ctx, client.NewFile{
		Name: "firmware.bin", Kind: "firmware", Vendor: "fanvil", Models: sim.Models(), Version: newVersion, Size: int64(len(image)),
	}, bytes.NewReader(image))
	if err != nil {
		return "", fmt.Errorf("firmware: %w", err)
	}
	return f.ID, nil
}
