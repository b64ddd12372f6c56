package sim

import "strings"

// nameHabits are how a phone lists its data model in GetParameterNames.
type nameHabits struct {
	noDots    bool // objects lack their dot
	noRoot    bool // the empty path is refused
	oneLevel  bool // NextLevel=false is refused
	allLevels bool // NextLevel=true is refused
	below     bool // the object itself is not in its list
	most      int  // of a list; more get 9004
	ghost     bool // an instance is listed that is gone when asked about
	writable  bool // all say that they can be written, in words
}

var nameDialects = []Dialect{
	{"names-no-dots", []int{50}, "lists objects without the dot at their end", func(h *habits) { h.names.noDots = true }},
	{"names-no-root", []int{48}, "refuses to list the whole tree by the empty path", func(h *habits) { h.names.noRoot = true }},
	{"names-one-level", []int{49}, "refuses to list more than the next level", func(h *habits) { h.names.oneLevel = true }},
	{"names-all-levels", []int{49}, "refuses to list the next level alone", func(h *habits) { h.names.allLevels = true }},
	{"names-below", []int{50}, "lists what is below an object and not the object", func(h *habits) { h.names.below = true }},
	{"names-few", []int{52}, "answers 9004 to a list of more than 40 names", func(h *habits) { h.names.most = 40 }},
	{"names-ghost", []int{54}, "lists an instance that has vanished when it is asked about", func(h *habits) { h.names.ghost = true }},
	{"names-writable", []int{47}, "says of all that they are writable, in words", func(h *habits) { h.names.writable = true }},
}

// refuses gives the fault for a question, 0 for none.
func (h *nameHabits) refuses(path string, nextLevel bool) int {
	switch {
	case h.noRoot && path == "":
		return 9005
	case h.oneLevel && !nextLevel && (path == "" || strings.HasSuffix(path, ".")):
		return 9003
	case h.allLevels && nextLevel:
		return 9003
	case h.ghost && strings.Contains(path, ghostInstance):
		return 9005
	}
	return 0
}

// ghostInstance ends the name of an instance that is listed and gone.
const ghostInstance = ".99."

// listed gives a list as this phone's habits have it.
func (h *nameHabits) listed(infos []paramInfo, path string) []paramInfo {
	out := make([]paramInfo, 0, len(infos)+1)
	for i, in := range infos {
		if h.below && in.name == path {
			continue
		}
		// The ghost stands beside each first instance that is listed.
		if stem, ok := strings.CutSuffix(in.name, ".1."); ok && h.ghost {
			out = append(out, paramInfo{name: stem + ghostInstance})
		}
		if h.noDots {
			infos[i].name = strings.TrimSuffix(in.name, ".")
		}
		out = append(out, infos[i])
	}
	return out
}

// word writes the Writable of a parameter.
func (h *nameHabits) word(writable bool) string {
	switch {
	case h.writable:
		return "true"
	case writable:
		return "1"
	}
	return "0"
}
