package admin

import (
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"strings"
	"testing"

	"phoneacs/db"
)

func TestBackups(t *testing.T) {
	h := newHarness(t)
	const at = "/api/v1/backups"
	if ids, _ := h.do("GET", at, "").is(200).ids(); len(ids) != 3 {
		t.Errorf("backups %v", ids)
	}
	a := h.do("POST", at, `{"secrets":true}`).is(201)
	var b db.Backup
	a.into(&b)
	if !b.Secrets || b.By == "" || a.header.Get("Location") != at+"/"+b.ID {
		t.Errorf("made %+v at %s", b, a.header.Get("Location"))
	}
	h.do("GET", at+"/"+b.ID, "").is(200)
	a = h.do("GET", at+"/"+b.ID+"/content", "").is(200)
	sum, _ := hex.DecodeString(b.SHA256)
	if string(a.body) != fakeArchive || a.header.Get("Content-Length") != fmt.Sprint(len(fakeArchive)) ||
		a.header.Get("Repr-Digest") != "sha-256=:"+base64.StdEncoding.EncodeToString(sum)+":" ||
		a.header.Get("Content-Disposition") != `attachment; filename="phoneacs-`+b.ID+`.tar.gz"` {
		t.Errorf("content %q with %v", a.body, a.header)
	}
	if head := h.do("HEAD", at+"/"+b.ID+"/content", "").is(200); len(head.body) != 0 {
		t.Errorf("HEAD has %q", head.body)
	}
	h.do("DELETE", at+"/"+b.ID, "").is(204)
	h.do("GET", at+"/"+b.ID, "").refuses(kindNotFound, "")
}

func TestBackupErrors(t *testing.T) {
	fake := newFakeBackups(t)
	h := newHarness(t, func(o *Options) { o.Backups = fake })
	const at, running = "/api/v1/backups", "/api/v1/backups/b20260517-080001000"
	for _, id := range []string{"x", "b20260517-080009000", "..%2f..%2fkey", strings.Repeat("b", 300)} {
		h.do("GET", at+"/"+id, "").refuses(kindNotFound, "")
		h.do("GET", at+"/"+id+"/content", "").refuses(kindNotFound, "")
		h.do("DELETE", at+"/"+id, "").refuses(kindNotFound, "")
	}
	h.do("GET", running+"/content", "").refuses(kindConflict, "")
	h.do("DELETE", running, "").refuses(kindConflict, "")
	h.do("POST", at, `{"secret":true}`).refuses(kindUnknownField, "secret")
	fake.err = fmt.Errorf("x: %w", db.ErrConflict)
	if p := h.do("POST", at, `{}`).refuses(kindConflict, ""); p.Detail != "another backup is under way; wait for it" {
		t.Errorf("detail %q", p.Detail)
	}
	fake.err = fmt.Errorf("a backup may need 3 GiB: %w", db.ErrNoSpace)
	if p := h.do("POST", at, `{}`).refuses(kindNoSpace, ""); !strings.Contains(p.Detail, "may need 3 GiB") {
		t.Errorf("detail %q", p.Detail)
	}
}

// Where there is little room a file is refused before its bytes are read, and
// the server is ready, with a warning.
func TestLittleRoom(t *testing.T) {
	h := newHarness(t)
	const path = "/api/v1/files?name=a.cfg&kind=config&vendor=fanvil"
	h.store.room = 5
	h.do("POST", path, "1234", "Content-Type", "application/octet-stream").is(201)
	h.do("POST", path, "12345", "Content-Type", "application/octet-stream").refuses(kindNoSpace, "")
	if a := h.do("GET", "/readyz", "").is(200); strings.Contains(string(a.body), "warning") {
		t.Errorf("ready: %s", a.body)
	}
	h.warn = "the disk gets full"
	if a := h.do("GET", "/readyz", "").is(200); !strings.Contains(string(a.body), `"warning":"the disk gets full"`) {
		t.Errorf("ready: %s", a.body)
	}
	if a := h.do("GET", "/readyz", "", "Accept", "text/plain").is(200); string(a.body) != "ok (warning: the disk gets full)\n" {
		t.Errorf("ready: %s", a.body)
	}
	h.store.tight = true
	if a := h.do("GET", "/readyz", "").is(200); !strings.Contains(string(a.body), `"warning":"little room on the disk`) {
		t.Errorf("ready: %s", a.body)
	}
}
