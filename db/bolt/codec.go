package bolt

import (
	"encoding/binary"
	"fmt"
	"math"
	"time"

	"phoneacs/db"
)

// A phone's record is read with every Inform, and JSON would be most of what
// that costs. It is a version, the id, the site and the time of creation, then
// the texts in the order of phoneTexts, then the tags, each with its length.
// A new text goes to the end: a record without it reads as empty there.
const phoneVersion = 1

// phoneTexts are the texts of a record, in the order of the file.
func phoneTexts(p *db.Phone) [14]*string {
	return [...]*string{
		(*string)(&p.State), &p.MAC, &p.Name, &p.Vendor, &p.Model, &p.Manufacturer, &p.OUI, &p.ProductClass,
		&p.Serial, &p.SoftwareVersion, &p.HardwareVersion, &p.CWMP, &p.ConnectionRequestURL, &p.ConnectionRequestUser,
	}
}

func encodePhone(p *db.Phone) []byte {
	b := make([]byte, 0, 512)
	b = append(b, phoneVersion)
	b = binary.AppendUvarint(b, uint64(p.ID))
	b = binary.AppendUvarint(b, uint64(p.Site))
	b = binary.AppendVarint(b, p.Created.Unix())
	b = binary.AppendUvarint(b, uint64(p.Created.Nanosecond()))
	b = binary.AppendUvarint(b, uint64(len(p.Tags)))
	for _, tag := range p.Tags {
		b = appendText(b, tag)
	}
	for _, text := range phoneTexts(p) {
		b = appendText(b, *text)
	}
	return appendText(b, "") // where layout 1 had a password
}

func appendText(b []byte, s string) []byte {
	return append(binary.AppendUvarint(b, uint64(len(s))), s...)
}

// decodePhone reads what encodePhone wrote.
func decodePhone(b []byte) (p db.Phone, err error) {
	if len(b) == 0 || b[0] != phoneVersion {
		return p, fmt.Errorf("phone record: %w", errCorrupt)
	}
	r := recordReader{s: string(b[1:])} // one copy, which all texts share
	p.ID = db.PhoneID(r.number())
	p.Site = db.SiteID(r.number())
	sec := r.signed()
	p.Created = time.Unix(sec, int64(r.number()%1e9)).UTC()
	if n := r.number(); n > 0 && n <= uint64(len(r.s)) {
		p.Tags = make([]string, n)
		for i := range p.Tags {
			p.Tags[i] = r.text()
		}
	} else if n > 0 {
		r.bad = true
	}
	for _, text := range phoneTexts(&p) {
		*text = r.text()
	}
	r.text() // where layout 1 had a password
	if r.bad {
		return db.Phone{}, fmt.Errorf("phone record: %w", errCorrupt)
	}
	return p, nil
}

// recordReader reads a record from its front. Once it has met what cannot be,
// bad is set and all it gives is empty.
type recordReader struct {
	s   string
	bad bool
}

func (r *recordReader) number() (n uint64) {
	for shift := 0; shift < 64 && len(r.s) > 0; shift += 7 {
		c := r.s[0]
		r.s = r.s[1:]
		n |= uint64(c&0x7f) << shift
		if c < 0x80 {
			return n
		}
	}
	r.bad = true
	return 0
}

func (r *recordReader) signed() int64 {
	n := r.number()
	return int64(n>>1) ^ -int64(n&1)
}

func (r *recordReader) text() string {
	n := r.number()
	if n > uint64(len(r.s)) || n > math.MaxInt32 {
		r.bad, r.s = true, ""
		return ""
	}
	s := r.s[:n]
	r.s = r.s[n:]
	return s
}
