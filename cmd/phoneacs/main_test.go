package main

import (
	"bytes"
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// asProgram makes the test binary the program itself, for tests of signals.
const asProgram = "PHONEACS_TEST_AS_PROGRAM"

func TestMain(m *testing.M) {
	program := os.Getenv(asProgram) != ""
	for _, v := range os.Environ() {
		if name, _, _ := strings.Cut(v, "="); !program && strings.HasPrefix(name, "PHONEACS_") {
			if err := os.Unsetenv(name); err != nil { // settings of whoever runs the tests
				panic(err)
			}
		}
	}
	if program {
		main()
	}
	os.Exit(m.Run())
}

// A result is what a command line gave.
type result struct {
	status      int
	out, errOut string
}

func runLine(ctx context.Context, args ...string) result {
	var out, errOut bytes.Buffer
	status := run(ctx, args, &out, &errOut)
	return result{status, out.String(), errOut.String()}
}

// writeFile makes a file and returns its path.
func writeFile(t *testing.T, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "phoneacs.yaml")
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// TestCommandLine runs what needs no server.
func TestCommandLine(t *testing.T) {
	good, bad := writeFile(t, "enrol: open\n"), writeFile(t, "\nenroll: open\n")
	for _, tt := range []struct {
		name   string
		args   string
		status int
		says   string // on stdout if the status is 0, else on stderr; the other is empty
	}{
		{"alone, without a server", "--server 127.0.0.1:1", exitNoServer, "start one here with `phoneacs serve`"},
		{"a server that is none", "job list --server ftp://x", exitUsage, "phoneacs: --server: "},
		{"no such authority", "job list --ca none.pem", exitUsage, "phoneacs: --ca: "},
		{"a noun alone", "job", exitOK, "Available Commands:"},
		{"a verb without its noun", "job show", exitUsage, "phoneacs job show needs JOB; see `phoneacs job show --help`\n"},
		{"an argument too many", "job show j1 j2", exitUsage, "\"j2\" is not understood; see `phoneacs job show --help`\n"},
		{"help", "help", exitOK, "Available Commands:"},
		{"help flag", "--help", exitOK, "Available Commands:"},
		{"help about serve", "help serve", exitOK, "--admin-plain"},
		{"serve help", "serve --help", exitOK, "--admin-plain"},
		{"version", "version", exitOK, "phoneacs dev\n"},
		{"check", "serve --check", exitOK, "the configuration can be used\n"},
		{"check of a file", "serve --check --config " + good, exitOK, "the configuration can be used\n"},

		{"unknown command", "sevre", exitUsage, "phoneacs: \"sevre\" is not understood; see `phoneacs --help`\n"},
		{"help about nothing", "help sevre", exitUsage, "see `phoneacs --help`\n"},
		{"help about too much", "help serve sevre", exitUsage, "see `phoneacs --help`\n"},
		{"a shell without completions", "completion tcsh", exitUsage, `"tcsh" is not understood`},
		{"unknown flag", "serve --admn x", exitUsage, "phoneacs: unknown flag: --admn; see `phoneacs serve --help`\n"},
		{"unknown flag of none", "--cwmp x", exitUsage, "see `phoneacs --help`\n"},
		{"flag without value", "serve --data", exitUsage, "flag needs an argument: --data"},
		{"not a duration", "serve --drain soon", exitUsage, `"soon" for "--drain"`},
		{"not a truth", "serve --admin-plain=perhaps", exitUsage, `"--admin-plain"`},
		{"argument", "serve here", exitUsage, "\"here\" is not understood; see `phoneacs serve --help`\n"},
		{"argument of version", "version 2", exitUsage, `"2" is not understood`},
		{"setting", "serve --check --enrol all", exitUsage, `phoneacs: --enrol: "all": want approve, list or open`},
		{"admin off loopback", "serve --check --admin :8080", exitUsage, "--admin-plain"},
		{"a port twice", "serve --check --cwmp :8080", exitUsage, "phoneacs: --admin: "},
		{"file", "serve --check --config " + bad, exitUsage, bad + `:2: unknown setting "enroll"`},
		{"no file", "serve --check --config " + bad + ".none", exitUsage, "no such file"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got := runLine(t.Context(), strings.Fields(tt.args)...)
			said, silent := got.out, got.errOut
			if tt.status != exitOK {
				said, silent = silent, said
			}
			if got.status != tt.status || !strings.Contains(said, tt.says) || silent != "" {
				t.Errorf("status %d, want %d and %q\nstdout: %s\nstderr: %s", got.status, tt.status, tt.says, got.out, got.errOut)
			}
		})
	}
}

// TestManyErrors: each has its line, and each line its program.
func TestManyErrors(t *testing.T) {
	got := runLine(t.Context(), "serve", "--check", "--cwmp", "x", "--enrol", "y", "--log-level", "z")
	lines := strings.Split(strings.TrimSuffix(got.errOut, "\n"), "\n")
	want := []string{"phoneacs: --cwmp: ", "phoneacs: --enrol: ", "phoneacs: --log-level: "}
	if got.status != exitUsage || len(lines) != len(want) {
		t.Fatalf("status %d:\n%s", got.status, got.errOut)
	}
	for i := range want {
		if !strings.HasPrefix(lines[i], want[i]) {
			t.Errorf("line %d: %q; want %q", i+1, lines[i], want[i])
		}
	}
}

type brokenWriter struct{}

func (brokenWriter) Write([]byte) (int, error) { return 0, errors.New("disk full") }

// TestOutputFails: a script that reads the answer must not take none for one.
func TestOutputFails(t *testing.T) {
	for _, line := range []string{"version", "serve --check"} {
		var errOut bytes.Buffer
		if status := run(t.Context(), strings.Fields(line), brokenWriter{}, &errOut); status != exitFailed || !strings.Contains(errOut.String(), "disk full") {
			t.Errorf("%s: status %d, %s", line, status, &errOut)
		}
	}
}
