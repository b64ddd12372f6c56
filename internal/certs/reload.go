package certs

import "phoneacs/internal/logkey"

// Reload reads the files now, of other names where they are given; without cert
// the certificate stays where it was. What they hold is shown from commit on. If
// they cannot be used, the error says why and what was shown before still is.
func (s *Server) Reload(cert, key, clientCA string) (commit func(), err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	o := s.opts
	if cert != "" {
		o.Cert, o.Key = cert, key
	}
	o.ClientCA = clientCA
	stamps := o.stamps()
	l, err := o.load()
	if err == nil {
		err = inTime(l.leaf, o.Now())
	}
	if err != nil {
		return nil, err
	}
	return func() {
		s.mu.Lock()
		defer s.mu.Unlock()
		s.opts, s.seen = o, stamps
		s.current.Store(l)
		o.Log.Info("certificate read again", logkey.Path, o.Cert, logkey.Time, l.leaf.NotAfter)
	}, nil
}
