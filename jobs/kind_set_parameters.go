package jobs

import (
	"fmt"
	"slices"
	"strings"

	"phoneacs/cwmp"
	"phoneacs/db"
)

// The bounds of one order.
const (
	maxSettings = 256
	maxValues   = 64 << 10 // bytes of all values together
)

// setParameters writes parameters, all or none of them (TR-069 A.3.2.1). The
// proof is that the phone shows them, read back; see
// kind_set_parameters_shown.go. Secrets are not asked for, and what the phone
// puts in force later (Status 1) it cannot show yet: there its word is taken,
// and the evidence says "accepted".
type setParameters struct{ byAnswer }

func newSetParameters() setParameters { return setParameters{byAnswer{rpc: "SetParameterValues"}} }

func (setParameters) traits() traits {
	return traits{takes: "parameters", changes: true, repeats: true, compares: true}
}

func (setParameters) check(a db.Args, _ *db.File) error {
	if len(a.Parameters) == 0 || len(a.Parameters) > maxSettings {
		return badArg("parameters", "%d parameters; want 1 to %d", len(a.Parameters), maxSettings)
	}
	seen := make(map[string]bool, len(a.Parameters))
	size := 0
	for i, p := range a.Parameters {
		at := func(member, format string, args ...any) error {
			return badArg(fmt.Sprintf("parameters[%d].%s", i, member), format, args...)
		}
		if err := checkName(p.Name); err != nil {
			return at("name", "%q %w", clip(p.Name), err)
		}
		if seen[p.Name] {
			return at("name", "%s is given twice", p.Name)
		}
		seen[p.Name] = true
		if p.Type != "" && !cwmp.KnownType(p.Type) {
			return at("type", "%q is no type of XML Schema that values have, such as string or unsignedInt", clip(p.Type))
		}
		if size += len(p.Value); size > maxValues {
			return badArg("parameters", "the values have more than %d bytes together", maxValues)
		}
		// What is wrong with a value is said without it: it may be a secret.
		if err := cwmp.CheckText(p.Value); err != nil {
			return at("value", "cannot be written: %w", err)
		}
		if err := checkValue(p); err != nil {
			return at("value", "%w", err)
		}
	}
	return nil
}

// pass skips a phone that reported every value just as it is ordered. What it
// reported before an attempt whose fate is open is pending, and does not count.
func (setParameters) pass(f facts, sure bool) passing {
	if !sure {
		return passing{}
	}
	for _, p := range f.job.Args.Parameters {
		if kind := shownType(f.reported[p.Name]); p.Type == "" && kind != "" && !lexical(kind, p.Value) {
			return passing{why: fmt.Sprintf("the value ordered for %s is no %s, as which the phone reports it", p.Name, kind)}
		}
	}
	if !f.current {
		return passing{}
	}
	for _, p := range f.job.Args.Parameters {
		known, ok := f.reported[p.Name]
		if !ok || db.SecretName(p.Name) || known.Type == db.TypePending || known.Type == db.TypeUnread || !sameValue(p.Value, known.Value, p.Type, known.Type) {
			return passing{}
		}
	}
	return passing{why: "the phone already reports " + counted(len(f.job.Args.Parameters), "value") + " as ordered", already: true}
}

func (setParameters) request(f facts, key, _ string) cwmp.Message {
	m := &cwmp.SetParameterValues{ParameterKey: key}
	for _, p := range f.job.Args.Parameters {
		w := written(p, f.reported[p.Name])
		if w.Type == "boolean" {
			w.Value = f.treatment().Boolean(w.Value)
		}
		m.Parameters = append(m.Parameters, w)
	}
	return m
}

func (k setParameters) answered(f facts, answer cwmp.Message) ruling {
	switch m := answer.(type) {
	case *cwmp.SetParameterValuesResponse:
		return k.taken(f, m.Status)
	case *cwmp.GetParameterValuesResponse:
		if !f.attempt.Accepted.IsZero() && f.reading != nil {
			return k.show(f, m)
		}
	}
	return unexpected(answer)
}

// taken judges that the phone has taken the values.
func (k setParameters) taken(f facts, status int) ruling {
	switch {
	case status != 0:
		r := proven("the phone accepted the values, and puts them in force later",
			"accepted: SetParameterValuesResponse came with Status 1, so nothing was read back")
		r.values = pending(f)
		return r
	case k.plan(f) == nil:
		return proven("the phone has taken the values",
			"accepted: SetParameterValuesResponse came with Status 0; secrets are not read back")
	}
	return accepted("the phone has taken the values and has not shown them yet",
		"SetParameterValuesResponse came with Status 0")
}

func (k setParameters) refused(f facts, m *cwmp.Fault) ruling {
	hush := hushed(f.job.Args.Parameters)
	r := faulted(m.Code, hush.Replace(m.String))
	if !f.attempt.Accepted.IsZero() && f.reading != nil {
		return k.hides(f, m, hush.Replace(m.String))
	}
	for i, p := range m.Parameters {
		if i == maxListed {
			r.why += fmt.Sprintf("; and %d more", len(m.Parameters)-i)
			break
		}
		r.why += fmt.Sprintf("; %s: fault %d, %s, %s", clip(hush.Replace(p.Name)), p.Code, clause(p.Code.Meaning()), clause(p.Code.Hint()))
	}
	return r
}

func (k setParameters) informed(f facts, in *cwmp.Inform) ruling {
	r := k.byAnswer.informed(f, in)
	if r.event != "" {
		r.values = pending(f)
	}
	return r
}

func (k setParameters) overdue(f facts) ruling {
	r := k.byAnswer.overdue(f)
	if !f.attempt.Accepted.IsZero() {
		r.why = fmt.Sprintf("the phone has taken the values, but did not show them within %s", span(f.job.Deadline))
	}
	r.values = pending(f)
	return r
}

func (k setParameters) awaits(f facts) string {
	if f.attempt.Accepted.IsZero() {
		return k.byAnswer.awaits(f)
	}
	return "the phone to show the values"
}

// hushed takes the secrets of an order out of what a phone says of it.
func hushed(settings []db.Setting) *strings.Replacer {
	var secrets []string
	for _, p := range settings {
		if db.SecretName(p.Name) && p.Value != "" {
			secrets = append(secrets, p.Value)
		}
	}
	return hushing(secrets)
}

// hushing takes secrets out of a text.
func hushing(secrets []string) *strings.Replacer {
	var pairs []string
	secrets = slices.DeleteFunc(slices.Clone(secrets), func(s string) bool { return s == "" })
	// The longest first, lest a part of it is taken for another.
	slices.SortFunc(secrets, func(a, b string) int { return len(b) - len(a) })
	for _, s := range secrets {
		pairs = append(pairs, s, "…")
	}
	return strings.NewReplacer(pairs...)
}
