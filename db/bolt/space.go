package bolt

import (
	"os"
	"path/filepath"

	"phoneacs/internal/logkey"
)

// spaceProbe is how much room there must be, in bytes, before a store that had
// none says that writes succeed again.
const spaceProbe = 1 << 20

// lookForSpace lets a store that had no room be ready once there is some. A
// commit tells too little: on a full disk one that fits into free pages of the
// file still succeeds, and where nobody writes none would ever tell.
func (s *Store) lookForSpace() {
	if !s.fail.full() {
		return
	}
	if err := s.probeSpace(); err != nil {
		return // as full as before, which has been said
	}
	s.fail.clear()
	s.opts.Log.Info("there is room for the store again", logkey.Path, s.opts.Dir)
}

// probeSpace writes a file and removes it.
func (s *Store) probeSpace() error {
	f, err := os.CreateTemp(filepath.Join(s.opts.Dir, blobDir, tmpDir), "space-*")
	if err != nil {
		return err
	}
	defer func() { _ = os.Remove(f.Name()) }() // else the next start does
	_, err = f.Write(make([]byte, spaceProbe))
	if err == nil {
		err = f.Sync()
	}
	if cerr := f.Close(); err == nil {
		err = cerr
	}
	return err
}
