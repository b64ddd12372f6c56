package main

import (
	"bytes"
	"errors"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

// A process is the program, run as users run it.
type process struct {
	t     *testing.T
	cmd   *exec.Cmd
	admin string // URL
	acs   string // URL, as the banner has it
	log   *syncBuffer
	ended chan error // of Wait
}

type syncBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (s *syncBuffer) Write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.b.Write(p)
}

func (s *syncBuffer) String() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.b.String()
}

func startProcess(t *testing.T, more ...string) *process {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	p := &process{t: t, cmd: exec.Command(self, serveArgs(filepath.Join(t.TempDir(), "data"), more...)...), log: new(syncBuffer)}
	p.cmd.Env = append(os.Environ(), asProgram+"=1")
	p.cmd.Stderr = p.log
	stdout, told := io.Pipe()
	p.cmd.Stdout = told
	if err := p.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	p.ended = make(chan error, 1)
	go func() {
		p.ended <- p.cmd.Wait()
		told.Close()
	}()
	t.Cleanup(func() { _ = p.cmd.Process.Kill() }) // most often it has ended
	p.admin, p.acs = awaitBanner(t, stdout)
	awaitReady(t, p.admin)
	return p
}

func (p *process) signal(s os.Signal) {
	p.t.Helper()
	if err := p.cmd.Process.Signal(s); err != nil {
		p.t.Fatal(err)
	}
}

// wait returns how the process ended.
func (p *process) wait() syscall.WaitStatus {
	p.t.Helper()
	select {
	case err := <-p.ended:
		var exit *exec.ExitError
		if err != nil && !errors.As(err, &exit) {
			p.t.Fatal(err)
		}
	case <-time.After(patience):
		p.t.Fatalf("it does not end:\n%s", p.log)
	}
	return p.cmd.ProcessState.Sys().(syscall.WaitStatus)
}

// awaitLog waits until the log has a line.
func (p *process) awaitLog(line string) {
	p.t.Helper()
	tick := time.NewTicker(2 * time.Millisecond)
	defer tick.Stop()
	for over := time.After(patience); !strings.Contains(p.log.String(), line); {
		select {
		case <-tick.C:
		case <-over:
			p.t.Fatalf("%q is not logged:\n%s", line, p.log)
		}
	}
}

// TestSignals ends the program in order, and tells it by status 0.
func TestSignals(t *testing.T) {
	for _, s := range []syscall.Signal{syscall.SIGTERM, syscall.SIGINT} {
		p := startProcess(t)
		p.signal(s)
		if got := p.wait(); !got.Exited() || got.ExitStatus() != exitOK || strings.Contains(p.log.String(), "phoneacs: ") {
			t.Errorf("%v: status %v:\n%s", s, got, p.log)
		}
	}
}

// TestCrash: a fault of the program is not told as one of its settings, status
// 2, after which its unit does not start it again.
func TestCrash(t *testing.T) {
	p := startProcess(t)
	p.signal(syscall.SIGSEGV)
	if got := p.wait(); !got.Signaled() || got.Signal() != syscall.SIGABRT || got.CoreDump() || !strings.Contains(p.log.String(), "goroutine ") {
		t.Errorf("status %v, core %v:\n%.2000s", got, got.CoreDump(), p.log)
	}
}

// TestSecondSignal: who does not want to wait for a phone need not.
func TestSecondSignal(t *testing.T) {
	p := startProcess(t, "--drain", "1h", "--enrol", "open")
	res, err := http.Post(p.acs, "text/xml", strings.NewReader(inform))
	if err != nil {
		t.Fatal(err)
	}
	res.Body.Close()
	if res.StatusCode != http.StatusOK {
		t.Fatalf("Inform: status %d", res.StatusCode)
	}
	p.signal(syscall.SIGTERM)
	p.awaitLog("stopping")
	if res, err := http.Get(p.admin + "/healthz"); err != nil {
		t.Errorf("it has not waited for the phone: %v", err)
	} else {
		res.Body.Close()
	}
	p.signal(syscall.SIGTERM)
	if got := p.wait(); !got.Signaled() || got.Signal() != syscall.SIGTERM {
		t.Errorf("status %v; want that the signal has ended it:\n%s", got, p.log)
	}
}

// inform opens a session, which stays open.
const inform = `<e:Envelope xmlns:e="http://schemas.xmlsoap.org/soap/envelope/" xmlns:c="urn:dslforum-org:cwmp-1-2">
<e:Header><c:ID e:mustUnderstand="1">1</c:ID></e:Header><e:Body><c:Inform>
<DeviceId><Manufacturer>Fanvil</Manufacturer><OUI>0C383E</OUI><ProductClass>X6</ProductClass><SerialNumber>A1</SerialNumber></DeviceId>
<Event><EventStruct><EventCode>1 BOOT</EventCode><CommandKey/></EventStruct></Event>
<MaxEnvelopes>1</MaxEnvelopes><CurrentTime>2026-01-01T00:00:00Z</CurrentTime><RetryCount>0</RetryCount>
<ParameterList/></c:Inform></e:Body></e:Envelope>`
