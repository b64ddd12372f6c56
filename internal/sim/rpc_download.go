package sim

import (
	"context"
	"strings"
	"time"
)

// The file types that do more than be recorded.
const (
	fileFirmware = "1 "
	fileConfig   = "3 "
)

// maxTransfers is what a phone has room for at once.
const maxTransfers = 16

// unknownTime stands for a time that is not known (TR-106).
const unknownTime = "0001-01-01T00:00:00Z"

// download answers A.3.2.8. As a rule the fetch comes after the session, and
// the answer is Status 1.
func (s *session) download(ctx context.Context, args *node, w *writer) error {
	checkArgs(args, s.note, "CommandKey", "FileType", "URL", "Username", "Password", "FileSize",
		"TargetFileName", "DelaySeconds", "SuccessURL", "FailureURL")
	t := &transfer{
		key:      s.bounded(args, "CommandKey", 32),
		fileType: s.bounded(args, "FileType", 64),
		url:      strings.TrimSpace(s.bounded(args, "URL", 256)),
		user:     s.bounded(args, "Username", 256),
		password: s.bounded(args, "Password", 256),
		delay:    time.Duration(s.number(args, "DelaySeconds")) * time.Second,
	}
	s.number(args, "FileSize")
	if t.fileType == "" || t.url == "" {
		return newFault(9003)
	}
	to, err := parseTarget(t.url)
	switch {
	case err == nil:
		t.to = to
	case strings.HasPrefix(t.url, "http://"), strings.HasPrefix(t.url, "https://"):
		return newFault(9003)
	default:
		return newFault(9013)
	}
	if err := s.enter(); err != nil {
		return err
	}
	if len(s.p.flash.transfers) == maxTransfers {
		s.p.mu.Unlock()
		return newFault(9004)
	}
	if code := s.p.conduct.TransferFaultNext; code != 0 { // never so in a Behaviour that phones share
		t.orderedFault, s.p.conduct.TransferFaultNext = code, 0
	}
	now := s.conduct.DownloadNow
	if !now && !s.conduct.NeverFetch {
		s.p.flash.transfers = append(s.p.flash.transfers, t)
	}
	s.p.mu.Unlock()
	if now {
		return s.downloadNow(ctx, t, w)
	}
	writeDownloadResponse(w, 1, unknownTime, unknownTime)
	return nil
}

// downloadNow fetches within the session. A failure is the fault of the
// Download itself, and no TransferComplete follows.
func (s *session) downloadNow(ctx context.Context, t *transfer, w *writer) error {
	s.p.fetchFile(ctx, t, s.conduct)
	if err := s.enter(); err != nil {
		return err
	}
	defer s.p.mu.Unlock()
	if s.p.apply(t, s.conduct) {
		s.p.restartDue = true
	}
	if t.fault != 0 {
		f := newFault(t.fault)
		if t.fault > 9013 { // a DownloadResponse knows no finer ones
			f = newFault(9010)
		}
		return f
	}
	writeDownloadResponse(w, 0, wireTime(t.start), wireTime(t.complete))
	return nil
}

func writeDownloadResponse(w *writer, status int, start, complete string) {
	w.open("cwmp:DownloadResponse")
	w.num("Status", status)
	w.elem("StartTime", start)
	w.elem("CompleteTime", complete)
	w.close("cwmp:DownloadResponse")
}

// wireTime writes an instant in UTC, the unknown time for none.
func wireTime(t time.Time) string {
	if t.IsZero() {
		return unknownTime
	}
	return t.UTC().Format(timeLayout)
}
