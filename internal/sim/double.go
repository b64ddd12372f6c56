package sim

import (
	"context"
	"sync"
)

// callTwice sends a request on two connections at once and goes on with the
// one that was answered last: to the server that is the newer session.
func (s *session) callTwice(ctx context.Context, rpc string, envelope []byte, id string, at Point) (*message, error) {
	if err := s.enter(); err != nil {
		return nil, err
	}
	twin := s.client(s.c.auth.user, s.c.auth.password)
	s.p.mu.Unlock()
	twin.to, twin.jar = s.c.to, s.c.jar

	type outcome struct {
		c    *client
		r    *reply
		body []byte
		err  error
	}
	var (
		mu   sync.Mutex
		done []outcome
		both sync.WaitGroup
	)
	for _, c := range []*client{s.c, twin} {
		both.Go(func() {
			r, body, err := c.post(ctx, envelope, s.dropper(at))
			mu.Lock()
			defer mu.Unlock()
			done = append(done, outcome{c, r, body, err})
		})
	}
	both.Wait()
	last, other := done[1], done[0]
	if last.err != nil {
		last, other = other, last
	}
	other.c.close()
	s.c = last.c
	if last.err != nil {
		return nil, last.err
	}
	m, err := s.read(last.r, last.body)
	if err != nil {
		return nil, err
	}
	if m == nil || m.method != rpc+"Response" || m.id != id {
		return s.call(ctx, rpc, envelope, id, at) // 8005 or worse: the ordinary way tells
	}
	return m, nil
}
