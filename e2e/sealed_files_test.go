package e2e

import (
	"bytes"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
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
	_, archive := o.backup(t, false)
	o.server.Kill()
	p.onDisk(t, o.dir, firmware)
	p.absent(t, []byte(o.Log()), "the log")

	o.server.Start()
	read()
	download()
	o.server.Kill()

	// What a restore brings is sealed again, and as good.
	dir, _ := restored(t, archive)
	p.onDisk(t, dir, firmware)
	o.server.dir = dir
	o.server.Start()
	read()
	download()
}

// onDisk looks at the files of a server that was given two files to seal, was
// sent a third, and has a firmware.
func (p *planted) onDisk(t *testing.T, dir string, firmware []byte) {
	t.Helper()
	sealed, plain := 0, 0
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
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
}

// TestSealedConfigByRange fetches parts of a sealed configuration as phones do
// that go on where they broke off, across the places where it is cut in chunks.
func TestSealedConfigByRange(t *testing.T) {
	s := startServer(t, t.TempDir(), "--enrol", "open")
	var config []byte
	for i := range 10_000 {
		config = fmt.Appendf(config, "line %d\n", i)
	}
	var f struct{ ID, SHA256 string }
	s.call(t, http.MethodPost, "/api/v1/files?name=a.cfg&kind=config", config, &f)
	if f.SHA256 != sumOf(config) {
		t.Errorf("the digest is %s", f.SHA256)
	}
	s.wire(t).stranger("A1", "0 BOOTSTRAP").post("").must(http.StatusNoContent, "")
	s.awaitPhones(t, 1, 10*time.Second)
	j := s.order(t, downloadNow(f.ID, map[string]any{"all": true}).unasked())
	eventually(t, 10*time.Second, "the task is ready", func() error {
		if j = s.job(t, j.ID); j.Counts["ready"] != 1 {
			return fmt.Errorf("job: %v", j.Counts)
		}
		return nil
	})
	rpc := s.wire(t).stranger("A1", "2 PERIODIC").post("").must(http.StatusOK, "Download>").body
	_, rest, _ := strings.Cut(rpc, "<URL>")
	url, _, _ := strings.Cut(rest, "</URL>")
	url = strings.Replace(url, "phones.example", s.acs, 1)
	get := func(header ...string) (*http.Response, []byte) {
		t.Helper()
		req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, url, nil)
		if err != nil {
			t.Fatal(err)
		}
		for i := 0; i < len(header); i += 2 {
			req.Header.Set(header[i], header[i+1])
		}
		res, err := http.DefaultClient.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		defer res.Body.Close()
		b, err := io.ReadAll(res.Body)
		if err != nil {
			t.Fatal(err)
		}
		return res, b
	}
	tag := ""
	for _, part := range [][2]int{{0, 9}, {16_380, 16_390}, {16_384, 32_767}, {20_000, len(config) - 1}, {len(config) - 1, len(config) - 1}} {
		res, b := get("Range", fmt.Sprintf("bytes=%d-%d", part[0], part[1]))
		if tag = res.Header.Get("ETag"); res.StatusCode != http.StatusPartialContent || !bytes.Equal(b, config[part[0]:part[1]+1]) {
			t.Errorf("bytes %v: status %d, %d bytes", part, res.StatusCode, len(b))
		}
	}
	if res, b := get("If-None-Match", tag); tag == "" || res.StatusCode != http.StatusNotModified || len(b) != 0 {
		t.Errorf("with ETag %q: status %d", tag, res.StatusCode)
	}
	if res, b := get(); res.StatusCode != http.StatusOK || !bytes.Equal(b, config) {
		t.Errorf("the whole: status %d, %d bytes", res.StatusCode, len(b))
	}
}
