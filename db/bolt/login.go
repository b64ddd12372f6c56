package bolt

import (
	"context"
	"errors"
	"fmt"
	"time"

	"phoneacs/db"
)

// Claimed finds the phone that an Inform claims to be of.
func (s *Store) Claimed(ctx context.Context, who db.Identity) (c db.Claim, err error) {
	err = s.view(ctx, func(t *tx) error {
		id, known, _ := t.knownAs(who)
		if !known {
			return fmt.Errorf("phone %s-%s: %w", who.OUI, who.Serial, db.ErrNotFound)
		}
		p, err := t.loadPhone(id)
		if err != nil {
			return err
		}
		c.Phone, c.State = id, p.State
		c.Credentials, err = t.credentials(&p)
		return err
	})
	return c, err
}

// Credentials returns those of one phone.
func (s *Store) Credentials(ctx context.Context, id db.PhoneID) (c db.Credentials, err error) {
	err = s.view(ctx, func(t *tx) error {
		p, err := t.loadPhone(id)
		if err != nil {
			return err
		}
		c, err = t.credentials(&p)
		return err
	})
	return c, err
}

// edit changes a phone's credentials in one step, and its record with them.
// change says what to note in the phone's history; nothing means no change.
func (s *Store) edit(ctx context.Context, id db.PhoneID, by string, now time.Time, change func(*tx, *db.Phone, *db.Credentials) ([]string, error)) error {
	return s.update(ctx, func(t *tx) error {
		p, err := t.loadPhone(id)
		if err != nil {
			return err
		}
		c, err := t.credentials(&p)
		if err != nil {
			return err
		}
		notes, err := change(t, &p, &c)
		if err != nil || len(notes) == 0 {
			return err
		}
		old := p
		if err := t.putCredentials(&p, &c); err != nil {
			return err
		}
		if err := t.savePhone(&old, p); err != nil {
			return err
		}
		var changes []db.Change
		for _, n := range notes {
			changes = append(changes, db.Change{What: "credentials", New: n, By: by})
		}
		t.event(db.Event{Type: "phone.changed", Phone: id})
		return t.addHistory(id, now, changes)
	})
}

// mayIssue checks that a session may be given logins of its phone's own.
func (t *tx) mayIssue(p *db.Phone, session db.SessionToken) error {
	if !t.s.owners.is(p.ID, session) {
		return fmt.Errorf("credentials of %s: %w", p.ID, db.ErrSuperseded)
	}
	if p.State != db.PhoneApproved {
		return fmt.Errorf("credentials of %s: phone is %s: %w", p.ID, p.State, db.ErrConflict)
	}
	return nil
}

// IssueCredentials makes the offered logins the phone's next ones.
func (s *Store) IssueCredentials(ctx context.Context, id db.PhoneID, session db.SessionToken, o db.Offer, now time.Time) (out db.Credentials, err error) {
	for _, l := range []struct {
		field string
		login db.Login
	}{{"own", o.Own}, {"connection_request", o.ConnectionRequest}} {
		if err := checkLogin(l.field, l.login); err != nil {
			return out, err
		}
		if l.login.User == "" && l.login.Password != "" {
			return out, &db.FieldError{Field: l.field + "_user", Err: errors.New("is needed with a password")}
		}
	}
	err = s.edit(ctx, id, "server", now, func(t *tx, p *db.Phone, c *db.Credentials) (notes []string, err error) {
		if err := t.mayIssue(p, session); err != nil {
			return nil, err
		}
		if !o.Own.IsZero() && c.Next.IsZero() {
			c.Next = o.Own
			notes = append(notes, "issued")
		}
		if !o.ConnectionRequest.IsZero() && c.ConnectionRequestNext.IsZero() {
			c.ConnectionRequestNext, c.ConnectionRequestTaken = o.ConnectionRequest, false
			notes = append(notes, "issued for connection requests")
		}
		if len(notes) > 0 {
			c.Issued = now
		}
		out = *c
		return notes, nil
	})
	return out, err
}

// CredentialsTaken takes in what the phone answered. What says nothing new
// costs no commit.
func (s *Store) CredentialsTaken(ctx context.Context, id db.PhoneID, session db.SessionToken, a db.OfferAnswer, now time.Time) error {
	return s.edit(ctx, id, "phone", now, func(t *tx, p *db.Phone, c *db.Credentials) (notes []string, err error) {
		if err := t.mayIssue(p, session); err != nil {
			return nil, err
		}
		refused := short(a.Refused)
		if a.Own && !c.Next.IsZero() {
			switch {
			case refused != "":
				c.Next, c.Refused, c.RefusedAt = db.Login{}, refused, now
				notes = append(notes, "refused: "+refused)
			case c.Refused != "":
				c.Refused, c.RefusedAt = "", time.Time{}
				notes = append(notes, "taken")
			}
		}
		if a.ConnectionRequest && !c.ConnectionRequestNext.IsZero() {
			switch {
			case refused != "":
				c.ConnectionRequestNext, c.ConnectionRequestTaken = db.Login{}, false
				notes = append(notes, "for connection requests refused: "+refused)
			case !c.ConnectionRequestTaken:
				c.ConnectionRequestTaken = true
				notes = append(notes, "for connection requests taken")
			}
		}
		if c.Next.IsZero() {
			takeRequest(c)
		}
		return notes, nil
	})
}

// takeRequest puts a connection-request login in force that the phone has taken.
func takeRequest(c *db.Credentials) {
	if c.ConnectionRequestTaken {
		c.ConnectionRequest, c.ConnectionRequestNext = c.ConnectionRequestNext, db.Login{}
		c.ConnectionRequestTaken = false
	}
}

// SetCredentials takes an operator's word for what the phone has.
func (s *Store) SetCredentials(ctx context.Context, id db.PhoneID, patch db.CredentialsPatch, by string) (db.PhoneStatus, error) {
	return s.updatePhone(ctx, id, db.PhonePatch{}, patch, by)
}

// DropCredentials forgets all logins of a phone.
func (s *Store) DropCredentials(ctx context.Context, id db.PhoneID, by string) (st db.PhoneStatus, err error) {
	err = s.edit(ctx, id, by, s.opts.Now(), func(_ *tx, _ *db.Phone, c *db.Credentials) ([]string, error) {
		if was := *c; dropCredentials(c) == was {
			return nil, nil
		}
		return []string{"dropped"}, nil
	})
	if err == nil {
		st, err = s.Phone(ctx, id)
	}
	return st, err
}

// dropCredentials forgets all but an operator's decision, and returns the rest.
func dropCredentials(c *db.Credentials) db.Credentials {
	*c = db.Credentials{Waived: c.Waived}
	return *c
}

// patchCredentials changes what an operator gives.
func (t *tx) patchCredentials(c *db.Credentials, patch db.CredentialsPatch) error {
	set := func(to *string, from *string) bool {
		if from != nil {
			*to = *from
		}
		return from != nil
	}
	user, password := set(&c.Own.User, patch.OwnUser), set(&c.Own.Password, patch.OwnPassword)
	if user || password {
		if c.Own.User == "" && c.Own.Password != "" {
			return &db.FieldError{Field: "own_user", Err: errors.New("is needed with a password")}
		}
		c.Next, c.Issued, c.Used = db.Login{}, t.s.opts.Now(), time.Time{}
		c.Refused, c.RefusedAt = "", time.Time{}
	}
	user, password = set(&c.ConnectionRequest.User, patch.ConnectionRequestUser), set(&c.ConnectionRequest.Password, patch.ConnectionRequestPassword)
	if user || password {
		c.ConnectionRequestNext, c.ConnectionRequestTaken = db.Login{}, false
	}
	if err := checkLogin("own", c.Own); err != nil {
		return err
	}
	return checkLogin("connection_request", c.ConnectionRequest)
}

func checkLogin(field string, l db.Login) error {
	for _, f := range []struct{ name, value string }{{"_user", l.User}, {"_password", l.Password}} {
		if len(f.value) > maxText {
			return &db.FieldError{Field: field + f.name, Err: fmt.Errorf("longer than %d bytes", maxText)}
		}
	}
	return nil
}
