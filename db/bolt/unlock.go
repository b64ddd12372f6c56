package bolt

import (
	"crypto/hmac"
	"crypto/sha256"
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"

	"go.etcd.io/bbolt"

	"phoneacs/internal/seal"
)

// keySealed holds a sealed text that tells, before anything is touched, whether
// the key is the one that the store's secrets are sealed by.
var keySealed = []byte("sealed")

const sealedContext = "store"

// unlock finds the key of the store: the one that was given, else the one in
// the directory. Only a store that has nothing sealed gets a new one.
func (s *Store) unlock() error {
	var mark []byte
	err := s.bolt.View(func(b *bbolt.Tx) error {
		if m := b.Bucket(bMeta); m != nil {
			mark = append(mark, m.Get(keySealed)...)
		}
		return nil
	})
	if err != nil {
		return err
	}
	s.key = s.opts.Key
	path := filepath.Join(s.opts.Dir, seal.FileName)
	if s.key == nil {
		s.key, err = seal.Load(s.opts.Dir)
		switch {
		case err == nil:
		case !errors.Is(err, fs.ErrNotExist):
			return err
		case mark != nil:
			return fmt.Errorf("%s is missing, and the store has secrets that are sealed by it: put it back from its backup, or give the key in PHONEACS_KEY", path)
		default:
			if s.key, err = seal.Make(s.opts.Dir); err != nil {
				return noSpace(err)
			}
		}
	}
	if mark != nil {
		switch _, err := s.key.Open(sealedContext, mark); {
		case errors.Is(err, seal.ErrOtherKey) && s.opts.Key != nil:
			return fmt.Errorf("PHONEACS_KEY is not the key of this store: give the one that it was sealed by, or unset it if that is in %s: %w", path, err)
		case errors.Is(err, seal.ErrOtherKey):
			return fmt.Errorf("%s is not the key of this store: put the one that it was sealed by back from its backup, or give it in PHONEACS_KEY: %w", path, err)
		case err != nil:
			return fmt.Errorf("key of the store: %w", err)
		}
	}
	s.digestKey = s.key.Subkey("idempotency")
	return nil
}

// Subkey derives 32 bytes for a purpose from the store's key, the same at every
// start.
func (s *Store) Subkey(purpose string) []byte { return s.key.Subkey(purpose) }

// digest is what is kept of the digest of a request: who has the file alone
// cannot try out what the request may have said.
func (s *Store) digest(body [32]byte) (d [32]byte) {
	h := hmac.New(sha256.New, s.digestKey)
	h.Write(body[:])
	h.Sum(d[:0])
	return d
}
