package admin

import (
	"context"
	"fmt"
	"hash/maphash"
	"net/http"
	"slices"
	"strings"

	"phoneacs/db"
)

// importOptions reads what a request says of how its list is taken in.
func (a *API) importOptions(r *http.Request) (o db.ImportOptions, err error) {
	o = db.ImportOptions{Now: a.clock.Now(), By: caller(r).Name}
	if o.DryRun, err = queryBool(r, "dry_run"); err != nil {
		return o, err
	}
	switch o.Existing = db.Existing(r.URL.Query().Get("existing")); o.Existing {
	case "", db.ExistingUpdate, db.ExistingSkip, db.ExistingRefuse:
		return o, nil
	}
	return o, invalid("existing", "want update, skip or refuse")
}

func queryBool(r *http.Request, name string) (bool, error) {
	switch r.URL.Query().Get(name) {
	case "", "false":
		return false, nil
	case "true":
		return true, nil
	}
	return false, invalid(name, "want true or false")
}

// importPhones serves POST /api/v1/phones/import.
func (a *API) importPhones(w http.ResponseWriter, r *http.Request) error {
	format, err := bodyFormat(r)
	if err != nil {
		return err
	}
	o, err := a.importOptions(r)
	if err != nil {
		return err
	}
	create, err := queryBool(r, "create_sites")
	if err != nil {
		return err
	}
	body := openStream(w, r, a.maxList)
	read, err := readPhoneList(body, format)
	if err != nil {
		return err
	}
	result := &importResult{DryRun: o.DryRun}
	im := &phoneImport{sites: sites{api: a, create: create, dry: o.DryRun, known: make(map[string]db.SiteID), made: &result.SitesCreated}, o: o}
	return importing(w, r, body, result, list[phoneLine]{read: read, batch: importBatch, prepare: im.prepare, commit: im.commit})
}

// A phoneImport is one list of phones on its way in.
type phoneImport struct {
	sites sites
	o     db.ImportOptions
	batch []db.PhoneImport
	// For a dry run: which phones earlier lines would have created, by digest.
	seed    maphash.Seed
	created map[uint64]struct{}
}

// maxDry bounds what a dry run remembers.
const maxDry = 2_000_000

// prepare resolves the site of a line.
func (im *phoneImport) prepare(ctx context.Context, l *phoneLine) error {
	site, err := im.sites.find(ctx, l.site)
	if err != nil {
		return err
	}
	if l.site != "" && site == 0 {
		return unknownSite(l.line, l.site)
	}
	l.phone.Site = site
	if site == siteToBe {
		l.phone.Site = 0
	}
	return nil
}

func (im *phoneImport) commit(ctx context.Context, lines []phoneLine) ([]importFate, error) {
	im.batch = im.batch[:0]
	for i := range lines {
		im.batch = append(im.batch, lines[i].phone)
	}
	got, err := im.sites.api.store.ImportList(ctx, im.batch, im.o)
	if err == nil && im.o.DryRun {
		for i := range got {
			if err := im.judge(&lines[i], &got[i]); err != nil {
				return nil, err
			}
		}
	}
	return fatesOf(got, err)
}

// judge corrects the fate of a dry run's line where that hangs on what earlier
// lines would have made.
func (im *phoneImport) judge(l *phoneLine, f *db.Imported) error {
	if f.Fate == db.FateUnchanged && im.sites.toBe[strings.ToLower(l.site)] {
		f.Fate = db.FateUpdated
	}
	if f.Fate != db.FateCreated {
		return nil
	}
	if im.created == nil {
		im.seed, im.created = maphash.MakeSeed(), make(map[uint64]struct{})
	}
	var keys []uint64
	if p := &l.phone; p.MAC != "" {
		keys = append(keys, maphash.String(im.seed, "m"+p.MAC))
	}
	if p := &l.phone; p.Serial != "" {
		keys = append(keys, maphash.String(im.seed, "s"+p.OUI+"\x00"+p.Serial))
	}
	known := slices.ContainsFunc(keys, func(k uint64) bool { _, ok := im.created[k]; return ok })
	if !known && len(im.created)+len(keys) > maxDry {
		return newProblem(kindTooMany, "a dry run takes %d new phones; try a part of the list", maxDry/2)
	}
	for _, k := range keys {
		im.created[k] = struct{}{}
	}
	if !known {
		return nil
	}
	switch im.o.Existing {
	case db.ExistingSkip:
		f.Fate = db.FateSkipped
	case db.ExistingRefuse:
		*f = db.Imported{Fate: db.FateRefused, Err: &db.FieldError{Field: "mac", Err: fmt.Errorf("is that of an earlier line: %w", db.ErrExists)}}
	default:
		f.Fate = db.FateUpdated
	}
	return nil
}
