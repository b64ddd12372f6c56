package db

import (
	"context"
	"iter"
	"time"
)

// SnapshotOptions say what a copy of the store is to hold.
type SnapshotOptions struct {
	// Secrets stay in, sealed as they are. Without, everything sealed is left
	// out, and what cannot be done without it is not done by who opens the
	// copy: such jobs are past their expiry, such standing orders paused.
	Secrets bool
	Now     time.Time
}

// A Snapshot is a copy of the store as it was at one commit. It does not change
// any more; its files are the caller's.
type Snapshot struct {
	Path   string // of the store's file
	Layout int    // version of the store's layout
	Size   int64  // bytes of the store's file
	Counts SnapshotCounts
	// Blobs tells the digest and the size of all bytes that the copy refers to,
	// each once, in the order of the digests. It may be asked for again.
	Blobs iter.Seq2[BlobRef, error]
}

// SnapshotCounts say how much there is in a copy.
type SnapshotCounts struct {
	Phones  int `json:"phones"`
	Jobs    int `json:"jobs"`
	Tasks   int `json:"tasks"`
	Files   int `json:"files"`
	Uploads int `json:"uploads"`
	// What was changed because secrets were left out.
	WithoutLogins int `json:"without_logins,omitempty"` // phones that are issued new logins
	EndedJobs     int `json:"ended_jobs,omitempty"`     // jobs past their expiry for want of a secret
	PausedOrders  int `json:"paused_orders,omitempty"`  // standing orders that were paused for it
}

// A BlobRef names stored bytes.
type BlobRef struct {
	SHA256 string
	Size   int64
}

// Space is how much room the store takes, and how much there is, in bytes.
type Space struct {
	Store int64 // the store's file
	Free  int64 // of it, pages that are free: the next writes go there
	Disk  int64 // free on the disk, for this process; -1: not known

	DiskSize int64 // of the whole disk; -1: not known
}

// Backups copies the store while it is at work.
type Backups interface {
	// Snapshot writes a copy into dir, which must exist and be empty. Writers go
	// on meanwhile; what they free is not reused before the store's pages are
	// copied, so its file may grow. An error leaves dir with what was written.
	// ErrNoSpace; the error of ctx if that ends first.
	Snapshot(ctx context.Context, dir string, o SnapshotOptions) (Snapshot, error)
	// HoldBlobs keeps all bytes that are there, or come, from being deleted
	// until release is called: DeleteBlob leaves them to a later search for
	// bytes that nobody has. Holds may overlap.
	HoldBlobs() (release func())
	// Space measures.
	Space(ctx context.Context) (Space, error)
	// RoomFor returns ErrNoSpace if the disk would have less room than is to be
	// kept free once so many bytes more were taken on. It is for what can wait
	// for another day; what phones report is taken as long as there is any room.
	RoomFor(bytes int64) error
}

// BackupState says how far a backup is.
type BackupState string

// The states of a backup.
const (
	BackupRunning BackupState = "running"
	BackupReady   BackupState = "ready"
	BackupFailed  BackupState = "failed"
)

// A Backup is an archive of the store that the server keeps.
type Backup struct {
	ID      string         `json:"id"`
	State   BackupState    `json:"state"`
	Why     string         `json:"why,omitempty"` // a sentence: why it failed
	Made    time.Time      `json:"made"`
	By      string         `json:"by,omitempty"`
	Version string         `json:"version"` // of the program
	Layout  int            `json:"layout,omitempty"`
	Secrets bool           `json:"secrets"`          // whether sealed values are in it
	Size    int64          `json:"size,omitempty"`   // bytes
	SHA256  string         `json:"sha256,omitempty"` // 64 lower-case hex digits
	Counts  SnapshotCounts `json:"counts"`
	// While it is made, how many bytes of the store, of files and of uploads have
	// gone in, of how many: 0 until the store has been copied, which comes first.
	Done  int64 `json:"done,omitempty"`
	Total int64 `json:"total,omitempty"`
}
