package bolt

import (
	"bytes"
	"testing"
	"time"

	"phoneacs/db"
)

// FuzzCredentialHead holds that no bytes make decodeHead panic, and that what
// it reads is written and read to the same.
func FuzzCredentialHead(f *testing.F) {
	f.Add(encodeHead(&credentialHead{}))
	f.Add(encodeHead(&credentialHead{flags: hasOwn | isWaived, issued: time.UnixMilli(5), refused: "fault 9003", sealed: "x"}))
	f.Add([]byte{credentialVersion})
	f.Fuzz(func(t *testing.T, b []byte) {
		h, err := decodeHead(b)
		if err != nil {
			return
		}
		again, err := decodeHead(encodeHead(&h))
		if err != nil || !bytes.Equal(encodeHead(&again), encodeHead(&h)) || again.standing() != h.standing() {
			t.Errorf("read %+v, then %+v, %v", h, again, err)
		}
	})
}

// A head says what the credentials do, though it does not open them.
func TestCredentialHead(t *testing.T) {
	s := open(t, t.TempDir())
	if _, err := s.ImportPhones(t.Context(), []db.PhoneImport{{MAC: "0c383e000001"}}, time.Now(), "test"); err != nil {
		t.Fatal(err)
	}
	at := time.UnixMilli(1_700_000_000_000).UTC()
	l := db.Login{User: "u", Password: "planted-password"}
	for _, c := range []db.Credentials{
		{}, {Own: l}, {Next: l, Issued: at}, {Own: l, Used: at}, {Own: l, Next: l, Certificate: true}, {Waived: true},
		{Own: l, Next: l, ConnectionRequest: l, ConnectionRequestNext: l, ConnectionRequestTaken: true, Issued: at, Used: at,
			Refused: "fault 9003", RefusedAt: at, Certificate: true, Waived: true},
	} {
		err := s.update(t.Context(), func(x *tx) error {
			p, err := x.loadPhone(1)
			if err != nil {
				return err
			}
			old := p
			if err := x.putCredentials(&p, &c); err != nil {
				return err
			}
			if b := x.get(bCredentials, be8(1)); bytes.Contains(b, []byte("planted")) {
				t.Errorf("in clear: %q", b)
			}
			return x.savePhone(&old, p)
		})
		if err != nil {
			t.Fatal(err)
		}
		if got, err := s.Credentials(t.Context(), 1); err != nil || got != c {
			t.Errorf("kept %+v, %v; want %+v", got, err, c)
		}
		if p, err := s.Phone(t.Context(), 1); err != nil || p.Standing != c.Standing() {
			t.Errorf("shown is %+v, %v; want %+v", p.Standing, err, c.Standing())
		}
		check(t, s)
	}
}
