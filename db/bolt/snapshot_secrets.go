package bolt

import (
	"bytes"
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"os"
	"time"

	"go.etcd.io/bbolt"

	"phoneacs/db"
	"phoneacs/internal/seal"
)

// keyLeftOut stands for keySealed in a copy without secrets: nothing in it is
// sealed, and the store that it becomes takes the key that it finds.
var keyLeftOut = []byte("leftout")

// stripChunk is how many records are changed in one transaction of a copy.
const stripChunk = 4096

// leaveSecretsOut takes all that is sealed out of a copy, which is then written
// anew: the pages that were freed would still show it.
func (s *Store) leaveSecretsOut(ctx context.Context, path string, now time.Time, n *db.SnapshotCounts) error {
	b, err := openCopy(path)
	if err != nil {
		return err
	}
	p := &stripper{s: s, ctx: ctx, now: now, n: n, b: b}
	for _, part := range []func() error{p.credentials, p.jobs, p.standing, p.recurring, p.idem, p.mark} {
		if err == nil {
			err = part()
		}
	}
	if err != nil {
		return errors.Join(err, b.Close())
	}
	part := path + ".part"
	err = compactInto(ctx, part, b)
	if err = errors.Join(err, b.Close()); err != nil {
		return err
	}
	if err := noneSealed(ctx, part, s.key); err != nil {
		return err
	}
	return os.Rename(part, path)
}

type stripper struct {
	s   *Store
	ctx context.Context
	now time.Time
	n   *db.SnapshotCounts
	b   *bbolt.DB
}

// each calls change for every record of a bucket, in transactions that are
// bounded. change may change any bucket; the record is a copy.
func (p *stripper) each(bucket []byte, change func(t *tx, k, v []byte) error) error {
	var after []byte
	for {
		if err := p.ctx.Err(); err != nil {
			return err
		}
		var keys, values [][]byte
		err := p.b.Update(func(b *bbolt.Tx) error {
			c := b.Bucket(bucket).Cursor()
			k, v := c.Seek(after)
			if after != nil && bytes.Equal(k, after) {
				k, v = c.Next()
			}
			for ; k != nil && len(keys) < stripChunk; k, v = c.Next() {
				keys, values = append(keys, bytes.Clone(k)), append(values, bytes.Clone(v))
			}
			t := &tx{Tx: b, s: p.s}
			for i := range keys {
				if err := change(t, keys[i], values[i]); err != nil {
					return err
				}
			}
			return t.settle()
		})
		if err != nil {
			return fmt.Errorf("%s: %w", bucket, err)
		}
		if len(keys) < stripChunk {
			return nil
		}
		after = keys[len(keys)-1]
	}
}

// credentials forgets logins. That a phone need not prove who it is, or does so
// by a certificate, stays.
func (p *stripper) credentials() error {
	return p.each(bCredentials, func(t *tx, k, v []byte) error {
		h, err := decodeHead(v)
		if err != nil {
			return err
		}
		if h.sealed != "" {
			p.n.WithoutLogins++
		}
		phone, err := t.loadPhone(db.PhoneID(num(k)))
		if err != nil {
			return err
		}
		if phone.ConnectionRequestUser != "" {
			phone.ConnectionRequestUser = "" // it is of no use without its password
			if err := t.put(bPhones, k, encodePhone(&phone)); err != nil {
				return err
			}
		}
		kept := credentialHead{flags: h.flags & (hasCertificate | isWaived)}
		if kept.flags == 0 {
			return t.del(bCredentials, k)
		}
		return t.put(bCredentials, k, encodeHead(&kept))
	})
}

// jobs lets those end that have lost a part of what they are to send: from now
// on they are past their expiry, which nothing that is sent may be.
func (p *stripper) jobs() error {
	return p.each(bJobs, func(t *tx, k, v []byte) error {
		var r storedJob
		if err := decode(bJobs, v, &r); err != nil || r.Sealed == nil {
			return err
		}
		r.Sealed = nil
		if r.State != db.JobEnded {
			p.n.EndedJobs++
			if err := t.dropDue(expiryOf(&r.Job)); err != nil {
				return err
			}
		}
		if r.Expires.After(p.now) {
			r.Expires = p.now
		}
		if r.State != db.JobEnded {
			if err := t.addDue(expiryOf(&r.Job)); err != nil {
				return err
			}
		}
		return t.putJSON(bJobs, k, &r)
	})
}

func (p *stripper) standing() error {
	return p.each(bStanding, func(t *tx, k, v []byte) error {
		var r storedStanding
		if err := decode(bStanding, v, &r); err != nil || r.Sealed == nil {
			return err
		}
		if !r.Paused {
			p.n.PausedOrders++
		}
		r.Sealed, r.Paused = nil, true
		return t.putJSON(bStanding, k, &r)
	})
}

func (p *stripper) recurring() error {
	return p.each(bRecurring, func(t *tx, k, v []byte) error {
		var r storedRecurring
		if err := decode(bRecurring, v, &r); err != nil || r.Sealed == nil {
			return err
		}
		if !r.Paused {
			p.n.PausedOrders++
		}
		r.Sealed, r.Paused = nil, true
		return t.putJSON(bRecurring, k, &r)
	})
}

// idem forgets first answers: their digests are of no use under another key.
func (p *stripper) idem() error {
	return p.each(bIdem, func(t *tx, k, _ []byte) error { return t.del(bIdem, k) })
}

func (p *stripper) mark() error {
	return p.b.Update(func(b *bbolt.Tx) error {
		m := b.Bucket(bMeta)
		return errors.Join(m.Delete(keySealed), m.Delete(keyScrub), m.Put(keyLeftOut, []byte{1}))
	})
}

// noneSealed finds a sealed text that was not left out, as a bucket would have
// that is not known above. Sealed texts begin alike.
func noneSealed(ctx context.Context, path string, key *seal.Key) error {
	head := key.Seal("", nil)[:9]
	inJSON := []byte(base64.StdEncoding.EncodeToString(head))
	b, err := readCopy(path)
	if err != nil {
		return err
	}
	err = b.View(func(b *bbolt.Tx) error {
		return b.ForEach(func(name []byte, bucket *bbolt.Bucket) error {
			n := 0
			return bucket.ForEach(func(_, v []byte) error {
				if n++; n%1024 == 0 && ctx.Err() != nil {
					return ctx.Err()
				}
				if bytes.Contains(v, head) || bytes.Contains(v, inJSON) {
					return fmt.Errorf("%s has a sealed value that would stay: %w", name, errCorrupt)
				}
				return nil
			})
		})
	})
	return errors.Join(err, b.Close())
}

// adoptKey marks a store that came from a copy without secrets as one of the
// key that it was opened with.
func (s *Store) adoptKey() error {
	leftOut := false
	err := s.bolt.View(func(b *bbolt.Tx) error {
		m := b.Bucket(bMeta)
		leftOut = m != nil && m.Get(keyLeftOut) != nil
		return nil
	})
	if err != nil || !leftOut {
		return err
	}
	return s.bolt.Update(func(b *bbolt.Tx) error {
		m := b.Bucket(bMeta)
		return errors.Join(m.Put(keySealed, s.key.Seal(sealedContext, nil)), m.Delete(keyLeftOut))
	})
}
