package e2e

import (
	"bytes"
	"context"
	"encoding/hex"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"
)

// straceCalls are what is recorded: all that reaches the store's directory or a
// socket. Those the server does not use today would be noticed in the trace.
const straceCalls = "read,readv,recvfrom,recvmsg,write,writev,sendto,sendmsg,pwrite64,pwritev,pwritev2," +
	"fsync,fdatasync,sync_file_range,msync,ftruncate,truncate,fallocate," +
	"open,openat,creat,mkdir,mkdirat,rename,renameat,renameat2,link,linkat,unlink,unlinkat,rmdir"

// underStrace has a server recorded into a file. Without strace, or where
// nothing may be traced, the test is skipped, unless PHONEACS_REQUIRE_PEERS is set.
func underStrace(t *testing.T, s *server) (file string) {
	t.Helper()
	file = filepath.Join(t.TempDir(), "trace")
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	defer cancel()
	if out, err := exec.CommandContext(ctx, "strace", "-f", "-o", os.DevNull, "true").CombinedOutput(); err != nil {
		if os.Getenv("PHONEACS_REQUIRE_PEERS") != "" {
			t.Fatalf("strace is required: %v: %s", err, out)
		}
		t.Skipf("needs strace, and leave to trace: %v: %s", err, out)
	}
	// -D keeps the server our child, so that it can be killed and waited for.
	s.wrap = []string{"strace", "-D", "-f", "-y", "-xx", "-s", "16777216",
		"-e", "trace=" + straceCalls, "-e", "signal=none", "-o", file}
	return file
}

// A call is one system call. Lines of the trace are its clock: what ended on an
// earlier line than another began on came before it.
type call struct {
	begin, end int
	name       string
	path       string   // of the first argument, where that is a descriptor
	data       [][]byte // string arguments
	rest       []string // what follows the last of them, or the descriptor
	ret        int64
}

// readTrace waits until strace has written down the end of the server, and
// reads what it wrote.
func readTrace(t *testing.T, s *server, file string) (calls []call) {
	t.Helper()
	var trace []byte
	end := regexp.MustCompile(fmt.Sprintf(`(?m)^%d +\+\+\+ exited`, s.cmd.Process.Pid))
	eventually(t, time.Minute, "end of the trace", func() (err error) {
		trace, err = os.ReadFile(file)
		if err == nil && !end.Match(trace[max(0, len(trace)-4000):]) {
			err = fmt.Errorf("%d bytes of trace without %v", len(trace), end)
		}
		return err
	})
	open := map[string]call{} // by thread: begun and not ended
	text := map[string]string{}
	n := 0
	for raw := range bytes.Lines(trace) {
		n++
		pid, line, _ := strings.Cut(strings.TrimSpace(string(raw)), " ")
		line = strings.TrimSpace(line)
		if strings.HasPrefix(line, "+++") {
			continue
		}
		c := call{begin: n}
		if rest, resumed := strings.CutPrefix(line, "<... "); resumed {
			_, rest, _ = strings.Cut(rest, " resumed>")
			c, line = open[pid], text[pid]+rest
		}
		if begun, unfinished := strings.CutSuffix(line, "<unfinished ...>"); unfinished {
			open[pid], text[pid] = c, begun
			continue
		}
		if strings.Contains(line, "nlmsg_") {
			continue // talk with the kernel about its addresses
		}
		c.end = n
		if err := c.parse(line); err != nil {
			t.Fatalf("trace line %d: %v", n, err)
		}
		calls = append(calls, c)
	}
	return calls
}

var (
	callName   = regexp.MustCompile(`^(\w+)\((?:[0-9]+<([^>]*)>)?`)
	callString = regexp.MustCompile(`"((?:\\x[0-9a-f]{2})*)"(\.\.\.)?`)
	callReturn = regexp.MustCompile(`\)\s+= (-?[0-9]+|0x[0-9a-f]+|\?)`)
)

func (c *call) parse(line string) error {
	m := callName.FindStringSubmatch(line)
	if m == nil {
		return fmt.Errorf("no system call: %.100s", line)
	}
	c.name = m[1]
	c.path = string(unhex(m[2]))
	from := len(m[0])
	for _, at := range callString.FindAllStringSubmatchIndex(line, -1) {
		if at[4] >= 0 {
			return fmt.Errorf("%s is cut short", c.name)
		}
		c.data = append(c.data, unhex(line[at[2]:at[3]]))
		from = at[1]
	}
	r := callReturn.FindStringSubmatchIndex(line[from:])
	if r == nil {
		return fmt.Errorf("%s has no result: %.100s", c.name, line)
	}
	if v := line[from+r[2] : from+r[3]]; v == "?" {
		c.ret = -1 // the thread ended meanwhile
	} else {
		c.ret, _ = strconv.ParseInt(v, 0, 64)
	}
	c.rest = strings.Split(strings.Trim(line[from:from+r[0]], ", "), ", ")
	return nil
}

// unhex decodes what strace -xx writes: "\x2f\x74". Text without it is kept.
func unhex(s string) []byte {
	b, err := hex.DecodeString(strings.ReplaceAll(s, `\x`, ""))
	if err != nil {
		return []byte(s)
	}
	return b
}

// number returns an argument that follows the strings.
func (c *call) number(i int) int64 {
	if i >= len(c.rest) {
		return -1
	}
	n, err := strconv.ParseInt(c.rest[i], 0, 64)
	if err != nil {
		return -1
	}
	return n
}

// An exchange is a request and its answer, as the server read and wrote them.
type exchange struct {
	conn   string
	in     []byte
	out    []byte
	leaves int // line on which the answer begins to leave
}

// exchanges takes the traffic of sockets apart.
func exchanges(t *testing.T, calls []call) (all []exchange) {
	t.Helper()
	now := map[string]*exchange{}
	for _, c := range calls {
		if !strings.HasPrefix(c.path, "socket:[") || c.ret <= 0 {
			continue
		}
		x := now[c.path]
		switch c.name {
		case "read":
			if x == nil || len(x.out) > 0 {
				if x != nil {
					all = append(all, *x)
				}
				x = &exchange{conn: c.path}
				now[c.path] = x
			}
			x.in = append(x.in, c.data[0][:c.ret]...)
		case "write":
			if x == nil { // a connection request of ours
				x = &exchange{conn: c.path}
				now[c.path] = x
			}
			if len(x.out) == 0 {
				x.leaves = c.begin
			}
			x.out = append(x.out, c.data[0][:c.ret]...)
		default:
			t.Errorf("%s on a socket: the trace's reader does not know it", c.name)
		}
	}
	for _, x := range now {
		all = append(all, *x)
	}
	return all
}
