package e2e

import (
	"bytes"
	"encoding/json"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"
	"time"

	"phoneacs/internal/sim"
)

// A said is what a command line gave.
type said struct {
	status    int
	out, errs string
}

// line runs a command line of the program against the server.
func (s *server) line(in string, args ...string) said {
	s.tb.Helper()
	cmd := exec.CommandContext(s.tb.Context(), program(s.tb), args...)
	cmd.Env = []string{"PHONEACS_SERVER=" + s.admin, "PHONEACS_TOKEN=" + s.token, "HOME=" + s.dir}
	cmd.Stdin = strings.NewReader(in)
	var out, errs bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &errs
	err := cmd.Run()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		s.tb.Fatalf("%v: %v", args, err)
	}
	return said{cmd.ProcessState.ExitCode(), out.String(), errs.String()}
}

// TestOperatorsDay works through a day of an operator: each line is run by the
// program against a real server with three phones.
func TestOperatorsDay(t *testing.T) {
	t.Parallel()
	s := startServer(t, t.TempDir(), "--enrol", "open", "--phone-networks", "127.0.0.0/8")
	runFleet(t, sim.Options{
		ACS: s.ACS(), Phones: 3, Models: []string{"X6"}, PeriodicInterval: time.Second, BootTime: time.Millisecond, RetryScale: 0.02,
	})
	s.awaitPhones(t, 3, 30*time.Second)
	file := filepath.Join(t.TempDir(), "lobby.cfg")
	if err := os.WriteFile(file, []byte("<<VOIP CONFIG FILE>>Version:2.0002\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		line   string // words; ' parts what holds spaces
		in     string
		status int
		out    string // pattern
		errs   string // pattern
	}{
		{"", "", 0, `(?m)^phones  3 approved$`, "phoneacs job"},
		{"phone list", "", 0, `^ID +STATE +MAC .*\np1  approved  0c383e`, "^$"},
		{"phone list --limit 2", "", 0, `^(.*\n){3}$`, "there are more"},
		{"phone list --all --json", "", 0, `^({"id":"p[123]",.*}\n){3}$`, "^$"},
		{"phone list --filter 'bogus = 1'", "", 6, `^$`, "(?s)bogus.*a filter looks like"},
		{"phone list --limit 0", "", 2, `^$`, "--limit"},
		{"phone show p1", "", 0, `(?m)^model +X6$`, "^$"},
		{"phone show p99", "", 5, `^$`, "(?s)not known here.*phoneacs phone list"},
		{"phone edit p1 --name 'Front desk'", "", 0, `(?m)^name +Front desk$`, "^$"},
		{"phone edit p1 p2 --name x", "", 2, `^$`, "for one phone"},
		{"phone edit p1 --wake-user acs --wake-password-stdin", "hunter2\n", 0, `(?m)^wake user +acs$`, "^$"},
		{"site add depot --zone Europe/Berlin", "", 0, `(?m)^site  s2$`, "^$"},
		{"site edit depot --network 10.9.0.0/16", "", 0, `(?m)^networks  10.9.0.0/16$`, "^$"},
		{"site edit depot --ways udp,http", "", 0, `(?m)^ways +udp http$`, "^$"},
		{"site edit depot --ways smoke", "", 6, `^$`, "no way to make a phone speak"},
		{"site edit depot", "", 2, `^$`, "say what is to be changed"},
		{"site add attic", "", 0, `(?m)^site +s3$`, "^$"},
		{"site delete attic", "", 0, `attic is gone`, "^$"},
		{"site delete s1", "", 6, `^$`, "in-use|needs it"},
		{"window create night --flexible 1 --begin 02:00 --end 04:00 --zone Europe/Berlin", "", 0, `(?m)^window +w1$`, "^$"},
		{"window create weekend --weekly sat,sun --begin 02:00 --every 2 --inactivity 10 --valid-from 2027-01-01 --black-out 2027-12-24/2028-01-02", "", 0, `(?m)^opens +sat,sun of each 2 weeks$`, "nothing is spread"},
		{"window create x --weekly mon --begin 25:00", "", 6, `^$`, `(?s)00:00 to 23:59`},
		{"window create x --weekly mon --begin 02:00 --every 13", "", 6, `^$`, `0 to 12`},
		{"window create x --flexible 0 --begin 02:00", "", 6, `^$`, `1 to 1000`},
		{"window create x --begin 02:00", "", 2, `^$`, `--weekly DAYS or --flexible N`},
		{"window list", "", 0, `(?m)^w1  night +each day +02:00 to 04:00 +Europe/Berlin\n?`, "^$"},
		{"window edit night --end 05:00", "", 0, `(?m)^edition +2$`, "filed anew in the background"},
		{"window edit night --json", "", 2, `^$`, "say what is to be changed"},
		{"window show night", "", 0, `(?m)^from +02:00 to 05:00$`, "^$"},
		{"window show nothing", "", 5, `^$`, "(?s)not known here.*phoneacs window list"},
		{"window preview night --phone p1 --slots 3", "", 0, `(?s)^SLOT \(Europe/Berlin\).*( 0[234]:\d\d:\d\d \+0[12]00.*){3}$`, ""},
		{"window preview night --all", "", 0, `(?s)3 of 3 have a slot.*phones in each .*Europe/Berlin.*busiest`, "^$"},
		{"window preview night --all --json", "", 0, `^{"window":"w1",.*"exact":true`, "^$"},
		{"window preview night p1 --rate 1 --takes 5m", "", 0, `(?m)^rate +1 a minute: the last begins `, "^$"},
		{"window preview --flexible 1 --begin 02:00 --all --rate 1", "", 6, `^$`, "3 phones at 1 a minute need 3 minutes, and the window is open for 0"},
		{"window preview --flexible 1 --begin 02:00 --valid-to 2020-01-01 --all", "", 6, `^$`, "valid_to is 2020-01-01, and that is past"},
		{"window preview", "", 2, `^$`, "say which window"},
		{"window delete weekend", "", 0, `weekend is gone`, "^$"},
		{"phone edit --all --site depot --dry-run", "", 0, `^3 phones would be changed, 0 are so already\n$`, "^$"},
		{"tag add lobby p1 p2", "", 0, `^2 phones tagged, 0 are so already\n$`, "^$"},
		{"tag remove lobby --filter tags:lobby", "", 0, `^2 phones untagged`, "^$"},
		{"tag add lobby", "", 2, `^$`, "say which phones"},
		{"phone import -", "mac,name\n0c383e0000aa,spare\nx,y\n", 8, `(?s)^LINE  FIELD .*   3  mac .*\nphones: 1 created, 0 updated, 0 unchanged, 0 skipped, 1 refused\n$`, "not all lines were taken: 1 were refused"},
		{"phone delete 0c383e0000aa", "", 0, `is gone`, "^$"},
		{"file add " + file + " --kind config --vendor fanvil", "", 0, `(?m)^file +f1$`, "^$"},
		{"file add " + file, "", 2, `^$`, "--kind: is needed"},
		{"file list --filter 'kind = \"config\"'", "", 0, `f1  lobby.cfg  config  fanvil`, "^$"},
		{"job download lobby.cfg p1 --watch", "", 0, `j1 has ended after .*: 1 succeeded\n$`, "j1 is ordered: download for 1 phone"},
		{"job download nothing.cfg p1", "", 5, `^$`, "phoneacs file list"},
		{"job reboot --all --watch --json", "", 0, `(?s)"state":"ended".*"succeeded":3`, "j2 is ordered"},
		{"job set Device.NoSuch.Thing=no --phone p1 --retries 0 --watch", "", 8, `1 failed`, "(?s)phoneacs job tasks j3.*not all tasks succeeded: 1 of 1 did not"},
		{"job get Device.DeviceInfo. --phone p2 --watch", "", 0, `1 succeeded`, ""},
		{"job raw GetRPCMethods p2 --watch", "", 0, `1 succeeded`, ""},
		{"task result j5-p2", "", 0, `(?s)GetRPCMethodsResponse.*Download`, "^$"},
		{"job list --filter 'kind = \"reboot\"'", "", 0, `(?m)^j2  reboot  ended +3 +3 +0 +0 `, "^$"},
		{"job tasks j2", "", 0, `(?m)^j2-p1  succeeded +1 `, "^$"},
		{"job reboot p1 --at 2h", "", 0, `^j6 is ordered: reboot for 1 phone\n$`, "phoneacs job watch j6"},
		{"job reboot p1 --at sometime", "", 2, `^$`, "--at"},
		{"job pause j6", "", 0, `(?m)^state +paused$`, "^$"},
		{"job cancel j6", "", 0, `(?m)^job +j6$`, "^$"},
		{"job watch j6", "", 8, `1 cancelled`, "not all tasks succeeded"},
		{"job create -", `{"kind":"reboot","selection":{"phones":["p1"]},"when":{"now":true},"nonsense":1}`, 2, `^$`, `"nonsense"`},
		{"hold set --all --reason storm", "", 0, `^all phones: nothing is changed or restarted\n$`, "^$"},
		{"", "", 0, `(?m)^holds +all phones$`, "phoneacs hold list"},
		{"hold list --json", "", 0, `^{"all":true,"reason":"storm"`, "^$"},
		{"job reboot p2", "", 0, `^j7 is ordered: reboot for 1 phone\n$`, "phoneacs job watch j7"},
		{"job show j7", "", 0, `(?m)^held +all phones: 1 task, since .* by .*: storm$`, "phoneacs hold clear --all"},
		{"job show j7 --json", "", 0, `"held":\[{"all":true,"reason":"storm","by":"[^"]+","since":"[^"]+","tasks":1}\]`, "^$"},
		{"hold clear --all", "", 0, `is gone`, "^$"},
		{"job watch j7", "", 0, `1 succeeded`, ""},
		{"hold clear --all", "", 5, `^$`, "phoneacs hold list"},
		{"hold set", "", 2, `^$`, "--site SITE"},
		{"rule add approve --mac 0c383e000000/24", "", 0, `(?m)^e1 +1000  approve  mac 0c383e000000`, "^$"},
		{"rule list", "", 0, `(?m)^e1 `, "^$"},
		{"rule delete e1", "", 0, `e1 is gone`, "^$"},
		{"standing add -", `{"name":"first","all":true,"items":[{"kind":"reboot"}]}`, 0, `(?m)^o1  first  active  all  reboot`, "^$"},
		{"phone quirks p1 max_names=16", "", 0, `(?m)^max_names +16 +phone`, "^$"},
		{"phone quirks p1 --clear", "", 0, `(?m)^max_names +\d+ +default`, "^$"},
		{"phone record p1 --for 1h", "", 0, `p1 is recorded until`, "phone recordings p1"},
		{"unreadable list", "", 0, `^$`, "^none\n$"},
		{"version --server " + s.admin, "", 0, `runs phoneacs `, "^$"},
		{"phone list --token wrong-token-of-the-test", "", 6, `^$`, "(?s)not known here.*PHONEACS_TOKEN"},
		{"phone list --server 127.0.0.1:1", "", 7, `^$`, "(?s)cannot be reached.*phoneacs serve"},
		{"--server 127.0.0.1:1", "", 7, `^$`, "(?s)cannot be reached.*phoneacs serve"},
		{"__complete phone show p", "", 0, `(?m)^p2\tX6 `, ""},
		{"__complete window show n", "", 0, `(?m)^night\teach day`, ""},
		{"__complete job reboot --window n", "", 0, `(?m)^night\teach day`, ""},
		{"__complete token revoke t", "", 0, `(?m)^t1\tfirst admin$`, ""},
		{"__complete standing show o", "", 0, `(?m)^o1\tfirst$`, ""},
		{"__complete job watch j", "", 0, `(?m)^j2\treboot ended$`, ""},
		{"__complete job download lob", "", 0, `(?m)^lobby.cfg\tconfig`, ""},
		{"__complete phone show --server 127.0.0.1:1 p", "", 0, `^:4\n$`, ""},
	} {
		var args []string
		for i, part := range strings.Split(tt.line, "'") {
			if i%2 == 1 {
				args = append(args, part)
			} else {
				args = append(args, strings.Fields(part)...)
			}
		}
		got := s.line(tt.in, args...)
		right := func() bool {
			return got.status == tt.status && regexp.MustCompile(tt.out).MatchString(got.out) && regexp.MustCompile(tt.errs).MatchString(got.errs)
		}
		if strings.HasPrefix(tt.line, "job show") { // its tasks are made meanwhile
			for deadline := time.Now().Add(30 * time.Second); !right() && time.Now().Before(deadline); {
				got = s.line(tt.in, args...)
			}
		}
		if !right() {
			t.Errorf("phoneacs %s: status %d, want %d, %q and %q\nstdout: %s\nstderr: %s", tt.line, got.status, tt.status, tt.out, tt.errs, got.out, got.errs)
		}
		if strings.Contains(got.out+got.errs, "hunter2") || strings.Contains(got.out+got.errs, s.token) {
			t.Errorf("phoneacs %s shows a secret", tt.line)
		}
	}
	var st struct {
		Phones map[string]int
		Ready  bool
	}
	if got := s.line("", "--json"); json.Unmarshal([]byte(got.out), &st) != nil || st.Phones["approved"] != 3 || !st.Ready {
		t.Errorf("phoneacs --json: %+v", got)
	}
}

// TestWatchInterrupted: Ctrl-C ends the watching, says so, and leaves the job.
func TestWatchInterrupted(t *testing.T) {
	t.Parallel()
	s := startServer(t, t.TempDir(), "--enrol", "open")
	runFleet(t, sim.Options{ACS: s.ACS(), Phones: 1, Models: []string{"X6"}, PeriodicInterval: time.Hour})
	s.awaitPhones(t, 1, 30*time.Second)
	if got := s.line("", "job", "reboot", "--all", "--at", "1h"); got.status != 0 {
		t.Fatalf("%+v", got)
	}
	cmd := exec.CommandContext(t.Context(), program(t), "job", "watch", "j1")
	cmd.Env = []string{"PHONEACS_SERVER=" + s.admin, "PHONEACS_TOKEN=" + s.token}
	var errs bytes.Buffer
	cmd.Stderr = &errs
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	if _, err := out.Read(make([]byte, 1)); err != nil { // it has begun to tell
		t.Fatal(err)
	}
	if err := cmd.Process.Signal(syscall.SIGINT); err != nil {
		t.Fatal(err)
	}
	_ = cmd.Wait()
	if cmd.ProcessState.ExitCode() != 1 || !strings.Contains(errs.String(), "j1 is no longer watched, and goes on") || !strings.Contains(errs.String(), "phoneacs job cancel j1") {
		t.Errorf("status %d: %s", cmd.ProcessState.ExitCode(), &errs)
	}
	if j := s.job(t, "j1"); j.State != "active" || j.Counts["waiting"] != 1 {
		t.Errorf("the job is %+v", j)
	}
}

// TestWatchInTerminal looks at a job through a terminal that is not ours: tmux
// draws what the program sends, and shows what a person sees.
func TestWatchInTerminal(t *testing.T) {
	t.Parallel()
	needPrograms(t, "tmux")
	s := startServer(t, t.TempDir(), "--enrol", "open", "--phone-networks", "127.0.0.0/8")
	runFleet(t, sim.Options{
		ACS: s.ACS(), Phones: 8, Models: []string{"X6"}, PeriodicInterval: time.Second, BootTime: time.Millisecond, RetryScale: 0.02,
	})
	s.awaitPhones(t, 8, 30*time.Second)
	half := list[phone](t, s, "/api/v1/phones")[:4]
	for _, p := range half { // these are not restarted while they are held, so that the bar stands at half
		s.call(t, "POST", "/api/v1/hold", map[string]any{"phone": p.ID}, nil)
	}
	s.order(t, rebootNow(map[string]any{"all": true}))

	screen := newTerminal(t, 120, 20, s.admin, s.token, program(t)+" job watch j1; echo status $?")
	screen.shows(`j1 active .*4 succeeded.* 50% \[#+>?-+\] +\(4/8\)`)
	for _, p := range half {
		s.call(t, "DELETE", "/api/v1/hold?phone="+p.ID, nil, nil)
	}
	screen.shows(`(?s)100% \[#+\] +\(8/8\).*j1 has ended after .*: 8 succeeded.*status 0`)
}
