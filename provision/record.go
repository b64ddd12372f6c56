package provision

import (
	"context"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/netip"
	"strings"
	"time"

	"phoneacs/db"
	"phoneacs/internal/logkey"
)

const (
	maxAgent    = 128 // characters
	maxAddress  = 64
	recordLimit = 5 * time.Second
)

// fetched is how a request was answered.
type fetched struct {
	link   db.Link // Hash is zero if there is none
	status int
	bytes  int64
	whole  bool
	why    *refusal // nil: the file was served
	began  time.Time
	err    error
}

// record tells the store, the metrics and the log of an answer, and reports
// whether the store has it.
func (s *Service) record(r *http.Request, f fetched) bool {
	s.metrics.count(f.status, f.bytes, f.why)
	s.logAnswer(r, f)
	if f.link.Hash == [32]byte{} {
		return false
	}
	// The phone may have gone; what went out to it is evidence all the same.
	ctx, cancel := context.WithTimeout(context.WithoutCancel(r.Context()), recordLimit)
	defer cancel()
	err := s.store.RecordFetch(ctx, f.link.Hash, db.Fetch{
		Time: f.began.UTC(), Role: f.link.Role, Bytes: f.bytes, Whole: f.whole, Status: f.status,
		Address: peer(r.RemoteAddr), Agent: clean(r.UserAgent()),
	})
	if err != nil {
		s.log.ErrorContext(ctx, "fetch not recorded", logkey.Attempt, s.key(f.link.Attempt), logkey.Err, err)
	}
	return err == nil
}

func (s *Service) logAnswer(r *http.Request, f fetched) {
	level, msg := slog.LevelDebug, "file served"
	rule := ""
	switch {
	case f.why != nil:
		level, msg, rule = f.why.level, "file refused", f.why.rule
	case f.err != nil:
		level, msg, rule = slog.LevelInfo, "file transfer cut short", "transfer.cut"
	}
	if !s.log.Enabled(r.Context(), level) {
		return
	}
	// One line a minute for a phone and a reason: a phone that asks in a loop
	// must not fill the log.
	if level > slog.LevelDebug && !s.hush.first(s.clock.Now(), hushKey{rule, f.link.Hash}) {
		return
	}
	attrs := []any{logkey.Status, f.status, logkey.Bytes, f.bytes, logkey.Addr, peer(r.RemoteAddr)}
	if rule != "" {
		attrs = append(attrs, logkey.Rule, rule)
	}
	if f.link.Hash != [32]byte{} {
		attrs = append(attrs, logkey.Phone, f.link.Attempt.Task.Phone.String(),
			logkey.Attempt, s.key(f.link.Attempt))
		if f.link.File != 0 {
			attrs = append(attrs, logkey.File, f.link.File.String())
		}
	}
	if f.err != nil {
		attrs = append(attrs, logkey.Err, f.err)
	}
	s.log.Log(r.Context(), level, msg, attrs...)
}

// key names an attempt in the log: its CommandKey, as far as that is known.
func (s *Service) key(id db.AttemptID) string {
	if s.tag != "" {
		if key, err := id.CommandKey(s.tag); err == nil {
			return key
		}
	}
	return fmt.Sprintf("%s-%d", id.Task, id.N)
}

// peer is an address without its port.
func peer(remote string) string {
	if ap, err := netip.ParseAddrPort(remote); err == nil {
		return ap.Addr().Unmap().String()
	}
	if host, _, err := net.SplitHostPort(remote); err == nil {
		remote = host
	}
	return cut(remote, maxAddress)
}

// clean is a header's value as it can be kept: in a User-Agent phones name model
// and version.
func clean(ua string) string {
	ua = strings.Map(func(r rune) rune {
		if unprintable(r) {
			return -1
		}
		return r
	}, cut(ua, 4*maxAgent))
	return cut(ua, maxAgent)
}

// cut returns the first n characters of s, as valid UTF-8.
func cut(s string, n int) string {
	for i := range s {
		if n == 0 {
			s = s[:i]
			break
		}
		n--
	}
	return strings.ToValidUTF8(s, "")
}
