package jobs

import (
	"context"
	"fmt"

	"phoneacs/db"
	"phoneacs/phones"
	"phoneacs/phones/quirks"
)

// A way is how a file gets to a phone, or from it.
type way struct {
	fileType string // of the RPC
	lead     bool   // the RPC is a Download of a config, and that names the URL
}

// anyURL stands for the URL of a lead while it is only asked whether there is one.
const anyURL = "http://acs.example/file"

// downloadWay says how a phone takes a file; false: in none that we know. A
// vendor that we do not know is taken to keep to the standard.
func downloadWay(f *db.File, p *db.Phone, q *quirks.Quirks) (way, bool) {
	v := phones.Of(p.Vendor)
	if t, said := q.FileType(f.Kind); said {
		switch t {
		case "":
			return way{}, false
		case quirks.ByConfig:
			_, ok := v.Lead(f.Kind, p.Model, anyURL)
			w, takes := leadWay(p)
			return w, ok && takes
		}
		return way{fileType: t}, true
	}
	if t, ok := v.DownloadType(f.Kind, p.Model); ok {
		return way{fileType: t}, true
	}
	if _, ok := v.Lead(f.Kind, p.Model, anyURL); ok {
		return leadWay(p)
	}
	return way{}, false
}

// uploadWay is downloadWay for what a phone sends. The list that its firmware
// has of itself goes before what is known of its model: with Upload in it, it is
// asked by that, as the standard has it; without, never.
func uploadWay(u *db.UploadArg, p *db.Phone, m *db.Methods) (way, bool) {
	v := phones.Of(p.Vendor)
	if !lacks(m, p, "Upload") {
		t, ok := v.UploadType(u.Kind, p.Model, u.Instance)
		if !ok && m != nil && m.Known(clipText(p.SoftwareVersion)) {
			t, ok = phones.Of("").UploadType(u.Kind, p.Model, u.Instance)
		}
		if ok {
			return way{fileType: t}, true
		}
	}
	if _, ok := v.UploadLead(u.Kind, p.Model, anyURL); ok && u.Instance == 0 {
		return leadWay(p)
	}
	return way{}, false
}

func leadWay(p *db.Phone) (way, bool) {
	t, ok := phones.Of(p.Vendor).DownloadType(phones.KindConfig, p.Model)
	return way{t, true}, ok
}

// link makes the links that an attempt needs, and returns the URL for its RPC;
// empty if it needs none.
func (s *Service) link(ctx context.Context, sess db.Session, f facts, order *db.Send) (url string, err error) {
	if f.file == nil && f.job.Args.Upload == nil {
		return "", nil
	}
	base, err := s.base(ctx, sess)
	if err != nil {
		return "", err
	}
	var link, lead db.Link
	led := false
	if f.file != nil {
		w, _ := downloadWay(f.file, f.phone, f.treatment())
		if led = w.lead; led {
			url, lead, link, err = s.links.Lead(base, *f.file, *f.phone, order.Deadline)
		} else {
			url, link, err = s.links.Link(base, *f.file, order.Deadline)
		}
	} else {
		w, _ := uploadWay(f.job.Args.Upload, f.phone, f.methods)
		if led = w.lead; led {
			url, lead, link, err = s.links.UploadLead(base, f.job.Args.Upload.Kind, *f.phone, order.Deadline)
		} else {
			url, link, err = s.links.Upload(base, f.job.Args.Upload.Kind, order.Deadline)
		}
	}
	switch {
	case err != nil:
		return "", fmt.Errorf("link for %v: %w", f.task.ID, err)
	case len(url) > maxURL:
		return "", errLongURL
	}
	order.Link = &link
	if led {
		order.Lead = &lead
		order.Changes = true // whatever the kind is, a config changes the phone
	}
	return url, nil
}
