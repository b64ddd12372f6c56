package jobs

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"sync"
	"time"

	"phoneacs/db"
	"phoneacs/internal/logkey"
)

// A Notifier sends SIP NOTIFYs to phones.
type Notifier interface {
	// Prepare looks whether a phone can be sent a notice, and keeps room for it.
	// Exactly one of send and drop is called then. send sends it, once, and
	// returns what came of it; it is bounded in time, and ends early with its
	// ctx. The error is a sentence; a *db.LaterError says that there is no room
	// just now. It is safe for concurrent use.
	Prepare(n db.Notice) (send func(context.Context) db.NoticeAnswer, drop func(), err error)
}

// A noticed kind leaves by SIP: its request is nil, and what it is answered
// comes to told.
type noticed interface {
	header(f facts) string // of the event; empty: the phone knows none
	told(f facts, a db.NoticeAnswer) ruling
	booted(f facts, at time.Time) ruling // 1 BOOT came then, before the answer was taken in
}

var errNoSIP = errors.New("this server sends no SIP; --sip would let it")

// mayNotify says what keeps orders of a kind from ever being sent.
func (s *Service) mayNotify(k kind) error {
	if _, ok := k.(noticed); ok && s.notifier == nil {
		return &db.FieldError{Field: "kind", Err: errNoSIP}
	}
	return nil
}

// A parting is a notice that is about to leave.
type parting struct {
	send func(context.Context) db.NoticeAnswer
	drop func()
}

// An errPart says why a notice can never leave as things are.
type errPart struct{ error }

// part makes ready the notice of a task; nil for a kind that leaves as an RPC.
// A *db.LaterError says that it cannot leave now.
func (s *Service) part(ctx context.Context, f facts, k kind) (*parting, error) {
	n, ok := k.(noticed)
	if !ok {
		return nil, nil
	}
	if s.notifier == nil {
		return nil, errPart{errNoSIP}
	}
	phone, err := s.store.Phone(ctx, f.phone.ID)
	if err != nil {
		return nil, fmt.Errorf("phone to notify: %w", err)
	}
	logins, err := s.store.Credentials(ctx, f.phone.ID)
	if err != nil {
		return nil, fmt.Errorf("logins of %v: %w", f.phone.ID, err)
	}
	user, port, err := s.account(ctx, &phone.Phone)
	if err != nil {
		return nil, err
	}
	believed := ""
	if u, err := url.Parse(phone.ConnectionRequestURL); err == nil {
		believed = u.Hostname()
	}
	send, drop, err := s.notifier.Prepare(db.Notice{
		Phone: phone.ID, Address: phone.Address, Believed: believed, Port: port, User: user,
		Event: n.header(f), Login: logins.ConnectionRequest,
	})
	var later *db.LaterError
	switch {
	case errors.As(err, &later):
		s.soon.add(phone.ID, s.clock.Now().Add(soonAfter))
		return nil, err
	case err != nil:
		return nil, errPart{err}
	}
	if !s.partings.begin() {
		drop()
		return nil, &db.LaterError{At: s.clock.Now(), Err: errors.New("the server is stopping")}
	}
	return &parting{send: send, drop: func() { drop(); s.partings.done() }}, nil
}

// leave sends a notice whose attempt is durable, beside the session: its answer
// may take longer than a phone leaves its session open.
func (s *Service) leave(p *parting, id db.AttemptID) {
	go func() {
		defer s.partings.done()
		ctx := s.partings.context()
		a := p.send(ctx)
		if err := s.told(context.WithoutCancel(ctx), id, a); err != nil {
			s.log.WarnContext(ctx, "answer to notify not kept", logkey.Task, id.Task.String(), logkey.Err, err)
		}
	}()
}

// told judges what came of a notice.
func (s *Service) told(ctx context.Context, id db.AttemptID, a db.NoticeAnswer) error {
	err := again(func() error {
		phone, err := s.store.Phone(ctx, id.Task.Phone)
		if err != nil {
			return fmt.Errorf("phone of the attempt: %w", err)
		}
		f, k, err := s.look(ctx, id, &phone.Phone)
		if err != nil {
			return err
		}
		n, ok := k.(noticed)
		if !ok {
			return nil
		}
		if err := s.apply(ctx, f, k, n.told(f, a), ""); err != nil {
			return err
		}
		return s.overtaken(ctx, id, n)
	})
	if err != nil && !errors.Is(err, db.ErrNotFound) {
		return fmt.Errorf("judge answer to %v: %w", id.Task, err)
	}
	return nil
}

// overtaken judges a boot that a quick phone reported before its answer was
// stored, and which proved nothing then. It is looked for after that, so no
// Inform comes in between.
func (s *Service) overtaken(ctx context.Context, id db.AttemptID, n noticed) error {
	phone, err := s.store.Phone(ctx, id.Task.Phone)
	if err != nil {
		return fmt.Errorf("boot of the phone: %w", err)
	}
	f, k, err := s.look(ctx, id, &phone.Phone)
	if err != nil {
		return err
	}
	return s.apply(ctx, f, k, n.booted(f, phone.Boot), "")
}

// partings are the notices under way, which Run waits for at its end: what came
// of them is to be stored.
type partings struct {
	mu      sync.Mutex
	ctx     context.Context
	cancel  context.CancelFunc
	stopped bool
	n       int
	idle    *sync.Cond // n has become 0
}

func newPartings() *partings {
	p := new(partings)
	p.idle = sync.NewCond(&p.mu)
	p.ctx, p.cancel = context.WithCancel(context.Background())
	return p
}

// begin makes room for one, unless they have been stopped.
func (p *partings) begin() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.stopped {
		return false
	}
	p.n++
	return true
}

func (p *partings) done() {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.n--; p.n == 0 {
		p.idle.Broadcast()
	}
}

func (p *partings) context() context.Context {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.ctx
}

// open lets notices leave again after a stop.
func (p *partings) open() {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.stopped {
		p.stopped = false
		p.ctx, p.cancel = context.WithCancel(context.Background())
	}
}

// stop lets none begin any more, cuts short those under way and waits for them.
func (p *partings) stop() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.stopped = true
	p.cancel()
	p.wait()
}

// wait waits until none is under way; p is locked.
func (p *partings) wait() {
	for p.n > 0 {
		p.idle.Wait()
	}
}
