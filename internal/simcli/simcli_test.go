package simcli

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/spf13/cobra"

	"phoneacs/internal/sim"
)

const informResponse = `<e:Envelope xmlns:e="http://schemas.xmlsoap.org/soap/envelope/" xmlns:c="$ns"><e:Header><c:ID e:mustUnderstand="1">$id</c:ID>` +
	`</e:Header><e:Body><c:InformResponse><MaxEnvelopes>1</MaxEnvelopes></c:InformResponse></e:Body></e:Envelope>`

// acs answers each Inform and ends each session.
func acs(t *testing.T) string {
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		b, _ := io.ReadAll(r.Body)
		if len(b) == 0 {
			w.WriteHeader(http.StatusNoContent)
			return
		}
		_, rest, _ := strings.Cut(string(b), `xmlns:cwmp="`)
		ns, rest, _ := strings.Cut(rest, `"`)
		_, rest, _ = strings.Cut(rest, `mustUnderstand="1">`)
		id, _, _ := strings.Cut(rest, "<")
		w.Header().Set("Content-Type", "text/xml")
		io.WriteString(w, strings.NewReplacer("$ns", ns, "$id", id).Replace(informResponse))
	}))
	t.Cleanup(srv.Close)
	return srv.URL
}

// phonesim runs the command and gives its output.
func phonesim(t *testing.T, args ...string) (string, error) {
	t.Helper()
	var out bytes.Buffer
	cmd := Command("phonesim", false)
	cmd.SetArgs(args)
	cmd.SetOut(&out)
	cmd.SetErr(io.Discard)
	err := cmd.ExecuteContext(t.Context())
	return out.String(), err
}

func TestRunAsJSON(t *testing.T) {
	out, err := phonesim(t, "--acs", acs(t), "--phones", "20", "--models", "X6,V65", "--interval", "100ms", "--seed", "4",
		"--power-cut-every", "150ms", "--retry-scale", "0.01", "--duration", "700ms", "--json", "--strict")
	if err != nil {
		t.Fatal(err)
	}
	var s sim.Stats
	if err := json.Unmarshal([]byte(out), &s); err != nil {
		t.Fatalf("%v in %s", err, out)
	}
	if s.Phones != 20 || s.Sessions < 20 || s.PowerCuts < 20 || s.Failed != 0 || s.Breaches != 0 || s.Latency.Max == 0 {
		t.Errorf("stats = %+v", s)
	}
}

func TestRunAsText(t *testing.T) {
	out, err := phonesim(t, "--acs", acs(t), "--phones", "10", "--behave", "drop=after-inform", "--behave-share", "0.3", "--duration", "1s")
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"phones               10\n", "7 ok, 3 failed", "failed by dropped    3\n", "rules broken         0\n"} {
		if !strings.Contains(out, want) {
			t.Errorf("%q is missing in\n%s", want, out)
		}
	}
}

// TestPasswords: flags say the passwords, else the environment.
func TestPasswords(t *testing.T) {
	t.Setenv("PHONESIM_PASSWORD", "from the environment")
	t.Setenv("PHONESIM_CR_PASSWORD", "that too")
	for _, tt := range []struct{ args, password, cr string }{
		{"", "from the environment", "that too"},
		{"--password=told", "told", "that too"},
		{"--cr-password=told", "from the environment", "told"},
	} {
		f := flags{}
		cmd := &cobra.Command{}
		f.add(cmd)
		if err := cmd.ParseFlags(strings.Fields(tt.args)); err != nil {
			t.Fatal(err)
		}
		f.fromEnvironment(cmd)
		if f.o.Password != tt.password || f.o.ConnReqPassword != tt.cr {
			t.Errorf("with %q the passwords are %q and %q; want %q and %q", tt.args, f.o.Password, f.o.ConnReqPassword, tt.password, tt.cr)
		}
	}
}

func TestExitCodes(t *testing.T) {
	refusing := httptest.NewServer(http.NotFoundHandler())
	t.Cleanup(refusing.Close)
	for _, tt := range []struct {
		args string
		want int
	}{
		{"--help", 0},
		{"image --help", 0},
		{"", 2},
		{"--acs", 2},
		{"--nonsense", 2},
		{"serve", 2},
		{"--acs ftp://x/", 2},
		{"--acs http://x/ --models T46", 2},
		{"--acs http://x/ --start-mac 0c", 2},
		{"--acs http://x/ --behave fast", 2},
		{"--acs http://x/ --behave-share 2", 2},
		{"--acs http://x/ --duration -1s", 2},
		{"--acs http://x/ --ca /nonexistent", 1},
		{"--acs http://x/ --listen-cr nonsense", 1},
		{"--acs " + refusing.URL + " --duration 200ms", 0},
		{"--acs " + refusing.URL + " --duration 200ms --strict", 3},
		{"image", 2},
		{"image --models X6 --to 1 --output /nonexistent/x", 1},
	} {
		if _, err := phonesim(t, strings.Fields(tt.args)...); ExitCode(err) != tt.want {
			t.Errorf("phonesim %s: exit %d (%v); want %d", tt.args, ExitCode(err), err, tt.want)
		}
	}
	if ExitCode(errors.New("x")) != 1 {
		t.Error("an error of no class is not 1")
	}
}

// TestExamples takes the examples of the help for flags that exist.
func TestExamples(t *testing.T) {
	lines := 0
	for _, line := range strings.Split(examples, "\n") {
		before, args, ok := strings.Cut(strings.TrimSpace(line), "phonesim ")
		if !ok || before != "" && before != passwordVariable+"=secret " {
			continue
		}
		lines++
		cmd, rest, err := Command("phonesim", false).Find(strings.Fields(args))
		if err == nil {
			err = cmd.ParseFlags(rest)
		}
		if err == nil {
			err = cmd.ValidateArgs(cmd.Flags().Args())
		}
		if err != nil {
			t.Errorf("%s: %v", line, err)
		}
	}
	if lines < 5 {
		t.Errorf("%d examples; want 5", lines)
	}
}

func TestImage(t *testing.T) {
	path := filepath.Join(t.TempDir(), "x6.z")
	if _, err := phonesim(t, "image", "--models", "X6,X6U", "--to", "2.12.1", "--size", "1000", "-o", path); err != nil {
		t.Fatal(err)
	}
	b, err := os.ReadFile(path)
	if err != nil || len(b) != 1000 || !bytes.HasPrefix(b, []byte("PHONESIM-FIRMWARE model=X6,X6U version=2.12.1\n")) {
		t.Errorf("image of %d bytes, %v: %.60q", len(b), err, b)
	}
}

func TestProgressLine(t *testing.T) {
	last := sim.Stats{Sessions: 100, Elapsed: time.Second}
	now := sim.Stats{Phones: 9, Active: 2, Sessions: 350, Failed: 1, Elapsed: 2 * time.Second, Latency: sim.Latency{P95: 1234567}}
	if got, want := progressLine(last, now), "2s  9 phones  2 in session  350 ok  1 failed  250/s  p95 1.2ms"; got != want {
		t.Errorf("line = %q; want %q", got, want)
	}
}

func TestDialects(t *testing.T) {
	out, err := phonesim(t, "dialects")
	if err != nil {
		t.Fatal(err)
	}
	for _, d := range sim.Dialects() {
		if !strings.Contains(out, "\n"+d.Name+" ") && !strings.HasPrefix(out, d.Name+" ") || !strings.Contains(out, d.What+"\n") {
			t.Errorf("%s is not listed:\n%s", d.Name, out)
		}
	}
	if _, err := phonesim(t, "--acs", acs(t), "--dialect", "gzip,klingon"); !errors.Is(err, ErrUsage) || !strings.Contains(err.Error(), `"klingon"`) {
		t.Errorf("an unknown dialect: %v", err)
	}
	// A phone that wants a declaration gets none from this server.
	_, err = phonesim(t, "--acs", acs(t), "--dialect", "wants-declaration", "--duration", "300ms", "--strict")
	if !errors.Is(err, ErrStrict) {
		t.Errorf("a dialect that the server does not serve: %v", err)
	}
}
