package e2e

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io/fs"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"phoneacs/internal/sim"
)

// An upload is what the admin API tells of one.
type upload struct {
	ID     string `json:"id"`
	Job    string `json:"job"`
	Kind   string `json:"kind"`
	Size   int64  `json:"size"`
	SHA256 string `json:"sha256"`
}

func (s *server) uploads(tb testing.TB, phone string) []upload {
	tb.Helper()
	return list[upload](tb, s, "/api/v1/phones/"+phone+"/uploads")
}

// uploaded returns the bytes of an upload.
func (s *server) uploaded(tb testing.TB, phone, id string) []byte {
	tb.Helper()
	a, err := s.do(tb.Context(), http.MethodGet, "/api/v1/phones/"+phone+"/uploads/"+id+"/content", nil)
	if err != nil || a.status != http.StatusOK {
		tb.Fatalf("content of %s: status %d, %v", id, a.status, err)
	}
	return a.body
}

func sumOf(b []byte) string {
	sum := sha256.Sum256(b)
	return hex.EncodeToString(sum[:])
}

// TestFilesByConfig gives a phone a file of each kind that it is told of by a
// config: the phone fetches the config, and then the file that it names.
func TestFilesByConfig(t *testing.T) {
	o := startOne(t)
	for _, f := range []struct{ name, kind, key string }{
		{"500.vcf", "phonebook", "Auto Pbook Url"},
		{"sips.pem", "certificate", "Auto Etc Url"},
		{"background.bmp", "background", "Auto Logo Url"},
		{"mmiset6_Spanish.z", "mmiset", "Auto Mmiset Url"},
		{"mmiset6_French.z", "language", "Auto Mmiset Url"},
	} {
		body := bytes.Repeat([]byte(f.name+"\n"), 5000)
		id := o.addFile(t, f.name, f.kind, "", "", body)
		k := o.do("download", map[string]any{"file": id})
		o.ended(k, "succeeded", "the phone took the config and fetched the "+f.kind+" that it names")
		if k.Attempts[0].BytesOut != int64(len(body)) {
			t.Errorf("%s: %d bytes went out, the file has %d", f.kind, k.Attempts[0].BytesOut, len(body))
		}
		found := false
		for _, a := range o.phone.Ledger().Applied {
			found = found || a.FileType == f.key && a.Digest == sumOf(body)
		}
		if !found {
			t.Errorf("the phone has not taken the %s: %+v", f.kind, o.phone.Ledger().Applied)
		}
	}
	for name, kind := range map[string]string{"dialPeer.csv": "dial-rules", "accessList.csv": "access-list", "bell.wav": "ringer"} {
		id := o.addFile(t, name, kind, "", "", []byte("x"))
		a, err := o.server.do(t.Context(), http.MethodPost, "/api/v1/jobs", downloadNow(id, map[string]any{"phones": []string{o.id}}))
		if err != nil {
			t.Fatal(err)
		}
		if why := a.refused(t, http.StatusBadRequest, "invalid-value"); !strings.Contains(why, "takes no "+kind) {
			t.Errorf("%s is refused with %q", kind, why)
		}
		j := o.order(t, downloadNow(id, map[string]any{"all": true}))
		o.awaitEnded(t, j.ID, 10*time.Second)
		o.ended(list[task](t, o.server, "/api/v1/jobs/"+j.ID+"/tasks")[0], "skipped", "takes no "+kind)
	}
}

// TestConfigWithoutItsFile is a phone that takes the config and does not fetch
// what it names: the task says so while it waits, and fails in the end.
func TestConfigWithoutItsFile(t *testing.T) {
	o := startOne(t)
	o.phone.Set(sim.Behaviour{NoAuto: true})
	id := o.addFile(t, "book.xml", "phonebook", "", "", []byte("<PhoneBook/>"))
	order := downloadNow(id, map[string]any{"phones": []string{o.id}})
	order.Deadline, order.Retry = "5s", map[string]any{"max": 0}
	j := o.order(t, order)
	of := func() (k task) {
		for _, k = range list[task](t, o.server, "/api/v1/jobs/"+j.ID+"/tasks") {
		}
		return k
	}
	eventually(t, 10*time.Second, "config taken", func() error {
		if k := of(); k.State != "proving" || !strings.Contains(k.Why, "the phone took the config, and has not fetched the phonebook yet; waits for the phone to fetch the phonebook") {
			return fmt.Errorf("task is %s: %s", k.State, k.Why)
		}
		return nil
	})
	o.awaitEnded(t, j.ID, 30*time.Second)
	k := of()
	o.ended(k, "failed", "the phone took the config, but did not fetch the phonebook within 5s; it has not fetched the file")
	if k.Cause != "unknown-outcome" {
		t.Errorf("cause %q", k.Cause)
	}
}

// TestUploadByConfig has a phone that knows no Upload send its settings, as a
// config tells it to; once its connection breaks on the way.
func TestUploadByConfig(t *testing.T) {
	for name, b := range map[string]sim.Behaviour{"whole": {}, "in chunks": {Chunked: true}, "cut": {CutUpload: 700}} {
		t.Run(name, func(t *testing.T) {
			o := startOne(t)
			o.phone.Set(b)
			k := o.do("upload", map[string]any{"upload": map[string]any{"kind": "config"}})
			o.ended(k, "succeeded", "the phone's config is stored")
			all := o.uploads(t, o.id)
			sent := o.phone.Ledger().Sent
			if len(all) != 1 || len(sent) != 1 || all[0].SHA256 != sent[0].Digest || all[0].Size != sent[0].Bytes || all[0].Kind != "config" || all[0].Job != k.Job {
				t.Fatalf("uploads %+v; the phone sent %+v", all, sent)
			}
			if got := o.uploaded(t, o.id, all[0].ID); sumOf(got) != sent[0].Digest {
				t.Errorf("%d bytes come back changed", len(got))
			}
			if n := o.phone.Ledger().Total("Upload"); n != 0 {
				t.Errorf("%d Upload were sent to a phone that knows none", n)
			}
			j := o.order(t, newJob{Kind: "upload", Args: map[string]any{"upload": map[string]any{"kind": "log"}},
				Selection: map[string]any{"all": true}, When: map[string]any{"now": true}})
			o.awaitEnded(t, j.ID, 10*time.Second)
			o.ended(list[task](t, o.server, "/api/v1/jobs/"+j.ID+"/tasks")[0], "skipped", "does not know Upload")
		})
	}
}

// putCurl sends a file by curl and returns the status of the answer.
func putCurl(t *testing.T, url string, body []byte, args ...string) string {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), "curl", append([]string{"-sS", "--max-time", "20", "-o", "/dev/null", "-w", "%{http_code}"}, append(args, url)...)...)
	cmd.Stdin = bytes.NewReader(body)
	var said bytes.Buffer
	cmd.Stderr = &said
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("curl: %v: %s", err, said.Bytes())
	}
	return string(out)
}

// stranger begins a session of a phone whose make nobody knows.
func (w *wire) stranger(serial, event string) *wire {
	w.tb.Helper()
	in := strings.NewReplacer("Fanvil", "Nobody", "0C383E", "00D0CA", "X6", "Phone").Replace(inform(serial, informOptions{events: []string{event}}))
	w.post(in).must(http.StatusOK, "InformResponse")
	return w
}

// ordersUpload orders a log of a strange phone, and takes it to where the phone
// has accepted the Upload.
func (s *server) ordersUpload(tb testing.TB) (j job, id, key, url string) {
	tb.Helper()
	s.wire(tb).stranger("A1", "0 BOOTSTRAP").post("").must(http.StatusNoContent, "")
	id = s.awaitPhones(tb, 1, 10*time.Second)[0].ID
	j = s.order(tb, newJob{Kind: "upload", Args: map[string]any{"upload": map[string]any{"kind": "log", "instance": 2}},
		Selection: map[string]any{"phones": []string{id}}, When: map[string]any{"now": true}})
	eventually(tb, 10*time.Second, "the task is ready", func() error {
		if j = s.job(tb, j.ID); j.Counts["ready"] != 1 {
			return fmt.Errorf("job: %v", j.Counts)
		}
		return nil
	})
	w := s.wire(tb).stranger("A1", "2 PERIODIC")
	rpc := w.post("").must(http.StatusOK, "Upload>").body
	field := func(name string) string {
		_, rest, _ := strings.Cut(rpc, "<"+name+">")
		value, _, _ := strings.Cut(rest, "</"+name+">")
		return value
	}
	key, url = field("CommandKey"), strings.Replace(field("URL"), "phones.example", s.acs, 1)
	if field("FileType") != "4 Vendor Log File 2" || key == "" || !strings.HasPrefix(url, "http://"+s.acs+"/files/") {
		tb.Fatalf("Upload is %s", rpc)
	}
	rpcID := regexp.MustCompile(`ID[^>]*>(acs-[^<]+)<`).FindStringSubmatch(rpc)[1]
	w.post(envelopeID(rpcID, "<cwmp:UploadResponse><Status>1</Status><StartTime>0001-01-01T00:00:00Z</StartTime>"+
		"<CompleteTime>0001-01-01T00:00:00Z</CompleteTime></cwmp:UploadResponse>")).must(http.StatusNoContent, "")
	return j, id, key, url
}

// TestUploadRPC is a phone of a make that is not known: it is sent Upload, and
// curl plays its file client. The server is killed once the file is in, before
// the phone reports; the report then finds what is stored.
func TestUploadRPC(t *testing.T) {
	needPrograms(t, "curl")
	s := startServer(t, t.TempDir(), "--enrol", "open")
	j, id, key, url := s.ordersUpload(t)
	first, second := bytes.Repeat([]byte("first\n"), 50_000), bytes.Repeat([]byte("second\n"), 70_000)
	if got := putCurl(t, url, first, "-T", "-", "-H", "Expect: 100-continue"); got != "201" {
		t.Errorf("PUT in chunks is answered %s", got)
	}
	for _, bad := range []struct {
		status string
		args   []string
	}{
		{"405", nil},
		{"400", []string{"-T", "-", "-H", "Content-Range: bytes 5-9/10"}},
		{"400", []string{"-X", "PUT", "-d", ""}},
		{"413", []string{"-X", "PUT", "-H", "Content-Length: 99999999", "-H", "Expect: 100-continue", "--data-binary", "@-"}},
	} {
		if got := putCurl(t, url, []byte("01234"), bad.args...); got != bad.status {
			t.Errorf("curl %q is answered %s; want %s", bad.args, got, bad.status)
		}
	}
	if got := putCurl(t, url, second, "-X", "POST", "--data-binary", "@-"); got != "201" {
		t.Errorf("POST with a length is answered %s", got)
	}
	s.Kill()
	s.Start()
	all := s.uploads(t, id)
	if len(all) != 1 || all[0].SHA256 != sumOf(second) {
		t.Fatalf("uploads after the kill: %+v; want the last one", all)
	}
	if got := s.uploaded(t, id, all[0].ID); !bytes.Equal(got, second) {
		t.Errorf("%d bytes come back changed", len(got))
	}
	w := s.wire(t).stranger("A1", "7 TRANSFER COMPLETE")
	w.post(envelope("<cwmp:TransferComplete><CommandKey>"+key+"</CommandKey><FaultStruct><FaultCode>0</FaultCode><FaultString/></FaultStruct>"+
		"<StartTime>2026-01-01T00:00:00Z</StartTime><CompleteTime>2026-01-01T00:00:01Z</CompleteTime></cwmp:TransferComplete>")).
		must(http.StatusOK, "TransferCompleteResponse")
	w.post("").must(http.StatusNoContent, "")
	s.awaitEnded(t, j.ID, 10*time.Second)
	k := list[task](t, s, "/api/v1/jobs/"+j.ID+"/tasks")[0]
	if k.State != "succeeded" || !strings.Contains(k.Why, "the phone's log 2 is stored, 490000 bytes") {
		t.Errorf("task is %s: %s", k.State, k.Why)
	}
	if got := putCurl(t, url, first, "-T", "-"); got != "404" {
		t.Errorf("PUT after the end of the attempt is answered %s", got)
	}
}

// TestUploadDiskFull sends a file to a server whose disk is full: the phone is
// told so, nothing half is left, and it works again when there is room.
func TestUploadDiskFull(t *testing.T) {
	needPrograms(t, "curl")
	disk := smallDisk(t)
	s := startServer(t, filepath.Join(disk, "data"), "--enrol", "open")
	_, id, _, url := s.ordersUpload(t)
	filler := filepath.Join(disk, "filler")
	fill(t, filler)
	body := bytes.Repeat([]byte("log line\n"), 100_000)
	if got := putCurl(t, url, body, "-T", "-"); got != "507" {
		t.Errorf("PUT on a full disk is answered %s", got)
	}
	if n := len(s.uploads(t, id)); n != 0 {
		t.Errorf("%d uploads are kept", n)
	}
	left := 0
	err := filepath.WalkDir(filepath.Join(disk, "data", "blobs"), func(_ string, d fs.DirEntry, err error) error {
		if err == nil && !d.IsDir() {
			left++
		}
		return err
	})
	if err != nil || left != 0 {
		t.Errorf("%d files are left in the store of bytes, %v", left, err)
	}
	if err := os.Remove(filler); err != nil {
		t.Fatal(err)
	}
	s.readiness(t, http.StatusOK, 30*time.Second)
	if got := putCurl(t, url, body, "-T", "-"); got != "201" {
		t.Errorf("PUT with room again is answered %s", got)
	}
	if all := s.uploads(t, id); len(all) != 1 || all[0].SHA256 != sumOf(body) {
		t.Errorf("uploads %+v", all)
	}
}
