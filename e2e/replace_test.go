package e2e

import (
	"bytes"
	"net/http"
	"os"
	"os/exec"
	"strings"
	"testing"
)

// TestTokensAndReplace goes over a real socket and store: a token of each role, a
// list in and out again, a phone replaced, and who did it.
func TestTokensAndReplace(t *testing.T) {
	s := startServer(t, t.TempDir())
	sent := "mac,serial,oui,site,name,tags,vendor,model\n" +
		"0c383e000001,,,default,\"'=1+1, or \"\"two\"\"\",a b,fanvil,X6U\n" +
		"0c383e000002,,,default,'-Müller,,,\n"
	a, err := s.do(t.Context(), http.MethodPost, "/api/v1/phones/import", []byte(sent), "Content-Type", "text/csv")
	if err != nil || a.status != http.StatusOK || !bytes.Contains(a.body, []byte(`"created":2`)) {
		t.Fatalf("import: %s, %v", a.body, err)
	}
	export := func() []byte {
		a, err := s.do(t.Context(), http.MethodGet, "/api/v1/phones/export?filter=state%20=%20%22approved%22", nil)
		if err != nil || a.status != http.StatusOK {
			t.Fatalf("export: %d, %v", a.status, err)
		}
		return a.body
	}
	if got := string(export()); got != sent {
		t.Errorf("exported\n%s\nwant\n%s", got, sent)
	}
	peerReads(t, export())

	var token struct{ ID, Secret string }
	s.call(t, http.MethodPost, "/api/v1/tokens", map[string]any{"name": "shift", "role": "operator"}, &token)
	shift := []string{"Authorization", "Bearer " + token.Secret}
	if a, err := s.do(t.Context(), http.MethodGet, "/api/v1/audit", nil, shift...); err != nil || a.status != http.StatusForbidden {
		t.Errorf("an operator reads the audit trail: %d, %v", a.status, err)
	}
	var replaced struct {
		Phone struct{ ID, Name, State string }
		Made  bool
	}
	s.call(t, http.MethodPost, "/api/v1/phones/0c383e000001/replace", map[string]any{"with": "0c:38:3e:00:00:03"}, &replaced, shift...)
	if p := replaced.Phone; !replaced.Made || p.Name != `=1+1, or "two"` || p.State != "approved" {
		t.Errorf("replaced: %+v", replaced)
	}
	if got := string(export()); strings.Contains(got, "0c383e000001") || !strings.Contains(got, "0c383e000003") {
		t.Errorf("exported after the replacement\n%s", got)
	}
	type entry struct {
		Name, Route, Object string
		Status              int
	}
	got := list[entry](t, s, "/api/v1/audit")
	if want := (entry{"shift", "replacePhone", "0c383e000001", 200}); len(got) != 3 || got[0] != want {
		t.Errorf("audit trail: %+v; want %+v first", got, want)
	}
	s.call(t, http.MethodDelete, "/api/v1/tokens/"+token.ID, nil, nil)
	if a, err := s.do(t.Context(), http.MethodGet, "/api/v1/phones", nil, shift...); err != nil || a.status != http.StatusUnauthorized {
		t.Errorf("a revoked token: %d, %v", a.status, err)
	}
}

// peerReads has another reader of CSV take the list apart.
func peerReads(t *testing.T, list []byte) {
	t.Helper()
	python, err := exec.LookPath("python3")
	if err != nil {
		if os.Getenv("PHONEACS_REQUIRE_PEERS") != "" {
			t.Fatal("python3 is needed and is not here")
		}
		t.Log("python3 is not here: no other reader")
		return
	}
	cmd := exec.CommandContext(t.Context(), python, "-c",
		"import csv,io,sys\nfor r in csv.DictReader(io.TextIOWrapper(sys.stdin.buffer,encoding='utf-8',newline='')): print(ascii(r['name']))")
	cmd.Stdin = bytes.NewReader(list)
	out, err := cmd.Output()
	if want := `'\'=1+1, or "two"'` + "\n" + `"'-M\xfcller"` + "\n"; err != nil || string(out) != want {
		t.Errorf("python reads %s, %v; want %s", out, err, want)
	}
}
