package admin

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"phoneacs/db"
)

// ImportPhones is what other parts of the server use.
func (s *fakeStore) ImportPhones(context.Context, []db.PhoneImport, time.Time, string) ([]db.ImportResult, error) {
	panic("admin imports with fates")
}

// ImportList creates what has a new MAC, and finds it unchanged the next time.
// The serial "taken" belongs to another phone. What is called "big" is counted
// and not kept.
func (s *fakeStore) ImportList(ctx context.Context, in []db.PhoneImport, o db.ImportOptions) ([]db.Imported, error) {
	defer s.lock()()
	if s.err != nil {
		return nil, s.err
	}
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	s.by, s.options = o.By, o
	if len(in) > 0 && in[0].Name == "big" {
		s.counted += len(in)
		out := make([]db.Imported, len(in))
		for i := range out {
			out[i] = db.Imported{Fate: db.FateCreated, Phone: 1}
		}
		return out, nil
	}
	s.imports = append(s.imports, slices.Clone(in))
	out := make([]db.Imported, len(in))
	for i, p := range in {
		at := slices.IndexFunc(s.phones, func(k db.PhoneStatus) bool { return k.MAC == p.MAC })
		switch {
		case p.Serial == "taken":
			out[i] = db.Imported{Fate: db.FateRefused, Err: db.ErrExists}
		case strings.HasPrefix(p.Name, "bad"):
			out[i] = db.Imported{Fate: db.FateRefused, Err: &db.FieldError{Field: "name", Err: fmt.Errorf("bad name")}}
		case at < 0:
			id := db.PhoneID(len(s.phones) + 100)
			if out[i].Fate = db.FateCreated; !o.DryRun {
				out[i].Phone = id
				s.phones = append(s.phones, db.PhoneStatus{Phone: db.Phone{ID: id, MAC: p.MAC, Name: p.Name}, Standing: db.Standing{Proof: db.ProvesNothing}})
			}
		case p.Name == "" || s.phones[at].Name == p.Name:
			out[i] = db.Imported{Fate: db.FateUnchanged, Phone: s.phones[at].ID}
		default:
			out[i] = db.Imported{Fate: db.FateUpdated, Phone: s.phones[at].ID}
		}
	}
	return out, nil
}

func (s *fakeStore) ImportSites(_ context.Context, in []db.SiteImport, o db.ImportOptions) ([]db.Imported, error) {
	defer s.lock()()
	s.options = o
	out := make([]db.Imported, len(in))
	for i, l := range in {
		if slices.ContainsFunc(s.sites, func(k db.Site) bool { return k.Name == l.Name }) {
			out[i] = db.Imported{Fate: db.FateUnchanged, Site: 1}
			continue
		}
		out[i] = db.Imported{Fate: db.FateCreated, Site: db.SiteID(len(s.sites) + 1)}
		s.sites = append(s.sites, db.Site{ID: out[i].Site, Name: l.Name, Zone: l.Zone, Networks: l.Networks, URL: l.URL, Ways: l.Ways})
	}
	return out, s.err
}

func (s *fakeStore) ImportTags(_ context.Context, in []db.TagImport, o db.ImportOptions) ([]db.Imported, error) {
	defer s.lock()()
	s.options = o
	out := make([]db.Imported, len(in))
	for i, l := range in {
		out[i] = db.Imported{Fate: db.FateRefused, Err: &db.FieldError{Field: "phone", Err: fmt.Errorf("%q is not known here", l.Phone)}}
		for k := range s.phones {
			if p := &s.phones[k]; p.MAC == l.Phone || p.ID.String() == l.Phone {
				out[i] = db.Imported{Fate: db.FateCreated, Phone: p.ID}
				p.Tags = append(slices.Clone(p.Tags), l.Tag)
			}
		}
	}
	return out, s.err
}

// CheckOrder refuses what Order does.
func (o *fakeOrders) CheckOrder(_ context.Context, n db.NewJob) error {
	o.checked = n
	return o.err
}
