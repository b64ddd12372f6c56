package quirks

import (
	"maps"
	"slices"
	"strings"
	"sync"
	"sync/atomic"

	"phoneacs/phones/internal/base"
)

// A Lookup finds what is known of a vendor, by its name.
type Lookup = func(vendor string) (base.Vendor, bool)

// A Source is one file of entries that comes with the program.
type Source struct {
	Name string
	Text []byte
}

// A Book says how phones are treated. Its methods are safe for concurrent use.
type Book struct {
	lookup  Lookup
	builtin []Entry
	now     atomic.Pointer[edition]

	mu  sync.RWMutex
	own map[uint64]*own // by the number of the phone
}

// edition is one state of all entries, and what was found in it.
type edition struct {
	entries []Entry
	mu      sync.RWMutex
	found   map[Who]*Quirks
}

// own is what was said of one phone, and what that came to last.
type own struct {
	set   Set
	among *edition
	who   Who
	is    *Quirks
}

// maxFound bounds how many results are kept. What phones say of themselves is
// in the key, so they could make any number of them.
const maxFound = 4096

// NewBook makes a book of what comes with the program. An error is one of the
// program: a test reads the same.
func NewBook(lookup Lookup, builtin []Source) (*Book, error) {
	b := &Book{lookup: lookup, own: make(map[uint64]*own)}
	for _, s := range builtin {
		list, err := Read(s.Name, s.Text, lookup)
		if err != nil {
			return nil, err
		}
		b.builtin = append(b.builtin, list...)
	}
	b.SetFile(nil)
	return b, nil
}

// SetFile puts the entries of an operator's file in force, in place of those
// that were.
func (b *Book) SetFile(entries []Entry) {
	b.now.Store(&edition{entries: slices.Concat(b.builtin, entries), found: make(map[Who]*Quirks)})
}

// SetPhone says how one phone is treated, beside what entries say; an empty set
// takes that back. The set is not to be changed after.
func (b *Book) SetPhone(phone uint64, s Set) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if len(s) == 0 {
		delete(b.own, phone)
		return
	}
	b.own[phone] = &own{set: s}
}

// Entries lists all entries in force; a later one wins. They are shared.
func (b *Book) Entries() []Entry { return b.now.Load().entries }

// Of returns how a phone is treated; phone 0 is one that has no number yet. It
// allocates nothing for what was asked before.
func (b *Book) Of(phone uint64, who Who) *Quirks {
	ed := b.now.Load()
	b.mu.RLock()
	o := b.own[phone]
	if o == nil {
		b.mu.RUnlock()
		return ed.of(b, who)
	}
	if o.is != nil && o.among == ed && o.who == who {
		is := o.is
		b.mu.RUnlock()
		return is
	}
	set := o.set
	b.mu.RUnlock()
	q := ed.resolve(b, who, set, func(string, *Entry) {})
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.own[phone] == o {
		b.own[phone] = &own{set: set, among: ed, who: who.clone(), is: q}
	}
	return q
}

func (ed *edition) of(b *Book, who Who) *Quirks {
	ed.mu.RLock()
	q := ed.found[who]
	ed.mu.RUnlock()
	if q != nil {
		return q
	}
	q = ed.resolve(b, who, nil, func(string, *Entry) {})
	who = who.clone()
	ed.mu.Lock()
	defer ed.mu.Unlock()
	if len(ed.found) >= maxFound {
		clear(ed.found)
	}
	ed.found[who] = q
	return q
}

// clone keeps a key apart from the messages that its texts are pieces of.
func (w Who) clone() Who {
	return Who{
		strings.Clone(w.Vendor), strings.Clone(w.Model), strings.Clone(w.Version),
		strings.Clone(w.Manufacturer), strings.Clone(w.OUI), strings.Clone(w.ProductClass), strings.Clone(w.Type),
	}
}

// resolve goes through all entries. said is told of each switch that one sets,
// and of those of own with no entry.
func (ed *edition) resolve(b *Book, who Who, own Set, said func(name string, by *Entry)) *Quirks {
	q := standard
	plain := strings.TrimSpace
	if v, ok := b.lookup(who.Vendor); ok {
		plain = func(s string) string { return v.NormalizeVersion(who.Model, s) }
	}
	for i := range ed.entries {
		if e := &ed.entries[i]; e.fits(&who, plain) {
			e.Set.apply(&q, func(name string) { said(name, e) })
		}
	}
	own.apply(&q, func(name string) { said(name, nil) })
	return &q
}

// An Effect is one switch as it holds for a phone.
type Effect struct {
	Name  string
	Value any    // a bool, an int or a string
	Own   bool   // said of this phone
	By    *Entry // the entry that says so; nil: Own, or the default
}

// Explain lists how each switch stands for a phone, and why. Of file_types those
// texts are listed of which something is said.
func (b *Book) Explain(phone uint64, who Who) []Effect {
	b.mu.RLock()
	var set Set
	if o := b.own[phone]; o != nil {
		set = o.set
	}
	b.mu.RUnlock()
	by := make(map[string]*Entry)
	q := b.now.Load().resolve(b, who, set, func(name string, e *Entry) { by[name] = e })
	var list []Effect
	add := func(name string, v any) {
		e, said := by[name]
		list = append(list, Effect{Name: name, Value: v, Own: said && e == nil, By: e})
	}
	for i := range switches {
		s := &switches[i]
		switch at := s.at(q).(type) {
		case *bool:
			add(s.Name, *at)
		case *int:
			add(s.Name, *at)
		case *string:
			add(s.Name, *at)
		case *map[string]string:
			for _, text := range slices.Sorted(maps.Keys(*at)) {
				add(s.Name+"."+text, (*at)[text])
			}
		}
	}
	return list
}
