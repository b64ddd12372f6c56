package backup

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"hash"
	"io"
	"iter"
	"os"
	"time"

	"phoneacs/db"
)

// Format is the version of archives that this package writes and reads.
const Format = 1

// The members of an archive.
const (
	manifestName = "manifest.json"
	storeName    = "phoneacs.db"
	blobDir      = "blobs"
)

// maxManifest is the largest manifest that is read, in bytes.
const maxManifest = 64 << 10

// ErrArchive reports what is no whole archive, or not as its manifest says.
var ErrArchive = errors.New("not a whole backup of phoneacs")

// A Manifest says what an archive holds.
type Manifest struct {
	Format  int       `json:"format"`
	Version string    `json:"version"` // of the program that made it
	Layout  int       `json:"layout"`  // of the store
	Made    time.Time `json:"made"`
	Secrets bool      `json:"secrets"` // whether sealed values are in it; the key never is

	Store  Member            `json:"store"`
	Blobs  Members           `json:"blobs"`
	Counts db.SnapshotCounts `json:"counts"`
}

// Plain is how many bytes an archive holds before it is packed, but for its frame.
func (m *Manifest) Plain() int64 { return m.Store.Size + m.Blobs.Size }

// A Member is one file.
type Member struct {
	Size   int64  `json:"size"`
	SHA256 string `json:"sha256"`
}

// Members are files that are named by their digests. SHA256 is that of a line
// for each: its digest, a space, its size, a line feed.
type Members struct {
	Count  int    `json:"count"`
	Size   int64  `json:"size"` // together
	SHA256 string `json:"sha256"`
}

// Describe makes the manifest of a copy; Version, Made and Secrets are the
// caller's.
func Describe(snap *db.Snapshot) (m Manifest, err error) {
	m = Manifest{Format: Format, Layout: snap.Layout, Counts: snap.Counts}
	f, err := os.Open(snap.Path)
	if err != nil {
		return m, fmt.Errorf("describe backup: %w", err)
	}
	sum := sha256.New()
	m.Store.Size, err = io.Copy(sum, f)
	if err = errors.Join(err, f.Close()); err != nil {
		return m, fmt.Errorf("describe backup: %w", err)
	}
	m.Store.SHA256 = hex.EncodeToString(sum.Sum(nil))
	m.Blobs, err = addUp(snap.Blobs)
	return m, err
}

func addUp(blobs iter.Seq2[db.BlobRef, error]) (m Members, err error) {
	t := newTally()
	for ref, err := range blobs {
		if err != nil {
			return m, fmt.Errorf("describe backup: %w", err)
		}
		t.add(ref)
	}
	return t.sum(), nil
}

// A tally adds members up.
type tally struct {
	Members
	hash hash.Hash
}

func newTally() *tally { return &tally{hash: sha256.New()} }

func (t *tally) add(ref db.BlobRef) {
	t.Count++
	t.Size += ref.Size
	fmt.Fprintf(t.hash, "%s %d\n", ref.SHA256, ref.Size)
}

func (t *tally) sum() Members {
	t.SHA256 = hex.EncodeToString(t.hash.Sum(nil))
	return t.Members
}

// parse reads a manifest.
func parse(b []byte) (m Manifest, err error) {
	if err := json.Unmarshal(b, &m); err != nil {
		return m, fmt.Errorf("%w: its manifest cannot be read: %w", ErrArchive, err)
	}
	switch {
	case m.Format > Format:
		return m, fmt.Errorf("the backup has format %d, this program knows up to %d: use the newer program", m.Format, Format)
	case m.Format < 1, m.Layout < 1, m.Store.Size < 1, m.Blobs.Count < 0, m.Blobs.Size < 0:
		return m, fmt.Errorf("%w: its manifest says too little", ErrArchive)
	}
	return m, nil
}
