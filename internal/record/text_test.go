package record

import (
	"strings"
	"testing"
	"time"

	"phoneacs/db"
)

// TestText writes a recording out.
func TestText(t *testing.T) {
	r := &db.Recording{
		ID: 7, Phone: 42, Session: "ABCD-1", Address: "10.0.0.9", Began: epoch, Ended: epoch.Add(1234 * time.Millisecond),
		How: "failed", Rule: "session.unasked", Messages: 5, Bytes: 99,
		Log: []db.RecordedMessage{
			{At: epoch, From: db.FromPhone, RPC: "Inform", Size: 50, Masked: 2, Rebuilt: true, Header: map[string]string{"User-Agent": "x\nCookie: y", "Cookie": "****"},
				Body: "<?xml version=\"1.0\"?><e:Envelope><e:Body>\r\n<Name>a\u001bb</Name><Empty/><A>\nx\n</A><!-- c --></e:Body></e:Envelope>"},
			{At: epoch.Add(120 * time.Millisecond), From: db.FromServer, Status: 200, RPC: "InformResponse", Size: 9, Cut: true},
			{At: epoch.Add(time.Second), From: db.FromPhone, Size: 10, Latin: true, Body: "no XML\n#4  +0.000s  phone -> server  Fake"},
			{At: epoch.Add(time.Second), From: db.FromServer, Status: 204},
		},
	}
	want := `r7: session ABCD-1 of phone p42, from 10.0.0.9
began 2026-03-02T08:00:00Z, took 1.234s, ended: failed (session.unasked)
5 messages, 99 bytes; 1 of the messages in the middle were too many and are not kept

#1  +0.000s  phone -> server  Inform  50 bytes
    Cookie: ****
    User-Agent: x�Cookie: y
    [2 masked; written anew from what was understood]

    <?xml version="1.0"?>
    <e:Envelope>
      <e:Body>
        <Name>a�b</Name>
        <Empty/>
        <A>
          x
        </A>
        <!-- c -->
      </e:Body>
    </e:Envelope>

#2  +0.120s  server -> phone  HTTP 200 InformResponse  9 bytes
    [not all of it is kept]

#3  +1.000s  phone -> server  (not understood)  10 bytes
    [was not in UTF-8]

    no XML
    #4  +0.000s  phone -> server  Fake

#4  +1.000s  server -> phone  HTTP 204  0 bytes
`
	if got := string(Text(r)); got != want {
		t.Errorf("text is\n%s\nwant\n%s", got, want)
	}
}

// FuzzText: all that is in a body is in its text, but for white space, and none
// of it looks like a line of ours.
func FuzzText(f *testing.F) {
	f.Add("<a><b>x</b></a>")
	f.Add("\n#1  x")
	f.Fuzz(func(t *testing.T, body string) {
		if len(body) > 4096 {
			return
		}
		text := string(Text(&db.Recording{Log: []db.RecordedMessage{{From: db.FromPhone, Body: body}}}))
		_, shown, _ := strings.Cut(text, "bytes\n\n")
		_, shown, _ = strings.Cut(shown, "bytes\n\n")
		if want, got := squeeze(oneLine(body)), squeeze(shown); want != got && strings.ToValidUTF8(body, "") == body {
			t.Errorf("text is %q; want all of %q", got, want)
		}
		for line := range strings.SplitSeq(shown, "\n") {
			if line != "" && !strings.HasPrefix(line, "    ") {
				t.Errorf("a line of its own: %q", line)
			}
		}
	})
}

// squeeze drops white space, and what stands for it.
func squeeze(s string) string {
	return strings.Join(strings.Fields(strings.ReplaceAll(s, "\uFFFD", " ")), "")
}
