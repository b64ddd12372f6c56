package cli

import (
	"context"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"phoneacs/admin/client"
)

func phoneShowCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "show PHONE",
		Short: "Show one phone",
		Long:  "Show one phone.\n\n" + refs,
		Example: `  phoneacs phone show p17
  phoneacs phone show 0c:38:3e:00:00:11 --json`,
	}
	return verb(aPhone(cmd), func(ctx context.Context, s *session, args []string) error {
		p, err := s.GetPhone(ctx, args[0])
		if err != nil {
			return err
		}
		return s.show(p, func() error { return s.phone(p) })
	})
}

// phone prints what is known of one.
func (o *output) phone(p client.Phone) error {
	held := ""
	if p.Held {
		held = "yes: a hold covers it; `phoneacs hold list`"
	}
	refused := p.ProofRefused
	if refused != "" {
		refused += " (" + o.ago(p.ProofRefusedAt) + ")"
	}
	if err := o.facts([]fact{
		{"phone", p.ID}, {"state", p.State}, {"held", held}, {"name", p.Name},
		{"site", p.Site}, {"tags", strings.Join(p.Tags, " ")}, {"mac", p.MAC}, {"vendor", p.Vendor}, {"model", p.Model},
		{"manufacturer", p.Manufacturer}, {"oui", p.OUI}, {"product class", p.ProductClass}, {"serial", p.Serial},
		{"software", p.SoftwareVersion}, {"hardware", p.HardwareVersion}, {"cwmp", p.CWMP},
		{"proof", p.Proof}, {"proof refused", refused},
		{"address", p.Address}, {"wake url", p.ConnectionRequestURL}, {"wake user", p.ConnectionRequestUser},
		{"informs", fmt.Sprint(p.Informs)}, {"last inform", o.both(p.LastInform)}, {"boot", o.both(p.Boot)},
		{"bootstrap", o.both(p.Bootstrap)}, {"last wake", o.both(p.LastWake)}, {"wake error", p.WakeError}, {"woken by", p.WakeWay},
		{"created", o.both(p.Created)},
	}); err != nil {
		return err
	}
	for _, r := range p.Remarks {
		if err := o.say("remark: %s", r); err != nil {
			return err
		}
	}
	switch p.State {
	case "pending":
		o.note("it is given nothing until it is approved: `phoneacs phone approve %s`", p.ID)
	case "re-enrol":
		o.note("it came after a reset without its credentials: look at `phoneacs phone history %s`, then `phoneacs phone approve %s`", p.ID, p.ID)
	}
	return nil
}
