package e2e

import (
	"bytes"
	"io/fs"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestConfigsAreSealedOnDisk plants secrets in a configuration and a key of the
// catalogue, and in the settings that a phone sends: the phone and the operator
// get the bytes as they are, also after kill -9, and none of them is on disk.
func TestConfigsAreSealedOnDisk(t *testing.T) {
	o := startOne(t)
	p := &planted{all: map[string]string{}}
	config := []byte(strings.Repeat("SIP1 Register Pswd :"+p.secret("a configuration of the catalogue")+"\n", 4000))
	key := []byte(strings.Repeat("-----BEGIN PRIVATE KEY-----\n"+p.secret("a key of the catalogue")+"\n", 20))
	name := o.root + "Time.NTPServer2" // stands in the file that the phone sends
	o.phone.SetParam(name, p.secret("what a phone sends"))

	id := o.addFile(t, "a.cfg", "config", "", "", config)
	o.addFile(t, "a.pem", "certificate", "", "", key)
	firmware := bytes.Repeat([]byte("not a secret: firmware "), 1000)
	o.addFile(t, "X6-2.4.12.z", "firmware", "X6", "2.4.12", firmware)
	download := func() {
		t.Helper()
		o.ended(o.do("download", map[string]any{"file": id}), "succeeded", "")
		last := o.phone.Ledger().Applied
		if len(last) == 0 || last[len(last)-1].Digest != sumOf(config) {
			t.Errorf("the phone took %+v", last)
		}
	}
	download()
	o.ended(o.do("upload", map[string]any{"upload": map[string]any{"kind": "config"}}), "succeeded", "the phone's config is stored")
	read := func() {
		t.Helper()
		all := o.uploads(t, o.id)
		if len(all) != 1 {
			t.Fatalf("uploads %+v", all)
		}
		got := o.uploaded(t, o.id, all[0].ID)
		v, _ := o.phone.Param(name)
		if sumOf(got) != all[0].SHA256 || int64(len(got)) != all[0].Size || v == "" || !bytes.Contains(got, []byte(v)) {
			t.Errorf("%d bytes come back changed, or are not what was to be looked at", len(got))
		}
		a, err := o.server.do(t.Context(), http.MethodHead, "/api/v1/phones/"+o.id+"/uploads/"+all[0].ID+"/content", nil)
		if err != nil || a.status != http.StatusOK || len(a.body) != 0 {
			t.Errorf("HEAD: status %d, %d bytes, %v", a.status, len(a.body), err)
		}
	}
	read()
	o.server.Kill()

	sealed, plain := 0, 0
	err := filepath.WalkDir(o.dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || !d.Type().IsRegular() {
			return err
		}
		b, err := os.ReadFile(path)
		p.absent(t, b, path)
		switch {
		case strings.HasSuffix(path, ".sealed"):
			sealed++
		case bytes.Equal(b, firmware):
			plain++
		}
		return err
	})
	if err != nil || sealed != 3 || plain != 1 {
		t.Errorf("%d sealed files and %d plain ones: %v", sealed, plain, err)
	}
	p.absent(t, []byte(o.Log()), "the log")

	o.server.Start()
	read()
	download()
}
