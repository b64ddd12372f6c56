package record

import (
	"bytes"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"phoneacs/db"
)

// Text is a recording for a person to read: each message with the time since
// the session began, who sent it, and its body indented.
func Text(r *db.Recording) []byte {
	var b bytes.Buffer
	fmt.Fprintf(&b, "%s: session %s of phone %s, from %s\n", r.ID, r.Session, r.Phone, r.Address)
	fmt.Fprintf(&b, "began %s, took %s, ended: %s", r.Began.UTC().Format(time.RFC3339Nano), r.Ended.Sub(r.Began).Round(time.Millisecond), r.How)
	if r.Rule != "" {
		fmt.Fprintf(&b, " (%s)", r.Rule)
	}
	fmt.Fprintf(&b, "\n%d messages, %d bytes", r.Messages, r.Bytes)
	if left := r.Messages - len(r.Log); left > 0 {
		fmt.Fprintf(&b, "; %d of the messages in the middle were too many and are not kept", left)
	}
	b.WriteByte('\n')
	for i := range r.Log {
		textMessage(&b, i, &r.Log[i], r.Began)
	}
	return b.Bytes()
}

func textMessage(b *bytes.Buffer, i int, m *db.RecordedMessage, began time.Time) {
	arrow, what := "phone -> server", m.RPC
	if m.From == db.FromServer {
		arrow = "server -> phone"
		what = strings.TrimSpace(fmt.Sprintf("HTTP %d %s", m.Status, m.RPC))
	}
	switch {
	case what == "" && m.Size == 0:
		what = "(nothing)"
	case what == "":
		what = "(not understood)"
	}
	fmt.Fprintf(b, "\n#%d  +%.3fs  %s  %s  %d bytes\n", i+1, m.At.Sub(began).Seconds(), arrow, what, m.Size)
	for _, key := range slices.Sorted(maps.Keys(m.Header)) {
		fmt.Fprintf(b, "    %s: %s\n", key, oneLine(m.Header[key]))
	}
	var notes []string
	for _, n := range []struct {
		is   bool
		text string
	}{
		{m.Masked > 0, fmt.Sprintf("%d masked", m.Masked)},
		{m.Cut, "not all of it is kept"},
		{m.Latin, "was not in UTF-8"},
		{m.Rebuilt, "written anew from what was understood"},
	} {
		if n.is {
			notes = append(notes, n.text)
		}
	}
	if len(notes) > 0 {
		fmt.Fprintf(b, "    [%s]\n", strings.Join(notes, "; "))
	}
	if m.Body != "" {
		b.WriteByte('\n')
		indent(b, m.Body)
	}
}

// oneLine keeps what a peer sent from looking like a line of ours.
func oneLine(s string) string {
	return strings.Map(func(r rune) rune {
		if r < ' ' || r == 0x7F || r >= 0x80 && r < 0xA0 {
			return '\uFFFD'
		}
		return r
	}, s)
}

// maxIndent bounds how far a line is moved.
const maxIndent = 40

// indent writes XML with each element on a line of its own, as far as it is
// XML; an element that holds nothing but text stays on one. All else is written
// as it is, in lines that begin with a margin.
func indent(b *bytes.Buffer, body string) {
	depth := 0
	line := func(s string) {
		for part := range strings.SplitSeq(s, "\n") {
			if part = strings.TrimRight(oneLine(strings.TrimRight(part, "\r")), " "); part != "" {
				fmt.Fprintf(b, "    %s%s\n", strings.Repeat("  ", min(depth, maxIndent)), part)
			}
		}
	}
	for rest := body; rest != ""; {
		piece := nextPiece(rest)
		rest = rest[len(piece):]
		switch {
		case strings.TrimSpace(piece) == "":
		case strings.HasPrefix(piece, "</"):
			depth = max(0, depth-1)
			line(piece)
		case opens(piece):
			if inner, end := textAndEnd(rest); end != "" {
				line(piece + inner + end)
				rest = rest[len(inner)+len(end):]
				continue
			}
			line(piece)
			depth++
		default:
			line(strings.TrimSpace(piece))
		}
	}
}

// nextPiece cuts a tag, or a text, off the front.
func nextPiece(s string) string {
	if s[0] != '<' {
		if i := strings.IndexByte(s, '<'); i > 0 {
			return s[:i]
		}
		return s
	}
	for _, pair := range [][2]string{{"<!--", "-->"}, {"<![CDATA[", "]]>"}} {
		if strings.HasPrefix(s, pair[0]) {
			all, _ := until([]byte(s), pair[1])
			return s[:all]
		}
	}
	return s[:max(1, tagEnd([]byte(s)))]
}

// opens reports whether a tag begins an element that has an end to come.
func opens(tag string) bool {
	return len(tag) > 2 && tag[0] == '<' && nameByte(tag[1]) && strings.HasSuffix(tag, ">") && !strings.HasSuffix(tag, "/>")
}

// textAndEnd returns a text and the end of its element, if that follows at once.
func textAndEnd(s string) (inner, end string) {
	i := strings.IndexByte(s, '<')
	if i < 0 || !strings.HasPrefix(s[i:], "</") || strings.Contains(s[:i], "\n") {
		return "", ""
	}
	return s[:i], nextPiece(s[i:])
}
