package admin

import (
	"context"
	"net/http"
	"strings"
	"time"

	"phoneacs/db"
)

// ruleView is an enrolment rule as version 1 shows it.
type ruleView struct {
	ID           db.RuleID      `json:"id"`
	Order        int            `json:"order"`
	Note         string         `json:"note,omitempty"`
	All          bool           `json:"all,omitempty"`
	OUI          string         `json:"oui,omitempty"`
	MAC          string         `json:"mac,omitempty"`
	Vendor       string         `json:"vendor,omitempty"`
	Model        string         `json:"model,omitempty"`
	ProductClass string         `json:"product_class,omitempty"`
	Network      string         `json:"network,omitempty"`
	Action       db.EnrolAction `json:"action"`
	ReEnrol      bool           `json:"re_enrol,omitempty"`
	Site         db.SiteID      `json:"site,omitempty"`
	Tags         []string       `json:"tags"`
	Limit        int            `json:"limit,omitempty"`
	Until        time.Time      `json:"until,omitzero"`
	Created      time.Time      `json:"created"`
	By           string         `json:"by,omitempty"`
	Admitted     int            `json:"admitted"`
	Last         time.Time      `json:"last,omitzero"`
}

func viewRule(r *db.EnrolmentRule) ruleView {
	v := ruleView{
		ID: r.ID, Order: r.Order, Note: r.Note, All: r.All, OUI: r.OUI,
		Vendor: r.Vendor, Model: r.Model, ProductClass: r.ProductClass, Network: r.Network,
		Action: r.Action, ReEnrol: r.ReEnrol, Site: r.Site, Tags: orEmpty(r.Tags), Limit: r.Limit, Until: r.Until,
		Created: r.Created, By: r.By, Admitted: r.Admitted, Last: r.Last,
	}
	if r.FirstMAC != "" {
		v.MAC = db.FormatMACRange(r.FirstMAC, r.LastMAC)
	}
	return v
}

// defaultRuleOrder leaves room before and behind.
const defaultRuleOrder = 1000

// newRule is the body of POST and PUT of enrolment rules.
type newRule struct {
	Order        *int     `json:"order"`
	Note         string   `json:"note"`
	All          *bool    `json:"all"`
	OUI          string   `json:"oui"`
	MAC          string   `json:"mac"`
	Vendor       string   `json:"vendor"`
	Model        string   `json:"model"`
	ProductClass string   `json:"product_class"`
	Network      string   `json:"network"`
	Action       string   `json:"action"`
	ReEnrol      bool     `json:"re_enrol"`
	Site         *string  `json:"site"`
	Tags         []string `json:"tags"`
	Limit        int      `json:"limit"`
	Until        *string  `json:"until"`
}

// read checks a rule's form, and what it can be.
func (a *API) readRule(ctx context.Context, in *newRule, by string) (r db.EnrolmentRule, err error) {
	now := a.clock.Now().UTC()
	r = db.EnrolmentRule{
		Order: defaultRuleOrder, Note: in.Note, Vendor: in.Vendor, Model: in.Model, ProductClass: in.ProductClass,
		Network: in.Network, Action: db.EnrolAction(in.Action), ReEnrol: in.ReEnrol, Tags: in.Tags, Limit: in.Limit,
		Created: now, By: by,
	}
	if in.Order != nil {
		r.Order = *in.Order
	}
	if in.All != nil {
		if r.All = *in.All; !r.All {
			return r, invalid("all", "can only be true")
		}
	}
	if r.OUI, err = parseOUI(strings.TrimSpace(in.OUI)); err != nil {
		return r, invalid("oui", "%v", err)
	}
	if in.MAC != "" {
		if r.FirstMAC, r.LastMAC, err = db.ParseMACRange(in.MAC); err != nil {
			return r, invalid("mac", "%v", err)
		}
	}
	if in.Until != nil {
		if r.Until, err = readUntil(*in.Until, now); err != nil {
			return r, err
		}
	}
	if in.Site != nil {
		if r.Site, err = a.findSite(ctx, "site", *in.Site); err != nil {
			return r, err
		}
	}
	return r, r.Check()
}

// readUntil reads a time, or a duration from now.
func readUntil(s string, now time.Time) (time.Time, error) {
	if d, err := parseDuration(s); err == nil && d > 0 {
		return now.Add(d), nil
	}
	t, err := time.Parse(time.RFC3339, s)
	if err != nil {
		return time.Time{}, invalid("until", "want a time of RFC 3339, or a duration such as 30d or 12h")
	}
	return t.UTC(), nil
}

// listRules serves GET /api/v1/enrolment-rules.
func (a *API) listRules(w http.ResponseWriter, r *http.Request) error {
	q, err := readPage(r, nil)
	if err != nil {
		return err
	}
	page, err := a.store.ListRules(r.Context(), q)
	if err != nil {
		return about(err, "enrolment rules")
	}
	return writePage(w, page, viewRule)
}

// createRule serves POST /api/v1/enrolment-rules.
func (a *API) createRule(w http.ResponseWriter, r *http.Request) error {
	var in newRule
	if _, err := readJSON(w, r, maxJSON, &in); err != nil {
		return err
	}
	rule, err := a.readRule(r.Context(), &in, caller(r).Name)
	if err != nil {
		return about(err, "enrolment rule")
	}
	made, err := a.store.CreateRules(r.Context(), []db.EnrolmentRule{rule})
	if err == nil {
		err = made[0].Err
	}
	if err != nil {
		return about(err, "enrolment rules")
	}
	if rule, err = a.store.Rule(r.Context(), made[0].ID); err != nil {
		return about(err, "enrolment rule %s", made[0].ID)
	}
	return writeCreated(w, v1+"/enrolment-rules/"+rule.ID.String(), viewRule(&rule))
}

// getRule serves GET /api/v1/enrolment-rules/{id}.
func (a *API) getRule(w http.ResponseWriter, r *http.Request) error {
	id, err := pathID(r, "enrolment rule", db.ParseRuleID)
	if err != nil {
		return err
	}
	rule, err := a.store.Rule(r.Context(), id)
	if err != nil {
		return about(err, "enrolment rule %s", id)
	}
	return writeJSON(w, http.StatusOK, viewRule(&rule))
}

// replaceRule serves PUT /api/v1/enrolment-rules/{id}.
func (a *API) replaceRule(w http.ResponseWriter, r *http.Request) error {
	id, err := pathID(r, "enrolment rule", db.ParseRuleID)
	if err != nil {
		return err
	}
	var in newRule
	if _, err := readJSON(w, r, maxJSON, &in); err != nil {
		return err
	}
	rule, err := a.readRule(r.Context(), &in, "")
	if err != nil {
		return about(err, "enrolment rule %s", id)
	}
	rule.ID = id
	if rule, err = a.store.UpdateRule(r.Context(), rule); err != nil {
		return about(err, "enrolment rule %s", id)
	}
	return writeJSON(w, http.StatusOK, viewRule(&rule))
}

// deleteRule serves DELETE /api/v1/enrolment-rules/{id}.
func (a *API) deleteRule(w http.ResponseWriter, r *http.Request) error {
	id, err := pathID(r, "enrolment rule", db.ParseRuleID)
	if err != nil {
		return err
	}
	if err := a.store.DeleteRule(r.Context(), id); err != nil {
		return about(err, "enrolment rule %s", id)
	}
	return writeGone(w)
}
