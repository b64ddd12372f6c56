package jobs

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"

	"phoneacs/cwmp"
	"phoneacs/db"
)

// maxCachedMethods is of how many phones it is remembered what they take; beyond
// it the cache begins anew. Phones of one firmware share their list.
const maxCachedMethods = 200_000

// methodCache spares sessions the question to the store whether their phone was
// asked for its methods.
type methodCache struct {
	mu     sync.Mutex
	m      map[db.PhoneID]*db.Methods
	shared map[string]*db.Methods // firmware, names → the one record of them
}

func (c *methodCache) get(id db.PhoneID) *db.Methods {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.m[id]
}

func (c *methodCache) put(id db.PhoneID, m db.Methods) *db.Methods {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.m == nil || len(c.m) >= maxCachedMethods {
		c.m, c.shared = make(map[db.PhoneID]*db.Methods), make(map[string]*db.Methods)
	}
	key := m.Firmware + "\x00" + m.Refused + "\x00" + strings.Join(m.Names, "\x00")
	if st := &m.STUN; st.Step != "" {
		key += fmt.Sprintf("\x01%s %s %d %s %s", st.Server, st.Step, st.Tries, st.Why, strings.Join(st.Names, " "))
	}
	if p := &m.Prompt; len(p.Slots) > 0 || len(p.Refused) > 0 {
		key += fmt.Sprintf("\x02%v %v %s %s", p.Slots, p.Task, p.Why, strings.Join(p.Refused, " "))
	} else if m.Asked.IsZero() && m.STUN.Step == "" {
		key = "" // never asked
	}
	one := c.shared[key]
	if one == nil {
		one = &m
		c.shared[key] = one
	}
	c.m[id] = one
	return one
}

// methods returns what a phone was found to take. The record is shared and not
// to be changed; of its time only whether there is one counts.
func (s *Service) methods(ctx context.Context, id db.PhoneID) (*db.Methods, error) {
	if m := s.known.get(id); m != nil {
		return m, nil
	}
	m, err := s.store.Methods(ctx, id)
	if err != nil {
		return nil, fmt.Errorf("methods of %v: %w", id, err)
	}
	return s.known.put(id, m), nil
}

// keepMethods keeps what a phone was found to take.
func (s *Service) keepMethods(ctx context.Context, sess db.Session, m db.Methods) error {
	if err := s.store.RecordMethods(ctx, sess.Phone.ID, sess.Token, m); err != nil {
		return fmt.Errorf("keep methods of %v: %w", sess.Phone.ID, err)
	}
	s.known.put(sess.Phone.ID, m)
	return nil
}

// methodList brings what a phone answered into the form in which it is kept:
// what cannot be the name of a method is left out.
func methodList(told []string) []string {
	var names []string
	for _, name := range told {
		name = strings.TrimSpace(name)
		if name == "" || len(name) > db.MaxMethodText || cwmp.CheckText(name) != nil {
			continue
		}
		names = append(names, name)
	}
	slices.Sort(names)
	names = slices.Compact(names)
	return names[:min(len(names), db.MaxMethods)]
}
