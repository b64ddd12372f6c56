package admin

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"net/http/httptest"
	"testing"

	"github.com/google/go-cmp/cmp"

	"phoneacs/db"
)

func TestAddFile(t *testing.T) {
	h := newHarness(t)
	const bytes = "firmware \x00\xff bytes"
	a := h.do("POST", "/api/v1/files?name=x6.z&kind=firmware&vendor=fanvil&models=X6,+X6U,&version=2.4.11", bytes,
		"Content-Type", "application/x-www-form-urlencoded").is(201)
	if a.header.Get("Location") != "/api/v1/files/f2" {
		t.Errorf("Location = %q", a.header.Get("Location"))
	}
	var got db.File
	a.into(&got)
	sum := sha256.Sum256([]byte(bytes))
	want := db.File{ID: 2, Name: "x6.z", Kind: "firmware", Vendor: "fanvil", Models: []string{"X6", "X6U"}, Version: "2.4.11",
		SHA256: hex.EncodeToString(sum[:]), Size: int64(len(bytes)), Created: now, By: "ops"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
	h.do("GET", "/api/v1/files/f2", "").is(200)
	if ids, _ := h.do("GET", "/api/v1/files?filter=models:X6", "").is(200).ids(); !cmp.Equal(ids, []string{"f2"}) {
		t.Errorf("files for an X6: %v", ids)
	}
}

func TestFileErrors(t *testing.T) {
	h := newHarness(t, func(o *Options) { o.MaxFile = 10 })
	h.do("POST", "/api/v1/files?kind=config", "x").refuses(kindInvalid, "name")
	h.do("POST", "/api/v1/files?name=a", "x").refuses(kindInvalid, "kind")
	h.do("POST", "/api/v1/files?name=a&kind=config", "").refuses(kindInvalid, "body")
	h.do("POST", "/api/v1/files?name=a&kind=config&mode=x", "x").refuses(kindUnknownField, "mode")
	h.do("POST", "/api/v1/files?name=a&kind=config", "x", "Content-Encoding", "gzip").refuses(kindMediaType, "Content-Encoding")
	h.do("POST", "/api/v1/files?name=a&kind=config", "eleven bytes").refuses(kindTooLarge, "")
	h.do("POST", "/api/v1/files?name=a&kind=config", "ten bytes!").is(201)

	r := httptest.NewRequest("POST", "http://localhost/api/v1/files?name=a&kind=config", failing{errors.New("reset by peer")})
	r.Header.Set("Authorization", "Bearer "+secret)
	h.serve(r, "").refuses(kindMalformed, "")

	h.catalogue.err = fmt.Errorf("add: %w", &db.FieldError{Field: "vendor", Err: errors.New("not one of fanvil")})
	if p := h.do("POST", "/api/v1/files?name=a&kind=config", "x").refuses(kindInvalid, "vendor"); p.Detail != "not one of fanvil" {
		t.Errorf("detail = %q", p.Detail)
	}
	h.catalogue.err = db.ErrNoSpace
	h.do("POST", "/api/v1/files?name=a&kind=config", "x").refuses(kindNoSpace, "")
	h.catalogue.err = db.ErrInUse
	h.do("DELETE", "/api/v1/files/f1", "").refuses(kindInUse, "")

	for _, id := range []string{"f99", "j1", "1", "x%2Fy", "%00"} {
		h.do("GET", "/api/v1/files/"+id, "").refuses(kindNotFound, "")
	}
	h.catalogue.err = nil
	h.do("DELETE", "/api/v1/files/f99", "").refuses(kindNotFound, "")
	h.do("GET", "/api/v1/files?limit=0", "").refuses(kindInvalid, "limit")
}
