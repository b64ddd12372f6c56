package bolt

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"go.etcd.io/bbolt"

	"phoneacs/db"
	"phoneacs/internal/logkey"
)

// keyScrub says that pages which are free now may hold what layout 1 had in
// clear, and have not been overwritten yet.
var keyScrub = []byte("scrub")

// sealSecrets seals what layout 1 kept in clear: passwords of connection
// requests, and secret values in orders and in the answers to them.
func sealSecrets(t *tx) error {
	found := false
	for _, part := range []func(*tx) (bool, error){sealPasswords, sealJobs, sealIdem} {
		some, err := part(t)
		if err != nil {
			return err
		}
		found = found || some
	}
	if found {
		if err := t.put(bMeta, keyScrub, nil); err != nil {
			return err
		}
	}
	return t.put(bMeta, keySealed, t.s.key.Seal(sealedContext, nil))
}

// collect lists the records of a bucket, which may then be changed.
func (t *tx) collect(bucket []byte) (keys, values [][]byte, err error) {
	err = t.Bucket(bucket).ForEach(func(k, v []byte) error {
		keys, values = append(keys, bytes.Clone(k)), append(values, bytes.Clone(v))
		return nil
	})
	return keys, values, err
}

// oldPassword is the connection-request password in a phone's record of layout
// 1: the last of its texts.
func oldPassword(b []byte) (string, error) {
	p, err := decodePhone(b)
	if err != nil {
		return "", err
	}
	return string(b[len(encodePhone(&p))-1:])[1:], nil
}

func sealPasswords(t *tx) (found bool, err error) {
	keys, values, err := t.collect(bPhones)
	for i := 0; err == nil && i < len(keys); i++ {
		var p db.Phone
		var password string
		if p, err = decodePhone(values[i]); err != nil {
			return found, err
		}
		if password, err = oldPassword(values[i]); err != nil || password == "" {
			continue
		}
		found = true
		c := db.Credentials{ConnectionRequest: db.Login{User: p.ConnectionRequestUser, Password: password}}
		if err = t.putCredentials(&p, &c); err == nil {
			err = t.put(bPhones, keys[i], encodePhone(&p))
		}
	}
	return found, err
}

func sealJobs(t *tx) (found bool, err error) {
	keys, values, err := t.collect(bJobs)
	for i := 0; err == nil && i < len(keys); i++ {
		var r storedJob
		if err = decode(bJobs, values[i], &r); err != nil {
			return found, err
		}
		if _, secrets := r.Args.TakeSecrets(); len(secrets) > 0 && r.Sealed == nil {
			found = true
			err = t.putJob(&r.Job)
		}
	}
	return found, err
}

// sealIdem also makes the digests of requests useless to who has no key.
func sealIdem(t *tx) (found bool, err error) {
	keys, values, err := t.collect(bIdem)
	for i := 0; err == nil && i < len(keys); i++ {
		var r idemRecord
		if err = decode(bIdem, values[i], &r); err != nil {
			return found, err
		}
		found = true
		r.Body = t.s.digest(r.Body)
		err = t.putIdem(keys[i], r)
	}
	return found, err
}

// scrub overwrites the free pages of the file, once, if secrets in clear may be
// in them. What the disk itself keeps of blocks that were written over, and the
// copy of the older layout, are out of its reach.
func (s *Store) scrub() error {
	scrub := false
	err := s.bolt.View(func(b *bbolt.Tx) error {
		scrub = b.Bucket(bMeta).Get(keyScrub) != nil
		return nil
	})
	if err != nil || !scrub {
		return err
	}
	// What is free now is needed by no commit but the one before the newest,
	// which is on disk whole.
	b, err := s.bolt.Begin(true) // nobody else may take a free page
	if err != nil {
		return fmt.Errorf("scrub store: %w", err)
	}
	if err := errors.Join(s.overwriteFree(b), b.Rollback()); err != nil {
		return fmt.Errorf("scrub store: %w", noSpace(err))
	}
	return s.bolt.Update(func(b *bbolt.Tx) error { return b.Bucket(bMeta).Delete(keyScrub) })
}

func (s *Store) overwriteFree(b *bbolt.Tx) error {
	f, err := os.OpenFile(filepath.Join(s.opts.Dir, FileName), os.O_WRONLY, 0)
	if err != nil {
		return err
	}
	zeros := make([]byte, s.bolt.Info().PageSize)
	for id := 2; err == nil; id++ {
		p, perr := b.Page(id)
		if perr != nil || p == nil {
			err = perr
			break
		}
		if p.Type == "free" {
			_, err = f.WriteAt(zeros, int64(id)*int64(len(zeros)))
		} else {
			id += p.OverflowCount
		}
	}
	return errors.Join(err, f.Sync(), f.Close())
}

// tellOfCopy warns, at every start, of the copy that was kept of the store from
// before secrets were sealed.
func (s *Store) tellOfCopy() {
	path := filepath.Join(s.opts.Dir, FileName+".layout1")
	if _, err := os.Lstat(path); err == nil {
		s.opts.Log.Warn("a copy of the store has secrets in clear; delete it once you need no way back", logkey.Path, path)
	}
}
