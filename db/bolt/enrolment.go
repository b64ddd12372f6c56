package bolt

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"time"

	"phoneacs/db"
)

// maxRuleBatch bounds one commit of rules.
const maxRuleBatch = 1000

// ruleOrderKey sorts rules as they are tried.
func ruleOrderKey(r *db.EnrolmentRule) []byte {
	return binary.BigEndian.AppendUint64(binary.BigEndian.AppendUint32(nil, uint32(r.Order)), uint64(r.ID))
}

// ruleMACKey finds rules by the MAC that they are for, in their order.
func ruleMACKey(r *db.EnrolmentRule) []byte {
	mac := broadKey
	if r.Single() {
		mac = r.FirstMAC
	}
	return append([]byte(mac), ruleOrderKey(r)...)
}

// broadKey stands for the MAC of rules that are not for one alone.
const broadKey = "\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00"

func (t *tx) loadRule(id db.RuleID) (r db.EnrolmentRule, err error) {
	if err := t.getJSON(bRules, be8(uint64(id)), &r); err != nil {
		return r, fmt.Errorf("enrolment rule %s: %w", id, err)
	}
	r.Admitted, r.Last = t.ruleUse(id)
	return r, nil
}

// ruleUse is how often a rule was used and when last. It is kept apart from the
// rule, so that what is remembered of the rules stays true while they are used.
func (t *tx) ruleUse(id db.RuleID) (n int, last time.Time) {
	if b := t.get(bRuleUse, be8(uint64(id))); len(b) == 16 {
		return int(num(b)), fromMillis(num(b[8:]))
	}
	return 0, time.Time{}
}

// useRule counts a phone that a rule let in.
func (t *tx) useRule(id db.RuleID, now time.Time) error {
	n, _ := t.ruleUse(id)
	return t.put(bRuleUse, be8(uint64(id)), key2(uint64(n+1), millis(now)))
}

// ruleFits refuses a rule that the store cannot take; it writes nothing.
func (t *tx) ruleFits(old, r *db.EnrolmentRule) error {
	if r.Site != 0 && !t.has(bSites, be8(uint64(r.Site))) {
		return &db.FieldError{Field: "site", Err: fmt.Errorf("site %s: %w", r.Site, db.ErrNotFound)}
	}
	if !r.Single() && (old == nil || old.Single()) && t.readNumber("rules.broad") >= db.MaxBroadRules {
		return fmt.Errorf("%d rules that are not for one MAC alone: %w", db.MaxBroadRules, db.ErrTooMany)
	}
	return nil
}

// saveRule writes a rule, its place in the order and the counters; old is nil
// for a new one.
func (t *tx) saveRule(old *db.EnrolmentRule, r db.EnrolmentRule) error {
	if old != nil {
		if err := t.dropRule(old); err != nil {
			return err
		}
	}
	t.countRule(&r, 1)
	r.Admitted, r.Last = 0, time.Time{} // in bRuleUse
	if err := errors.Join(t.put(bRuleOrder, ruleOrderKey(&r), nil), t.put(bRuleMAC, ruleMACKey(&r), nil)); err != nil {
		return err
	}
	if err := t.putJSON(bRules, be8(uint64(r.ID)), r); err != nil {
		return err
	}
	return t.renewRules()
}

// dropRule takes away what saveRule wrote, but for the rule itself.
func (t *tx) dropRule(r *db.EnrolmentRule) error {
	t.countRule(r, -1)
	return errors.Join(t.del(bRuleOrder, ruleOrderKey(r)), t.del(bRuleMAC, ruleMACKey(r)))
}

func (t *tx) countRule(r *db.EnrolmentRule, by int64) {
	t.number("rules", by)
	if !r.Single() {
		t.number("rules.broad", by)
	}
}

// CreateRules adds rules.
func (s *Store) CreateRules(ctx context.Context, in []db.EnrolmentRule) (results []db.RuleResult, err error) {
	if len(in) > maxRuleBatch {
		return nil, fmt.Errorf("%d rules, at most %d at once: %w", len(in), maxRuleBatch, db.ErrTooMany)
	}
	err = s.update(ctx, func(t *tx) error {
		results = make([]db.RuleResult, len(in))
		for i, r := range in {
			before := t.changes
			if results[i].ID, err = t.createRule(r); err == nil {
				continue
			}
			if t.changes != before {
				return err // the disk's fault, not the rule's
			}
			results[i].Err = err
		}
		return nil
	})
	return results, err
}

func (t *tx) createRule(r db.EnrolmentRule) (db.RuleID, error) {
	if err := r.Check(); err != nil {
		return 0, err
	}
	if t.readNumber("rules") >= db.MaxRules {
		return 0, fmt.Errorf("%d enrolment rules: %w", db.MaxRules, db.ErrTooMany)
	}
	if err := t.ruleFits(nil, &r); err != nil {
		return 0, err
	}
	id, err := t.next(bRules)
	if err != nil {
		return 0, err
	}
	r.ID = db.RuleID(id)
	t.event(db.Event{Type: "enrolment-rule.created", Why: r.ID.String()})
	return r.ID, t.saveRule(nil, r)
}

// Rule returns one rule.
func (s *Store) Rule(ctx context.Context, id db.RuleID) (r db.EnrolmentRule, err error) {
	err = s.view(ctx, func(t *tx) error { r, err = t.loadRule(id); return err })
	return r, err
}

// ListRules returns rules in the order in which they are tried.
func (s *Store) ListRules(ctx context.Context, q db.Query) (page db.Page[db.EnrolmentRule], err error) {
	err = s.view(ctx, func(t *tx) error {
		l := list[db.EnrolmentRule]{name: "rules", q: q, c: t.Bucket(bRuleOrder).Cursor()}
		l.load = func(k, _ []byte) (db.EnrolmentRule, error) { return t.loadRule(db.RuleID(num(k[4:]))) }
		page, err = l.page()
		return err
	})
	return page, err
}

// UpdateRule replaces a rule.
func (s *Store) UpdateRule(ctx context.Context, r db.EnrolmentRule) (db.EnrolmentRule, error) {
	if err := r.Check(); err != nil {
		return r, err
	}
	err := s.update(ctx, func(t *tx) error {
		old, err := t.loadRule(r.ID)
		if err != nil {
			return err
		}
		r.Created, r.By = old.Created, old.By
		r.Admitted, r.Last = old.Admitted, old.Last
		if err := t.ruleFits(&old, &r); err != nil {
			return err
		}
		if err := t.saveRule(&old, r); err != nil {
			return err
		}
		t.event(db.Event{Type: "enrolment-rule.changed", Why: r.ID.String()})
		return nil
	})
	return r, err
}

// DeleteRule takes a rule away.
func (s *Store) DeleteRule(ctx context.Context, id db.RuleID) error {
	return s.update(ctx, func(t *tx) error {
		r, err := t.loadRule(id)
		if err != nil {
			return err
		}
		t.event(db.Event{Type: "enrolment-rule.deleted", Why: id.String()})
		return errors.Join(t.dropRule(&r), t.del(bRules, be8(uint64(id))), t.del(bRuleUse, be8(uint64(id))), t.renewRules())
	})
}

// enrolments checks that the rules and what is kept beside them agree.
func (c *checker) enrolments() error {
	seen := 0
	err := c.each(bRules, func(k, _ []byte) error {
		r, err := c.loadRule(db.RuleID(num(k)))
		if err != nil {
			return err
		}
		seen++
		c.numbers["rules"]++
		if !r.Single() {
			c.numbers["rules.broad"]++
		}
		switch {
		case uint64(r.ID) != num(k):
			c.faultf("enrolment rule %s is stored under %d", r.ID, num(k))
		case !c.has(bRuleMAC, ruleMACKey(&r)):
			c.faultf("enrolment rule %s is not found by its MAC", r.ID)
		case !c.has(bRuleOrder, ruleOrderKey(&r)):
			c.faultf("enrolment rule %s has no place in the order", r.ID)
		}
		return nil
	})
	if err != nil {
		return err
	}
	for _, bucket := range [][]byte{bRuleOrder, bRuleMAC} {
		entries := 0
		if err = errors.Join(err, c.each(bucket, func(_, _ []byte) error { entries++; return nil })); entries != seen {
			c.faultf("%d entries in %s of %d enrolment rules", entries, bucket, seen)
		}
	}
	return errors.Join(err, c.each(bRuleUse, func(k, v []byte) error {
		if !c.has(bRules, bytes.Clone(k)) || len(v) != 16 {
			c.faultf("use of enrolment rule %d, which does not exist", num(k))
		}
		return nil
	}))
}
