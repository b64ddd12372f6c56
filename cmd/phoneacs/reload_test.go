package main

import (
	"maps"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"phoneacs/internal/app"
)

// TestReloadKnowsEverySetting: each is either changed by SIGHUP or told to need
// a restart.
func TestReloadKnowsEverySetting(t *testing.T) {
	all := slices.Sorted(maps.Keys(sources))
	if got := slices.Sorted(slices.Values(append(app.Fixed(), app.Live...))); !slices.Equal(got, all) {
		t.Errorf("SIGHUP knows %q; the settings are %q", got, all)
	}
}

func hangUp(p *process, then string) {
	p.t.Helper()
	p.signal(syscall.SIGHUP)
	p.awaitLog(then)
}

// TestHangUp changes what can change while the program runs, names what cannot,
// and keeps all as it was when anything is broken.
func TestHangUp(t *testing.T) {
	quirks := writeFile(t, "")
	config := writeFile(t, "")
	write := func(path, text string) {
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	write(config, "quirks: "+quirks+"\ndrain: 3s\nlog-level: warn\n")
	p := startProcess(t, "--config", config, "--enrol", "list")

	write(config, "quirks: "+quirks+"\ndrain: 4s\nlog-level: info\nenrol: open\nphone-networks: [10.0.0.0/8]\n")
	hangUp(p, `msg="settings read again"`)
	log := p.log.String()
	for _, want := range []string{"not in force before a restart\" setting=drain", "not in force before a restart\" setting=phone-networks", `msg="quirks read again"`} {
		if !strings.Contains(log, want) {
			t.Errorf("it does not say %q:\n%s", want, log)
		}
	}
	if strings.Contains(log, "setting=enrol") || strings.Contains(log, "setting=data") || strings.Contains(log, "setting=cwmp") {
		t.Errorf("what the command line says has not changed:\n%s", log)
	}

	// One thing is broken: the level, which is not, stays too.
	write(config, "log-level: error\nquirks: /none\n")
	hangUp(p, "settings not read again")
	res, err := http.Post(p.acs, "text/xml", strings.NewReader(inform)) // of a phone that is not listed
	if err != nil {
		t.Fatal(err)
	}
	res.Body.Close()
	p.awaitLog("level=INFO msg=\"message refused\"")
	write(config, "log-level: debug\nnonsense: 1\n")
	hangUp(p, `unknown setting \"nonsense\"`)
	write(quirks, "- nonsense\n")
	write(config, "log-level: error\nquirks: "+quirks+"\n")
	hangUp(p, quirks+":1: ")
	write(config, "")
	hangUp(p, "") // no file of quirks any more, and all else by default
	p.awaitLog("msg=\"quirks read again\" path=\"\"")
	if log := p.log.String(); strings.Contains(log, "level=DEBUG") {
		t.Errorf("a level of a broken file is in force:\n%s", log)
	}
	awaitReady(t, p.admin)
	p.signal(syscall.SIGTERM)
	if got := p.wait(); !got.Exited() || got.ExitStatus() != exitOK {
		t.Errorf("status %v:\n%s", got, p.log)
	}
}

// TestNotify is a service manager that is told how the program is, in order.
func TestNotify(t *testing.T) {
	dir, err := os.MkdirTemp("", "notify") // short: the name of a socket has 107 bytes
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	path := filepath.Join(dir, "s")
	l, err := net.ListenUnixgram("unixgram", &net.UnixAddr{Name: path, Net: "unixgram"})
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	told := func() string {
		b := make([]byte, 100)
		if err := l.SetReadDeadline(time.Now().Add(patience)); err != nil {
			t.Fatal(err)
		}
		n, err := l.Read(b)
		if err != nil {
			t.Fatal(err)
		}
		return string(b[:n])
	}
	t.Setenv("NOTIFY_SOCKET", path)
	p := startProcess(t)
	got := []string{told()}
	p.signal(syscall.SIGHUP)
	got = append(got, told(), told())
	p.signal(syscall.SIGTERM)
	got = append(got, told())
	p.wait()
	if want := []string{"READY=1", "RELOADING=1", "READY=1", "STOPPING=1"}; !slices.Equal(got, want) {
		t.Errorf("told %q; want %q", got, want)
	}
}
