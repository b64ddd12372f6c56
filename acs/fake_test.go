package acs

import (
	"context"
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	"phoneacs/cwmp"
	"phoneacs/db"
)

// fakeStore keeps phones by serial number, and who owns them.
type fakeStore struct {
	mu           sync.Mutex
	phones       map[db.PhoneID]*db.PhoneStatus
	logins       map[db.PhoneID]db.Credentials
	site         db.Site // of every phone
	serial       map[string]db.PhoneID
	owner        map[db.PhoneID]db.SessionToken
	last         db.Inform
	ended        int
	wakes        []string
	busy         map[db.PhoneID]bool // HasWork
	params       map[db.PhoneID]map[string]string
	announceFail error // of NoteAnnounced
	// duplicates are what NoteDuplicate was told.
	duplicates []string
	fail       error                            // what RecordInform returns
	hook       func(ctx context.Context, n int) // called within RecordInform, without the lock; n counts
	calls      int
	// recorded is called once an Inform is taken, without the lock.
	recorded func(n int)
	log      []string // what happened, shared with the dispatcher
	waited   atomic.Int64
}

func (f *fakeStore) Waited() time.Duration { return time.Duration(f.waited.Load()) }

func newFakeStore() *fakeStore {
	return &fakeStore{
		phones: make(map[db.PhoneID]*db.PhoneStatus),
		logins: make(map[db.PhoneID]db.Credentials),
		serial: make(map[string]db.PhoneID),
		owner:  make(map[db.PhoneID]db.SessionToken),
	}
}

func (f *fakeStore) note(format string, args ...any) {
	f.log = append(f.log, fmt.Sprintf(format, args...))
}

func (f *fakeStore) Site(context.Context, db.SiteID) (db.Site, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.site, nil
}

func (f *fakeStore) RecordInform(ctx context.Context, in db.Inform) (db.Recorded, error) {
	f.mu.Lock()
	f.calls++
	n, hook := f.calls, f.hook
	f.mu.Unlock()
	if hook != nil {
		hook(ctx, n)
	}
	if f.recorded != nil {
		defer f.recorded(n) // after the lock is given back
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	f.last = in
	if f.fail != nil {
		return db.Recorded{}, fmt.Errorf("record: %w", f.fail)
	}
	id, known := f.serial[in.Serial]
	if !known {
		if in.Enrol == "" {
			return db.Recorded{}, db.ErrNotListed
		}
		id = db.PhoneID(len(f.phones) + 1)
		f.serial[in.Serial] = id
		f.phones[id] = &db.PhoneStatus{Phone: db.Phone{ID: id, State: in.Enrol, Site: db.DefaultSite, OUI: in.OUI, Serial: in.Serial}}
	}
	p := f.phones[id]
	p.LastInform, p.Address, p.ConnectionRequestURL, p.Vendor = in.Now, in.Address, in.ConnectionRequestURL, in.Vendor
	f.owner[id] = in.Session
	f.note("inform %s", in.Serial)
	return db.Recorded{Phone: p.Phone, Created: !known}, nil
}

func (f *fakeStore) Claimed(_ context.Context, who db.Identity) (db.Claim, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	id, ok := f.serial[who.Serial]
	if !ok {
		return db.Claim{}, db.ErrNotFound
	}
	return db.Claim{Phone: id, State: f.phones[id].State, Credentials: f.logins[id]}, nil
}

func (f *fakeStore) EndSession(id db.PhoneID, s db.SessionToken) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.ended++
	if f.owner[id] == s {
		delete(f.owner, id)
	}
}

func (f *fakeStore) HasWork(_ context.Context, id db.PhoneID) (bool, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.busy[id], nil
}

func (f *fakeStore) NoteAnnounced(_ context.Context, _ db.PhoneID, _ db.SessionToken, text string, _ time.Time) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.announceFail == nil {
		f.note("announced %s", text)
	}
	return f.announceFail
}

func (f *fakeStore) NoteDuplicate(_ context.Context, id db.PhoneID, why string, _ time.Time) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.duplicates = append(f.duplicates, id.String()+": "+why)
	return nil
}

func (f *fakeStore) RecordWake(id db.PhoneID, _ time.Time, way, failure string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.wakes = append(f.wakes, failure)
	if p := f.phones[id]; p != nil && way != "" {
		p.WakeWay = way
	}
}

func (f *fakeStore) Phone(_ context.Context, id db.PhoneID) (db.PhoneStatus, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if p := f.phones[id]; p != nil {
		return *p, nil
	}
	return db.PhoneStatus{}, db.ErrNotFound
}

func (f *fakeStore) Credentials(_ context.Context, id db.PhoneID) (db.Credentials, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.logins[id], nil
}

// owns fails as a commit of the store does.
func (f *fakeStore) owns(s db.Session) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.owner[s.Phone.ID] != s.Token {
		return fmt.Errorf("commit: %w", db.ErrSuperseded)
	}
	return nil
}

func (f *fakeStore) history() []string {
	f.mu.Lock()
	defer f.mu.Unlock()
	return append([]string(nil), f.log...)
}

// fakeDispatcher sends what is queued, in order, and notes what it is told.
type fakeDispatcher struct {
	store *fakeStore

	mu                                 sync.Mutex
	queue                              []cwmp.Message
	sent                               int
	informed, next, answered, complete error
	onInformed, onNext, onAnswered     func()
	onCompleted                        func()
	answers                            []cwmp.Message
	completed                          *cwmp.TransferComplete
	unwoken                            []db.PhoneID // what WakeRefused was told
	mends                              bool         // what it says
}

func (d *fakeDispatcher) Informed(_ context.Context, s db.Session, rec db.Recorded, in *cwmp.Inform) error {
	if d.onInformed != nil {
		d.onInformed()
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	d.say("informed %s", in.DeviceID.SerialNumber)
	return d.informed
}

func (d *fakeDispatcher) WakeRefused(id db.PhoneID) bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.unwoken = append(d.unwoken, id)
	return d.mends
}

func (d *fakeDispatcher) Next(ctx context.Context, s db.Session) (cwmp.Message, db.AttemptID, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if err := d.store.owns(s); err != nil {
		return nil, db.AttemptID{}, err
	}
	if d.next != nil || len(d.queue) == 0 {
		return nil, db.AttemptID{}, d.next
	}
	if ctx.Err() != nil {
		return nil, db.AttemptID{}, ctx.Err()
	}
	msg := d.queue[0]
	d.queue = d.queue[1:]
	d.sent++
	id := db.AttemptID{Task: db.TaskID{Job: 1, Phone: s.Phone.ID}, N: d.sent}
	d.say("next %s %d", msg.RPC(), d.sent)
	if d.onNext != nil {
		d.onNext()
	}
	return msg, id, nil
}

func (d *fakeDispatcher) Answered(_ context.Context, s db.Session, id db.AttemptID, answer cwmp.Message) error {
	if d.onAnswered != nil {
		d.onAnswered()
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	if err := d.store.owns(s); err != nil {
		return err
	}
	name := "nothing"
	if answer != nil {
		name = answer.RPC()
	}
	d.answers = append(d.answers, answer)
	d.say("answered %d %s", id.N, name)
	return d.answered
}

func (d *fakeDispatcher) Completed(_ context.Context, s db.Session, tc *cwmp.TransferComplete) error {
	if d.onCompleted != nil {
		d.onCompleted()
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	d.completed = tc
	d.say("completed %s", tc.CommandKey)
	return d.complete
}

func (d *fakeDispatcher) lastAnswer() cwmp.Message {
	d.mu.Lock()
	defer d.mu.Unlock()
	if len(d.answers) == 0 {
		return nil
	}
	return d.answers[len(d.answers)-1]
}

func (d *fakeDispatcher) say(format string, args ...any) {
	d.store.mu.Lock()
	defer d.store.mu.Unlock()
	d.store.note(format, args...)
}

func (f *fakeStore) Parameters(_ context.Context, id db.PhoneID, prefix string, _ db.Query) (db.Page[db.Parameter], error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	var page db.Page[db.Parameter]
	if v, ok := f.params[id][prefix]; ok {
		page.Items = append(page.Items, db.Parameter{Name: prefix, Value: v})
	}
	return page, nil
}
