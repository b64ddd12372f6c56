package sim

import (
	"context"
	"io"
)

// collect posts nothing before the Inform, for the challenge that it may bring.
func (s *session) collect(ctx context.Context) error {
	if !s.conduct.habits.http.emptyFirst {
		return nil
	}
	r, err := s.c.roundTrip(ctx, request{method: "POST"})
	if err != nil {
		return err
	}
	s.c.keepCookies(r.cookies)
	if r.status == 401 {
		if err := s.c.auth.accept(r.challenges); err != nil {
			return err
		}
	}
	if _, err := io.Copy(io.Discard, io.LimitReader(r.body, maxReplyBody)); err != nil {
		return err
	}
	s.c.finish(r)
	return nil
}

// onlyEmpty is the session of a phone that never informs.
func (s *session) onlyEmpty(ctx context.Context) error {
	if err := s.aim(); err != nil {
		return err
	}
	for range 3 {
		if m, err := s.exchange(ctx, nil, Nowhere); err != nil {
			return err
		} else if m != nil {
			return fatal(ruleRequest, "%s, with no Inform", m.method)
		}
	}
	return nil
}

// afterEnd posts nothing some more when the session has ended.
func (s *session) afterEnd(ctx context.Context) error {
	for range s.conduct.habits.http.emptyAfter {
		if m, err := s.exchange(ctx, nil, Nowhere); err != nil {
			return err
		} else if m != nil {
			return fatal(ruleRequest, "%s, after the end", m.method)
		}
	}
	return nil
}

// aim points the session at the ACS.
func (s *session) aim() error {
	if err := s.enter(); err != nil {
		return err
	}
	defer s.p.mu.Unlock()
	to, err := parseTarget(s.p.setting("ManagementServer.URL"))
	s.c.to = to
	return err
}
