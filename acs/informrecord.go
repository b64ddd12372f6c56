package acs

import (
	"errors"
	"fmt"
	"strings"

	"phoneacs/cwmp"
	"phoneacs/db"
	"phoneacs/phones"
)

// Bounds of an Inform. The standard's are 64 characters and 64 events; phones
// that go a little beyond are not turned away.
const (
	maxIdentity   = 128
	maxEvents     = 256
	maxParameters = 2048
)

// normalize brings an identity into the form it is known by: some phones write
// the OUI in lower case.
func normalize(id *cwmp.DeviceID) { id.OUI = strings.ToUpper(id.OUI) }

// checkInform refuses what names no phone, and what is beyond all reason.
func checkInform(in *cwmp.Inform) error {
	id := &in.DeviceID
	switch {
	case id.SerialNumber == "":
		return &breach{ruleIdentity, errors.New("no serial number")}
	case max(len(id.Manufacturer), len(id.OUI), len(id.ProductClass), len(id.SerialNumber)) > maxIdentity:
		return &breach{ruleIdentity, errors.New("too long")}
	case len(in.Events) > maxEvents || len(in.Parameters) > maxParameters:
		return &breach{ruleTooMany, fmt.Errorf("%d events, %d parameters", len(in.Events), len(in.Parameters))}
	}
	return nil
}

// record puts an Inform in the words of the store, and empties the values of
// secret parameters for all that follows. What a phone puts before the host of
// a URL is a login: it is left out.
func (x *exchange) record(in *cwmp.Inform, token db.SessionToken) db.Inform {
	who := phones.Recognize(in.DeviceID, in.Parameters)
	software, _ := in.Parameter("DeviceInfo.SoftwareVersion")
	hardware, _ := in.Parameter("DeviceInfo.HardwareVersion")
	url, _ := in.Parameter("ManagementServer.ConnectionRequestURL")
	url, _ = db.CutUser(strings.TrimSpace(url))
	r := db.Inform{
		Session: token, Now: x.began, Address: x.s.phoneAddress(x.conn, x.r),
		Manufacturer: in.DeviceID.Manufacturer, OUI: in.DeviceID.OUI,
		ProductClass: in.DeviceID.ProductClass, Serial: in.DeviceID.SerialNumber,
		Vendor: who.Vendor, Model: who.Model, MAC: who.MAC,
		SoftwareVersion: software, HardwareVersion: hardware,
		ConnectionRequestURL: url,
		CWMP:                 x.env.Version().String(),
		Events:               make([]string, len(in.Events)),
		Parameters:           make([]db.Parameter, len(in.Parameters)),
		Enrol:                x.s.opts.Enrol.state(),
	}
	for i, e := range in.Events {
		r.Events[i] = e.Code
	}
	for i := range in.Parameters {
		p := &in.Parameters[i]
		r.Parameters[i] = db.Parameter{Name: p.Name, Type: p.Type}
		if db.SecretName(p.Name) {
			p.Value, r.Parameters[i].Type = "", db.TypeMasked
		} else if strings.IndexByte(p.Value, '@') >= 0 {
			p.Value, _ = db.CutUser(p.Value)
		}
		r.Parameters[i].Value = p.Value
	}
	return r
}

// informBreach gives the store's refusal of an Inform its rule.
func informBreach(err error) error {
	var field *db.FieldError
	switch {
	case errors.Is(err, db.ErrUnproven):
		return &breach{ruleNoProof, err}
	case errors.Is(err, db.ErrNotListed):
		return &breach{ruleNotListed, err}
	case errors.Is(err, db.ErrRefused):
		return &breach{ruleRefused, err}
	case errors.Is(err, db.ErrTooMany):
		return &breach{rulePendingFull, err}
	case errors.As(err, &field):
		return &breach{ruleBadValue, err}
	}
	return storeBreach(err)
}
