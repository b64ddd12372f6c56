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
	maxAttributes   = 256
	maxNotification = 6
	maxClassic      = 2 // the highest notification before CWMP 1.4
)

// setAttributes changes what a phone tells by itself of its parameters, and who
// besides the server may write them (TR-069 A.3.2.4). The response is the proof
// that the phone took them; where it can be asked (GetParameterAttributes), that
// it shows them.
type setAttributes struct{ byAnswer }

func newSetAttributes() setAttributes {
	return setAttributes{byAnswer{rpc: "SetParameterAttributes"}}
}

func (setAttributes) traits() traits {
	return traits{takes: "attributes", changes: true, repeats: true}
}

func (setAttributes) check(a db.Args, _ *db.File) error {
	if len(a.Attributes) == 0 || len(a.Attributes) > maxAttributes {
		return badArg("attributes", "%d parameters; want 1 to %d", len(a.Attributes), maxAttributes)
	}
	seen := make(map[string]bool, len(a.Attributes))
	for i, p := range a.Attributes {
		at := func(member, format string, args ...any) error {
			return badArg(fmt.Sprintf("attributes[%d].%s", i, member), format, args...)
		}
		err := checkName(strings.TrimSuffix(p.Name, "."))
		switch {
		case err != nil:
			return at("name", "%q %w", clip(p.Name), err)
		case seen[p.Name]:
			return at("name", "%s is given twice", p.Name)
		case p.Notification == nil && p.AccessList == nil:
			return at("notification", "is missing, and so is access_list: nothing is to be changed")
		case p.Notification != nil && (*p.Notification < 0 || *p.Notification > maxNotification):
			return at("notification", "%d is not within 0 (off), 1 (passive), 2 (active) and 3 to 6 (lightweight, CWMP 1.4)", *p.Notification)
		}
		seen[p.Name] = true
		if p.AccessList == nil {
			continue
		}
		if len(*p.AccessList) > db.MaxAccess {
			return at("access_list", "%d entries; at most %d", len(*p.AccessList), db.MaxAccess)
		}
		for n, who := range *p.AccessList {
			if who == "" || len(who) > db.MaxAccessText || cwmp.CheckText(who) != nil {
				return at(fmt.Sprintf("access_list[%d]", n), "%q is no entity such as Subscriber", clip(who))
			}
		}
	}
	return nil
}

// pass skips a phone whose version of CWMP does not know what is ordered.
func (setAttributes) pass(f facts, sure bool) passing {
	v, known := cwmp.ParseVersion(f.phone.CWMP)
	if !sure || !known || v >= cwmp.V1_4 {
		return passing{}
	}
	for _, p := range f.job.Args.Attributes {
		if p.Notification != nil && *p.Notification > maxClassic {
			return passing{why: fmt.Sprintf("the phone speaks CWMP %s, and notification %d of %s needs 1.4", v, *p.Notification, p.Name)}
		}
	}
	return passing{}
}

func (setAttributes) request(f facts, _, _ string) cwmp.Message {
	m := &cwmp.SetParameterAttributes{}
	for _, p := range f.job.Args.Attributes {
		c := cwmp.SetAttributes{Name: p.Name}
		if p.Notification != nil {
			c.NotificationChange, c.Notification = true, *p.Notification
		}
		if p.AccessList != nil {
			c.AccessListChange, c.AccessList = true, *p.AccessList
		}
		m.Parameters = append(m.Parameters, c)
	}
	return m
}

// plan reads the attributes back, of a phone that is not known to refuse it.
func (setAttributes) plan(f facts) *reading {
	if f.methods != nil && f.phone != nil && lacks(f.methods, f.phone, "GetParameterAttributes") {
		return nil
	}
	var names []string
	for _, p := range f.job.Args.Attributes {
		names = append(names, p.Name)
	}
	r := newReading(readAttributes, names)
	r.keep = true
	return r
}

func (k setAttributes) answered(f facts, answer cwmp.Message) ruling {
	switch answer.(type) {
	case *cwmp.SetParameterAttributesResponse:
		if f.reading == nil {
			return proven("the phone has taken the attributes", "accepted: SetParameterAttributesResponse came; the phone cannot be asked to show them")
		}
		return accepted("the phone has taken the attributes and has not shown them yet", "SetParameterAttributesResponse came")
	case *cwmp.GetParameterAttributesResponse, *cwmp.GetParameterNamesResponse:
		if f.attempt.Accepted.IsZero() || f.reading == nil {
			break
		}
		if _, _, ok := f.reading.took(answer); !ok {
			break
		}
		if !f.reading.done() {
			return accepted("the phone has taken the attributes and has shown a part of them")
		}
		return attributesShown(f)
	}
	return unexpected(answer)
}

// refused judges a fault. One of the reading back leaves the phone's word.
func (setAttributes) refused(f facts, m *cwmp.Fault) ruling {
	if f.attempt.Accepted.IsZero() || f.reading == nil {
		return faulted(m.Code, m.String)
	}
	f.reading.refused(m.Code, m.String)
	switch {
	case !f.reading.done():
		return accepted("the phone has taken the attributes, and is asked for them in parts")
	case f.reading.told > 0:
		return attributesShown(f)
	}
	return proven("the phone has taken the attributes",
		"accepted: SetParameterAttributesResponse came", "not read back: "+faulted(m.Code, m.String).why)
}

// attributesShown judges what the phone shows after it has taken the attributes.
func attributesShown(f facts) ruling {
	told := f.reading.traits
	var missing, others []string
	for _, p := range f.job.Args.Attributes {
		found := false
		for i := range told {
			is := &told[i]
			if is.Name != p.Name && !(partial(p.Name) && strings.HasPrefix(is.Name, p.Name)) {
				continue
			}
			found = true
			if p.Notification != nil && *is.Notification != *p.Notification {
				others = append(others, fmt.Sprintf("%s has notification %d, ordered %d", clip(is.Name), *is.Notification, *p.Notification))
			}
			if p.AccessList != nil && !sameSet(*is.AccessList, *p.AccessList) {
				others = append(others, fmt.Sprintf("%s has access list %q, ordered %q", clip(is.Name), *is.AccessList, *p.AccessList))
			}
		}
		if !found {
			missing = append(missing, p.Name)
		}
	}
	n := len(f.job.Args.Attributes)
	switch {
	case len(others) > 0:
		return ruling{
			event: db.EventRefute, cause: db.CauseValue, traits: told,
			why: "the phone has taken the attributes, and shows others: " + enumerate(others),
		}
	case len(missing) > 0:
		return ruling{
			event: db.EventUnknown, traits: told,
			why: "the phone has taken the attributes, and was asked to show them, but left out " + enumerate(missing),
		}
	}
	r := proven("the phone shows the attributes of "+counted(n, "parameter")+" as ordered", "read back: attributes of "+counted(n, "parameter")+" as ordered")
	r.traits = told
	return r
}

func sameSet(a, b []string) bool {
	a, b = slices.Clone(a), slices.Clone(b)
	slices.Sort(a)
	slices.Sort(b)
	return slices.Equal(slices.Compact(a), slices.Compact(b))
}
