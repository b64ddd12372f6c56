package jobs

import (
	"phoneacs/cwmp"
	"phoneacs/phones/quirks"
)

// treat has a reading that was planned and not begun go by a phone's quirks.
// root is that of the phone, if it is known and the reading names all of it.
func (r *reading) treat(q *quirks.Quirks, root string) {
	if q.MaxNames > 0 && r.mode == readValues {
		r.most = q.MaxNames
		r.batch = r.most
	}
	if r.mode == readNames && q.WalkNextLevel {
		r.levels, r.walks = true, true
	}
	if root == "" {
		return
	}
	if q.Root == "" {
		r.root = root // a phone that is not known to refuse the empty path is asked for it
		return
	}
	for _, a := range r.queue {
		for i, name := range a.names {
			if name == "" {
				a.names[i] = root
				r.bytes += len(root)
			}
		}
	}
}

// other asks once for all that is below, where a phone has refused to list a
// single level. False if that is not what it did, or was tried before.
func (r *reading) other(a ask, code cwmp.FaultCode) bool {
	one := a.list || r.mode == readNames && partial(a.names[0]) && r.levels && !r.big[a.names[0]]
	if !one || r.whole || code == cwmp.FaultResourcesExceeded || code == cwmp.FaultInvalidParameterName {
		return false
	}
	r.whole, r.levels = true, false
	r.push(a)
	return true
}

// unrooted asks for the root of a phone that has refused the empty path. False
// if a was for something else, or the phone has shown no root.
func (r *reading) unrooted(a ask, code cwmp.FaultCode) bool {
	if len(a.names) != 1 || a.names[0] != "" || r.root == "" ||
		code != cwmp.FaultInvalidArguments && code != cwmp.FaultInvalidParameterName {
		return false
	}
	r.push(ask{names: []string{r.root}})
	r.root = ""
	return true
}
