// Package quirkbook keeps in force what is said of phones' odd behaviour: the
// entries that come with the program, those of an operator's file, which may
// change while the server runs, and those of single phones, which are in the
// store.
//
// It knows phones as the store does, and remembers of each what its names have
// shown. It acts on no quirk: who asks does. A file that cannot be read is
// refused whole, and what was in force stays.
package quirkbook

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"sync"

	"github.com/jonboulle/clockwork"

	"phoneacs/cwmp"
	"phoneacs/db"
	"phoneacs/internal/logkey"
	"phoneacs/phones"
	"phoneacs/phones/quirks"
)

// Store is what is needed of the store.
type Store interface {
	db.Quirks
	// Parameters lists the reported parameters below a prefix, by name.
	Parameters(ctx context.Context, id db.PhoneID, prefix string, q db.Query) (db.Page[db.Parameter], error)
}

// Options says what a [Keeper] works with.
type Options struct {
	Store Store           // required
	File  string          // of the operator's entries; empty: none
	Clock clockwork.Clock // nil: the real one
	Log   *slog.Logger    // nil: none
}

// A Keeper says how phones are treated. It is safe for concurrent use.
type Keeper struct {
	store Store
	clock clockwork.Clock
	log   *slog.Logger
	book  *quirks.Book

	fileMu sync.Mutex
	file   file // without path: none

	mu    sync.RWMutex
	shown map[db.PhoneID]shown

	edit sync.Mutex // held over a change in the store and in book
}

// shown is what the names of a phone's parameters tell.
type shown struct{ root, kind string }

// New reads the file and what the store has. The error names what cannot be
// used: a file is told with its lines.
func New(ctx context.Context, o Options) (*Keeper, error) {
	if o.Clock == nil {
		o.Clock = clockwork.NewRealClock()
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	book, err := phones.NewBook()
	if err != nil {
		return nil, fmt.Errorf("quirks of this program: %w", err)
	}
	k := &Keeper{store: o.Store, clock: o.Clock, log: o.Log, book: book, shown: make(map[db.PhoneID]shown)}
	if o.File != "" {
		k.file = file{path: o.File}
		k.file.seen = k.file.stamp()
		entries, err := ReadFile(o.File)
		if err != nil {
			return nil, err
		}
		book.SetFile(entries)
	}
	return k, k.load(ctx)
}

// load takes in what was said of single phones.
func (k *Keeper) load(ctx context.Context) error {
	q := db.Query{Limit: db.MaxLimit}
	for {
		page, err := k.store.ListPhoneQuirks(ctx, q)
		if err != nil {
			return fmt.Errorf("quirks of phones: %w", err)
		}
		for _, p := range page.Items {
			set, err := quirks.ParseJSON(p.Set)
			if err != nil { // of another version of this program
				k.log.WarnContext(ctx, "quirks of a phone are not in force", logkey.Phone, p.Phone.String(), logkey.Err, err)
				continue
			}
			k.book.SetPhone(uint64(p.Phone), set)
		}
		if page.Next == "" {
			return nil
		}
		q.Cursor = page.Next
	}
}

// Informed takes in what an Inform shows of a phone, which is recorded, and
// returns how the phone is treated in its session. For what is known already it
// allocates nothing. What it returns is shared.
func (k *Keeper) Informed(ctx context.Context, p *db.Phone, in *cwmp.Inform) *quirks.Quirks {
	k.mu.RLock()
	was, known := k.shown[p.ID]
	k.mu.RUnlock()
	now := shown{root: phones.RootOf(in.Parameters), kind: phones.ACSType(p.Vendor, in.Parameters)}
	// An Inform holds a few names, which need not be the telling ones; those that
	// the phone showed before count until it begins anew.
	if now.root == "" || now.kind == quirks.TypeCommon && !in.HasEvent(cwmp.EventBootstrap) {
		if !known {
			was = k.known(ctx, p)
		}
		if now.root == "" || was.root == now.root && was.kind != "" {
			now = was
		}
	}
	if now.root != "" && (!known || now != was) {
		k.remember(p.ID, now)
	}
	return k.book.Of(uint64(p.ID), who(p, now))
}

// maxShown bounds what is remembered; it is found again in the store.
const maxShown = 200_000

func (k *Keeper) remember(id db.PhoneID, s shown) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if len(k.shown) >= maxShown {
		clear(k.shown)
	}
	k.shown[id] = s
}

// Of returns how a phone is treated outside of a session, and before its
// Inform is recorded: what has no id yet has no quirks of its own. What it
// returns is shared.
func (k *Keeper) Of(ctx context.Context, p *db.Phone) *quirks.Quirks {
	return k.book.Of(uint64(p.ID), who(p, k.known(ctx, p)))
}

// Root returns what the names of a phone's parameters begin with: "Device." or
// "InternetGatewayDevice.", as its quirks say, else as it has shown; "" if it
// has shown nothing.
func (k *Keeper) Root(ctx context.Context, p *db.Phone) string {
	if r := k.Of(ctx, p).Root; r != "" && r != quirks.RootReported {
		return r
	}
	return k.known(ctx, p).root
}

// known is what a phone's names have shown: as remembered or, after a restart
// of the server, as the store has them.
func (k *Keeper) known(ctx context.Context, p *db.Phone) shown {
	id := p.ID // before the lock: a caller's mistake must not leave it held
	k.mu.RLock()
	s, ok := k.shown[id]
	k.mu.RUnlock()
	if ok || p.ID == 0 {
		return s
	}
	for _, root := range []string{quirks.RootGateway, quirks.RootDevice} {
		page, err := k.store.Parameters(ctx, p.ID, root, db.Query{Limit: db.MaxLimit})
		if err != nil {
			return shown{} // asked again next time
		}
		if len(page.Items) == 0 {
			continue
		}
		params := make([]cwmp.ParameterValue, len(page.Items))
		for i := range page.Items {
			params[i].Name = page.Items[i].Name
		}
		s = shown{root: root, kind: phones.ACSType(p.Vendor, params)}
		break
	}
	if s.root != "" {
		k.remember(p.ID, s)
	}
	return s
}

func who(p *db.Phone, s shown) quirks.Who {
	return quirks.Who{
		Vendor: p.Vendor, Model: p.Model, Version: p.SoftwareVersion,
		Manufacturer: p.Manufacturer, OUI: p.OUI, ProductClass: p.ProductClass, Type: s.kind,
	}
}

// Entries lists all entries in force, in their order. They are shared.
func (k *Keeper) Entries() []quirks.Entry { return k.book.Entries() }

// Explain says how each switch stands for a phone, and why.
func (k *Keeper) Explain(ctx context.Context, p *db.Phone) []quirks.Effect {
	return k.book.Explain(uint64(p.ID), who(p, k.known(ctx, p)))
}

// rounds is how often a change is made anew that another node was quicker to.
const rounds = 4

// Change changes what is said of one phone: next gets what was said before, and
// returns what is to be; an empty set takes all of it back. It is durable, and
// in force, when Change returns. ErrNotFound if there is no such phone.
func (k *Keeper) Change(ctx context.Context, id db.PhoneID, by string, next func(quirks.Set) quirks.Set) error {
	k.edit.Lock()
	defer k.edit.Unlock()
	var err error
	for range rounds {
		if err = k.change(ctx, id, by, next); !errors.Is(err, db.ErrConflict) {
			break
		}
	}
	if err != nil {
		return fmt.Errorf("change quirks of %s: %w", id, err)
	}
	return nil
}

func (k *Keeper) change(ctx context.Context, id db.PhoneID, by string, next func(quirks.Set) quirks.Set) error {
	was, err := k.store.PhoneQuirks(ctx, id)
	if err != nil {
		return err
	}
	var old quirks.Set
	if was.Set != nil {
		if old, err = quirks.ParseJSON(was.Set); err != nil {
			old = nil // of another version of this program; it is not in force either
		}
	}
	set := next(old)
	var to []byte
	if len(set) > 0 {
		if to, err = json.Marshal(set); err != nil {
			return err
		}
	}
	if !bytes.Equal(was.Set, to) {
		if err := k.store.SetPhoneQuirks(ctx, id, was.Set, to, by); err != nil {
			return err
		}
	}
	k.book.SetPhone(uint64(id), set)
	return nil
}
