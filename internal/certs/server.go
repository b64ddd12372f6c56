package certs

import (
	"crypto/tls"
	"crypto/x509"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"phoneacs/internal/logkey"
)

// lookEvery is how often files are looked at, at most.
const lookEvery = time.Second

// Options says what a [Server] shows and takes.
type Options struct {
	Cert, Key string // PEM files: chain, the server's own certificate first, and key; may be one file
	ClientCA  string // PEM file of authorities that clients' certificates are held against; empty: none is asked for
	Min       uint16 // lowest version, as tls.VersionTLS12, which 0 means

	// Own is the authority that renews Cert; nil: others do.
	Own *Authority
	Now func() time.Time // nil: time.Now
	Log *slog.Logger     // nil: none
}

// A Server is TLS as a server speaks it. It is safe for concurrent use.
type Server struct {
	opts    Options
	current atomic.Pointer[loaded]

	mu   sync.Mutex // of what follows; held by the handshake that looks at the files
	next time.Time
	seen [3]stamp
}

// loaded is what the files held.
type loaded struct {
	config *tls.Config
	leaf   *x509.Certificate
}

// New reads the files. An error names those that cannot be used; for a pair
// that does not belong together it names both. A certificate that has ended is
// taken, with a warning: phones that do not look at the time are still served.
func New(o Options) (*Server, error) {
	if o.Min == 0 {
		o.Min = tls.VersionTLS12
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	s := &Server{opts: o, seen: o.stamps(), next: o.Now().Add(lookEvery)}
	l, err := o.load()
	if err != nil {
		return nil, err
	}
	if err := inTime(l.leaf, o.Now()); err != nil {
		o.Log.Warn("certificate used though phones may refuse it", logkey.Path, o.Cert, logkey.Err, err)
	}
	s.current.Store(l)
	return s, nil
}

// TLS returns a configuration for a listener. What it asks for follows the
// files; sessions can be resumed throughout.
func (s *Server) TLS() *tls.Config {
	return &tls.Config{
		MinVersion:         s.opts.Min,
		GetConfigForClient: func(*tls.ClientHelloInfo) (*tls.Config, error) { return s.look().config, nil },
	}
}

// NotAfter is when the certificate ends that is shown now.
func (s *Server) NotAfter() time.Time { return s.current.Load().leaf.NotAfter }

// look returns what is to be shown, after a look at the files if it is time
// for one. Handshakes at the same time do not wait for it.
func (s *Server) look() *loaded {
	if s.mu.TryLock() {
		defer s.mu.Unlock()
		if now := s.opts.Now(); !now.Before(s.next) {
			s.next = now.Add(lookEvery)
			s.refresh(now)
		}
	}
	return s.current.Load()
}

// refresh takes changed files, if they can be used. What it says, it says once
// for each change.
func (s *Server) refresh(now time.Time) {
	renewed := false
	if s.opts.Own != nil {
		var err error
		if renewed, err = s.opts.Own.Renew(now); err != nil {
			s.opts.Log.Error("own certificate not renewed", logkey.Path, s.opts.Cert, logkey.Err, err)
		}
	}
	// Taken before the files are read: what changes meanwhile is seen next time.
	stamps := s.opts.stamps()
	if stamps == s.seen && !renewed {
		return
	}
	s.seen = stamps
	l, err := s.opts.load()
	if err == nil {
		err = inTime(l.leaf, now)
	}
	if err != nil {
		s.opts.Log.Error("changed certificate not used, going on with the one before", logkey.Path, s.opts.Cert, logkey.Err, err)
		return
	}
	s.current.Store(l)
	s.opts.Log.Info("changed certificate in use", logkey.Path, s.opts.Cert, logkey.Time, l.leaf.NotAfter)
}
