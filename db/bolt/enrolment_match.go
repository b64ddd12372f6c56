package bolt

import (
	"fmt"
	"sync"

	"phoneacs/db"
)

// ruleSet is the rules as they are tried: in order, those for one MAC found by
// it, so that a long list costs an unknown phone one look-up.
type ruleSet struct {
	version uint64 // of the rules in the store
	broad   []ranked
	single  map[string][]ranked // by MAC
	again   bool                // one of them re-admits
	total   int
}

// ranked is a rule with its place in the order.
type ranked struct {
	at   int
	rule db.EnrolmentRule // without its counts
}

// ruleCache keeps the newest rules that were committed.
type ruleCache struct {
	mu  sync.Mutex
	set *ruleSet
}

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
	set := &ruleSet{version: version, single: make(map[string][]ranked)}
	err := t.Bucket(bRuleOrder).ForEach(func(k, _ []byte) error {
		r, err := t.loadRule(db.RuleID(num(k[4:])))
		if err != nil {
			return err
		}
		r.Admitted = 0
		one := ranked{set.total, r}
		if r.Single() {
			set.single[r.FirstMAC] = append(set.single[r.FirstMAC], one)
		} else {
			set.broad = append(set.broad, one)
		}
		set.again = set.again || r.ReEnrol
		set.total++
		return nil
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

// ruleFor finds the first rule that matches and is open, among those that pass;
// nil: none. Its counts are up to date.
func (t *tx) ruleFor(in *db.Inform, pass func(*db.EnrolmentRule) bool) (*db.EnrolmentRule, error) {
	set, err := t.rules()
	if err != nil || set.total == 0 {
		return nil, err
	}
	mine := set.single[in.MAC]
	for broad := set.broad; len(mine)+len(broad) > 0; {
		var next ranked
		if len(broad) == 0 || len(mine) > 0 && mine[0].at < broad[0].at {
			next, mine = mine[0], mine[1:]
		} else {
			next, broad = broad[0], broad[1:]
		}
		r := next.rule
		if !r.Matches(in) || !pass(&r) {
			continue
		}
		if r.Admitted, r.Last = t.ruleUse(r.ID); r.Open(in.Now) {
			return &r, nil
		}
	}
	return nil, nil
}

func anyRule(*db.EnrolmentRule) bool { return true }

// approving passes rules by which phones that wait are let in. A refusal that
// stands before one holds: who is refused at the door is not let in later.
func approvingRule(t *tx, in *db.Inform) (*db.EnrolmentRule, error) {
	r, err := t.ruleFor(in, anyRule)
	if err != nil || r == nil || r.Action != db.EnrolApprove {
		return nil, err
	}
	return r, nil
}

// ruleForReturn finds the rule that lets a phone in again which was let in
// before and has to be enrolled anew; nil: none, an operator decides. Who uses
// it counts it by useRule, in the same transaction.
func (t *tx) ruleForReturn(in *db.Inform) (*db.EnrolmentRule, error) {
	set, err := t.rules()
	if err != nil || !set.again {
		return nil, err
	}
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
	if rule, err = t.ruleFor(in, anyRule); err != nil || rule == nil {
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
