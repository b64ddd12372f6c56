package sim

import "strings"

// Tree is how the data model of a phone departs from the standard. The zero
// Tree is one as it should be.
type Tree struct {
	NoRoot     bool // the empty path is refused with fault 9005
	NoDeep     bool // GetParameterNames lists one level at a time, else fault 9003
	NoDots     bool // objects are listed without their dot
	OwnUnknown bool // of what it lists, each UpTime gets fault 9005 when asked for by name
	NoMethods  bool // GetRPCMethods gets fault 9000
	Digits     bool // booleans are 0 and 1, and nothing else is taken
}

func (t *Tree) switches() map[string]*bool {
	return map[string]*bool{
		"no-root": &t.NoRoot, "no-deep": &t.NoDeep, "no-dots": &t.NoDots, "own-unknown": &t.OwnUnknown,
		"no-methods": &t.NoMethods, "digits": &t.Digits,
	}
}

// refuseNames gives the fault with which names below a path are refused.
func (t *Tree) refuseNames(path string, nextLevel bool) error {
	switch {
	case path == "" && t.NoRoot:
		return newFault(9005)
	case t.NoDeep && !nextLevel && (path == "" || strings.HasSuffix(path, ".")):
		return newFault(9003)
	}
	return nil
}

// denies reports whether a name is refused although it is listed.
func (t *Tree) denies(name string) bool {
	return name == "" && t.NoRoot || t.OwnUnknown && strings.HasSuffix(name, ".UpTime")
}

// listed spells a name in a list.
func (t *Tree) listed(name string) string {
	if t.NoDots {
		return strings.TrimSuffix(name, ".")
	}
	return name
}

// spelt spells a value.
func (t *Tree) spelt(k kind, value string) string {
	if !t.Digits || k != kindBool {
		return value
	}
	return map[string]string{"true": "1", "false": "0", "1": "1", "0": "0"}[value]
}

// takes reports whether a value is one that the phone takes.
func (t *Tree) takes(m *model, name, value string) bool {
	i, ok := m.find(name)
	return !t.Digits || !ok || m.params[i].kind != kindBool || value == "0" || value == "1"
}
