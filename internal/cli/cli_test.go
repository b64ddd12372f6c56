package cli

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/spf13/cobra"

	"phoneacs/admin/client"
)

// TestMain keeps settings of whoever runs the tests away from them.
func TestMain(m *testing.M) {
	for _, name := range []string{ServerVariable, TokenVariable, CAVariable, dataVariable} {
		if err := os.Unsetenv(name); err != nil {
			panic(err)
		}
	}
	os.Exit(m.Run())
}

// run runs a command line and returns what it printed.
func run(t *testing.T, args ...string) (out, errs string, err error) {
	t.Helper()
	root := &cobra.Command{Use: "phoneacs", SilenceErrors: true, SilenceUsage: true}
	root.AddCommand(Commands()...)
	var o, e bytes.Buffer
	root.SetArgs(args)
	root.SetOut(&o)
	root.SetErr(&e)
	err = root.ExecuteContext(t.Context())
	return o.String(), e.String(), err
}

// TestHelp: every command says in a line what it does, and shows how.
func TestHelp(t *testing.T) {
	var walk func(c *cobra.Command)
	walk = func(c *cobra.Command) {
		if c.Short == "" || strings.HasSuffix(c.Short, ".") {
			t.Errorf("%s: %q is no short word of what it does", c.CommandPath(), c.Short)
		}
		if !c.HasSubCommands() && !strings.Contains(c.Example, c.CommandPath()+" ") && !strings.HasSuffix(c.Example, c.CommandPath()) && !strings.Contains(c.Example, c.CommandPath()+"\n") {
			t.Errorf("%s has no example of itself: %q", c.CommandPath(), c.Example)
		}
		for _, flag := range []string{"server", "token", "json"} {
			if c.InheritedFlags().Lookup(flag) == nil && c.Flags().Lookup(flag) == nil {
				t.Errorf("%s has no --%s", c.CommandPath(), flag)
			}
		}
		for _, sub := range c.Commands() {
			walk(sub)
		}
	}
	root := &cobra.Command{Use: "phoneacs"}
	root.AddCommand(Commands()...)
	for _, c := range root.Commands() {
		for _, sub := range c.Commands() {
			walk(sub)
		}
	}
}

// phones serves a list of n phones in pages of at most size.
func phones(t *testing.T, n, size int) (server string, asked *[]string) {
	t.Helper()
	asked = new([]string)
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		*asked = append(*asked, r.URL.Query().Get("limit")+" "+r.Header.Get("Authorization"))
		from, limit := 0, 100
		fmt.Sscan(r.URL.Query().Get("cursor"), &from)
		fmt.Sscan(r.URL.Query().Get("limit"), &limit)
		page := client.Page[client.Phone]{Items: []client.Phone{}}
		for i := from; i < n && i < from+min(limit, size); i++ {
			page.Items = append(page.Items, client.Phone{ID: fmt.Sprintf("p%d", i+1), State: "approved", Name: "bell\a\x1b[2J"})
		}
		if end := from + len(page.Items); end < n {
			page.Next = fmt.Sprint(end)
		}
		_ = json.NewEncoder(w).Encode(page)
	}))
	t.Cleanup(s.Close)
	return s.URL, asked
}

// TestList: as many as are wanted, over pages that may be short.
func TestList(t *testing.T) {
	server, asked := phones(t, 25, 4)
	for _, tt := range []struct {
		args  string
		lines int
		note  string
	}{
		{"--limit 3", 4, "there are more"},
		{"--limit 10", 11, "there are more"},
		{"--limit 25", 26, ""},
		{"", 26, ""},
		{"--all --limit 1", 26, ""},
		{"--all --json", 25, ""},
	} {
		*asked = nil
		out, errs, err := run(t, append([]string{"phone", "list", "--server", server}, strings.Fields(tt.args)...)...)
		if err != nil || strings.Count(out, "\n") != tt.lines || !strings.Contains(errs, tt.note) || tt.note == "" && errs != "" {
			t.Errorf("%s: %d lines, want %d, %q, %v (asked %v)", tt.args, strings.Count(out, "\n"), tt.lines, errs, err, *asked)
		}
		if strings.ContainsAny(out, "\a\x1b") {
			t.Errorf("%s: a phone's name reaches the terminal as it is", tt.args)
		}
		if strings.Count(out, "STATE") > 1 {
			t.Errorf("%s: more than one heading:\n%s", tt.args, out)
		}
	}
}

// TestToken: the flag wins over the variable, that over the file, and the file
// is for a server of this machine alone.
func TestToken(t *testing.T) {
	server, asked := phones(t, 1, 1)
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, tokenFile), []byte("of-the-file\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct{ env, args, want string }{
		{"", "", "1000 Bearer of-the-file"},
		{"of-the-variable", "", "1000 Bearer of-the-variable"},
		{"of-the-variable", "--token of-the-flag", "1000 Bearer of-the-flag"},
	} {
		t.Setenv(TokenVariable, tt.env)
		*asked = nil
		_, _, err := run(t, append([]string{"phone", "list", "--all", "--server", server, "--data", dir}, strings.Fields(tt.args)...)...)
		if err != nil || len(*asked) != 1 || (*asked)[0] != tt.want {
			t.Errorf("%+v: asked %q, %v", tt, *asked, err)
		}
	}
	t.Setenv(TokenVariable, "")
	cmd := &cobra.Command{}
	connectionFlags(cmd.Flags())
	if err := cmd.ParseFlags([]string{"--data", dir, "--server", "acs.example.net:8080"}); err != nil {
		t.Fatal(err)
	}
	if o, err := connection(cmd); err != nil || o.Token != "" {
		t.Errorf("the file's token would go to %s: %v", o.Server, err)
	}
}

func TestTable(t *testing.T) {
	var out bytes.Buffer
	o := &output{out: &out, width: 20, color: true}
	rows := []string{"approved", "xé"}
	tab := newTable(o, []column[string]{
		{title: "N", right: true, cell: func(s string) string { return number(len(s)) }},
		{title: "STATE", state: true, cell: func(s string) string { return s }},
		{title: "REST", cell: func(s string) string { return strings.Repeat(s, 4) }},
	})
	if err := tab.page(rows); err != nil {
		t.Fatal(err)
	}
	want := "\x1b[2mN\x1b[0m\x1b[2m  STATE   \x1b[0m\x1b[2m  REST\x1b[0m\n" +
		"8\x1b[32m  approved\x1b[0m  approv…\n" +
		"3  xé        xéxéxé…\n"
	if out.String() != want {
		t.Errorf("got\n%q\nwant\n%q", out.String(), want)
	}
}

// TestWide: names stand under each other, whatever they are written in.
func TestWide(t *testing.T) {
	for s, want := range map[string]int{"": 0, "abc": 3, "é": 1, "e\u0301": 1, "会议室": 6, "👩\u200d💻": 2, "𝒜": 1} {
		if got := wide(s); got != want {
			t.Errorf("%q takes %d columns; want %d", s, got, want)
		}
	}
	for _, tt := range []struct {
		s    string
		n    int
		want string
	}{{"会议室", 6, "会议室"}, {"会议室", 5, "会议…"}, {"会议室", 4, "会…"}, {"会议室", 1, "…"}, {"e\u0301te\u0301s", 3, "e\u0301t…"}, {"ab  ", 3, "ab "}} {
		if got := cut(tt.s, tt.n); got != tt.want {
			t.Errorf("%q cut to %d is %q; want %q", tt.s, tt.n, got, tt.want)
		}
	}
	var out bytes.Buffer
	tab := newTable(&output{out: &out}, []column[string]{{title: "NAME", cell: func(s string) string { return s }}, {title: "X", cell: func(string) string { return "x" }}})
	if err := tab.page([]string{"会议室", "lobby"}); err != nil || out.String() != "NAME    X\n会议室  x\nlobby   x\n" {
		t.Errorf("%s (%v)", &out, err)
	}
}

// FuzzPlain promises that no text leaves a line, moves a cursor or rings.
func FuzzPlain(f *testing.F) {
	f.Add("a\x1b[2Jb\u202e\x9b")
	f.Add("\xff\n\t")
	f.Fuzz(func(t *testing.T, s string) {
		p := plain(s)
		for _, r := range p {
			if r < ' ' || r == 0x7f || r >= 0x80 && r < 0xa0 {
				t.Errorf("%q becomes %q", s, p)
			}
		}
		for n := range 12 {
			if c := cut(p, n); wide(c) > n {
				t.Errorf("%q cut to %d is %q", p, n, c)
			}
		}
	})
}

func TestSpanAndSize(t *testing.T) {
	for d, want := range map[time.Duration]string{
		0: "0s", 59 * time.Second: "59s", 61 * time.Second: "1m01s", 11 * time.Minute: "11m", 90 * time.Minute: "1h30m", 49 * time.Hour: "2d",
	} {
		if got := span(d); got != want {
			t.Errorf("%v: %s; want %s", d, got, want)
		}
	}
	for n, want := range map[int64]string{0: "0 B", 999: "999 B", 1000: "1.0 kB", 4_194_304: "4.2 MB", 5_000_000_000_000: "5000.0 GB"} {
		if got := size(n); got != want {
			t.Errorf("%d: %s; want %s", n, got, want)
		}
	}
}

// TestPace: the rate is that of the last half minute, and the rest follows.
func TestPace(t *testing.T) {
	now := time.Date(2026, 5, 17, 9, 0, 0, 0, time.UTC)
	var out bytes.Buffer
	p := (&output{out: &out, errs: &out, now: func() time.Time { return now }}).newProgress()
	job := client.Job{ID: "j1", State: client.JobActive, Selected: 1000}
	for range 120 { // a second each: fast first, then 2 a second
		if job.Counts.Succeeded < 500 {
			job.Counts.Succeeded += 50
		} else {
			job.Counts.Succeeded += 2
		}
		if err := p.show(job); err != nil {
			t.Fatal(err)
		}
		now = now.Add(time.Second)
	}
	if got, want := p.pace(job), "2.0/s, 2m20s left"; got != want {
		t.Errorf("%q; want %q", got, want)
	}
	if n := strings.Count(out.String(), "\n"); n != 12 {
		t.Errorf("%d lines in two minutes; want one each 10 s:\n%s", n, &out)
	}
	job.State = client.JobPaused
	if got := p.pace(job); got != "" {
		t.Errorf("a job that is paused goes at %q", got)
	}
}

func TestSwitches(t *testing.T) {
	set, err := switches([]string{"a=true", "max_names=16", "namespace=", "file_types.config=3 Vendor", "file_types.firmware="})
	got, _ := json.Marshal(set)
	if err != nil || string(got) != `{"a":true,"file_types":{"config":"3 Vendor","firmware":""},"max_names":16,"namespace":""}` {
		t.Errorf("%s, %v", got, err)
	}
	if _, err := switches([]string{"max_names"}); err == nil {
		t.Error("a switch without a value is taken")
	}
}
