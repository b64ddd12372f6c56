package admin

import (
	"context"
	"fmt"
	"testing"

	"phoneacs/db"
)

// ReplacePhone replaces p1 by what is asked for; p3 was replaced by p4.
func (s *fakeStore) ReplacePhone(_ context.Context, r db.Replacement) (db.Replaced, error) {
	defer s.lock()()
	s.by, s.replacement = r.By, r
	switch {
	case r.Old == 3:
		return db.Replaced{}, fmt.Errorf("replace in bucket 7: %w", db.ErrConflict)
	case r.Old == r.New:
		return db.Replaced{}, fmt.Errorf("replace: %w", &db.FieldError{Field: "with", Err: fmt.Errorf("is the phone itself")})
	case r.New == 0:
		r.New = 77
		s.phones = append(s.phones, db.PhoneStatus{Phone: db.Phone{ID: 77, State: db.PhoneApproved, Site: 1, MAC: r.MAC}, Standing: db.Standing{Proof: db.ProvesNothing}})
		return db.Replaced{New: 77, Made: true, Moved: 2, Closed: 1}, nil
	}
	return db.Replaced{New: r.New, Kept: 1, OwnTasks: 1, OwnQuirks: true}, nil
}

func TestReplacePhone(t *testing.T) {
	h := newHarness(t)
	var v replacementView
	h.do("POST", "/api/v1/phones/p1/replace", `{"with":"0C:38:3E:00:00:99"}`).is(200).into(&v)
	if v.Phone.ID != 77 || !v.Made || v.Moved != 2 || v.Unknown != 1 || h.store.by != "ops" || h.store.replacement.MAC != "0c383e000099" {
		t.Errorf("replaced %+v by %+v", v, h.store.replacement)
	}
	h.do("POST", "/api/v1/phones/p1/replace", `{"with":"0C383E-X4/U-B 2"}`).is(200).into(&v)
	if v.Phone.ID != 2 || v.Cancelled != 1 || v.OwnTasks != 1 || !v.OwnQuirks || !h.store.replacement.Now.Equal(now) {
		t.Errorf("replaced %+v by %+v", v, h.store.replacement)
	}
	for body, field := range map[string]string{
		`{"with":"p99"}`: "with", `{"with":""}`: "with", `{}`: "with", `{"with":"p1"}`: "with", `{"with":"01:00:00:00:00:01"}`: "with",
	} {
		h.do("POST", "/api/v1/phones/p1/replace", body).refuses(kindInvalid, field)
	}
	h.do("POST", "/api/v1/phones/p3/replace", `{"with":"p4"}`).refuses(kindConflict, "")
	h.do("POST", "/api/v1/phones/p99/replace", `{"with":"p4"}`).refuses(kindNotFound, "")
}
