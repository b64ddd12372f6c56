package jobs

import (
	"slices"
	"strings"

	"phoneacs/cwmp"
	"phoneacs/db"
)

// descend plans to read what a phone listed below a path. What is not below it
// is passed over, and so is what lies below something else in the list: with
// each step paths get longer, so there is an end.
func (r *reading) descend(path string, list []cwmp.ParameterInfo) {
	names := make([]string, 0, len(list))
	for i := range list {
		if n := list[i].Name; len(n) > len(path) && strings.HasPrefix(n, path) && len(n) <= maxName {
			names = append(names, n)
		}
	}
	if r.whole {
		names = onlyLeaves(names)
	}
	slices.Sort(names)
	names = slices.Compact(names)
	var leaves, objects []string
	above := ""
	for _, n := range names {
		if above != "" && strings.HasPrefix(n, above) {
			continue
		}
		if partial(n) {
			above = n
			objects = append(objects, n)
			continue
		}
		leaves = append(leaves, n)
	}
	for _, o := range slices.Backward(objects) {
		r.push(ask{names: []string{o}, found: true})
	}
	if r.mode == readNames {
		leaves = nil // they are told already
	}
	for len(leaves) > 0 {
		n := min(len(leaves), r.batch)
		r.push(ask{names: leaves[:n:n], found: true})
		leaves = leaves[n:]
	}
	if r.bytes > maxWalkBytes {
		r.cut = "the phone listed more names than are remembered at once"
	}
}

// onlyLeaves leaves out objects, with their dot or without, of a list of all
// that is below a path.
func onlyLeaves(names []string) []string {
	above := make(map[string]bool)
	for _, n := range names {
		for i := strings.LastIndexByte(n, '.'); i > 0 && !above[n[:i]]; i = strings.LastIndexByte(n[:i], '.') {
			above[n[:i]] = true
		}
	}
	return slices.DeleteFunc(names, func(n string) bool { return partial(n) || above[n] })
}

func attributesTold(list []cwmp.ParameterAttributes) []db.Trait {
	out := make([]db.Trait, 0, len(list))
	for i := range list {
		a := &list[i]
		if a.Name == "" {
			continue
		}
		access := []string{}
		for _, who := range a.AccessList {
			if len(access) < db.MaxAccess {
				access = append(access, clip(who))
			}
		}
		out = append(out, db.Trait{Name: a.Name, Notification: &a.Notification, AccessList: &access})
	}
	return out
}

func namesTold(list []cwmp.ParameterInfo) []db.Trait {
	out := make([]db.Trait, 0, len(list))
	for i := range list {
		if list[i].Name != "" {
			out = append(out, db.Trait{Name: list[i].Name, Writable: &list[i].Writable})
		}
	}
	return out
}
