package admin

import (
	"slices"
	"testing"

	"phoneacs/db"
)

func TestUploads(t *testing.T) {
	h := newHarness(t)
	const at = "/api/v1/phones/0c383e000001/uploads"
	if ids, _ := h.do("GET", at, "").is(200).ids(); !slices.Equal(ids, []string{"u2", "u1"}) {
		t.Errorf("uploads %v; want the newest first", ids)
	}
	if ids, _ := h.do("GET", at+"?filter=kind=config", "").is(200).ids(); !slices.Equal(ids, []string{"u1"}) {
		t.Errorf("configs %v", ids)
	}
	var u db.Upload
	h.do("GET", at+"/u1", "").is(200).into(&u)
	if u.ID != 1 || u.Phone != 1 || u.Kind != db.UploadConfig || u.Size != 8 || u.Type != "text/plain" {
		t.Errorf("u1 is %+v", u)
	}
	a := h.do("GET", at+"/u1/content", "").is(200)
	if string(a.body) != "a config" || a.header.Get("Content-Length") != "8" ||
		a.header.Get("Content-Disposition") != `attachment; filename="p1-u1-config.txt"` || a.header.Get("X-Content-Type-Options") != "nosniff" {
		t.Errorf("content %q with %v", a.body, a.header)
	}
	if head := h.do("HEAD", at+"/u1/content", "").is(200); len(head.body) != 0 || head.header.Get("Content-Length") != "8" {
		t.Errorf("HEAD has %q and %v", head.body, head.header)
	}
}

func TestUploadErrors(t *testing.T) {
	h := newHarness(t)
	for _, path := range []string{"/p1/uploads/u9", "/p2/uploads/u1", "/p1/uploads/x", "/p1/uploads/f1/content", "/p9/uploads", "/p1/uploads/%00"} {
		h.do("GET", "/api/v1/phones"+path, "").refuses(kindNotFound, "")
	}
	h.do("GET", "/api/v1/phones/p1/uploads?filter=nonsense=1", "").refuses(kindFilter, "filter")
	clear(h.store.bytes) // a record that has lost its bytes is our failure, not a wrong path
	h.do("GET", "/api/v1/phones/p1/uploads/u1/content", "").refuses(kindInternal, "")
}
