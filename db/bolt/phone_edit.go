package bolt

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"phoneacs/db"
)

// UpdatePhone changes a phone.
func (s *Store) UpdatePhone(ctx context.Context, id db.PhoneID, patch db.PhonePatch, by string) (st db.PhoneStatus, err error) {
	return s.updatePhone(ctx, id, patch, db.CredentialsPatch{
		ConnectionRequestUser: patch.ConnectionRequestUser, ConnectionRequestPassword: patch.ConnectionRequestPassword,
	}, by)
}

func (s *Store) updatePhone(ctx context.Context, id db.PhoneID, patch db.PhonePatch, logins db.CredentialsPatch, by string) (st db.PhoneStatus, err error) {
	err = s.update(ctx, func(t *tx) error {
		old, err := t.loadPhone(id)
		if err != nil {
			return err
		}
		had, err := t.credentials(&old)
		if err != nil {
			return err
		}
		p, c := old, had
		if err := t.applyPatch(&p, &c, patch); err != nil {
			return err
		}
		if err := t.patchCredentials(&c, logins); err != nil {
			return err
		}
		if c != had {
			if err := t.putCredentials(&p, &c); err != nil {
				return err
			}
		}
		if err := t.savePhone(&old, p); err != nil {
			return err
		}
		if err := t.noteEdits(old, p, had, c, by); err != nil {
			return err
		}
		if old.State != p.State {
			if err := t.wakeForReady(id); err != nil {
				return err
			}
			if err := t.approved(id); err != nil {
				return err
			}
		}
		t.event(db.Event{Type: "phone.changed", Phone: id})
		st, err = t.status(p)
		return err
	})
	return st, err
}

func (t *tx) applyPatch(p *db.Phone, c *db.Credentials, patch db.PhonePatch) error {
	if patch.Site != nil {
		if !t.has(bSites, be8(uint64(*patch.Site))) {
			return &db.FieldError{Field: "site", Err: fmt.Errorf("site %s: %w", *patch.Site, db.ErrNotFound)}
		}
		p.Site = *patch.Site
	}
	if patch.State != nil {
		if *patch.State != db.PhoneApproved {
			return &db.FieldError{Field: "state", Err: fmt.Errorf("can only become %q", db.PhoneApproved)}
		}
		if p.State == db.PhoneReEnrol {
			dropCredentials(c) // it has been reset: it is issued new ones
		}
		p.State = *patch.State
	}
	if patch.Name != nil {
		p.Name = *patch.Name
	}
	if patch.Tags != nil {
		p.Tags = cleanTags(*patch.Tags)
	}
	if patch.ProofWaived != nil {
		c.Waived = *patch.ProofWaived
	}
	return checkPhone(p)
}

func checkPhone(p *db.Phone) error {
	for _, f := range []struct{ name, value string }{
		{"name", p.Name}, {"serial", p.Serial}, {"oui", p.OUI}, {"vendor", p.Vendor}, {"model", p.Model},
	} {
		if len(f.value) > maxText {
			return &db.FieldError{Field: f.name, Err: fmt.Errorf("longer than %d bytes", maxText)}
		}
	}
	if len(p.Tags) > maxTags {
		return &db.FieldError{Field: "tags", Err: fmt.Errorf("more than %d", maxTags)}
	}
	for _, tag := range p.Tags {
		if len(tag) > 64 {
			return &db.FieldError{Field: "tags", Err: fmt.Errorf("%.20q… is longer than 64 bytes", tag)}
		}
	}
	return nil
}

func cleanTags(tags []string) []string {
	out := make([]string, 0, len(tags))
	for _, tag := range tags {
		if tag = strings.TrimSpace(tag); tag != "" {
			out = append(out, tag)
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// noteEdits writes an operator's changes into the phone's history, without
// the secret ones' values.
func (t *tx) noteEdits(old, p db.Phone, had, c db.Credentials, by string) error {
	var changes []db.Change
	note := func(what, a, b string) {
		if a != b {
			changes = append(changes, db.Change{What: what, Old: a, New: b, By: by})
		}
	}
	note("state", string(old.State), string(p.State))
	note("name", old.Name, p.Name)
	note("site", old.Site.String(), p.Site.String())
	note("tags", strings.Join(old.Tags, " "), strings.Join(p.Tags, " "))
	note("connection request user", old.ConnectionRequestUser, p.ConnectionRequestUser)
	note("proof", string(had.Standing().Proof), string(c.Standing().Proof))
	for _, secret := range []struct {
		what    string
		changed bool
	}{
		{"connection request password", had.ConnectionRequest.Password != c.ConnectionRequest.Password},
		{"credentials", had.Own != c.Own || had.Next != c.Next},
	} {
		if secret.changed {
			changes = append(changes, db.Change{What: secret.what, By: by})
		}
	}
	return t.addHistory(p.ID, t.s.opts.Now(), changes)
}
