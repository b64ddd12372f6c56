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
		if !lexical(p.Type, p.Value) {
			return at("value", "is no %s", p.Type)
		}
	}
	return nil
}

// lexical reports whether a text can be a value of a type, as far as that is
// compared here.
func lexical(kind, value string) bool {
	switch {
	case kind == "boolean":
		return value == "0" || value == "1" || value == "false" || value == "true"
	case integers[kind]:
		n, ok := whole(value)
		return ok && !(strings.HasPrefix(kind, "unsigned") && n.Sign() < 0)
	}
	return true
}

// pass skips a phone that reported every value just as it is ordered. What it
// reported before an attempt whose fate is open is pending, and does not count.
func (setParameters) pass(f facts, sure bool) passing {
	if !sure {
		return passing{}
	}
	for _, p := range f.job.Args.Parameters {
		known, ok := f.reported[p.Name]
		if !ok || db.SecretName(p.Name) || known.Type == db.TypePending || !sameValue(p.Value, known.Value, p.Type, known.Type) {
			return passing{}
		}
	}
	return passing{why: "the phone already reports " + counted(len(f.job.Args.Parameters), "value") + " as ordered", already: true}
}

func (setParameters) request(f facts, key, _ string) cwmp.Message {
	m := &cwmp.SetParameterValues{ParameterKey: key}
	for _, p := range f.job.Args.Parameters {
		if p.Type == "boolean" {
			p.Value = f.treatment().Boolean(p.Value)
		}
		m.Parameters = append(m.Parameters, cwmp.ParameterValue{Name: p.Name, Type: p.Type, Value: p.Value})
	}
	return m
}

func (k setParameters) answered(f facts, answer cwmp.Message) ruling {
	switch m := answer.(type) {
	case *cwmp.SetParameterValuesResponse:
		return k.taken(f, m.Status)
	case *cwmp.GetParameterValuesResponse:
		if !f.attempt.Accepted.IsZero() {
			return shown(f, told(m.Parameters))
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
	case k.readBack(f) == nil:
		return proven("the phone has taken the values",
			"accepted: SetParameterValuesResponse came with Status 0; secrets are not read back")
	}
	return accepted("the phone has taken the values and has not shown them yet",
		"SetParameterValuesResponse came with Status 0")
}

func (setParameters) refused(f facts, m *cwmp.Fault) ruling {
	hush := hushed(f.job.Args.Parameters)
	r := faulted(m.Code, hush.Replace(m.String))
	if !f.attempt.Accepted.IsZero() {
		r.event, r.values = db.EventUnknown, pending(f)
		r.why = "the phone has taken the values, and refused to show them: " + r.why
		return r
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
	var secrets, pairs []string
	for _, p := range settings {
		if db.SecretName(p.Name) && p.Value != "" {
			secrets = append(secrets, p.Value)
		}
	}
	// The longest first, lest a part of it is taken for another.
	slices.SortFunc(secrets, func(a, b string) int { return len(b) - len(a) })
	for _, s := range secrets {
		pairs = append(pairs, s, "…")
	}
	return strings.NewReplacer(pairs...)
}
