package acs

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"phoneacs/cwmp"
	"phoneacs/db"
	"phoneacs/phones"
	"phoneacs/phones/quirks"
)

// oddPhones treats all phones alike.
type oddPhones struct{ q *quirks.Quirks }

func (o oddPhones) Of(context.Context, *db.Phone) *quirks.Quirks                     { return o.q }
func (o oddPhones) Informed(context.Context, *db.Phone, *cwmp.Inform) *quirks.Quirks { return o.q }

// A transcript is an entry and the exchanges that show what it is there for.
type transcript struct {
	q     *quirks.Quirks
	steps []exchangeText
}

// exchangeText is what one side asks and the other answers, in lines.
type exchangeText struct {
	ask, answer []string
	anew        bool // over another connection than the one before
}

// readTranscript reads a file of testdata: an entry as a file of quirks has it,
// then lines that begin with > for what is asked and < for what is answered.
func readTranscript(t *testing.T, path string) transcript {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	head, rest, _ := strings.Cut(string(text), "---\n")
	list, err := quirks.Read(path, []byte(head), phones.Lookup)
	if err != nil {
		t.Fatal(err)
	}
	book, err := quirks.NewBook(phones.Lookup, nil)
	if err != nil {
		t.Fatal(err)
	}
	book.SetFile(list)
	name := strings.TrimSuffix(filepath.Base(path), ".txt")
	if len(list) != 1 || !slices.Equal(list[0].Set.Names(), []string{name}) {
		t.Fatalf("%s is not about %s", path, name)
	}
	tr := transcript{q: book.Of(0, quirks.Who{})}
	var now *exchangeText
	anew := false
	for line := range strings.Lines(rest) {
		line = strings.TrimSuffix(line, "\n")
		said := strings.TrimPrefix(line[1:], " ")
		switch line[0] {
		case '>':
			if now == nil || len(now.answer) > 0 {
				tr.steps = append(tr.steps, exchangeText{anew: anew})
				now, anew = &tr.steps[len(tr.steps)-1], false
			}
			now.ask = append(now.ask, said)
		case '<':
			now.answer = append(now.answer, said)
		default:
			anew = true
		}
	}
	if len(tr.steps) == 0 {
		t.Fatalf("%s shows nothing", path)
	}
	return tr
}

// message joins lines as HTTP has them; a * for the length of the body is
// replaced.
func message(lines []string) string {
	i := slices.Index(lines, "")
	body := strings.Join(lines[i+1:], "\n")
	text := strings.Join(lines[:i+1], "\r\n") + "\r\n" + body
	return strings.Replace(text, "Content-Length: *", "Content-Length: "+strconv.Itoa(len(body)), 1)
}

// receive reads one message: its lines, and its body as the last one.
func receive(in *bufio.Reader) (lines []string, err error) {
	length := 0
	for {
		line, err := in.ReadString('\n')
		if err != nil {
			return nil, fmt.Errorf("after %q: %w", lines, err)
		}
		line = strings.TrimSuffix(line, "\r\n")
		lines = append(lines, line)
		if n, ok := strings.CutPrefix(line, "Content-Length: "); ok {
			if length, err = strconv.Atoi(n); err != nil {
				return nil, err
			}
		}
		if line == "" {
			break
		}
	}
	body := make([]byte, length)
	_, err = io.ReadFull(in, body)
	return append(lines, string(body)), err
}

// holds says what of the wanted lines a message lacks: each before the empty
// one has to be there, and what follows that is the body.
func holds(got, want []string) error {
	i := slices.Index(want, "")
	if i < 0 {
		i = len(want)
	} else if body := strings.Join(want[i+1:], "\n"); body != got[len(got)-1] {
		return fmt.Errorf("body %q; want %q", got[len(got)-1], body)
	}
	for _, line := range want[:i] {
		name, any := strings.CutSuffix(line, " *")
		if !slices.ContainsFunc(got[:len(got)-1], func(s string) bool { return s == line || any && strings.HasPrefix(s, name) }) {
			return fmt.Errorf("%q lacks %q", got, line)
		}
	}
	return nil
}

// play is a phone that says what a transcript has it say.
func (tr *transcript) play(t *testing.T, q *quirks.Quirks) error {
	r := newRig(t, func(o *Options) { o.Quirks = oddPhones{q} }).listen(t)
	c, err := (&net.Dialer{}).DialContext(t.Context(), "tcp", strings.TrimPrefix(r.url, "http://"))
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	in := bufio.NewReader(c)
	for _, s := range tr.steps {
		if _, err := io.WriteString(c, message(s.ask)); err != nil {
			return err
		}
		got, err := receive(in)
		if err != nil {
			return err
		}
		want := slices.DeleteFunc(slices.Clone(s.answer), func(s string) bool { return s == "(end)" })
		if err := holds(got, want); err != nil {
			return err
		}
		if len(want) < len(s.answer) {
			if _, err := in.ReadByte(); err != io.EOF {
				return fmt.Errorf("the connection does not end: %w", err)
			}
		}
	}
	return nil
}

// wake is a phone that is woken, and takes nothing but what a transcript has.
func (tr *transcript) wake(t *testing.T, q *quirks.Quirks) error {
	n, conns := 0, 0
	var wrong error
	r := wakeRig(t, func(conn int, request string) (string, bool) {
		if n == len(tr.steps) || wrong != nil {
			return "", true
		}
		s := tr.steps[n]
		n++
		got := append(strings.Split(strings.TrimSuffix(request, "\r\n"), "\r\n"), "", "")
		if wrong = holds(got, s.ask); wrong == nil && s.anew != (n > 1 && conn != conns) {
			wrong = fmt.Errorf("request %d comes over connection %d", n, conn)
		}
		if conns = conn; wrong != nil {
			return "", true
		}
		return message(s.answer), false
	})
	r.opts.Quirks = oddPhones{q}
	err := r.Wake(t.Context(), 1)
	if wrong != nil {
		return wrong
	}
	if err == nil && n != len(tr.steps) {
		err = fmt.Errorf("woken after %d of %d requests", n, len(tr.steps))
	}
	return err
}

// TestQuirkTranscripts plays what each switch was made for, with and without it.
func TestQuirkTranscripts(t *testing.T) {
	files, err := filepath.Glob("testdata/quirks/*.txt")
	if err != nil || len(files) < 7 {
		t.Fatalf("%d transcripts, %v", len(files), err)
	}
	for _, f := range files {
		name := strings.TrimSuffix(filepath.Base(f), ".txt")
		t.Run(name, func(t *testing.T) {
			tr := readTranscript(t, f)
			play := tr.play
			if strings.HasPrefix(name, "wake_") {
				play = tr.wake
			}
			if err := play(t, tr.q); err != nil {
				t.Errorf("with the switch: %v", err)
			}
			if err := play(t, quirks.Standard()); err == nil {
				t.Error("it goes as well without the switch")
			}
		})
	}
}

// TestQuirksOfSession: a session keeps the treatment that it began with, and
// what it is asked about is the phone as it is recorded.
func TestQuirksOfSession(t *testing.T) {
	odd := &changing{q: &quirks.Quirks{XMLDeclaration: true}}
	r := newRig(t, func(o *Options) { o.Quirks = odd }).listen(t)
	r.disp.queue = []cwmp.Message{&cwmp.Reboot{CommandKey: "k"}}
	p := r.phone(t, "A1")
	declared := func(a *answered, want bool) {
		t.Helper()
		if strings.HasPrefix(a.text, "<?xml") != want {
			t.Errorf("declared: %v in %.60s", !want, a.text)
		}
	}
	declared(p.inform("1 BOOT").want(t, 200, "InformResponse"), true)
	odd.q = quirks.Standard()
	declared(p.post("").want(t, 200, "Reboot"), true)
	if odd.phone.ID != 1 || odd.phone.Serial != "A1" || odd.in.Parameters[3].Value != "" || odd.asked != 1 {
		t.Errorf("asked %d times, of %+v with %+v", odd.asked, odd.phone, odd.in)
	}
	declared(p.inform("1 BOOT").want(t, 200, "InformResponse"), false)
}

// changing notes what it is asked.
type changing struct {
	q     *quirks.Quirks
	phone db.Phone
	in    *cwmp.Inform
	asked int
}

func (c *changing) Of(context.Context, *db.Phone) *quirks.Quirks { return c.q }

func (c *changing) Informed(_ context.Context, p *db.Phone, in *cwmp.Inform) *quirks.Quirks {
	c.phone, c.in = *p, in
	c.asked++
	return c.q
}
