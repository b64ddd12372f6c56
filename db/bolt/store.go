// Package bolt is the default store of phoneacs: one bbolt file and a folder
// of blobs.
//
// Every write goes through one writer that commits what waits together, so a
// commit's two syncs are shared by all who wait for it; a caller that gets nil
// has its change on disk. What may be soft (package db says what) is kept in
// memory and written within a second. The package takes no decision and knows
// neither SOAP nor HTTP.
package bolt

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"math"
	"os"
	"path/filepath"
	"runtime"
	"sync"
	"syscall"
	"time"

	"go.etcd.io/bbolt"
	bberrors "go.etcd.io/bbolt/errors"

	"phoneacs/db"
	"phoneacs/internal/seal"
)

// Options of a store.
type Options struct {
	Dir        string           // made with mode 0700 if it is missing
	Log        *slog.Logger     // nil: silent
	Now        func() time.Time // nil: time.Now; for the times of events
	Key        *seal.Key        // seals secrets; nil: the one in Dir, made where nothing is sealed yet
	MaxPending int              // phones that may wait for approval; 0: 10,000
	FlushEvery time.Duration    // how late soft changes may be; 0: 1 s

	RecordingsKept  time.Duration // how long recordings and unreadable messages are kept; 0: 90 d
	RecordingsSpace int64         // bytes that recordings may take, packed; 0: 256 MiB

	MinFree int64 // bytes of the disk that are kept free of what is large and can wait; 0: none

	JobsKept    time.Duration // how long a job that has ended is kept, with its tasks; 0: for ever
	HistoryKept time.Duration // how long what changed about a phone is kept; 0: for ever
	UploadsKept time.Duration // how long uploads are kept; 0: db.UploadKept; less: for ever
}

// FileName is the store's file in its directory.
const FileName = "phoneacs.db"

// lockWait is how long Open waits for another process to let go of the file.
const lockWait = time.Second

// Store is a db.Store on bbolt.
type Store struct {
	opts Options
	bolt *bbolt.DB
	tag  string

	key       *seal.Key
	digestKey []byte

	writes chan *write
	opened time.Time // steps count their time from it
	oldest oldest
	quit   chan struct{}
	wg     sync.WaitGroup

	blobs  sync.Mutex   // held while bytes are given a name, or lose it
	mu     sync.RWMutex // guards closed against calls under way
	closed bool

	fail   failure
	soft   soft
	audit  softAudit
	owners owners
	leases leases
	feed   feed
	held   blobHolds
	rules  ruleCache
}

var _ db.Store = (*Store)(nil)

// Open opens or makes the store in o.Dir. It fails within two seconds with
// db.ErrLocked if another process has it.
func Open(ctx context.Context, o Options) (*Store, error) {
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.MaxPending == 0 {
		o.MaxPending = 10_000
	}
	if o.FlushEvery == 0 {
		o.FlushEvery = time.Second
	}
	if o.RecordingsKept == 0 {
		o.RecordingsKept = 90 * 24 * time.Hour
	}
	if o.UploadsKept == 0 {
		o.UploadsKept = db.UploadKept
	}
	if o.RecordingsSpace == 0 {
		o.RecordingsSpace = 256 << 20
	}
	if err := makeDirs(o.Dir); err != nil {
		return nil, err
	}
	path := filepath.Join(o.Dir, FileName)
	_ = readThrough(ctx, path) // it only saves time
	b, err := bbolt.Open(path, 0o600, &bbolt.Options{
		Timeout: lockWait,
		// Rebuilding the list of free pages at start is cheaper than writing
		// it with every commit.
		NoFreelistSync: true,
		FreelistType:   bbolt.FreelistMapType,
		// Address space, not memory: growing the map waits for all readers.
		InitialMmapSize: mapSize(path),
	})
	switch {
	case errors.Is(err, bberrors.ErrTimeout):
		return nil, fmt.Errorf("open store %s: %w: stop the other phoneacs, or give this one its own --data", path, db.ErrLocked)
	case err != nil:
		return nil, fmt.Errorf("open store %s: %w", path, noSpace(err))
	}
	s := &Store{
		opts: o, bolt: b,
		writes: make(chan *write, 1024), opened: time.Now(),
		quit: make(chan struct{}),
	}
	s.fail.ch = make(chan struct{})
	s.owners.m = make(map[db.PhoneID]db.SessionToken)
	s.leases.m = make(map[string]time.Time)
	s.soft.init()
	err = syncDir(o.Dir)
	if err == nil {
		err = clearDir(filepath.Join(o.Dir, blobDir, tmpDir))
	}
	if err == nil {
		err = s.unlock()
	}
	if err == nil {
		err = s.adoptKey()
	}
	if err == nil {
		err = s.migrate(ctx, migrations[:])
	}
	if err != nil {
		return nil, errors.Join(fmt.Errorf("open store %s: %w", path, err), b.Close())
	}
	s.feed.init(s.lastCommit())
	s.wg.Add(2)
	go s.writer()
	go s.flusher()
	return s, nil
}

// mapSize leaves the file room to grow while a backup reads it: growing the map
// waits for all readers, and all writers for that.
func mapSize(path string) int {
	const headroom = 1 << 30
	info, err := os.Stat(path)
	if err != nil || info.Size() > 1<<40 || math.MaxInt == math.MaxInt32 || runtime.GOOS == "windows" {
		return headroom // windows makes the file as large as its map
	}
	return int(info.Size()) + headroom
}

// makeDirs makes the directories of a store. Their names are synced, and so is
// that of the store's file once it is made: what is durable must also be found.
func makeDirs(dir string) error {
	if dir == "" {
		return errors.New("open store: no directory given")
	}
	if err := makeDir(dir); err != nil {
		return fmt.Errorf("make data directory: %w", noSpace(err))
	}
	if err := os.Chmod(dir, 0o700); err != nil {
		return fmt.Errorf("protect data directory: %w", err)
	}
	if err := makeDir(filepath.Join(dir, blobDir, tmpDir)); err != nil {
		return fmt.Errorf("make blob directory: %w", noSpace(err))
	}
	return nil
}

// makeDir is os.MkdirAll that syncs the directory above each that it makes.
func makeDir(dir string) error {
	switch info, err := os.Stat(dir); {
	case err == nil && info.IsDir():
		return nil
	case err == nil:
		return &fs.PathError{Op: "mkdir", Path: dir, Err: syscall.ENOTDIR}
	case !errors.Is(err, fs.ErrNotExist):
		return err
	}
	if err := makeDir(filepath.Dir(dir)); err != nil {
		return err
	}
	if err := os.Mkdir(dir, 0o700); err != nil && !errors.Is(err, fs.ErrExist) {
		return err
	}
	return syncDir(filepath.Dir(dir))
}

// Close flushes what is soft and closes the store.
func (s *Store) Close() error {
	flushErr := s.Flush(context.Background())
	s.mu.Lock()
	if s.closed {
		s.mu.Unlock()
		return db.ErrClosed
	}
	s.closed = true
	s.mu.Unlock()
	close(s.quit)
	s.wg.Wait()
	s.feed.close()
	return errors.Join(flushErr, s.bolt.Close())
}

// StoreTag ends every CommandKey of this store.
func (s *Store) StoreTag() string { return s.tag }

func (s *Store) lastCommit() uint64 {
	var id uint64
	_ = s.bolt.View(func(tx *bbolt.Tx) error { id = uint64(tx.ID()); return nil })
	return id
}
