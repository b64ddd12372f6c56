package record

import (
	"bytes"
	"slices"
	"unicode/utf8"

	"phoneacs/cwmp"
	"phoneacs/db"
)

// MaxSearched is how much of a body is looked through for secrets; what is kept
// of it lies well within.
const MaxSearched = 256 << 10

// add masks a message and takes it up.
func (t *Tape) add(m db.RecordedMessage, h headers, raw Body) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.ended {
		return
	}
	e := entry{RecordedMessage: m, meta: h}
	var body []byte
	if raw.Size > 0 {
		body = t.mask(&e.RecordedMessage, raw)
	}
	t.push(e, body)
}

// keep takes up a message that can be written again.
func (t *Tape) keep(m db.RecordedMessage, h headers, env *cwmp.Envelope, cost int64) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.ended {
		return
	}
	t.head.Messages++
	t.head.Bytes += int64(m.Size)
	e := entry{RecordedMessage: m, meta: h}
	if t.r.take(cost) {
		e.env, e.held = env, cost
		t.bytes += cost
	} else {
		e.Cut = true
	}
	t.log = append(t.log, e)
}

// mask returns what is kept of a body. One whose encoding is not known to be
// readable here could hide anything, and is not kept.
func (t *Tape) mask(m *db.RecordedMessage, raw Body) []byte {
	l, ok := legible(raw)
	if !ok {
		m.Cut = true
		return nil
	}
	masked := t.masker.Mask(l.body)
	m.Masked, m.Latin, m.Cut = masked.Count, l.latin, !l.all
	most := maxMessage
	if !t.whole {
		most = maxPiece
	}
	if len(masked.Text) > most {
		m.Cut = true
		return masked.Text[:cutAt(masked.Text, most)]
	}
	return masked.Text
}

// cutAt is most or a little less, so that no character is cut.
func cutAt(b []byte, most int) int {
	for most > 0 && !utf8.RuneStart(b[most]) {
		most--
	}
	return most
}

// A text8 is what is looked at of a message.
type text8 struct {
	body  []byte // UTF-8
	latin bool   // it was not
	all   bool   // there is no more of it
}

// legible returns the part of a message that is looked at. ok is false if it is
// in no encoding that has ASCII in it as it is.
func legible(raw Body) (t text8, ok bool) {
	t.body = raw.Bytes[:min(len(raw.Bytes), MaxSearched)]
	t.all = len(t.body) == raw.Size
	if bytes.IndexByte(t.body, 0) >= 0 || !asciiInside(t.body) {
		return t, false
	}
	if !t.all { // a character may be cut
		for i := 1; i < utf8.UTFMax && i < len(t.body); i++ {
			if tail := t.body[len(t.body)-i:]; utf8.RuneStart(tail[0]) {
				if !utf8.FullRune(tail) {
					t.body = t.body[:len(t.body)-i]
				}
				break
			}
		}
	}
	if utf8.Valid(t.body) {
		return t, true
	}
	out := make([]byte, 0, len(t.body)+len(t.body)/8)
	for _, c := range t.body {
		out = utf8.AppendRune(out, rune(c))
	}
	t.body, t.latin = out, true
	return t, true
}

// asciiInside reports whether the encoding that a declaration names has ASCII
// in it; one that names none is UTF-8.
func asciiInside(b []byte) bool {
	head := bytes.ToLower(b[:min(len(b), 256)])
	decl := bytes.Index(head, []byte("<?xml"))
	if decl < 0 {
		return true
	}
	head = head[decl:]
	if end := bytes.Index(head, []byte("?>")); end >= 0 {
		head = head[:end]
	}
	_, label, found := bytes.Cut(head, []byte("encoding"))
	if !found {
		return true
	}
	label = bytes.TrimLeft(label, "=\"' \t\r\n")
	for _, name := range []string{"utf-8", "utf8", "us-ascii", "ascii", "iso-8859", "iso8859", "latin", "windows-125", "gb", "euc-", "big5", "\"", "'"} {
		if bytes.HasPrefix(label, []byte(name)) {
			return true
		}
	}
	return len(label) == 0
}

// push adds an entry with its body, and lets go of what is over the bounds.
func (t *Tape) push(e entry, body []byte) {
	t.head.Messages++
	t.head.Bytes += int64(e.Size)
	most, count := int64(maxSketch), sketchCount
	if t.whole {
		most, count = maxWhole, wholeCount
	}
	if len(t.log) >= count {
		t.drop(&t.log[keptFirst])
		t.log = slices.Delete(t.log, keptFirst, keptFirst+1)
	}
	size := int64(len(body))
	for i := keptFirst; i < len(t.log) && t.bytes+size > most; i++ {
		t.drop(&t.log[i])
	}
	if t.bytes+size > most || !t.r.take(size) {
		e.Cut, body, size = true, nil, 0
	}
	e.Body, e.held = string(body), size
	t.bytes += size
	t.log = append(t.log, e)
}

// drop lets the body of an entry go.
func (t *Tape) drop(e *entry) {
	if e.held == 0 {
		return
	}
	t.bytes -= e.held
	t.r.held.Add(-e.held)
	e.Body, e.env, e.held, e.Cut = "", nil, 0, true
}

// learn takes the secrets out of a message of ours, and masks them in what was
// taken up before.
func (t *Tape) learn(msg cwmp.Message) {
	var secrets []string
	switch m := msg.(type) {
	case *cwmp.SetParameterValues:
		for _, p := range m.Parameters {
			if db.SecretName(p.Name) {
				secrets = append(secrets, p.Value)
			}
		}
	case *cwmp.Download:
		secrets = append(linkSecrets(m.URL), m.Password)
	case *cwmp.ScheduleDownload:
		secrets = append(linkSecrets(m.URL), m.Password)
	case *cwmp.Upload:
		secrets = append(linkSecrets(m.URL), m.Password)
	case *cwmp.ChangeDUState:
		for _, op := range m.Operations {
			secrets = append(append(secrets, linkSecrets(op.URL)...), op.Password)
		}
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	news := false
	for _, s := range secrets {
		news = t.masker.Learn(s) || news
	}
	if !news {
		return
	}
	for i := range t.log {
		e := &t.log[i]
		if e.Body == "" {
			continue
		}
		masked := t.masker.Mask([]byte(e.Body))
		e.Body = string(masked.Text)
		e.Masked = max(e.Masked, masked.Count)
	}
}

// recording returns what is to be written.
func (t *Tape) recording() db.Recording {
	t.mu.Lock()
	defer t.mu.Unlock()
	r := t.head
	r.Log = make([]db.RecordedMessage, len(t.log))
	for i := range t.log {
		e := &t.log[i]
		if e.env != nil {
			e.Rebuilt = true
			b, err := e.env.Encode()
			if err == nil {
				e.Body = string(t.mask(&e.RecordedMessage, Body{b, len(b)}))
			} else {
				e.Cut = true // it holds what we may not write
			}
		}
		e.Header = e.meta.shown(e.From, &t.masker)
		r.Log[i] = e.RecordedMessage
	}
	return r
}
