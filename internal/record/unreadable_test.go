package record

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"phoneacs/cwmp"
)

// TestUnreadable: what is kept of a message that was not understood, and where
// it went wrong.
func TestUnreadable(t *testing.T) {
	const head, tail = `<e:Envelope xmlns:e="http://schemas.xmlsoap.org/soap/envelope/">`, `</e:Envelope>`
	for _, tt := range []struct {
		name, rule, in string
		at             string // what begins at the place; empty: none is told
	}{
		{"an end of another", cwmp.RuleMalformed, head + "\n<a><Password>hunter2</Password></b>", "</b>"},
		{"cut off", cwmp.RuleMalformed, head + "<a>", ""},
		{"text in front", cwmp.RuleMalformed, "oops" + head + tail, "oops"},
		{"stray ampersands are none", cwmp.RuleMalformed, head + "<a>a & b</a></c>", "</c>"},
		{"a document type", cwmp.RuleDTD, "\n<!DOCTYPE x>" + head + tail, "<!"},
		{"two roots", cwmp.RuleTwoRoots, head + tail + "\n<x/>", "<x/>"},
		{"no envelope", cwmp.RuleNoEnvelope, "\n<html/>", "<html/>"},
		{"two messages", cwmp.RuleTwoMessages, head + "<e:Body><a/>\n<b/></e:Body>" + tail, "<b/>"},
		{"too deep", cwmp.RuleTooDeep, strings.Repeat("<a>", cwmp.MaxDepth) + "<deep>", "<deep>"},
		{"no place", cwmp.RuleNoBody, head + tail, "none"},
		{"far behind", cwmp.RuleMalformed, head + strings.Repeat("<a>x</a>\n", 5000) + "</end>" + strings.Repeat("y", 20000), "</end>"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if _, err := cwmp.Decode([]byte(tt.in)); !isRule(err, tt.rule) {
				t.Errorf("the decoder says %v; want %s", err, tt.rule)
			}
			r := newRig(t, false)
			r.Unreadable(Misread{At: epoch, Rule: tt.rule, Err: &cwmp.ProtocolError{Rule: tt.rule, Err: errors.New("so it is")}, Raw: bodyOf(tt.in), Address: "2001:db8::7", Agent: "x http://a:b@c/"})
			r.drain()
			if len(r.store.unreadable) != 1 {
				t.Fatalf("%d are kept", len(r.store.unreadable))
			}
			u := r.store.unreadable[0]
			if strings.Contains(fmt.Sprint(u), "hunter2") || u.Agent != "x http://****@c/" || u.Source != "2001:db8::/64" || u.Detail != "so it is" || u.Size != len(tt.in) {
				t.Errorf("kept: %+v", u)
			}
			if len(u.Excerpt) > maxExcerpt || Means(u.Rule) == "" {
				t.Errorf("an excerpt of %d bytes, of a rule that means %q", len(u.Excerpt), Means(u.Rule))
			}
			if tt.at == "none" {
				if u.Line != 0 {
					t.Errorf("went wrong at %d:%d", u.Line, u.Column)
				}
				return
			}
			if !strings.HasPrefix(tt.in[u.Offset:], tt.at) || u.Line != 1+strings.Count(tt.in[:u.Offset], "\n") || u.Column < 1 {
				t.Errorf("went wrong at %d (%d:%d), where %.20q stands; want %q", u.Offset, u.Line, u.Column, tt.in[u.Offset:], tt.at)
			}
			if !strings.Contains(u.Excerpt, tt.at) {
				t.Errorf("%q is not in the excerpt, which begins at %d", tt.at, u.From)
			}
		})
	}
}

func isRule(err error, rule string) bool {
	var p *cwmp.ProtocolError
	return errors.As(err, &p) && p.Rule == rule
}

// TestSenders: one sender cannot have more looked at than its share, many
// cannot have more than all of theirs, and neither is remembered for ever.
func TestSenders(t *testing.T) {
	r := newRig(t, false)
	send := func(n int, at time.Time, from func(i int) string) (kept int) {
		before := len(r.store.unreadable)
		for i := range n {
			r.Unreadable(Misread{At: at, Rule: cwmp.RuleMalformed, Raw: bodyOf("<"), Address: from(i)})
		}
		r.drain()
		return len(r.store.unreadable) - before
	}
	one := func(int) string { return "10.0.0.1" }
	many := func(i int) string { return fmt.Sprintf("2001:db8:%x:%x::1", i>>16, i&0xffff) }
	neighbours := func(i int) string { return fmt.Sprintf("2001:db8:ffff:1::%x", i+1) }
	if n := send(100, epoch, one); n != senderBurst {
		t.Errorf("%d of one sender; want %d", n, senderBurst)
	}
	if n := send(100, epoch.Add(100*time.Second), neighbours); n != senderBurst {
		t.Errorf("%d of one network; want %d", n, senderBurst)
	}
	if n := send(20, epoch.Add(200*time.Second), one); n != senderBurst {
		t.Errorf("%d of one sender, later; want %d", n, senderBurst)
	}
	if n := send(200, epoch.Add(1000*time.Second), many); n != unreadableBurst {
		t.Errorf("%d of many; want %d", n, unreadableBurst)
	}
	send(3*maxSenders, epoch.Add(2000*time.Second), func(i int) string { return many(i + 1<<20) })
	if n := len(r.senders.each); n > maxSenders {
		t.Errorf("%d senders are remembered", n)
	}
	if n := send(1, epoch.Add(3000*time.Second), one); n != 1 {
		t.Error("a sender is not looked at since there were so many")
	}
	if n := r.count("phoneacs_recordings_dropped_total", dropRate); n == 0 {
		t.Error("nothing is counted")
	}
}

// FuzzLocate: a place lies within the message.
func FuzzLocate(f *testing.F) {
	f.Add([]byte("<a><b></a>"))
	f.Add([]byte("<!DOCTYPE x [<!ENTITY"))
	f.Fuzz(func(t *testing.T, b []byte) {
		for _, rule := range []string{cwmp.RuleMalformed, cwmp.RuleDTD, cwmp.RuleTwoRoots, cwmp.RuleTooDeep, cwmp.RuleNamespace, cwmp.RuleTwoMessages} {
			if at, ok := locate(b, rule); ok && (at < 0 || at > len(b)) {
				t.Errorf("%s at %d of %d", rule, at, len(b))
			}
		}
	})
}
