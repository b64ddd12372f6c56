package jobs

import (
	"fmt"

	"phoneacs/db"
	"phoneacs/phones"
)

// Firmware is proven by the version that the phone reports, whether a
// TransferComplete came or not; a TransferComplete alone proves nothing, as
// phones send it before they restart, or send it and then keep what they had.

// firmwareSeen judges the version that the phone now reports.
func firmwareSeen(f facts) ruling {
	now, before := f.phone.SoftwareVersion, f.attempt.Before
	switch {
	case now == "":
		return ruling{}
	case reports(f, f.file.Version):
		return proven(fmt.Sprintf("the phone reports %s", now), fmt.Sprintf("the phone reports version %s", now))
	case before == "" || same(f.phone, before, now):
		return ruling{} // nothing yet: it may still be writing, or wait for its restart
	}
	return ruling{
		event:    db.EventRefute,
		why:      fmt.Sprintf("the phone reports %s, expected %s", now, f.file.Version),
		evidence: []string{fmt.Sprintf("the version changed from %s to %s", before, now)},
	}
}

// firmwareComplete judges a transfer that the phone reports complete.
func firmwareComplete(f facts) ruling {
	r := firmwareSeen(f)
	if r.event == "" {
		r = accepted(fmt.Sprintf("the phone has taken the firmware and does not report %s yet", f.file.Version))
	}
	r.complete = true
	return r
}

// firmwareOverdue judges firmware whose time is up. The zero ruling leaves it
// to what holds for every download.
func firmwareOverdue(f facts) ruling {
	if r := firmwareSeen(f); r.event != "" {
		return r
	}
	if f.attempt.Complete.IsZero() {
		return ruling{}
	}
	now := f.phone.SoftwareVersion
	if now == "" {
		now = "no version"
	}
	return ruling{
		event: db.EventUnknown,
		why: fmt.Sprintf("the phone reported the transfer complete, but %s after being sent it still reports %s, expected %s",
			span(openFor(f)), now, f.file.Version),
		final: "the file reached the phone, so it is not sent again by itself",
	}
}

// reports says whether the phone's version is the one named.
func reports(f facts, version string) bool { return same(f.phone, f.phone.SoftwareVersion, version) }

func same(p *db.Phone, a, b string) bool { return phones.SameVersion(p.Vendor, p.Model, a, b) }
