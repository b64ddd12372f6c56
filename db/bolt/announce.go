package bolt

import (
	"context"
	"fmt"
	"strings"
	"time"

	"phoneacs/db"
)

// NoteAnnounced writes what a phone did by itself into its history.
func (s *Store) NoteAnnounced(ctx context.Context, phone db.PhoneID, session db.SessionToken, text string, now time.Time) error {
	if len(text) > db.MaxAnnounced {
		text = strings.ToValidUTF8(text[:db.MaxAnnounced], "")
	}
	return s.update(ctx, func(t *tx) error {
		if session == "" || !t.s.owners.is(phone, session) {
			return fmt.Errorf("note of %s: %w", phone, db.ErrSuperseded)
		}
		if !t.has(bPhones, be8(uint64(phone))) {
			return fmt.Errorf("phone %s: %w", phone, db.ErrNotFound)
		}
		return t.addHistory(phone, now, []db.Change{{What: "announced", New: text, By: "phone"}})
	})
}
