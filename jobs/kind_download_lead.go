package jobs

import (
	"fmt"

	"phoneacs/db"
)

// Files of kinds that a phone takes in no other way are named by a config. The
// proof is both: the phone has taken the config, and has fetched the file,
// whole by our own record of what went out. It may fetch before it reports the
// config; if it never reports that, the fetch is proof enough at the deadline,
// as the URL stands nowhere but in the config.

// leadTarget is the name that a phone is told for such a config.
const leadTarget = "lead.cfg"

func led(f facts) bool { return f.attempt != nil && f.attempt.Lead }

func leadComplete(f facts) ruling {
	r := accepted(fmt.Sprintf("the phone took the config, and has not fetched the %s yet", fileKind(f)))
	if !f.attempt.Moved.IsZero() {
		r = proven(tookBoth(f))
	}
	r.complete = true
	return r
}

func leadMoved(f facts) ruling {
	if f.attempt.Complete.IsZero() {
		return accepted(fmt.Sprintf("the phone fetched the %s, and has not reported the config as taken yet", fileKind(f)))
	}
	return proven(tookBoth(f), fmt.Sprintf("all of the file was fetched, %d bytes", f.attempt.BytesOut))
}

func leadOverdue(f facts) ruling {
	a := f.attempt
	kind, within := fileKind(f), span(f.job.Deadline)
	why := ""
	switch {
	case !a.Moved.IsZero():
		return proven(fmt.Sprintf("the phone has fetched the %s that the config names, and did not report the config", kind),
			"all of the file was fetched: its URL stands in the config alone, so the phone has taken that")
	case !a.Complete.IsZero():
		why = fmt.Sprintf("the phone took the config, but did not fetch the %s within %s; %s", kind, within, fetched(f))
	case !a.Led.IsZero():
		why = fmt.Sprintf("the phone fetched the config, but neither reported it as taken nor fetched the %s within %s", kind, within)
	default:
		why = fmt.Sprintf("the phone did not fetch the config that names the %s within %s", kind, within)
	}
	return ruling{event: db.EventUnknown, why: why}
}

func leadAwaits(f facts) string {
	switch {
	case !f.attempt.Moved.IsZero():
		return "the phone to report the config as taken"
	case f.attempt.Complete.IsZero() && f.attempt.Led.IsZero():
		return fmt.Sprintf("the phone to fetch the config that names the %s", fileKind(f))
	}
	return fmt.Sprintf("the phone to fetch the %s", fileKind(f))
}

func tookBoth(f facts) string {
	return fmt.Sprintf("the phone took the config and fetched the %s that it names", fileKind(f))
}

// fileKind names the file; it may be gone from the catalogue.
func fileKind(f facts) string {
	if f.file == nil {
		return "file"
	}
	return f.file.Kind
}
