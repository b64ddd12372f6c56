package bolt

import (
	"bytes"
	"fmt"
	"sync"

	"phoneacs/db"
)

// ruleSet is the rules that are not for one MAC alone, as they are tried. Those
// that are for one are found by it in the store: a list of a whole delivery
// costs an unknown phone one look-up.
type ruleSet struct {
	version uint64             // of the rules in the store
	broad   []db.EnrolmentRule // without their counts
}

// ruleCache keeps the newest rules that were committed.
type ruleCache struct {
	mu  sync.Mutex
	set *ruleSet
}

// maxSame bounds the rules for one MAC that are tried.
const maxSame = 64

var keyRules = []byte("rules")

// renewRules says that the rules have changed.
func (t *tx) renewRules() error {
	t.rulesChanged = true
	return t.put(bMeta, keyRules, be8(t.rulesVersion()+1))
}

func (t *tx) rulesVersion() uint64 {
	if v := t.get(bMeta, keyRules); len(v) == 8 {
		return num(v)
	}
	return 0
}

// rules returns the rules as of this transaction. Those of one that has changed
// them are not kept: it may not come through, and its version be given again.
func (t *tx) rules() (*ruleSet, error) {
	c, version := &t.s.rules, t.rulesVersion()
	if !t.rulesChanged {
		c.mu.Lock()
		set := c.set
		c.mu.Unlock()
		if set != nil && set.version == version {
			return set, nil
		}
	}
	set := &ruleSet{version: version}
	err := t.rulesBy(broadKey, db.MaxBroadRules, func(r db.EnrolmentRule) {
		r.Admitted = 0
		set.broad = append(set.broad, r)
	})
	if err != nil || t.rulesChanged {
		return set, err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.set == nil || c.set.version < version {
		c.set = set
	}
	return set, nil
}

// rulesBy goes over the first n rules for a MAC, in their order.
func (t *tx) rulesBy(mac string, n int, fn func(db.EnrolmentRule)) error {
	c := t.Bucket(bRuleMAC).Cursor()
	prefix := []byte(mac)
	for k, _ := c.Seek(prefix); bytes.HasPrefix(k, prefix) && n > 0; k, _ = c.Next() {
		r, err := t.loadRule(db.RuleID(num(k[len(prefix)+4:])))
		if err != nil {
			return err
		}
		fn(r)
		n--
	}
	return nil
}

// before reports whether a rule is tried before another.
func before(a, b *db.EnrolmentRule) bool {
	return a.Order < b.Order || a.Order == b.Order && a.ID < b.ID
}

// ruleFor finds the first rule that matches and is open; nil: none. Its counts
// are up to date.
func (t *tx) ruleFor(in *db.Inform) (*db.EnrolmentRule, error) {
	set, err := t.rules()
	if err != nil {
		return nil, err
	}
	var mine []db.EnrolmentRule
	if len(in.MAC) == len(broadKey) {
		if err := t.rulesBy(in.MAC, maxSame, func(r db.EnrolmentRule) { mine = append(mine, r) }); err != nil {
			return nil, err
		}
	}
	for broad := set.broad; len(mine)+len(broad) > 0; {
		var r db.EnrolmentRule
		if len(broad) == 0 || len(mine) > 0 && before(&mine[0], &broad[0]) {
			r, mine = mine[0], mine[1:]
		} else {
			r, broad = broad[0], broad[1:]
		}
		if !r.Matches(in) {
			continue
		}
		if r.Admitted, r.Last = t.ruleUse(r.ID); r.Open(in.Now) {
			return &r, nil
		}
	}
	return nil, nil
}

// approvingRule is the rule by which a phone that waits is let in; nil: none. A
// rule before it that does not approve holds: who has to wait by it goes on to.
func approvingRule(t *tx, in *db.Inform) (*db.EnrolmentRule, error) {
	r, err := t.ruleFor(in)
	if err != nil || r == nil || r.Action != db.EnrolApprove {
		return nil, err
	}
	return r, nil
}

// ruleForReturn finds the rule that lets a phone in again which was let in
// before and has to be enrolled anew; nil: none, an operator decides. Who uses
// it counts it by useRule, in the same transaction.
func (t *tx) ruleForReturn(in *db.Inform) (*db.EnrolmentRule, error) {
	r, err := approvingRule(t, in)
	if err != nil || r == nil || !r.ReEnrol {
		return nil, err
	}
	return r, nil
}

// enrolBy makes the record of an unknown phone as the first open rule for it
// says, or else as the Inform does. It writes nothing when the phone is not
// taken.
func (t *tx) enrolBy(in *db.Inform) (p db.Phone, rule *db.EnrolmentRule, err error) {
	p = db.Phone{State: in.Enrol, Site: db.DefaultSite, Created: in.Now}
	if rule, err = t.ruleFor(in); err != nil || rule == nil {
		return p, nil, err
	}
	switch rule.Action {
	case db.EnrolRefuse:
		return p, rule, fmt.Errorf("phone %s-%s by rule %s: %w", in.OUI, in.Serial, rule.ID, db.ErrRefused)
	case db.EnrolPending:
		p.State = db.PhonePending
	case db.EnrolApprove:
		p.State = db.PhoneApproved
	}
	t.dress(&p, rule)
	return p, rule, nil
}

// dress gives a phone the site and the tags of the rule that let it in; an
// operator's own choice of a site stays.
func (t *tx) dress(p *db.Phone, rule *db.EnrolmentRule) {
	site := rule.Site
	if p.Site != db.DefaultSite || !t.has(bSites, be8(uint64(site))) {
		site = 0
	}
	tagged := *p
	(&db.PhoneEdit{Site: site, AddTags: rule.Tags}).Apply(&tagged)
	if checkPhone(&tagged) == nil {
		*p = tagged
	}
}

// letIn approves a phone that waits, if a rule says so by now.
func (t *tx) letIn(p *db.Phone, in *db.Inform) ([]db.Change, error) {
	if p.State != db.PhonePending {
		return nil, nil
	}
	rule, err := approvingRule(t, in)
	if err != nil || rule == nil {
		return nil, err
	}
	p.State = db.PhoneApproved
	t.dress(p, rule)
	t.event(db.Event{Type: "phone.changed", Phone: p.ID})
	change := db.Change{What: "state", Old: string(db.PhonePending), New: string(p.State), By: "enrolment rule " + rule.ID.String()}
	return []db.Change{change}, t.useRule(rule.ID, in.Now)
}
