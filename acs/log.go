package acs

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync/atomic"
	"time"

	"phoneacs/cwmp"
	"phoneacs/db"
	"phoneacs/internal/logkey"
)

func (s *Server) logs(level slog.Level) bool { return s.opts.Log.Enabled(context.Background(), level) }

func (s *Server) line(level slog.Level, msg string, attrs ...slog.Attr) {
	s.opts.Log.LogAttrs(context.Background(), level, msg, attrs...)
}

// log writes a line about the exchange's session.
func (x *exchange) log(level slog.Level, msg string, attrs ...slog.Attr) {
	if x.s.logs(level) {
		x.s.line(level, msg, append(x.who(), attrs...)...)
	}
}

// who says whose exchange it is.
func (x *exchange) who() []slog.Attr {
	if x.sess == nil {
		return []slog.Attr{slog.String(logkey.Addr, x.r.RemoteAddr)}
	}
	return []slog.Attr{
		slog.String(logkey.Session, x.sess.name), slog.String(logkey.Phone, x.sess.db.Phone.ID.String()),
	}
}

func (x *exchange) noteEnrolled(p db.Phone) {
	x.log(slog.LevelInfo, "phone enrolled", slog.String(logkey.State, string(p.State)), slog.String(logkey.Addr, x.conn.text))
}

// note counts a breach, logs it, and returns its rule.
func (x *exchange) note(err error) string {
	rule, level := ruleStore, slog.LevelInfo
	var b *breach
	var p *cwmp.ProtocolError
	switch {
	case errors.As(err, &b):
		rule = b.rule
	case errors.As(err, &p):
		rule = p.Rule
	}
	x.s.metrics.rejections.WithLabelValues(rule).Inc()
	x.misread(rule, err)
	if rule == ruleStuck {
		return rule // the server says it once, and every phone hears it again and again
	}
	if rule == ruleStore || rule == ruleNoSpace {
		level = slog.LevelError
	}
	if dropped, ok := x.s.noise.pass(x.began); ok && x.s.logs(level) {
		attrs := append(x.who(), slog.String(logkey.Rule, rule))
		if dropped > 0 {
			attrs = append(attrs, slog.Int(logkey.Count, dropped))
		}
		what := "message refused"
		if rule == ruleHeader || rule == ruleWrongAnswer {
			what = "message taken as far as it goes"
		}
		x.s.line(level, what, append(attrs, slog.String(logkey.Err, err.Error()))...)
	}
	return rule
}

// passedOver tells of headers that were to be understood.
func (x *exchange) passedOver() {
	if x.env != nil && len(x.env.Ignored) > 0 {
		x.note(&breach{ruleHeader, fmt.Errorf("%.64q in %s", x.env.Ignored, x.env.Body.RPC())})
	}
}

// logGate lets a few lines a second through, so that whoever sends nonsense
// cannot fill the disk with what is said about it.
type logGate struct {
	second  atomic.Int64
	lines   atomic.Int64
	dropped atomic.Int64
}

const linesPerSecond = 20

// pass reports whether a line may be written, and how many were not since the
// last one that was.
func (g *logGate) pass(now time.Time) (dropped int, ok bool) {
	if sec := now.Unix(); g.second.Swap(sec) != sec {
		g.lines.Store(0)
	}
	if g.lines.Add(1) > linesPerSecond {
		g.dropped.Add(1)
		return 0, false
	}
	return int(g.dropped.Swap(0)), true
}
