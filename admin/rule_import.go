package admin

import (
	"context"
	"net/http"

	"phoneacs/db"
)

// importRules serves POST /api/v1/enrolment-rules/import: each line adds a rule.
func (a *API) importRules(w http.ResponseWriter, r *http.Request) error {
	if err := checkType(r, "text/csv"); err != nil {
		return err
	}
	rules, err := newRuleReader(openStream(w, r, maxImport))
	if err != nil {
		return err
	}
	im := ruleImport{sites{api: a, known: make(map[string]db.SiteID)}, caller(r).Name}
	in := intake[ruleLine]{
		list: list[ruleLine]{batch: importBatch, prepare: im.prepare, commit: im.commit},
		feed: direct[ruleLine]{func() (ruleLine, int, error) {
			in, line, err := rules.next()
			return ruleLine{in: in}, line, err
		}},
		result: &importResult{Errors: []*lineError{}},
	}
	if err := in.run(r.Context()); err != nil {
		return in.explain(err)
	}
	return writeJSON(w, http.StatusOK, ruleImportResult{in.result.Created, in.result.Failed, in.result.Errors})
}

type ruleImportResult struct {
	Created int          `json:"created"`
	Failed  int          `json:"failed"`
	Errors  []*lineError `json:"errors"`
}

// A ruleLine is a rule as it was written, and as it will be.
type ruleLine struct {
	in   newRule
	rule db.EnrolmentRule
}

// A ruleImport is one list of rules on its way in.
type ruleImport struct {
	sites sites
	by    string
}

func (im *ruleImport) prepare(ctx context.Context, l *ruleLine) (err error) {
	site := l.in.Site
	l.in.Site = nil // looked up once a name, not once a line
	if l.rule, err = im.sites.api.readRule(ctx, &l.in, im.by); err != nil {
		return refusal(0, err)
	}
	if site == nil {
		return nil
	}
	if l.rule.Site, err = im.sites.find(ctx, *site); err == nil && l.rule.Site == 0 {
		err = unknownSite(0, *site)
	}
	return err
}

func (im *ruleImport) commit(ctx context.Context, lines []ruleLine) ([]importFate, error) {
	rules := make([]db.EnrolmentRule, len(lines))
	for i := range lines {
		rules[i] = lines[i].rule
	}
	got, err := im.sites.api.store.CreateRules(ctx, rules)
	out := make([]importFate, len(got))
	for i := range got {
		out[i] = fateOf(db.Imported{Fate: db.FateCreated, Err: got[i].Err})
	}
	return out, err
}
