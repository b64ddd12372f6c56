package admin

import (
	"fmt"
	"net/http"
	"runtime/debug"
	"time"
)

// A numbered is a line of a list: what it says, or what is wrong with it.
type numbered[L any] struct {
	line int
	item L
	err  error // a *lineError, io.EOF, or what ended the list
}

// A feed gives the lines of a list. next waits for one, unless wait is false
// and none has arrived.
type feed[L any] interface {
	next(wait bool) (n numbered[L], arrived bool)
	// stop ends the reading, says whether there was more to read, and returns
	// when it has ended.
	stop() (early bool)
}

// A direct feed reads when it is asked: batches are as large as may be.
type direct[L any] struct {
	read func() (L, int, error)
}

func (d direct[L]) next(bool) (numbered[L], bool) {
	item, line, err := d.read()
	return numbered[L]{line, item, err}, true
}

func (d direct[L]) stop() bool { return false }

// A pump reads ahead, so that what has arrived can be committed and told while
// the rest is still on its way. It holds one batch of lines.
type pump[L any] struct {
	lines chan numbered[L]
	quit  chan struct{}
	done  chan struct{}
	body  *stream
	ended bool // the end of the list has come out of next
}

func newPump[L any](body *stream, ahead int, read func() (L, int, error)) *pump[L] {
	p := &pump[L]{lines: make(chan numbered[L], ahead), quit: make(chan struct{}), done: make(chan struct{}), body: body}
	go p.run(read)
	return p
}

func (p *pump[L]) run(read func() (L, int, error)) {
	defer close(p.done)
	for {
		n := readLine(read)
		_, bad := n.err.(*lineError)
		select {
		case p.lines <- n:
		case <-p.quit:
			return
		}
		if n.err != nil && !bad {
			return
		}
	}
}

// readLine keeps a reader that panics from ending the server: nobody above
// would catch it here.
func readLine[L any](read func() (L, int, error)) (n numbered[L]) {
	defer func() {
		if v := recover(); v != nil {
			n.err = fmt.Errorf("read a line: panic: %v\n%s", v, debug.Stack())
		}
	}()
	n.item, n.line, n.err = read()
	return n
}

func (p *pump[L]) next(wait bool) (n numbered[L], arrived bool) {
	if wait {
		n = <-p.lines
	} else {
		select {
		case n = <-p.lines:
		default:
			return n, false
		}
	}
	_, bad := n.err.(*lineError)
	p.ended = n.err != nil && !bad
	return n, true
}

func (p *pump[L]) stop() (early bool) {
	close(p.quit)
	if !p.ended {
		p.body.stop()
	}
	<-p.done
	return !p.ended
}

// stop makes reads of the body fail, also one that is under way where the
// connection has deadlines.
func (s *stream) stop() {
	s.stopped.Store(true)
	s.expire()
}

func (s *stream) expire() {
	if s.rc != nil {
		_ = s.rc.SetReadDeadline(time.Unix(1, 0)) // where a connection has none, its body has an end
	}
}

// duplex lets an answer begin before its request has ended.
func duplex(w http.ResponseWriter) {
	_ = http.NewResponseController(w).EnableFullDuplex() // HTTP/2 has it by itself, recorders of tests too
}
