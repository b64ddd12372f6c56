package cli

import (
	"context"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"phoneacs/admin/client"
)

func ruleCommand() *cobra.Command {
	return noun("rule", "Say who is let in",
		ruleListCommand(), ruleAddCommand(), ruleReplaceCommand(), ruleImportCommand(),
		oneCommand("show ID", "Show one enrolment rule", "rule show e4", (*client.Client).GetEnrolmentRule),
		goneCommand("delete ID", "Take an enrolment rule away; the phones that it let in stay", "rule delete e4", (*client.Client).DeleteEnrolmentRule))
}

func ruleListCommand() *cobra.Command {
	cmd := &cobra.Command{Use: "list", Short: "List enrolment rules, in the order in which they are tried", Example: `  phoneacs rule list`, Args: count(0, 0)}
	return verb(listFlags(cmd, ""), func(ctx context.Context, s *session, _ []string) error {
		return list(ctx, s, ruleColumns(s.output), s.ListEnrolmentRules)
	})
}

func ruleColumns(o *output) []column[client.EnrolmentRule] {
	return []column[client.EnrolmentRule]{
		{title: "ID", cell: func(r client.EnrolmentRule) string { return r.ID }},
		{title: "ORDER", right: true, cell: func(r client.EnrolmentRule) string { return number(r.Order) }},
		{title: "ACTION", state: true, cell: func(r client.EnrolmentRule) string { return r.Action }},
		{title: "FOR", cell: ruleFor},
		{title: "SITE", cell: func(r client.EnrolmentRule) string { return r.Site }},
		{title: "TAGS", cell: func(r client.EnrolmentRule) string { return strings.Join(r.Tags, " ") }},
		{title: "TOOK", right: true, cell: func(r client.EnrolmentRule) string {
			if r.Limit > 0 {
				return fmt.Sprintf("%d of %d", r.Admitted, r.Limit)
			}
			return number(r.Admitted)
		}},
		{title: "UNTIL", cell: func(r client.EnrolmentRule) string { return o.ago(r.Until) }},
		{title: "NOTE", cell: func(r client.EnrolmentRule) string { return r.Note }},
	}
}

// ruleFor is whom a rule is for.
func ruleFor(r client.EnrolmentRule) string {
	if r.All {
		return "all"
	}
	var parts []string
	for _, p := range [][2]string{{"oui", r.OUI}, {"mac", r.MAC}, {"vendor", r.Vendor}, {"model", r.Model}, {"product class", r.ProductClass}, {"network", r.Network}} {
		if p[1] != "" {
			parts = append(parts, p[0]+" "+p[1])
		}
	}
	return strings.Join(parts, ", ")
}

// ruleFlags declares what a rule says.
func ruleFlags(cmd *cobra.Command) *cobra.Command {
	f := cmd.Flags()
	f.Bool("all", false, "for all phones")
	for _, m := range [][2]string{
		{"oui", "`OUI`, six hexadecimal digits"}, {"mac", "`MAC`, a range, or a prefix as in 0c383e000000/24"},
		{"vendor", "`vendor`; here and below * and ? stand for other characters"}, {"model", "`model`"},
		{"product-class", "`product class` as reported"}, {"network", "`network` (CIDR) that the phone informs from"},
		{"site", "`site`, by id or name, to put them at"}, {"note", "`text` for people"},
		{"until", "`time or duration` from which on it matches no more"},
	} {
		f.String(m[0], "", m[1])
	}
	f.StringSlice("tag", nil, "`tags` to give them")
	f.Bool("re-enrol", false, "also for phones that are to be enrolled anew")
	f.Int("order", 0, "lower goes first; not given: 1000")
	f.Int("limit", 0, "how many phones it takes; 0: any number")
	offerSites(cmd)
	return cmd
}

// rule reads what flags say of one.
func (s *session) rule(action string) client.NewEnrolmentRule {
	f := s.cmd.Flags()
	r := client.NewEnrolmentRule{
		Action: action, All: s.isSet("all"), OUI: s.flag("oui"), MAC: s.flag("mac"), Vendor: s.flag("vendor"), Model: s.flag("model"),
		ProductClass: s.flag("product-class"), Network: s.flag("network"), Site: s.flag("site"), Note: s.flag("note"),
		Until: s.flag("until"), ReEnrol: s.isSet("re-enrol"),
	}
	r.Tags, _ = f.GetStringSlice("tag")
	r.Limit, _ = f.GetInt("limit")
	if n, err := f.GetInt("order"); err == nil && f.Changed("order") {
		r.Order = &n
	}
	return r
}

// actions are what rules do.
var actions = []string{"approve", "pending", "refuse"}

func ruleAddCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "add {approve | pending | refuse}",
		Short: "Add an enrolment rule",
		Long:  "Add an enrolment rule. It matches phones to which all that it names applies; the first\nrule that matches and is open decides.",
		Example: `  phoneacs rule add approve --mac 0c383e000000/24 --network 10.1.0.0/16 --site berlin --until 2h
  phoneacs rule add refuse --vendor unknown`,
		Args: count(1, 1), ValidArgs: actions,
	}
	return verb(ruleFlags(cmd), func(ctx context.Context, s *session, args []string) error {
		r, err := s.CreateEnrolmentRule(ctx, s.rule(args[0]))
		if err != nil {
			return err
		}
		return s.show(r, func() error { return newTable(s.output, ruleColumns(s.output)).page([]client.EnrolmentRule{r}) })
	})
}

func ruleReplaceCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:     "replace ID {approve | pending | refuse}",
		Short:   "Put a rule in the place of another; its counts go on",
		Example: `  phoneacs rule replace e4 approve --mac 0c383e000000/24 --limit 50`,
		Args:    count(2, 2),
	}
	return verb(ruleFlags(cmd), func(ctx context.Context, s *session, args []string) error {
		r, err := s.ReplaceEnrolmentRule(ctx, args[0], s.rule(args[1]))
		if err != nil {
			return err
		}
		return s.show(r, func() error { return newTable(s.output, ruleColumns(s.output)).page([]client.EnrolmentRule{r}) })
	})
}

func ruleImportCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "import FILE",
		Short: "Add enrolment rules from a list",
		Long: `Add enrolment rules from a CSV file, or from standard input where it is named -.

The first row names the columns: mac, oui, vendor, model, product_class,
network, action, site, tags, limit, until, re_enrol, order, note, in any order.
A list that is sent twice is there twice.`,
		Example: `  phoneacs rule import rules.csv`,
		Args:    count(1, 1),
	}
	return verb(cmd, func(ctx context.Context, s *session, args []string) error {
		in, err := s.input(args[0])
		if err != nil {
			return err
		}
		defer in.Close()
		r, err := s.ImportEnrolmentRules(ctx, in)
		if err != nil {
			return err
		}
		return s.imported(r, r.Failed, r.Errors, fmt.Sprintf("%d rules created", r.Created))
	})
}
