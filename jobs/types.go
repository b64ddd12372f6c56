package jobs

import (
	"fmt"
	"strings"

	"phoneacs/cwmp"
	"phoneacs/db"
	datamodel "phoneacs/phones/model"
)

// checkValue says what keeps a text from being the value of a parameter: by the
// type that the order gives it, or else by what is known of the parameter. The
// value is not repeated: it may be a secret.
func checkValue(p db.Setting) error {
	kind := p.Type
	known, found := datamodel.Lookup(p.Name)
	if kind == "" && found {
		kind = known.Type
	}
	if !lexical(kind, p.Value) {
		if p.Type == "" {
			return fmt.Errorf("is no %s, as %s is one; give the type if this phone has another", kind, known.Name)
		}
		return fmt.Errorf("is no %s", kind)
	}
	if n, ok := whole(p.Value); ok && p.Type == "" && found && integers[kind] {
		if err := known.CheckNumber(n); err != nil {
			return fmt.Errorf("%w; give the type if this phone takes more", err)
		}
	}
	return nil
}

// lexical reports whether a text can be a value of a type. Of types that are
// not numbers, times or bytes everything can.
func lexical(kind, value string) bool {
	switch {
	case kind == "boolean":
		return value == "0" || value == "1" || value == "false" || value == "true"
	case integers[kind]:
		n, ok := whole(value)
		if !ok || strings.TrimSpace(value) != value {
			return false
		}
		least, greatest, bounded := datamodel.Span(kind)
		return !bounded || n.Cmp(least) >= 0 && n.Cmp(greatest) <= 0
	case kind == "dateTime":
		_, ok := instant(value)
		return ok
	case kind == "hexBinary":
		_, ok := hexBytes(value)
		return ok
	case kind == "base64Binary", kind == "base64":
		_, ok := base64Bytes(value)
		return ok
	}
	return true
}

// shownType is the type of a parameter as the phone told it; "" if it did not.
func shownType(p db.Parameter) string {
	switch p.Type {
	case db.TypeMasked, db.TypePending, db.TypeUnread, db.TypeObject, "":
		return ""
	}
	return p.Type
}

// written puts a setting in the words of the phone. The type is that of the
// order, else the one that the phone told, else the usual one. Times are
// written without fractions of a second, which some phones refuse, and booleans
// as digits for a phone that shows digits: some take nothing else.
func written(p db.Setting, shown db.Parameter) cwmp.ParameterValue {
	v := cwmp.ParameterValue{Name: p.Name, Type: p.Type, Value: p.Value}
	if v.Type == "" {
		v.Type = shownType(shown)
	}
	if known, ok := datamodel.Lookup(p.Name); ok && v.Type == "" {
		v.Type = known.Type
	}
	switch v.Type {
	case "boolean":
		if on, ok := truth(v.Value); ok && (shown.Value == "0" || shown.Value == "1") {
			v.Value = "0"
			if on {
				v.Value = "1"
			}
		}
	case "dateTime":
		v.Value = wholeSeconds(v.Value)
	}
	return v
}
