package provision

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"time"

	"phoneacs/db"
	"phoneacs/phones"
)

// A lead is a small config that names the URL of another file, for kinds that
// phones take, or give, in no other way. It is not kept but written anew for
// each request: the secret of the URL in it is derived from the lead's own
// secret, which comes with the request and is kept nowhere.

// errNoLead reports that a vendor's phones have no such config.
var errNoLead = errors.New("the model knows no config that names such a file")

// leadName is what phones see of the lead of a kind.
func leadName(kind string, upload bool) string {
	if upload {
		return "send-" + kind + ".cfg"
	}
	return "get-" + kind + ".cfg"
}

// Lead makes two capabilities: one for a file, and one for a config that has
// the phone fetch it. The URL is that of the config; it and the one within have
// at most [MaxURL] characters. The records are left as by [Service.Link].
func (s *Service) Lead(base string, f db.File, phone db.Phone, expires time.Time) (url string, lead, file db.Link, err error) {
	if _, file, err = s.Link(base, f, expires); err != nil {
		return "", lead, file, err
	}
	file.Role = db.LinkNamed
	url, lead, file.Hash, err = makeLead(expires, db.Lead{Vendor: phone.Vendor, Model: phone.Model, Kind: f.Kind, Base: base, Name: f.Name})
	if err != nil {
		return "", lead, file, fmt.Errorf("lead to %s: %w", f.ID, err)
	}
	return url, lead, file, nil
}

// Upload makes a capability to send a file of a kind (one of db.UploadKinds):
// whole and at most [Options.MaxUpload] bytes, as often as a phone tries within
// five times that; the last one is kept.
func (s *Service) Upload(base, kind string, expires time.Time) (url string, link db.Link, err error) {
	if err := checkBase(base); err != nil {
		return "", db.Link{}, fmt.Errorf("link for an upload: base URL: %w", err)
	}
	secret := newSecret()
	if url, err = linkURL(base, secret, uploadName(kind)); err != nil {
		return "", db.Link{}, fmt.Errorf("link for an upload: %w", err)
	}
	return url, db.Link{
		Hash: hashSecret(secret), Role: db.LinkUpload, What: kind, Name: uploadName(kind),
		Size: s.opts.MaxUpload, Budget: budgetFactor * s.opts.MaxUpload, Expires: expires,
	}, nil
}

// UploadLead makes two capabilities: one to send a file, as [Service.Upload]
// does, and one for a config that has the phone send it.
func (s *Service) UploadLead(base, kind string, phone db.Phone, expires time.Time) (url string, lead, file db.Link, err error) {
	if _, file, err = s.Upload(base, kind, expires); err != nil {
		return "", lead, file, err
	}
	url, lead, file.Hash, err = makeLead(expires, db.Lead{
		Vendor: phone.Vendor, Model: phone.Model, Kind: kind, Upload: true, Base: base, Name: file.Name,
	})
	if err != nil {
		return "", lead, file, fmt.Errorf("lead to an upload: %w", err)
	}
	return url, lead, file, nil
}

func uploadName(kind string) string { return kind + ".txt" }

// makeLead makes the link to a lead, and the hash of the link that it names.
func makeLead(expires time.Time, l db.Lead) (url string, link db.Link, named [32]byte, err error) {
	secret := newSecret()
	config, err := writeLead(&l, secret)
	if err != nil {
		return "", link, named, err
	}
	name := leadName(l.Kind, l.Upload)
	if url, err = linkURL(l.Base, secret, name); err != nil {
		return "", link, named, err
	}
	sum := sha256.Sum256(config)
	return url, db.Link{
		Hash: hashSecret(secret), Role: db.LinkLead, Name: name, SHA256: hex.EncodeToString(sum[:]), Size: int64(len(config)),
		Budget: minBudget, Expires: expires, Lead: &l,
	}, hashSecret(namedSecret(secret)), nil
}

// writeLead writes the config of a lead.
func writeLead(l *db.Lead, secret string) ([]byte, error) {
	u, err := linkURL(l.Base, namedSecret(secret), l.Name)
	if err != nil {
		return nil, err
	}
	write := phones.Of(l.Vendor).Lead
	if l.Upload {
		write = phones.Of(l.Vendor).UploadLead
	}
	config, ok := write(l.Kind, l.Model, u)
	if !ok {
		return nil, errNoLead
	}
	return config, nil
}

// namedSecret is the secret of the link that a lead names.
func namedSecret(lead string) string {
	mac := hmac.New(sha256.New, []byte(lead))
	mac.Write([]byte("the link that a lead names"))
	return secretText.EncodeToString(mac.Sum(nil)[:secretBytes])
}
