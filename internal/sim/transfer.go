package sim

import (
	"context"
	"slices"
	"strconv"
	"strings"
	"time"
)

// transfer is one Download or Upload that the phone has accepted, or one that
// its configuration asks for. It lives in flash until
// its result is acknowledged.
type transfer struct {
	key, fileType, url string
	user, password     string
	to                 target
	delay              time.Duration
	orderedFault       int // of TransferFaultNext
	upload             bool
	scheduled          bool // of a ScheduleDownload
	silent             bool // not ordered as such: no TransferComplete

	armed bool          // the session that ordered it has ended
	due   time.Duration // once armed
	done  bool          // fetched or failed: what follows is the result
	sent  int           // TransferComplete requests so far

	fault           int
	start, complete time.Time
	digest          string
	bytes           int64
	head            []byte // of the file, for its kind
}

// arm lets the fetch begin after its delay.
func (t *transfer) arm(now time.Duration) {
	if !t.armed {
		t.armed, t.due = true, now+t.delay
	}
}

// nextTransfer gives the first transfer that waits for its fetch, nil if there
// is none; the phone is locked. Fetches go one after the other.
func (p *Phone) nextTransfer() *transfer {
	for _, t := range p.flash.transfers {
		if t.armed && !t.done {
			return t
		}
	}
	return nil
}

// beginFetch gives the work of fetching a file; the phone is locked.
func (p *Phone) beginFetch(ctx context.Context, t *transfer) func() {
	ctx, stop := context.WithCancelCause(ctx)
	p.fetching, p.endFetch = true, stop
	life, conduct := p.life, p.conduct
	attempt := *t // a power cut leaves t as it is, to be fetched again
	return func() {
		defer stop(nil)
		if t.upload {
			p.sendFile(ctx, &attempt, conduct)
		} else {
			p.fetchFile(ctx, &attempt, conduct)
		}
		p.mu.Lock()
		defer p.mu.Unlock()
		if p.life != life || ended(ctx) != nil {
			return
		}
		p.fetching, p.endFetch = false, nil
		sent := t.sent
		*t = attempt
		t.sent = sent
		t.done = true
		p.fetched(t, conduct)
	}
}

// fetched plans what follows a fetch: a restart, a session that reports. The
// phone is locked.
func (p *Phone) fetched(t *transfer, conduct *Behaviour) {
	restart := p.apply(t, conduct)
	p.saw(SawResult, strconv.Itoa(t.fault), t.key)
	if conduct.NeverReport || t.silent {
		p.flash.transfers = slices.DeleteFunc(p.flash.transfers, func(o *transfer) bool { return o == t })
	}
	switch {
	case restart && p.inSession:
		p.restartDue = true
	case restart:
		p.restart()
	case !conduct.NeverReport && !t.silent:
		p.sessionAt = p.fleet.now()
	}
	p.reschedule()
	p.signal()
}

// apply takes a fetched file into use and reports whether the phone has to
// restart for it; the phone is locked. A file that will not do becomes a fault
// of the transfer.
func (p *Phone) apply(t *transfer, conduct *Behaviour) (restart bool) {
	version := ""
	if t.fault == 0 && strings.HasPrefix(t.fileType, fileFirmware) && !t.upload {
		models, v, ok := parseFirmware(t.head)
		if !ok || !slices.Contains(models, p.model.name) {
			t.fault = 9018
		} else {
			version, p.flash.next, restart = v, v, true
		}
	}
	if t.fault == 0 && p.fleet.opts.CTC && strings.HasPrefix(t.fileType, fileConfig) && !isXML(t.head) {
		t.fault = 9018
	}
	if t.fault != 0 {
		if t.orderedFault == 0 && t.fault > 9012 && p.model.dialect.version == "1.0" {
			t.fault = 9010 // the finer codes came with 1.1
		}
		p.fleet.stats.transfersFailed.Add(1)
		return false
	}
	if t.upload {
		p.fleet.stats.transfers.Add(1)
		keep(&p.ledger, &p.ledger.Sent, Sent{FileType: t.fileType, CommandKey: t.key, Digest: t.digest, Bytes: t.bytes}, maxEntries)
		return false
	}
	if strings.HasPrefix(t.fileType, fileConfig) {
		p.follow(t, conduct)
		p.flash.config = t.digest
		restart = conduct.RestartOnConfig
	}
	p.fleet.stats.transfers.Add(1)
	keep(&p.ledger, &p.ledger.Applied, Applied{
		FileType: t.fileType, CommandKey: t.key, Digest: t.digest, Bytes: t.bytes, Version: version,
	}, maxEntries)
	return restart
}

// report sends the results of this session's transfers, each until it is
// acknowledged (TR-069 A.3.3.2).
func (s *session) report(ctx context.Context) error {
	for len(s.results) > 0 {
		t := s.results[0]
		s.results = s.results[1:]
		if err := s.enter(); err != nil {
			return err
		}
		t.sent++
		s.p.mu.Unlock()
		id := s.nextID()
		m, err := s.call(ctx, "TransferComplete", s.writeTransferComplete(id, t), id, AfterTransferComplete)
		if _, refused := err.(*FaultError); refused {
			continue // that does not end the session; the result stays due
		}
		if err != nil {
			return err
		}
		checkArgs(m.body, s.note)
		if s.conduct.habits.transfer.twice {
			again := s.nextID()
			if _, err := s.call(ctx, "TransferComplete", s.writeTransferComplete(again, t), again, Nowhere); err != nil {
				return err
			}
		}
		if err := s.enter(); err != nil {
			return err
		}
		s.p.flash.transfers = slices.DeleteFunc(s.p.flash.transfers, func(o *transfer) bool { return o == t })
		keep(&s.p.ledger, &s.p.ledger.Reports, Report{t.key, t.fault, t.sent}, maxEntries)
		s.p.signal()
		s.p.mu.Unlock()
	}
	return nil
}

func (s *session) writeTransferComplete(id string, t *transfer) []byte {
	s.p.mu.Lock()
	key := s.conduct.habits.transfer.key(s.p, t)
	s.p.mu.Unlock()
	w := s.envelope()
	w.begin(id)
	w.open("cwmp:TransferComplete")
	w.elem("CommandKey", key)
	w.open("FaultStruct")
	w.num("FaultCode", t.fault)
	text := ""
	if t.fault != 0 {
		text = faultText(t.fault)
	}
	w.elem("FaultString", text)
	w.close("FaultStruct")
	w.elem("StartTime", wireTime(t.start))
	w.elem("CompleteTime", wireTime(t.complete))
	w.close("cwmp:TransferComplete")
	return s.seal(w)
}
