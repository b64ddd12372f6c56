package admin

import (
	"bytes"
	"encoding/json"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"phoneacs/db"
)

// TestCurl does with curl what an operator does by hand: upload, order,
// look, hold.
func TestCurl(t *testing.T) {
	curl, err := exec.LookPath("curl")
	if err != nil {
		if os.Getenv("PHONEACS_REQUIRE_PEERS") == "1" {
			t.Fatalf("PHONEACS_REQUIRE_PEERS=1, but %v", err)
		}
		t.Skip("curl is not installed here; the other tests speak through Go's client side only")
	}
	h := newHarness(t)
	server := httptest.NewServer(h.handler)
	defer server.Close()
	firmware := filepath.Join(t.TempDir(), "x6.z")
	if err := os.WriteFile(firmware, bytes.Repeat([]byte("firmware"), 1<<17), 0o600); err != nil {
		t.Fatal(err)
	}
	run := func(v any, args ...string) {
		t.Helper()
		args = append([]string{"-sS", "--fail-with-body", "--max-time", "20", "-H", "Authorization: Bearer " + secret}, args...)
		args[len(args)-1] = server.URL + args[len(args)-1]
		var stderr bytes.Buffer
		cmd := exec.CommandContext(t.Context(), curl, args...)
		cmd.Stderr = &stderr
		out, err := cmd.Output()
		if err != nil {
			t.Fatalf("curl %s: %v: %s%s", strings.Join(args, " "), err, out, stderr.Bytes())
		}
		if v != nil {
			if err := json.Unmarshal(out, v); err != nil {
				t.Fatalf("%s: %v", out, err)
			}
		}
	}
	var file db.File
	run(&file, "-T", firmware, "-X", "POST", "/api/v1/files?name=x6.z&kind=firmware&vendor=fanvil&models=X6U&version=2.4.11")
	if file.Size != 8<<17 {
		t.Errorf("file is %+v", file)
	}
	var job struct{ ID, State string }
	run(&job, "--json", `{"kind":"download","args":{"file":"`+file.ID.String()+`"},"selection":{"phones":["p1"]},"when":{"now":true}}`,
		"-H", "Idempotency-Key: k1", "/api/v1/jobs")
	run(&job, "/api/v1/jobs/"+job.ID)
	if job.ID != "j3" || job.State != "expanding" {
		t.Errorf("job is %+v", job)
	}
	var phone phoneView
	run(&phone, "--path-as-is", "/api/v1/phones/0C383E-X4%2FU-B%202")
	if phone.ID != 2 {
		t.Errorf("phone is %+v", phone)
	}
	var result importResult
	run(&result, "-H", "Content-Type: text/csv", "--data-binary", "mac,name\r\n0c:38:3e:00:00:0a,Kitchen\r\n", "/api/v1/phones/import")
	if result.Created != 1 {
		t.Errorf("import is %+v", result)
	}
	run(nil, "--json", `{"all":true,"reason":"storm"}`, "/api/v1/hold")
	run(nil, "-X", "DELETE", "/api/v1/hold?all=true")
}
