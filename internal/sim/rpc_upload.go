package sim

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"strings"
	"time"
)

// upload answers A.4.1.5, if the phone knows it at all: those of Fanvil do not.
func (s *session) upload(ctx context.Context, args *node, w *writer) error {
	if !s.conduct.TakesUpload {
		return newFault(9000)
	}
	checkArgs(args, s.note, "CommandKey", "FileType", "URL", "Username", "Password", "DelaySeconds")
	t := &transfer{
		upload:   true,
		key:      s.bounded(args, "CommandKey", 32),
		fileType: s.bounded(args, "FileType", 64),
		url:      strings.TrimSpace(s.bounded(args, "URL", 256)),
		user:     s.bounded(args, "Username", 256),
		password: s.bounded(args, "Password", 256),
		delay:    time.Duration(s.number(args, "DelaySeconds")) * time.Second,
	}
	to, err := parseTarget(t.url)
	switch {
	case t.fileType == "" || err != nil && strings.HasPrefix(t.url, "http"):
		return newFault(9003)
	case err != nil:
		return newFault(9013)
	}
	t.to = to
	if err := s.enter(); err != nil {
		return err
	}
	if len(s.p.flash.transfers) == maxTransfers {
		s.p.mu.Unlock()
		return newFault(9004)
	}
	now := s.conduct.DownloadNow
	if !now && !s.conduct.NeverFetch {
		s.p.flash.transfers = append(s.p.flash.transfers, t)
	}
	s.p.mu.Unlock()
	if now {
		s.p.sendFile(ctx, t, s.conduct)
		if err := s.enter(); err != nil {
			return err
		}
		defer s.p.mu.Unlock()
		s.p.apply(t, s.conduct)
		if t.fault != 0 {
			return newFault(t.fault)
		}
		writeUploadResponse(w, 0, wireTime(t.start), wireTime(t.complete))
		return nil
	}
	writeUploadResponse(w, 1, unknownTime, unknownTime)
	return nil
}

func writeUploadResponse(w *writer, status int, start, complete string) {
	w.open("cwmp:UploadResponse")
	w.num("Status", status)
	w.elem("StartTime", start)
	w.elem("CompleteTime", complete)
	w.close("cwmp:UploadResponse")
}

// maxSends is how often a phone tries to send a file.
const maxSends = 3

// sendFile puts a file to a transfer's URL and fills in its result.
func (p *Phone) sendFile(ctx context.Context, t *transfer, conduct *Behaviour) {
	t.start = time.Now()
	defer func() { t.complete = time.Now() }()
	if t.orderedFault != 0 {
		t.fault = t.orderedFault
		return
	}
	ctx, cancel := context.WithTimeout(ctx, maxFetchTime)
	defer cancel()
	p.mu.Lock()
	agent, body := p.agent(), p.document(t.fileType)
	p.mu.Unlock()
	c := &client{
		opts: &p.fleet.opts, agent: agent, to: t.to, chunked: conduct.Chunked,
		auth: authoriser{user: t.user, password: t.password, cnonce: p.cnonce},
	}
	defer c.close()
	req := request{method: "PUT", header: "Content-Type: text/plain\r\n", body: body, cut: conduct.CutUpload}
	t.fault = 9011
	for range maxSends {
		r, err := c.do(ctx, req)
		switch {
		case errors.Is(err, errCut):
			req.cut = 0
			continue
		case errors.Is(err, ErrAuth):
			t.fault = 9012
			return
		case err != nil && ended(ctx) != nil:
			return
		case err != nil:
			continue
		}
		if r.status == 200 || r.status == 201 || r.status == 204 {
			sum := sha256.Sum256(body)
			t.fault, t.bytes, t.digest = 0, int64(len(body)), hex.EncodeToString(sum[:])
		}
		return
	}
}

// document is what the phone sends of a type: its parameters, or some lines of
// a log. The phone is locked.
func (p *Phone) document(fileType string) []byte {
	if strings.Contains(fileType, "Log") {
		return fmt.Appendf(nil, "phone %s booted, software %s\r\n", p.mac, p.software())
	}
	b := fmt.Appendf(nil, "%-62s\r\n", configHead+"2.0002")
	for i := range p.model.params {
		if pr := &p.model.params[i]; pr.live == nil {
			b = fmt.Appendf(b, "%s:%s\r\n", pr.name, p.value(pr))
		}
	}
	return append(b, configEnd+"\r\n"...)
}
