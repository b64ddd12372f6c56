package jobs

import (
	"math/big"
	"strings"

	"phoneacs/cwmp"
	"phoneacs/db"
)

// told puts values that a phone was asked for in the words of the store, and
// leaves out those of secrets.
func told(values []cwmp.ParameterValue) []db.Parameter {
	out := make([]db.Parameter, len(values))
	for i := range values {
		v := &values[i]
		out[i] = db.Parameter{Name: v.Name, Type: v.Type, Value: v.Value}
		if db.SecretName(v.Name) {
			out[i].Type, out[i].Value = db.TypeMasked, ""
		}
	}
	return out
}

// integers are the types whose values are compared as numbers.
var integers = map[string]bool{
	"int": true, "unsignedInt": true, "long": true, "unsignedLong": true, "short": true,
	"unsignedShort": true, "byte": true, "unsignedByte": true, "integer": true,
}

// sameValue reports whether two texts are one value of a type, or of any of
// several where those who wrote them do not agree on one.
func sameValue(a, b string, types ...string) bool {
	if a == b {
		return true
	}
	for _, t := range types {
		switch {
		case t == "boolean":
			x, okX := truth(a)
			y, okY := truth(b)
			if okX && okY && x == y {
				return true
			}
		case integers[t]:
			x, okX := whole(a)
			y, okY := whole(b)
			if okX && okY && x.Cmp(y) == 0 {
				return true
			}
		case sameIn[t] != nil && sameIn[t](a, b):
			return true
		}
	}
	return false
}

// sameIn compares the forms of further types.
var sameIn = map[string]func(a, b string) bool{
	"dateTime": sameTime, "base64Binary": sameBase64, "base64": sameBase64, "hexBinary": sameHex,
	"decimal": sameReal, "float": sameReal, "double": sameReal, "string": sameList,
}

// truth reads a boolean. Phones write it in any case, though the standard's are
// 0, 1, false and true.
func truth(s string) (value, ok bool) {
	switch strings.ToLower(strings.TrimSpace(s)) {
	case "1", "true":
		return true, true
	case "0", "false":
		return false, true
	}
	return false, false
}

// whole reads a whole number of any size within reason.
func whole(s string) (*big.Int, bool) {
	s = strings.TrimSpace(s)
	if len(s) > 40 || strings.Contains(s, "_") {
		return nil, false
	}
	return new(big.Int).SetString(s, 10)
}
