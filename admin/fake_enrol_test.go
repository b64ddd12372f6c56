package admin

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"phoneacs/db"
	"phoneacs/db/filter"
)

// EditPhones changes the phones that are there.
func (s *fakeStore) EditPhones(_ context.Context, ids []db.PhoneID, f *filter.Filter, e db.PhoneEdit, by string) (res db.EditResult, err error) {
	defer s.lock()()
	if s.err != nil {
		return res, s.err
	}
	s.by = by
	s.edits = append(s.edits, len(ids))
	for _, id := range ids {
		p, err := s.phone(id)
		if err == nil && f.Match(p.Field) && e.Apply(&p.Phone) {
			res.Changed++
		} else {
			res.Unchanged++
		}
	}
	return res, nil
}

// CreateRules adds what can be; the site s9 is taken away meanwhile.
func (s *fakeStore) CreateRules(_ context.Context, in []db.EnrolmentRule) ([]db.RuleResult, error) {
	defer s.lock()()
	if s.err != nil {
		return nil, s.err
	}
	out := make([]db.RuleResult, len(in))
	for i, r := range in {
		if r.Note == "one too many" {
			out[i].Err = fmt.Errorf("rules: %w", db.ErrTooMany)
			continue
		}
		if out[i].Err = r.Check(); out[i].Err == nil {
			r.ID = db.RuleID(len(s.rules) + 1)
			s.rules = append(s.rules, r)
			out[i].ID = r.ID
		}
	}
	return out, nil
}

func (s *fakeStore) rule(id db.RuleID) (*db.EnrolmentRule, error) {
	for i := range s.rules {
		if s.rules[i].ID == id {
			return &s.rules[i], s.err
		}
	}
	return nil, fmt.Errorf("rule in bucket 7: %w", db.ErrNotFound)
}

func (s *fakeStore) Rule(_ context.Context, id db.RuleID) (db.EnrolmentRule, error) {
	defer s.lock()()
	r, err := s.rule(id)
	if err != nil {
		return db.EnrolmentRule{}, err
	}
	return *r, nil
}

func (s *fakeStore) ListRules(_ context.Context, q db.Query) (db.Page[db.EnrolmentRule], error) {
	defer s.lock()()
	return pageOf(s.rules, q, noField[db.EnrolmentRule])
}

func (s *fakeStore) UpdateRule(_ context.Context, in db.EnrolmentRule) (db.EnrolmentRule, error) {
	defer s.lock()()
	r, err := s.rule(in.ID)
	if err != nil {
		return in, err
	}
	in.Created, in.By, in.Admitted = r.Created, r.By, r.Admitted
	*r = in
	return in, nil
}

func (s *fakeStore) DeleteRule(_ context.Context, id db.RuleID) error {
	defer s.lock()()
	if _, err := s.rule(id); err != nil {
		return err
	}
	s.rules = slices.DeleteFunc(s.rules, func(r db.EnrolmentRule) bool { return r.ID == id })
	return nil
}

func (s *fakeStore) standingAt(id db.StandingID) (*db.StandingOrder, error) {
	for i := range s.standing {
		if s.standing[i].ID == id {
			return &s.standing[i], s.err
		}
	}
	return nil, fmt.Errorf("standing order in bucket 7: %w", db.ErrNotFound)
}

func (s *fakeStore) CreateStanding(_ context.Context, o db.StandingOrder) (db.StandingOrder, error) {
	defer s.lock()()
	for _, have := range s.standing {
		if have.Name == o.Name {
			return o, &db.FieldError{Field: "name", Err: fmt.Errorf("standing order %q: %w", o.Name, db.ErrExists)}
		}
	}
	o.ID = db.StandingID(len(s.standing) + 1)
	s.standing = append(s.standing, o)
	return o, s.err
}

func (s *fakeStore) StandingOrder(_ context.Context, id db.StandingID) (db.StandingOrder, error) {
	defer s.lock()()
	o, err := s.standingAt(id)
	if err != nil {
		return db.StandingOrder{}, err
	}
	return *o, nil
}

func (s *fakeStore) ListStanding(_ context.Context, q db.Query) (db.Page[db.StandingOrder], error) {
	defer s.lock()()
	return pageOf(s.standing, q, noField[db.StandingOrder])
}

func (s *fakeStore) UpdateStanding(_ context.Context, in db.StandingOrder) (db.StandingOrder, error) {
	defer s.lock()()
	o, err := s.standingAt(in.ID)
	if err != nil {
		return in, err
	}
	in.Created, in.By, in.Applied = o.Created, o.By, o.Applied
	*o = in
	return in, nil
}

func (s *fakeStore) DeleteStanding(_ context.Context, id db.StandingID) error {
	defer s.lock()()
	if _, err := s.standingAt(id); err != nil {
		return err
	}
	s.standing = slices.DeleteFunc(s.standing, func(o db.StandingOrder) bool { return o.ID == id })
	return nil
}

// CheckStanding takes every kind but one.
func (o *fakeOrders) CheckStanding(_ context.Context, in *db.StandingOrder) error {
	for i := range in.Items {
		if in.Items[i].Kind == "dance" {
			return &db.FieldError{Field: fmt.Sprintf("items[%d].kind", i), Err: fmt.Errorf("no such kind")}
		}
	}
	return o.err
}

func (s *fakeStore) recurringAt(id db.RecurringID) (*db.Recurring, error) {
	for i := range s.recurring {
		if s.recurring[i].ID == id {
			return &s.recurring[i], s.err
		}
	}
	return nil, fmt.Errorf("recurring job in bucket 7: %w", db.ErrNotFound)
}

func (s *fakeStore) CreateRecurring(_ context.Context, r db.Recurring) (db.Recurring, error) {
	defer s.lock()()
	r.ID = db.RecurringID(len(s.recurring) + 1)
	s.recurring = append(s.recurring, r)
	return r, s.err
}

func (s *fakeStore) Recurring(_ context.Context, id db.RecurringID) (db.Recurring, error) {
	defer s.lock()()
	r, err := s.recurringAt(id)
	if err != nil {
		return db.Recurring{}, err
	}
	return *r, nil
}

func (s *fakeStore) ListRecurring(_ context.Context, q db.Query) (db.Page[db.Recurring], error) {
	defer s.lock()()
	return pageOf(s.recurring, q, noField[db.Recurring])
}

func (s *fakeStore) UpdateRecurring(_ context.Context, in db.Recurring) (db.Recurring, error) {
	defer s.lock()()
	r, err := s.recurringAt(in.ID)
	if err != nil {
		return in, err
	}
	in.Created, in.By, in.Runs = r.Created, r.By, r.Runs
	*r = in
	return in, nil
}

func (s *fakeStore) DeleteRecurring(_ context.Context, id db.RecurringID) error {
	defer s.lock()()
	if _, err := s.recurringAt(id); err != nil {
		return err
	}
	s.recurring = slices.DeleteFunc(s.recurring, func(r db.Recurring) bool { return r.ID == id })
	return nil
}

// CheckRecurring takes every kind but one, and runs it in an hour.
func (o *fakeOrders) CheckRecurring(_ context.Context, in *db.Recurring) error {
	if in.Item.Kind == "dance" {
		return &db.FieldError{Field: "kind", Err: errors.New("no such kind")}
	}
	if in.Missed == "" {
		in.Missed = db.RunMissed
	}
	in.Next = now.Add(time.Hour)
	return o.err
}

func (o *fakeOrders) Schedule() []db.Work {
	return []db.Work{{Name: "house-keeping", Every: time.Hour, Last: now, Next: now.Add(time.Hour), Error: "disk"}}
}

type fakeRemarks map[db.PhoneID][]string

func (f fakeRemarks) Remarks(id db.PhoneID) []string { return f[id] }
