package e2e

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"
	"time"

	"phoneacs/admin/client"
	"phoneacs/db"
	"phoneacs/db/bolt"
)

// must runs a command line that has to end with a status.
func (s *server) must(status int, in string, args ...string) said {
	s.tb.Helper()
	got := s.line(in, args...)
	if got.status != status {
		s.tb.Fatalf("%v: status %d; want %d\n%s%s", args, got.status, status, got.out, got.errs)
	}
	return got
}

// TestMoves moves all there is from one server to another, which is then told
// apart by ids and times alone.
func TestMoves(t *testing.T) {
	t.Parallel()
	a, b := startServer(t, t.TempDir()), startServer(t, t.TempDir())
	dir := t.TempDir()
	file := filepath.Join(dir, "lobby.cfg")
	if err := os.WriteFile(file, []byte("<<VOIP CONFIG FILE>>Version:2.0002\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	a.must(0, "name;zone;networks;url\r\nbüro;Europe/Berlin;10.1.0.0/16 2001:db8::/64;\r\n=depot;;;https://acs.example.net:7548\r\n", "import", "sites", "-")
	a.must(8, "name,zone,networks\nx,Mars/Base,\ny,,10.1.0.1/16\ns7,,\nexport,,\n", "import", "sites", "-")
	var phones strings.Builder
	phones.WriteString("mac,serial,oui,site,name,tags,vendor,model\n")
	for i := range 1500 {
		fmt.Fprintf(&phones, "0c383f%06x,S%d,0C383E,büro,'=Desk %d ü,\"lobby x%d\",fanvil,X6U\n", i, i, i, i%3)
	}
	a.must(0, phones.String(), "import", "phones", "-")
	a.must(0, `{"serial":"Q1","oui":"001565","site":"'=depot"}`+"\n", "import", "phones", "-", "--create-sites")
	a.must(0, "phone,tag\n0c383f000001,night\n001565-Q1,night\n", "import", "tags", "-")
	a.must(0, "", "file", "add", file, "--kind", "config", "--vendor", "fanvil", "--model", "X6U")
	for _, order := range [][]string{
		{"job", "reboot", "0c383f000001", "0c383f000002", "001565-Q1"},
		{"job", "download", "f1", "0c383f000003", "--expires", "40d"},
		{"job", "set", "Device.X=1", "--phone", "0c383f000004", "--at", time.Now().Add(time.Hour).Format(time.RFC3339)},
	} {
		a.must(0, "", order...)
	}
	gone := a.must(0, "", "job", "reboot", "0c383f000009", "--json")
	var ended client.Job
	if err := json.Unmarshal([]byte(gone.out), &ended); err != nil {
		t.Fatal(err)
	}
	a.must(0, "", "job", "cancel", ended.ID)
	eventually(t, 30*time.Second, "tasks", func() error {
		for _, j := range list[job](t, a, "/api/v1/jobs") {
			if j.State == "expanding" || j.ID == ended.ID && j.State != "ended" {
				return errors.New(j.State)
			}
		}
		return nil
	})

	export := func(s *server, kind, format string) string {
		return s.must(0, "", "export", kind, "--format", format).out
	}
	content := filepath.Join(dir, "content")
	a.must(0, "", "export", "files", "--content", content)
	if again := a.must(0, "", "export", "files", "--content", content); !strings.Contains(again.out, "1 file in") || !strings.Contains(again.out, "0 fetched") {
		t.Errorf("files exported again: %s", again.out)
	}
	for _, step := range []struct{ kind, format, created string }{
		{"sites", "csv", "3 created, 0 updated, 1 unchanged"}, {"phones", "csv", "1501 created"}, {"tags", "jsonl", "0 created, 0 updated, 3003 unchanged"},
		{"files", "", "1 created"}, {"jobs", "jsonl", "3 created, 0 updated, 0 unchanged, 1 skipped"},
	} {
		in, from := "", "-"
		if step.kind == "files" {
			from = content
		} else {
			in = export(a, step.kind, step.format)
		}
		args := []string{"import", step.kind, from}
		if step.kind == "tags" { // phones brought theirs: take one away
			step.created = "1 created, 0 updated, 3001 unchanged"
			b.must(0, "", "tag", "remove", "night", "0c383f000001")
		}
		dry := b.must(0, in, append(args, "--dry-run")...)
		real := b.must(0, in, args...)
		if want := strings.TrimSuffix(real.out, "\n") + " (a dry run: nothing was changed)\n"; dry.out != want {
			t.Errorf("a dry run of %s says %q; want %q", step.kind, dry.out, want)
		}
		if !strings.Contains(real.out, step.created) {
			t.Errorf("import of %s: %s; want %s", step.kind, real.out, step.created)
		}
		again := b.must(0, in, args...)
		if !regexp.MustCompile(`: 0 created, 0 updated, \d+ unchanged, [01] skipped, 0 refused\n$`).MatchString(again.out) {
			t.Errorf("the same %s again: %s", step.kind, again.out)
		}
	}
	for _, kind := range []string{"sites", "phones", "tags"} {
		for _, format := range []string{"csv", "jsonl"} {
			if x, y := export(a, kind, format), export(b, kind, format); x != y {
				t.Errorf("%s as %s differ:\n%.400s\n%.400s", kind, format, x, y)
			}
		}
	}
	ids := regexp.MustCompile(`"(id|created|by)":"[^"]*",?`)
	if x, y := export(a, "files", "jsonl"), export(b, "files", "jsonl"); ids.ReplaceAllString(x, "") != ids.ReplaceAllString(y, "") {
		t.Errorf("files differ:\n%s%s", x, y)
	}
	for _, j := range list[client.Job](t, b, "/api/v1/jobs") {
		var orig *client.Job
		for _, o := range list[client.Job](t, a, "/api/v1/jobs") {
			if o.Expires.Equal(j.Expires) && o.Kind == j.Kind {
				orig = &o
			}
		}
		if orig == nil || j.State != client.JobPaused && j.State != client.JobExpanding || !j.Paused || j.Selected != orig.Selected {
			t.Errorf("job %+v is not as %+v", j, orig)
		}
	}
	// A table has a row for each task, for those who look and not for import.
	if table := export(a, "jobs", "csv"); strings.Count(table, "\n") != 1+3+1+1+1 || !strings.Contains(table, "0c383f000003") {
		t.Errorf("jobs as a table:\n%s", table)
	}
	b.must(6, export(a, "jobs", "csv"), "import", "jobs", "-")
}

// TestFatesArrive: curl is told of lines that are done while it is still sending.
func TestFatesArrive(t *testing.T) {
	t.Parallel()
	curl, err := exec.LookPath("curl")
	if err != nil {
		if os.Getenv("PHONEACS_REQUIRE_PEERS") == "1" {
			t.Fatal(err)
		}
		t.Skip("curl is not installed")
	}
	s := startServer(t, t.TempDir())
	cmd := exec.CommandContext(t.Context(), curl, "-sN", "-X", "POST", "-T", ".", "-H", "Content-Type: text/csv", "-H", "Accept: application/jsonl",
		"-H", "Authorization: Bearer "+s.token, "http://"+s.admin+"/api/v1/phones/import")
	in, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	cmd.Stderr = os.Stderr
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	answer := bufio.NewScanner(out)
	send := func(text string) {
		t.Helper()
		if _, err := io.WriteString(in, text); err != nil {
			t.Fatal(err)
		}
	}
	next := func() (line string) {
		t.Helper()
		if !answer.Scan() {
			t.Fatalf("the answer ended: %v", answer.Err())
		}
		return answer.Text()
	}
	send("mac,name\n")
	for i := range 5 {
		send(fmt.Sprintf("0c383f%06x,n%d\n", i, i))
		if got, want := next(), fmt.Sprintf(`{"line":%d,"fate":"created","id":"p%d"}`, i+2, i+1); got != want {
			t.Fatalf("told %s; want %s", got, want)
		}
		// It is there, while the list goes on.
		s.call(t, http.MethodGet, fmt.Sprintf("/api/v1/phones/0c383f%06x", i), nil, nil)
	}
	send("nonsense,x\n")
	if got := next(); got != `{"line":7,"fate":"refused","field":"mac","detail":"\"nonsense\" is not a MAC address"}` {
		t.Fatalf("told %s", got)
	}
	in.Close()
	if got := next(); !strings.HasPrefix(got, `{"summary":{"created":5,"updated":0,"unchanged":0,"skipped":0,"failed":1,`) {
		t.Fatalf("at the end: %s", got)
	}
	if answer.Scan() {
		t.Errorf("after the end: %s", answer.Text())
	}
	if err := cmd.Wait(); err != nil {
		t.Error(err)
	}
}

// TestImportInterrupted: a command line that is interrupted says how far it came,
// and what it told is there.
func TestImportInterrupted(t *testing.T) {
	t.Parallel()
	s := startServer(t, t.TempDir())
	cmd := exec.CommandContext(t.Context(), program(t), "import", "phones", "-", "--json")
	cmd.Env = []string{"PHONEACS_SERVER=" + s.admin, "PHONEACS_TOKEN=" + s.token, "HOME=" + s.dir}
	in, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	var errs strings.Builder
	cmd.Stderr = &errs
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	if _, err := io.WriteString(in, "mac\n0c383f000001\n0c383f000002\n"); err != nil {
		t.Fatal(err)
	}
	answer := bufio.NewScanner(out)
	for range 2 {
		if !answer.Scan() {
			t.Fatalf("no fate: %s", &errs)
		}
	}
	if err := cmd.Process.Signal(syscall.SIGINT); err != nil {
		t.Fatal(err)
	}
	for answer.Scan() { // to the end: Wait closes what is read
	}
	err = cmd.Wait()
	var exit *exec.ExitError
	if !errors.As(err, &exit) || exit.ExitCode() != 1 || !strings.Contains(errs.String(), "lines up to 3 are done as told") {
		t.Errorf("ended with %v, saying %s", err, &errs)
	}
	if n := len(list[map[string]any](t, s, "/api/v1/phones")); n != 2 {
		t.Errorf("%d phones", n)
	}
}

// listOf makes lists of phones as they are read.
type listOf struct {
	next, until int
	rest        []byte
	pause       func(line int) // before each line
}

func (l *listOf) Read(p []byte) (int, error) {
	for len(l.rest) == 0 {
		switch {
		case l.next == 0:
			l.rest = []byte("mac,site,name,tags\n")
		case l.next > l.until:
			return 0, io.EOF
		default:
			if l.pause != nil {
				l.pause(l.next)
			}
			l.rest = fmt.Appendf(nil, "0c383f%06x,s1,phone %d,bench\n", l.next, l.next)
		}
		l.next++
	}
	n := copy(p, l.rest)
	l.rest = l.rest[n:]
	return n, nil
}

// TestImportKilled: what was told before kill -9 is there after it.
func TestImportKilled(t *testing.T) {
	t.Parallel()
	s := startServer(t, t.TempDir())
	c, err := client.New(client.Options{Server: "http://" + s.admin, Token: s.token})
	if err != nil {
		t.Fatal(err)
	}
	told, killed := map[string]string{}, false
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
	defer cancel()
	_, err = c.Import(ctx, client.Phones, &listOf{until: 1 << 20}, client.ImportOptions{Format: client.CSV}, func(f client.ImportFate) error {
		if f.Fate != client.FateCreated {
			return fmt.Errorf("line %d is %s: %s", f.Line, f.Fate, f.Detail)
		}
		told[fmt.Sprintf("0c383f%06x", f.Line-1)] = f.ID
		if len(told) == 5000 && !killed {
			killed = true
			s.Kill()
		}
		return nil
	})
	var away *client.Unreachable
	if !killed || !errors.As(err, &away) {
		t.Fatalf("killed: %v; the import ended with %v", killed, err)
	}
	store, err := bolt.Open(t.Context(), bolt.Options{Dir: s.dir})
	if err != nil {
		t.Fatal(err)
	}
	defer store.Close()
	for mac, id := range told {
		if got, err := store.FindPhone(t.Context(), mac); err != nil || got.String() != id {
			t.Fatalf("%s was told to be %s and is %s: %v", mac, id, got, err)
		}
	}
	if faults, err := store.Check(t.Context()); err != nil || len(faults) > 0 {
		t.Errorf("the store: %v, %v", faults, err)
	}
	if n, err := store.CountPhones(t.Context()); err != nil || n[db.PhoneApproved] < len(told) {
		t.Errorf("%v phones, %d were told: %v", n, len(told), err)
	}
}

// TestLargeImport: a large list goes in and out, and the server's memory stays
// what it is for a small one.
func TestLargeImport(t *testing.T) {
	t.Parallel()
	const lines = 20_000
	s := startServer(t, t.TempDir())
	c, err := client.New(client.Options{Server: "http://" + s.admin, Token: s.token, Strict: true})
	if err != nil {
		t.Fatal(err)
	}
	fates := map[string]int{}
	most := s.anonymous(t)
	imports := func(o client.ImportOptions) client.ImportResult {
		t.Helper()
		clear(fates)
		o.Format = client.CSV
		sum, err := c.Import(t.Context(), client.Phones, &listOf{until: lines}, o, func(f client.ImportFate) error {
			if fates[f.Fate]++; f.Line%2000 == 0 {
				most = max(most, s.anonymous(t))
			}
			return nil
		})
		if err != nil || sum.Through != lines+1 {
			t.Fatalf("import: %+v, %v", sum, err)
		}
		return sum
	}
	if sum := imports(client.ImportOptions{DryRun: true}); sum.Created != lines || fates["created"] != lines || !sum.DryRun {
		t.Errorf("dry run: %+v, told %v", sum, fates)
	}
	if n := len(list[map[string]any](t, s, "/api/v1/phones")); n != 0 {
		t.Errorf("a dry run made %d phones", n)
	}
	if sum := imports(client.ImportOptions{}); sum.Created != lines || fates["created"] != lines {
		t.Errorf("import: %+v, told %v", sum, fates)
	}
	for existing, fate := range map[string]string{"update": "unchanged", "skip": "skipped", "refuse": "refused"} {
		if sum := imports(client.ImportOptions{Existing: existing}); fates[fate] != lines || len(fates) != 1 {
			t.Errorf("again with %s: %+v, told %v", existing, sum, fates)
		}
	}
	out, err := c.Export(t.Context(), client.Phones, client.JSONL, "")
	if err != nil {
		t.Fatal(err)
	}
	defer out.Close()
	n := 0
	for sc := bufio.NewScanner(out); sc.Scan(); n++ {
	}
	if n != lines {
		t.Errorf("exported %d of %d", n, lines)
	}
	if most > 160<<20 {
		t.Errorf("the server took %d MiB", most>>20)
	}
}
