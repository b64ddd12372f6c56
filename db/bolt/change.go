package bolt

import (
	"crypto/sha256"
	"encoding/hex"
	"strings"

	"phoneacs/db"
)

// changeOf puts what becomes of a parameter in words for the history. told is
// false if nothing is to be said: its value is read for the first time, was
// pending and is again, or only counts.
func changeOf(was, is *db.Parameter) (c db.Change, told bool) {
	c = db.Change{What: is.Name, Old: short(was.Value), New: short(is.Value), By: "phone"}
	switch {
	case is.Type == db.TypePending:
		if was.Type == db.TypePending {
			return c, false
		}
		c.New = ""
	case was.Type == db.TypeUnread, was.Type != db.TypePending && is.By == "" && db.OnlyCounts(is.Name):
		return c, false
	}
	if is.By != "" {
		c.By = is.By
	}
	if was.Type == db.TypePending {
		c.Old = ""
		if by, digest, ok := strings.Cut(was.Value, "\x00"); ok && is.By == "" && digest == digestOf(is.Value) {
			c.By = by
		}
	}
	return c, true
}

// pendingMark is stored in the place of a pending parameter's value: who
// ordered it, and a digest of what was ordered, by which it is known again when
// the phone shows it.
func pendingMark(p *db.Parameter) string {
	if p.By == "" {
		return ""
	}
	return short(p.By) + "\x00" + digestOf(p.Value)
}

func digestOf(value string) string {
	sum := sha256.Sum256([]byte(value))
	return hex.EncodeToString(sum[:8])
}
