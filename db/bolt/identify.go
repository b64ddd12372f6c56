package bolt

import (
	"fmt"

	"phoneacs/db"
)

// knownAs finds the phone that an Inform is of: by what it says of itself, else
// by the MAC that it was listed under. sure says that it was found by all that
// it says of itself.
func (t *tx) knownAs(who db.Identity) (id db.PhoneID, known, sure bool) {
	if id, ok := t.byUnique(tripleKey(who.OUI, who.ProductClass, who.Serial)); ok {
		return id, true, true
	}
	if who.MAC != "" {
		if id, ok := t.byUnique("m" + who.MAC); ok {
			return id, true, false
		}
	}
	// Listed by serial alone, without a product class and perhaps an OUI.
	for _, oui := range []string{who.OUI, ""} {
		if id, ok := t.byUnique(tripleKey(oui, "", who.Serial)); ok {
			return id, true, false
		}
	}
	return 0, false, false
}

// identify lets a phone's record say what its Inform says.
func identify(p *db.Phone, in *db.Inform) {
	set := func(field *string, value string) {
		if value != "" {
			*field = value[:min(len(value), maxText)]
		}
	}
	set(&p.Manufacturer, in.Manufacturer)
	set(&p.OUI, in.OUI)
	p.ProductClass = in.ProductClass
	set(&p.Serial, in.Serial)
	set(&p.Vendor, in.Vendor)
	set(&p.Model, in.Model)
	set(&p.MAC, in.MAC)
	set(&p.SoftwareVersion, in.SoftwareVersion)
	set(&p.HardwareVersion, in.HardwareVersion)
	set(&p.ConnectionRequestURL, in.ConnectionRequestURL)
	set(&p.CWMP, in.CWMP)
}

// identifyUnique is identify without a MAC that another phone has: one of the
// two records is wrong, and an operator has to say which.
func (t *tx) identifyUnique(p *db.Phone, in *db.Inform) {
	mac := p.MAC
	identify(p, in)
	if p.MAC == mac {
		return
	}
	if id, taken := t.byUnique("m" + p.MAC); taken && id != p.ID {
		p.MAC = mac
	}
}

func samePhone(a, b *db.Phone) bool {
	return a.State == b.State && a.ConnectionRequestUser == b.ConnectionRequestUser && a.Manufacturer == b.Manufacturer && a.OUI == b.OUI && a.ProductClass == b.ProductClass &&
		a.Serial == b.Serial && a.Vendor == b.Vendor && a.Model == b.Model && a.MAC == b.MAC &&
		a.SoftwareVersion == b.SoftwareVersion && a.HardwareVersion == b.HardwareVersion &&
		a.ConnectionRequestURL == b.ConnectionRequestURL && a.CWMP == b.CWMP
}

func (t *tx) enrol(in *db.Inform) (p db.Phone, err error) {
	p, rule, err := t.enrolBy(in)
	switch {
	case err != nil:
		return p, err
	case p.State == "":
		return p, fmt.Errorf("phone %s-%s: %w", in.OUI, in.Serial, db.ErrNotListed)
	case in.Serial == "":
		return p, &db.FieldError{Field: "serial", Err: fmt.Errorf("an unknown phone without a serial number")}
	case p.State == db.PhonePending && t.readNumber("phones.pending") >= int64(t.s.opts.MaxPending):
		return p, fmt.Errorf("%d phones wait for approval: %w", t.s.opts.MaxPending, db.ErrTooMany)
	}
	id, err := t.next(bPhones)
	if err != nil {
		return p, err
	}
	p.ID = db.PhoneID(id)
	if rule != nil {
		err = t.useRule(rule.ID, in.Now)
	}
	return p, err
}

func versionChange(old, p *db.Phone) []db.Change {
	if old.SoftwareVersion == p.SoftwareVersion {
		return nil
	}
	return []db.Change{{What: "software version", Old: old.SoftwareVersion, New: p.SoftwareVersion, By: "phone"}}
}
