package e2e

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"
	"time"
)

// A block is a fenced part of a document: its info string and its text.
type block struct {
	info, text string
	line       int
}

// readme returns README.md whole and in blocks.
func readme(tb testing.TB) (text string, blocks []block) {
	tb.Helper()
	return document(tb, "README.md")
}

// document returns a document of the project, whole and in blocks.
func document(tb testing.TB, name string) (text string, blocks []block) {
	tb.Helper()
	b, err := os.ReadFile(filepath.Join("..", name))
	if err != nil {
		tb.Fatal(err)
	}
	var in *block
	for i, line := range strings.Split(string(b), "\n") {
		info, fence := strings.CutPrefix(line, "```")
		switch {
		case fence && in == nil:
			in = &block{info: info, line: i + 2}
		case fence:
			blocks, in = append(blocks, *in), nil
		case in != nil:
			in.text += line + "\n"
		}
	}
	if in != nil {
		tb.Fatalf("%s:%d: the block has no end", name, in.line)
	}
	return string(b), blocks
}

// needPrograms ends the test if a program is not installed.
func needPrograms(tb testing.TB, names ...string) {
	tb.Helper()
	for _, name := range names {
		if _, err := exec.LookPath(name); err != nil {
			missing(tb, "the program %s", name)
		}
	}
}

// missing ends a test that lacks something of the machine: it is skipped, or
// failed where PHONEACS_REQUIRE_PEERS=1 says that nothing should be missing.
func missing(tb testing.TB, format string, args ...any) {
	tb.Helper()
	what := fmt.Sprintf(format, args...)
	if os.Getenv("PHONEACS_REQUIRE_PEERS") == "1" {
		tb.Fatalf("this test needs %s", what)
	}
	tb.Skipf("this test needs %s", what)
}

// newcomer is a shell in the project's directory, of somebody who has nothing
// but Go and a free pair of ports. All that it starts ends with the test.
func newcomer(tb testing.TB, script string) (cmd *exec.Cmd, admin string) {
	tb.Helper()
	needPrograms(tb, "bash", "go")
	home := tb.TempDir()
	admin = freeAddr(tb)
	cmd = exec.Command("bash", "-e", "-o", "pipefail", "-c", script)
	cmd.Dir = ".."
	cmd.Env = append(goEnv(tb), "HOME="+home, "TMPDIR="+home, "PATH="+os.Getenv("PATH"),
		"PHONEACS_CWMP="+freeAddr(tb), "PHONEACS_ADMIN="+admin)
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	tb.Cleanup(func() {
		if cmd.Process != nil {
			_ = syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) // of its group, most often nobody is left
		}
	})
	return cmd, admin
}

// goEnv lets another HOME build from the caches of this one.
func goEnv(tb testing.TB) (env []string) {
	tb.Helper()
	out, err := exec.Command("go", "env", "-json", "GOCACHE", "GOMODCACHE", "GOPATH", "GOPROXY", "GOSUMDB", "GOTOOLCHAIN", "GOFLAGS").Output()
	if err != nil {
		tb.Fatalf("go env: %v", err)
	}
	var vars map[string]string
	if err := json.Unmarshal(out, &vars); err != nil {
		tb.Fatalf("go env: %v", err)
	}
	for k, v := range vars {
		env = append(env, k+"="+v)
	}
	return env
}

// TestReadmeOpensWithTwoCommands takes the first command as it stands, and ends
// it as a person does. The second one is what runs this test.
func TestReadmeOpensWithTwoCommands(t *testing.T) {
	_, blocks := readme(t)
	want := "go run ./cmd/phoneacs serve\ngo test ./...\n"
	if len(blocks) == 0 || blocks[0].text != want {
		t.Fatalf("README.md does not open with\n%s", want)
	}
	serve, _, _ := strings.Cut(blocks[0].text, "\n")
	cmd, admin := newcomer(t, serve)
	cmd.Env = append(cmd.Env, "PHONEACS_DATA="+filepath.Join(t.TempDir(), "data"))
	var out bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &out
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	ended := make(chan error, 1)
	go func() { ended <- cmd.Wait() }()
	ctx, cancel := context.WithTimeout(t.Context(), 3*time.Minute)
	defer cancel()
	err := poll(ctx, func() error {
		select {
		case err := <-ended:
			t.Fatalf("it ended (%v) and should serve:\n%s", err, out.String())
		default:
		}
		res, err := adminClient.Get("http://" + admin + "/readyz")
		if err == nil {
			res.Body.Close()
			if res.StatusCode != http.StatusOK {
				err = errors.New(res.Status)
			}
		}
		return err
	})
	if err != nil {
		t.Fatalf("it does not serve: %v", err)
	}
	// Ctrl-C is for all who run in the terminal.
	if err := syscall.Kill(-cmd.Process.Pid, syscall.SIGINT); err != nil {
		t.Fatal(err)
	}
	select {
	case err := <-ended:
		// After Ctrl-C `go run` ends with 1 whatever became of the program, which
		// says so if it ends badly.
		if log := out.String(); !strings.Contains(log, "stopping; open sessions may end") || strings.Contains(log, "\nphoneacs: ") {
			t.Errorf("it ended with %v:\n%s", err, log)
		}
	case <-ctx.Done():
		t.Fatal("it does not end")
	}
	for _, told := range []string{"Admin API:  http://" + admin, "Enter in a phone, as its TR-069 ACS URL: http://", "The admin token is in "} {
		if !strings.Contains(out.String(), told) {
			t.Errorf("it did not tell %q:\n%s", told, out.String())
		}
	}
}

// TestReadmeWalkThrough runs the blocks that are marked "sh run", in one shell
// and as they stand, and compares what each prints with the text below it.
func TestReadmeWalkThrough(t *testing.T) {
	needPrograms(t, "curl")
	const mark = "=-=-= end of block =-=-="
	_, blocks := readme(t)
	var script strings.Builder
	var run, want []block
	for i, b := range blocks {
		if b.info != "sh run" {
			continue
		}
		script.WriteString(b.text + "echo '\n" + mark + "'\n")
		shown := block{line: b.line}
		if i+1 < len(blocks) && blocks[i+1].info == "text" {
			shown = blocks[i+1]
		}
		run, want = append(run, b), append(want, shown)
	}
	if len(run) < 8 {
		t.Fatalf("README.md has %d blocks to run; its walk-through has got lost", len(run))
	}
	cmd, _ := newcomer(t, script.String())
	var out bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &out
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	ended := make(chan error, 1)
	go func() { ended <- cmd.Wait() }()
	patience := time.NewTimer(5 * time.Minute)
	defer patience.Stop()
	var err error
	select {
	case err = <-ended:
	case <-patience.C:
		_ = syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL)
		err = fmt.Errorf("it takes too long: %w", <-ended)
	}
	got := strings.Split(out.String(), mark+"\n")
	for i, b := range run {
		if i >= len(got)-1 {
			t.Fatalf("README.md:%d: this block failed (%v):\n%s\n%s", b.line, err, b.text, got[len(got)-1])
		}
		if g, w := strings.TrimSpace(got[i]), strings.TrimSpace(want[i].text); g != w {
			t.Errorf("README.md:%d: printed\n%s\nshown is\n%s", b.line, g, w)
		}
	}
	if err != nil {
		t.Errorf("the walk-through: %v", err)
	}
}

// TestReadmeFlags holds the table of settings to what the program's help says.
func TestReadmeFlags(t *testing.T) {
	text, _ := readme(t)
	help, err := exec.Command(program(t), "serve", "--help").Output()
	if err != nil {
		t.Fatal(err)
	}
	flags := regexp.MustCompile(`(?m)^ +(?:-h, )?(--\S+) .*$`)
	variable := regexp.MustCompile(`\((PHONEACS_[A-Z_]+)\)`)
	def := regexp.MustCompile(`\(default "?([^")]*)"?\)$`)
	known := 0
	for _, m := range flags.FindAllStringSubmatch(string(help), -1) {
		line, flag := m[0], m[1]
		if flag == "--help" {
			continue
		}
		known++
		env, value := "", "none"
		if v := variable.FindStringSubmatch(line); v != nil {
			env = "`" + v[1] + "`"
		}
		if v := def.FindStringSubmatch(line); v != nil {
			value = "`" + v[1] + "`"
		}
		row := regexp.MustCompile("(?m)^\\| `" + flag + "` \\| ([^|]*?) ?\\| ([^|]*?) ?\\|").FindStringSubmatch(text)
		switch {
		case row == nil:
			t.Errorf("README.md has no row for %s", flag)
		case row[1] != env:
			t.Errorf("README.md says that %s is %s in the environment; it is %s", flag, row[1], env)
		case row[2] != value && (value != "none" || strings.Contains(row[2], "`")):
			t.Errorf("README.md says that %s is %s by default; it is %s", flag, row[2], value)
		}
	}
	if rows := strings.Count(text, "\n| `--"); rows != known || known == 0 {
		t.Errorf("README.md has %d rows of flags; the program has %d", rows, known)
	}
}

// TestReadmeStatuses holds the table of exit statuses to the program's help.
func TestReadmeStatuses(t *testing.T) {
	text, _ := readme(t)
	help := runProgram(t, nil, "--help").stdout
	statuses := regexp.MustCompile(`(?m)^  (\d)  (.+)$`).FindAllStringSubmatch(help, -1)
	if len(statuses) == 0 {
		t.Fatalf("the help names no status:\n%s", help)
	}
	for _, s := range statuses {
		if row := "| " + s[1] + " | " + s[2] + " |\n"; !strings.Contains(text, row) {
			t.Errorf("README.md has no row\n%s", row)
		}
	}
}

// TestReadmeOperations looks up the operations that README.md names.
func TestReadmeOperations(t *testing.T) {
	text, _ := readme(t)
	s := startServer(t, t.TempDir())
	var doc struct {
		Paths map[string]map[string]json.RawMessage `json:"paths"`
	}
	s.call(t, http.MethodGet, "/api/v1/openapi.json", nil, &doc)
	named := regexp.MustCompile("`(GET|POST|PUT|PATCH|DELETE) (/[^` ]*)`").FindAllStringSubmatch(text, -1)
	if len(named) < 20 {
		t.Errorf("README.md names %d operations", len(named))
	}
	for _, op := range named {
		if _, ok := doc.Paths[op[2]][strings.ToLower(op[1])]; !ok {
			t.Errorf("README.md names %s %s; the API has no such operation", op[1], op[2])
		}
	}
}
