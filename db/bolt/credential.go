package bolt

import (
	"encoding/binary"
	"fmt"
	"time"

	"phoneacs/db"
)

// A phone's credentials are a record in clear of what may be shown, followed by
// their logins, sealed: an Inform asks for the first, and only a challenge for
// the second. The user of connection requests is in the phone's record.
const credentialVersion = 1

// What a credentials record says of its logins without opening them.
const (
	hasOwn = 1 << iota
	hasNext
	hasCertificate
	isWaived
	hasTaken
)

// credentialHead is what is in clear.
type credentialHead struct {
	flags                   uint64
	issued, used, refusedAt time.Time
	refused                 string
	sealed                  string
}

func (h *credentialHead) has(flag uint64) bool { return h.flags&flag != 0 }

// standing is what db.Credentials.Standing says, without opening the logins.
func (h *credentialHead) standing() db.Standing {
	c := db.Credentials{
		Used: h.used, Refused: h.refused, RefusedAt: h.refusedAt,
		Certificate: h.has(hasCertificate), Waived: h.has(isWaived),
	}
	if h.has(hasOwn) {
		c.Own.User = "has one"
	}
	if h.has(hasNext) {
		c.Next.User = "has one"
	}
	return c.Standing()
}

// sealedLogins are the texts that are sealed, in the order of the record.
func sealedLogins(c *db.Credentials) [7]*string {
	return [...]*string{
		&c.Own.User, &c.Own.Password, &c.Next.User, &c.Next.Password, &c.ConnectionRequest.Password,
		&c.ConnectionRequestNext.User, &c.ConnectionRequestNext.Password,
	}
}

func encodeHead(h *credentialHead) []byte {
	b := append(make([]byte, 0, 64+len(h.refused)+len(h.sealed)), credentialVersion)
	b = binary.AppendUvarint(b, h.flags)
	for _, at := range []time.Time{h.issued, h.used, h.refusedAt} {
		b = binary.AppendUvarint(b, millis(at))
	}
	return appendText(appendText(b, h.refused), h.sealed)
}

// maxMillis is the end of the year 9999, in ms since 1970.
const maxMillis = 253_402_300_799_999

func decodeHead(b []byte) (h credentialHead, err error) {
	if b == nil {
		return h, nil // none
	}
	if len(b) == 0 || b[0] != credentialVersion {
		return h, fmt.Errorf("credentials: %w", errCorrupt)
	}
	r := recordReader{s: string(b[1:])}
	h.flags = r.number()
	for _, at := range []*time.Time{&h.issued, &h.used, &h.refusedAt} {
		ms := r.number()
		r.bad = r.bad || ms > maxMillis
		*at = fromMillis(ms)
	}
	h.refused, h.sealed = r.text(), r.text()
	if r.bad {
		return credentialHead{}, fmt.Errorf("credentials: %w", errCorrupt)
	}
	return h, nil
}

func credentialContext(id db.PhoneID) string { return "credentials " + id.String() }

// credentialHead reads what is in clear of a phone's credentials.
func (t *tx) credentialHead(id db.PhoneID) (credentialHead, error) {
	return decodeHead(t.get(bCredentials, be8(uint64(id))))
}

// credentials opens those of a phone.
func (t *tx) credentials(p *db.Phone) (c db.Credentials, err error) {
	h, err := t.credentialHead(p.ID)
	if err != nil {
		return c, fmt.Errorf("phone %s: %w", p.ID, err)
	}
	return t.openCredentials(p, &h)
}

func (t *tx) openCredentials(p *db.Phone, h *credentialHead) (c db.Credentials, err error) {
	c = db.Credentials{
		Issued: h.issued, Used: h.used, Refused: h.refused, RefusedAt: h.refusedAt,
		Certificate: h.has(hasCertificate), Waived: h.has(isWaived), ConnectionRequestTaken: h.has(hasTaken),
	}
	c.ConnectionRequest.User = p.ConnectionRequestUser
	if h.sealed == "" {
		return c, nil
	}
	plain, err := t.s.key.Open(credentialContext(p.ID), []byte(h.sealed))
	if err != nil {
		return db.Credentials{}, err
	}
	r := recordReader{s: string(plain)}
	for _, text := range sealedLogins(&c) {
		*text = r.text()
	}
	if r.bad || h.has(hasOwn) == c.Own.IsZero() || h.has(hasNext) == c.Next.IsZero() {
		return db.Credentials{}, fmt.Errorf("credentials of %s: %w", p.ID, errCorrupt)
	}
	return c, nil
}

// putCredentials writes a phone's credentials, and sets in p what its record
// has of them; the caller writes that.
func (t *tx) putCredentials(p *db.Phone, c *db.Credentials) error {
	p.ConnectionRequestUser = c.ConnectionRequest.User
	rest := *c
	rest.ConnectionRequest.User = ""
	key := be8(uint64(p.ID))
	if rest.IsZero() {
		return t.del(bCredentials, key)
	}
	h := credentialHead{issued: c.Issued, used: c.Used, refusedAt: c.RefusedAt, refused: short(c.Refused)}
	for _, f := range []struct {
		flag uint64
		set  bool
	}{
		{hasOwn, !c.Own.IsZero()}, {hasNext, !c.Next.IsZero()}, {hasCertificate, c.Certificate},
		{isWaived, c.Waived}, {hasTaken, c.ConnectionRequestTaken},
	} {
		if f.set {
			h.flags |= f.flag
		}
	}
	var logins []byte
	secret := false
	for _, text := range sealedLogins(c) {
		logins = appendText(logins, *text)
		secret = secret || *text != ""
	}
	if secret {
		h.sealed = string(t.s.key.Seal(credentialContext(p.ID), logins))
	}
	return t.put(bCredentials, key, encodeHead(&h))
}
