package jobs

import (
	"fmt"

	"phoneacs/cwmp"
	"phoneacs/db"
)

// plan asks for the values that are no secrets: what a phone shows of those
// says nothing.
func (setParameters) plan(f facts) *reading {
	var names []string
	for _, p := range f.job.Args.Parameters {
		if !db.SecretName(p.Name) {
			names = append(names, p.Name)
		}
	}
	if len(names) == 0 {
		return nil
	}
	r := newReading(readValues, names)
	r.keep = true
	return r
}

// show judges what a phone answered to being asked for the values.
func (k setParameters) show(f facts, answer cwmp.Message) ruling {
	if _, _, ok := f.reading.took(answer); !ok {
		return unexpected(answer)
	}
	if !f.reading.done() {
		return accepted("the phone has taken the values and has shown a part of them")
	}
	return shown(f, f.reading.values)
}

// hides judges a fault in the place of that.
func (k setParameters) hides(f facts, m *cwmp.Fault, text string) ruling {
	f.reading.refused(m.Code, text)
	switch {
	case !f.reading.done():
		return accepted("the phone has taken the values, and is asked for them in parts")
	case f.reading.told > 0:
		return shown(f, f.reading.values)
	}
	r := faulted(m.Code, text)
	r.event, r.values = db.EventUnknown, pending(f)
	r.why = "the phone has taken the values, and refused to show them: " + r.why
	return r
}

// shown judges what the phone shows after it has taken the values.
func shown(f facts, values []db.Parameter) ruling {
	is := make(map[string]*db.Parameter, len(values))
	for i := range values {
		is[values[i].Name] = &values[i]
	}
	var missing, others []string
	secrets := 0
	for _, p := range f.job.Args.Parameters {
		v := is[p.Name]
		switch {
		case db.SecretName(p.Name):
			secrets++
		case v == nil:
			missing = append(missing, p.Name)
		case !sameValue(p.Value, v.Value, p.Type, v.Type):
			others = append(others, fmt.Sprintf("%s is %q, ordered %q", p.Name, clip(v.Value), clip(p.Value)))
		}
	}
	if len(others) > 0 {
		return ruling{
			event: db.EventRefute, cause: db.CauseValue, values: values,
			why: "the phone has taken the values, and shows others: " + enumerate(others),
		}
	}
	if len(missing) > 0 {
		for _, name := range missing {
			values = append(values, db.Parameter{Name: name, Type: db.TypePending})
		}
		return ruling{
			event: db.EventUnknown, values: values,
			why: "the phone has taken the values, and was asked to show them, but left out " + enumerate(missing),
		}
	}
	n := len(f.job.Args.Parameters)
	r := proven("the phone shows "+counted(n-secrets, "value")+" as ordered", "read back: "+counted(n-secrets, "value")+" as ordered")
	if secrets > 0 {
		r.evidence = append(r.evidence, "accepted: "+counted(secrets, "secret")+" with Status 0, not read back")
	}
	r.values = values
	for i := range r.values {
		r.values[i].By = orderedBy(f.job)
	}
	return r
}

// orderedBy names who had a value set, for the history of the phone.
func orderedBy(j *db.Job) string {
	if j.By == "" {
		return j.ID.String()
	}
	return clip(j.By) + " (" + j.ID.String() + ")"
}

// pending marks what was reported of the parameters as no longer known: they
// may have the ordered values by now, or get them later.
func pending(f facts) (values []db.Parameter) {
	for _, p := range f.job.Args.Parameters {
		if !db.SecretName(p.Name) {
			values = append(values, db.Parameter{Name: p.Name, Type: db.TypePending, Value: p.Value, By: orderedBy(f.job)})
		}
	}
	return values
}
