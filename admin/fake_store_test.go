package admin

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"phoneacs/db"
	"phoneacs/db/filter"
)

// A fakeStore keeps a few records in slices. It promises what package db does
// of what admin uses, and fails on demand.
type fakeStore struct {
	*fakeFeed
	mu          sync.Mutex
	phones      []db.PhoneStatus
	params      []db.Parameter
	changes     []db.Change
	sites       []db.Site
	windows     []db.Window
	runs        map[db.PhoneID][]db.Run
	files       []db.File
	jobs        []db.JobStatus
	tasks       []db.Task
	holds       []db.Hold
	tokens      []db.Token
	keys        map[tokenKey]fakeAnswer
	imports     [][]db.PhoneImport
	options     db.ImportOptions // of the last import
	counted     int              // phones imported that were not kept
	by          string           // who made the last change
	password    string           // of connection requests, as last changed
	err         error            // what every method returns instead
	ready       error
	waited      time.Duration
	room        int64 // bytes that are too many; 0: none are
	tight       bool  // any are
	traits      map[string]db.Trait
	methods     db.Methods
	results     map[db.TaskID]db.Result
	uploads     []db.Upload
	bytes       map[string]string // by digest
	audit       []db.AuditEntry   // newest first
	replacement db.Replacement    // the last

	recorded fakeRecordings
	rules    []db.EnrolmentRule
	// standing orders, the sizes of edits, and what ListPhones calls.
	standing  []db.StandingOrder
	recurring []db.Recurring
	edits     []int
	listed    func()
}

func (s *fakeStore) lock() func() { s.mu.Lock(); return s.mu.Unlock }

func (s *fakeStore) Ready() error { return s.ready }

func (s *fakeStore) Waited() time.Duration { return s.waited }

func (s *fakeStore) RoomFor(bytes int64) error {
	if s.tight || s.room > 0 && bytes >= s.room {
		return fmt.Errorf("too little: %w", db.ErrNoSpace)
	}
	return nil
}

// pageOf returns a page of what passes the filter.
func pageOf[T any](items []T, q db.Query, field func(*T, string) filter.Value) (p db.Page[T], err error) {
	from := 0
	if q.Cursor != "" {
		if from, err = strconv.Atoi(q.Cursor); err != nil || from > len(items) {
			return p, fmt.Errorf("list: %w", db.ErrCursor)
		}
	}
	for i := from; i < len(items); i++ {
		if len(p.Items) == q.Limit {
			p.Next = strconv.Itoa(i)
			break
		}
		if q.Filter == nil || q.Filter.Match(func(name string) filter.Value { return field(&items[i], name) }) {
			p.Items = append(p.Items, items[i])
		}
	}
	return p, nil
}

func noField[T any](*T, string) filter.Value { return filter.Value{} }

func (s *fakeStore) phone(id db.PhoneID) (*db.PhoneStatus, error) {
	for i := range s.phones {
		if s.phones[i].ID == id {
			return &s.phones[i], s.err
		}
	}
	return nil, fmt.Errorf("phone %d in bucket 7: %w", id, db.ErrNotFound)
}

func (s *fakeStore) Phone(_ context.Context, id db.PhoneID) (db.PhoneStatus, error) {
	defer s.lock()()
	p, err := s.phone(id)
	if err != nil {
		return db.PhoneStatus{}, err
	}
	return *p, nil
}

func (s *fakeStore) FindPhone(_ context.Context, ref string) (db.PhoneID, error) {
	defer s.lock()()
	if s.err != nil {
		return 0, s.err
	}
	var found []db.PhoneID
	for _, p := range s.phones {
		if ref == p.ID.String() || ref == p.MAC || ref == p.OUI+"-"+p.Serial || ref == p.OUI+"-"+p.ProductClass+"-"+p.Serial {
			found = append(found, p.ID)
		}
	}
	switch len(found) {
	case 0:
		return 0, fmt.Errorf("find in bucket 7: %w", db.ErrNotFound)
	case 1:
		return found[0], nil
	}
	return 0, fmt.Errorf("find in bucket 7: %w", db.ErrConflict)
}

func (s *fakeStore) ListPhones(_ context.Context, q db.Query) (db.Page[db.PhoneStatus], error) {
	defer s.lock()()
	if s.err != nil {
		return db.Page[db.PhoneStatus]{}, s.err
	}
	if s.listed != nil {
		s.listed()
	}
	return pageOf(s.phones, q, (*db.PhoneStatus).Field)
}

func (s *fakeStore) UpdatePhone(_ context.Context, id db.PhoneID, in db.PhonePatch, by string) (db.PhoneStatus, error) {
	defer s.lock()()
	p, err := s.phone(id)
	if err != nil {
		return db.PhoneStatus{}, err
	}
	if in.Name != nil && *in.Name == "refused" {
		return db.PhoneStatus{}, fmt.Errorf("update: %w", &db.FieldError{Field: "name", Err: fmt.Errorf("refused by the store")})
	}
	set(&p.Name, in.Name)
	set(&p.Site, in.Site)
	set(&p.Tags, in.Tags)
	set(&p.State, in.State)
	set(&p.ConnectionRequestUser, in.ConnectionRequestUser)
	set(&s.password, in.ConnectionRequestPassword)
	if in.ProofWaived != nil {
		p.Proof = db.ProvesNothing
		if *in.ProofWaived {
			p.Proof = db.ProvesWaived
		}
	}
	s.by = by
	return *p, nil
}

func set[T any](to *T, from *T) {
	if from != nil {
		*to = *from
	}
}

func (s *fakeStore) DeletePhone(_ context.Context, id db.PhoneID) error {
	defer s.lock()()
	if _, err := s.phone(id); err != nil {
		return err
	}
	for _, t := range s.tasks {
		if t.ID.Phone == id && t.State.Open() {
			return fmt.Errorf("delete: %w", db.ErrInUse)
		}
	}
	s.phones = slices.DeleteFunc(s.phones, func(p db.PhoneStatus) bool { return p.ID == id })
	return nil
}

func (s *fakeStore) Parameters(_ context.Context, id db.PhoneID, prefix string, q db.Query) (db.Page[db.Parameter], error) {
	defer s.lock()()
	if _, err := s.phone(id); err != nil {
		return db.Page[db.Parameter]{}, err
	}
	below := slices.DeleteFunc(slices.Clone(s.params), func(p db.Parameter) bool { return !strings.HasPrefix(p.Name, prefix) })
	return pageOf(below, q, noField[db.Parameter])
}

func (s *fakeStore) History(_ context.Context, id db.PhoneID, q db.Query) (db.Page[db.Change], error) {
	defer s.lock()()
	if _, err := s.phone(id); err != nil {
		return db.Page[db.Change]{}, err
	}
	return pageOf(s.changes, q, noField[db.Change])
}

func (s *fakeStore) ParameterTraits(context.Context, db.PhoneID, []string) (map[string]db.Trait, error) {
	defer s.lock()()
	return s.traits, nil
}

func (s *fakeStore) Methods(context.Context, db.PhoneID) (db.Methods, error) {
	defer s.lock()()
	return s.methods, nil
}

func (s *fakeStore) Result(_ context.Context, id db.TaskID) (db.Result, error) {
	defer s.lock()()
	if r, ok := s.results[id]; ok {
		return r, nil
	}
	return db.Result{}, fmt.Errorf("result: %w", db.ErrNotFound)
}

func (s *fakeStore) CountPhones(context.Context) (map[db.PhoneState]int, error) { return nil, s.err }
