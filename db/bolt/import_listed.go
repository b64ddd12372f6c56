package bolt

import (
	"fmt"

	"phoneacs/db"
)

// listedAs finds the phone that a line is about; 0 is a new one. A line whose
// MAC and serial belong to two phones is refused.
func (t *tx) listedAs(in *db.PhoneImport) (db.PhoneID, error) {
	if in.MAC == "" && in.Serial == "" {
		return 0, &db.FieldError{Field: "mac", Err: fmt.Errorf("neither MAC nor serial is given")}
	}
	var byMAC, bySerial db.PhoneID
	if in.MAC != "" {
		mac, ok := parseMAC(in.MAC)
		if !ok {
			return 0, &db.FieldError{Field: "mac", Err: fmt.Errorf("%q is not a MAC address: 12 hex digits, as in 0c:38:3e:01:02:03", in.MAC)}
		}
		byMAC, _ = t.byUnique("m" + mac)
	}
	if in.Serial != "" {
		if id, ok := t.byUnique(tripleKey(in.OUI, "", in.Serial)); ok {
			bySerial = id
		} else if id, err := t.findSerial(in.OUI + "-" + in.Serial); err == nil {
			bySerial = id
		}
	}
	if byMAC != 0 && bySerial != 0 && byMAC != bySerial {
		return 0, &db.FieldError{Field: "serial", Err: fmt.Errorf("is phone %s, the MAC is phone %s: %w", bySerial, byMAC, db.ErrExists)}
	}
	return max(byMAC, bySerial), nil
}

func (t *tx) fill(p *db.Phone, in *db.PhoneImport) error {
	if in.MAC != "" {
		p.MAC, _ = parseMAC(in.MAC)
	}
	if p.Serial == "" {
		p.OUI, p.Serial = in.OUI, in.Serial
	}
	for _, f := range []struct {
		to   *string
		from string
	}{{&p.Name, in.Name}, {&p.Vendor, in.Vendor}, {&p.Model, in.Model}} {
		if f.from != "" {
			*f.to = f.from
		}
	}
	if in.Tags != nil {
		p.Tags = cleanTags(in.Tags)
	}
	if in.Site != 0 {
		if !t.has(bSites, be8(uint64(in.Site))) {
			return &db.FieldError{Field: "site", Err: fmt.Errorf("site %s: %w", in.Site, db.ErrNotFound)}
		}
		p.Site = in.Site
	}
	return checkPhone(p)
}
