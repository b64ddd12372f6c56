package admin

import (
	"context"
	"errors"
	"io"
	"net/http"
	"slices"

	"phoneacs/db"
)

// importRules serves POST /api/v1/enrolment-rules/import: each line adds a rule.
func (a *API) importRules(w http.ResponseWriter, r *http.Request) error {
	if err := checkType(r, "text/csv"); err != nil {
		return err
	}
	list, err := newRuleReader(openStream(w, r, maxImport))
	if err != nil {
		return err
	}
	im := ruleImporter{importer: importer{
		api: a, by: caller(r).Name, sites: make(map[string]db.SiteID), result: importResult{Errors: []*lineError{}},
	}}
	if err := im.run(r.Context(), list); err != nil {
		return im.explain(err)
	}
	slices.SortStableFunc(im.result.Errors, func(a, b *lineError) int { return a.Line - b.Line })
	return writeJSON(w, http.StatusOK, ruleImportResult{im.result.Created, im.result.Failed, im.result.Errors})
}

type ruleImportResult struct {
	Created int          `json:"created"`
	Failed  int          `json:"failed"`
	Errors  []*lineError `json:"errors"`
}

// A ruleImporter takes a list of rules in, a batch at a time.
type ruleImporter struct {
	importer
	rules []db.EnrolmentRule
}

func (im *ruleImporter) run(ctx context.Context, list *ruleReader) error {
	for {
		in, line, err := list.next()
		var bad *lineError
		switch {
		case errors.Is(err, io.EOF):
			return im.flush(ctx)
		case err == nil:
			if err = im.take(ctx, &in, line); err == nil {
				continue
			}
		}
		if !errors.As(err, &bad) {
			return err
		}
		im.result.fail(bad)
	}
}

func (im *ruleImporter) take(ctx context.Context, in *newRule, line int) error {
	site := in.Site
	in.Site = nil // looked up once a name, not once a line
	r, err := im.api.readRule(ctx, in, im.by)
	if err != nil {
		return refusal(line, err)
	}
	if site != nil {
		if r.Site, err = im.site(ctx, *site); err != nil {
			return err
		}
		if r.Site == 0 {
			return unknownSite(line, *site)
		}
	}
	im.rules, im.lines = append(im.rules, r), append(im.lines, line)
	if len(im.rules) < importBatch {
		return nil
	}
	return im.flush(ctx)
}

func (im *ruleImporter) flush(ctx context.Context) error {
	if len(im.rules) == 0 {
		return nil
	}
	fates, err := im.api.store.CreateRules(ctx, im.rules)
	if err != nil {
		return about(err, "import")
	}
	for i, fate := range fates {
		if fate.Err != nil {
			im.result.fail(refusal(im.lines[i], fate.Err))
		} else {
			im.result.Created++
		}
	}
	im.done = im.lines[len(im.lines)-1]
	im.rules, im.lines = im.rules[:0], im.lines[:0]
	return nil
}
