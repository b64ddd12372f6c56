package provision

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// curl runs curl, a client that is not ours.
func curl(t *testing.T, args ...string) string {
	t.Helper()
	out, err := exec.CommandContext(t.Context(), "curl", append([]string{"-sS", "--max-time", "20"}, args...)...).CombinedOutput()
	if err != nil {
		t.Fatalf("curl %v: %v\n%s", args, err, out)
	}
	return string(out)
}

func TestCurl(t *testing.T) {
	if _, err := exec.LookPath("curl"); err != nil {
		if os.Getenv("PHONEACS_REQUIRE_PEERS") == "1" {
			t.Fatalf("PHONEACS_REQUIRE_PEERS=1, but %v", err)
		}
		t.Skipf("curl, the peer of this test, is missing: %v", err)
	}
	e := newEnv(t, nil)
	f, body := e.add(t, "x6 $mac+ü.cfg", 1_000_000)
	u, _ := e.link(t, e.http.URL, f)
	out := filepath.Join(t.TempDir(), "out")
	want := func(what string, status string, got string, body []byte) {
		t.Helper()
		file, err := os.ReadFile(out)
		if err != nil || got != status || !bytes.Equal(file, body) {
			t.Errorf("%s: status %s, %d bytes, %v; want %s, %d", what, got, len(file), err, status, len(body))
		}
	}

	head := curl(t, "-I", u)
	for _, line := range []string{"HTTP/1.1 200 OK", "Content-Length: 1000000", "Accept-Ranges: bytes", `Etag: "` + f.SHA256 + `"`, "Cache-Control: private, no-store"} {
		if !strings.Contains(head, line+"\r\n") {
			t.Errorf("curl -I lacks %s:\n%s", line, head)
		}
	}
	want("curl", "200", curl(t, "-o", out, "-w", "%{http_code}", u), body)
	want("curl -r", "206", curl(t, "-r", "1000-1999", "-o", out, "-w", "%{http_code}", u), body[1000:2000])
	if err := os.WriteFile(out, body[:400_000], 0o600); err != nil {
		t.Fatal(err)
	}
	want("curl -C -", "206", curl(t, "-C", "-", "-o", out, "-w", "%{http_code}", u), body)

	e.idle(t)
	if got := e.fetch(t); got.Bytes != 0 || got.Status != 200 || !strings.HasPrefix(got.Agent, "curl/") {
		t.Errorf("recorded for -I: %+v", got)
	}
	for _, bytes := range []int64{1_000_000, 1000, 600_000} {
		if got := e.fetch(t); got.Bytes != bytes {
			t.Errorf("recorded %+v; want %d bytes", got, bytes)
		}
	}
	for _, path := range []string{"/../a", "//", "/%2e%2e/%2e%2e/etc/passwd"} {
		if got := curl(t, "--path-as-is", "-o", out, "-w", "%{http_code}", u+path); got != "404" {
			t.Errorf("%s: status %s", path, got)
		}
	}
}
