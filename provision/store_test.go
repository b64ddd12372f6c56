package provision

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"hash"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"sync"

	"phoneacs/db"
)

// memStore plays the three roles in memory, with bytes in files so that the
// kernel can send them.
type memStore struct {
	sealed int // how many blobs were to be sealed
	dir    string

	mu    sync.Mutex
	last  db.FileID
	files []db.File
	links map[[32]byte]db.Link
	sent  map[[32]byte]int64 // recorded but not yet in Link.Out: soft

	// What goes wrong, if set.
	addErr, linkErr, openErr, deleteBlobErr error
	// open replaces what OpenBlob returns.
	open func(sum string) (db.Blob, error)

	fetches chan db.Fetch

	uploads   []db.Upload
	uploadErr error
}

func newMemStore(dir string) *memStore {
	return &memStore{
		dir: dir, links: make(map[[32]byte]db.Link), sent: make(map[[32]byte]int64),
		fetches: make(chan db.Fetch, 4096),
	}
}

func (m *memStore) AddFile(_ context.Context, f db.File) (db.File, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.addErr != nil {
		return db.File{}, m.addErr
	}
	if _, err := os.Stat(m.path(f.SHA256)); err != nil {
		return db.File{}, fmt.Errorf("entry before bytes: %w", err)
	}
	m.last++
	f.ID = m.last
	m.files = append(m.files, f)
	return f, nil
}

func (m *memStore) File(_ context.Context, id db.FileID) (db.File, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, f := range m.files {
		if f.ID == id {
			return f, nil
		}
	}
	return db.File{}, db.ErrNotFound
}

// ListFiles gives pages of two, so that whoever forgets the cursor is seen.
func (m *memStore) ListFiles(_ context.Context, q db.Query) (db.Page[db.File], error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	from, _ := strconv.Atoi(q.Cursor)
	to := min(from+2, len(m.files))
	page := db.Page[db.File]{Items: slices.Clone(m.files[from:to])}
	if to < len(m.files) {
		page.Next = strconv.Itoa(to)
	}
	return page, nil
}

func (m *memStore) DeleteFile(_ context.Context, id db.FileID) (db.File, bool, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for i, f := range m.files {
		if f.ID == id {
			m.files = slices.Delete(m.files, i, i+1)
			shared := slices.ContainsFunc(m.files, func(o db.File) bool { return o.SHA256 == f.SHA256 })
			return f, !shared, nil
		}
	}
	return db.File{}, false, db.ErrNotFound
}

func (m *memStore) path(sum string) string { return filepath.Join(m.dir, sum) }

func (m *memStore) CreateBlob(context.Context) (db.BlobWriter, error) {
	f, err := os.CreateTemp(m.dir, "new-*")
	if err != nil {
		return nil, err
	}
	return &memBlobWriter{m: m, f: f, sum: sha256.New()}, nil
}

func (m *memStore) CreateSealedBlob(ctx context.Context) (db.BlobWriter, error) {
	m.mu.Lock()
	m.sealed++
	m.mu.Unlock()
	return m.CreateBlob(ctx)
}

func (m *memStore) OpenBlob(_ context.Context, sum string) (db.Blob, error) {
	if m.openErr != nil {
		return nil, m.openErr
	}
	if m.open != nil {
		return m.open(sum)
	}
	f, err := os.Open(m.path(sum))
	if os.IsNotExist(err) {
		return nil, db.ErrNotFound
	} else if err != nil {
		return nil, err
	}
	info, err := f.Stat()
	return fileBlob{f, info.Size()}, err
}

func (m *memStore) DeleteBlob(_ context.Context, sum string) error {
	if m.deleteBlobErr != nil {
		return m.deleteBlobErr
	}
	if err := os.Remove(m.path(sum)); err != nil && !os.IsNotExist(err) {
		return err
	}
	return nil
}

func (m *memStore) LinkByHash(_ context.Context, hash [32]byte) (db.Link, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.linkErr != nil {
		return db.Link{}, m.linkErr
	}
	l, ok := m.links[hash]
	if !ok {
		return db.Link{}, db.ErrNotFound
	}
	return l, nil
}

func (m *memStore) RecordFetch(ctx context.Context, hash [32]byte, f db.Fetch) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if err := ctx.Err(); err != nil {
		return err
	}
	m.sent[hash] += f.Bytes
	m.fetches <- f
	return nil
}

func (m *memStore) AddUpload(_ context.Context, hash [32]byte, u db.Upload) (db.Upload, []string, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.uploadErr != nil {
		return u, nil, m.uploadErr
	}
	if _, err := os.Stat(m.path(u.SHA256)); err != nil {
		return u, nil, fmt.Errorf("record before bytes: %w", err)
	}
	l, ok := m.links[hash]
	if !ok || l.Role != db.LinkUpload {
		return u, nil, db.ErrNotFound
	}
	u.ID, u.Kind, u.Phone = db.UploadID(len(m.uploads)+1), l.What, l.Attempt.Task.Phone
	var gone []string
	if n := len(m.uploads); n > 0 { // all of one attempt
		if old := m.uploads[n-1]; old.SHA256 != u.SHA256 {
			gone = append(gone, old.SHA256)
		}
	}
	m.uploads = []db.Upload{u}
	return u, gone, nil
}

func (m *memStore) Upload(context.Context, db.PhoneID, db.UploadID) (db.Upload, error) {
	return db.Upload{}, db.ErrNotFound
}

func (m *memStore) PhoneUploads(context.Context, db.PhoneID, db.Query) (db.Page[db.Upload], error) {
	return db.Page[db.Upload]{}, nil
}

func (m *memStore) BlobUsed(_ context.Context, sum string) (bool, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	return slices.ContainsFunc(m.files, func(f db.File) bool { return f.SHA256 == sum }) ||
		slices.ContainsFunc(m.uploads, func(u db.Upload) bool { return u.SHA256 == sum }), nil
}

func (m *memStore) StoreTag() string { return "ab12" }

func (m *memStore) put(l db.Link) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.links[l.Hash] = l
}

func (m *memStore) end(l db.Link) {
	m.mu.Lock()
	defer m.mu.Unlock()
	delete(m.links, l.Hash)
}

// blobs lists the digests that have bytes, without what is being written.
func (m *memStore) blobs() (sums []string) {
	entries, _ := os.ReadDir(m.dir)
	for _, e := range entries {
		sums = append(sums, e.Name())
	}
	return sums
}

// listingStore can say which bytes it keeps as well.
type listingStore struct{ *memStore }

func (m listingStore) ListBlobs(_ context.Context, each func(string, int64) error) error {
	for _, sum := range m.blobs() {
		if err := each(sum, 1); err != nil {
			return err
		}
	}
	return nil
}

type memBlobWriter struct {
	m    *memStore
	f    *os.File
	sum  hash.Hash
	size int64
}

func (w *memBlobWriter) Write(p []byte) (int, error) {
	n, err := w.f.Write(p)
	w.sum.Write(p[:n])
	w.size += int64(n)
	return n, err
}

func (w *memBlobWriter) Commit() (string, int64, error) {
	sum := hex.EncodeToString(w.sum.Sum(nil))
	return sum, w.size, os.Rename(w.f.Name(), w.m.path(sum))
}

func (w *memBlobWriter) Close() error {
	_ = os.Remove(w.f.Name())
	return w.f.Close()
}

type fileBlob struct {
	*os.File
	size int64
}

func (b fileBlob) Size() int64 { return b.size }

// ramBlob is bytes without a file.
type ramBlob struct{ *bytes.Reader }

func (ramBlob) Close() error { return nil }

// slowBlob waits before each read.
type slowBlob struct {
	ramBlob
	wait <-chan struct{}
}

func (b slowBlob) Read(p []byte) (int, error) {
	<-b.wait
	return b.ramBlob.Read(p)
}

var _ io.ReadSeekCloser = slowBlob{}
