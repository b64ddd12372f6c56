package bolt

import (
	"context"
	"crypto/rand"
	"encoding/binary"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"go.etcd.io/bbolt"

	"phoneacs/db"
)

// Schema is the version of the layout that this package reads and writes.
// A step that changes the layout adds a migration and raises it.
const Schema = 2

var (
	keySchema = []byte("schema")
	keyTag    = []byte("tag")
)

// migrations[n] takes a store from version n to n+1, in one transaction.
var migrations = [Schema]func(*tx) error{
	createLayout,
	layout2,
}

// migrate brings the file to the layout that steps lead to. An older store is
// copied beside itself first; a newer one is refused, since an older program
// would harm it.
func (s *Store) migrate(ctx context.Context, steps []func(*tx) error) error {
	var from uint64
	to := uint64(len(steps))
	err := s.bolt.View(func(b *bbolt.Tx) error {
		if m := b.Bucket(bMeta); m != nil {
			if v := m.Get(keySchema); len(v) == 8 {
				from = num(v)
			}
			s.tag = string(m.Get(keyTag))
			if from == 2 && m.Get(keySealed) == nil {
				from = 1 // by a program between two releases, which sealed nothing yet
			}
		}
		return nil
	})
	switch {
	case err != nil:
		return err
	case from > to:
		return fmt.Errorf("store has layout %d, this program knows up to %d: use the newer program, or restore a backup made by this one", from, to)
	case from > 0 && from < to:
		if err := s.keepCopy(from); err != nil {
			return fmt.Errorf("copy store before migrating: %w", err)
		}
	}
	for v := from; v < to; v++ {
		if err := ctx.Err(); err != nil {
			return err
		}
		err := s.bolt.Update(func(b *bbolt.Tx) error {
			t := &tx{Tx: b, s: s}
			if err := steps[v](t); err != nil {
				return err
			}
			return t.put(bMeta, keySchema, be8(v+1))
		})
		if err != nil {
			return fmt.Errorf("migrate store to layout %d: %w", v+1, noSpace(err))
		}
	}
	if err := s.scrub(); err != nil {
		return err
	}
	s.tellOfCopy()
	return s.dropOrphanSelections()
}

func (s *Store) keepCopy(version uint64) error {
	name := filepath.Join(s.opts.Dir, fmt.Sprintf("%s.layout%d", FileName, version))
	f, err := os.OpenFile(name, os.O_CREATE|os.O_TRUNC|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	err = s.bolt.View(func(b *bbolt.Tx) error { _, err := b.WriteTo(io.Writer(f)); return err })
	if err == nil {
		err = f.Sync()
	}
	if cerr := f.Close(); err == nil {
		err = cerr
	}
	return err
}

func createLayout(t *tx) error {
	for _, name := range allBuckets {
		if _, err := t.CreateBucketIfNotExists(name); err != nil {
			return fmt.Errorf("create %s: %w", name, err)
		}
	}
	t.s.tag = strings.ToLower(rand.Text()[:4])
	if err := t.put(bMeta, keyTag, []byte(t.s.tag)); err != nil {
		return err
	}
	id, err := t.next(bSites)
	if err != nil {
		return err
	}
	if db.SiteID(id) != db.DefaultSite {
		return fmt.Errorf("first site got id %d: %w", id, errCorrupt)
	}
	return t.saveSite(db.Site{ID: db.DefaultSite, Name: "default"})
}

// layout2 makes room for what layout 1 did not keep, and seals what it kept in
// clear.
func layout2(t *tx) error {
	for _, name := range allBuckets {
		if _, err := t.CreateBucketIfNotExists(name); err != nil {
			return fmt.Errorf("create %s: %w", name, err)
		}
	}
	if err := markAdmitted(t); err != nil {
		return err
	}
	return sealSecrets(t)
}

// dropOrphanSelections removes selections that were frozen for an order which
// was never accepted.
func (s *Store) dropOrphanSelections() error {
	return s.bolt.Update(func(b *bbolt.Tx) error {
		c := b.Bucket(bSelection).Cursor()
		for k, _ := c.First(); k != nil; {
			job := num(k)
			if b.Bucket(bJobs).Get(be8(job)) != nil {
				k, _ = c.Seek(be8(job + 1))
				continue
			}
			if err := c.Delete(); err != nil {
				return err
			}
			k, _ = c.Seek(binary.BigEndian.AppendUint64(nil, job))
		}
		return nil
	})
}
