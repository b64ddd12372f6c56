package db

import (
	"context"
	"io"
	"time"

	"phoneacs/db/filter"
)

// Kinds of files that a download can carry.
const (
	FileFirmware = "firmware"
	FileConfig   = "config"
)

// A File is an entry of the catalogue. The same bytes are kept once.
type File struct {
	ID      FileID    `json:"id"`
	Name    string    `json:"name"` // as phones see it, last in the URL
	Kind    string    `json:"kind"`
	Vendor  string    `json:"vendor,omitempty"`
	Models  []string  `json:"models,omitempty"`  // empty: any model of the vendor
	Version string    `json:"version,omitempty"` // what firmware makes a phone report
	SHA256  string    `json:"sha256"`            // 64 lower-case hex digits
	Size    int64     `json:"size"`
	Created time.Time `json:"created"`
	By      string    `json:"by,omitempty"`
}

// Files is the catalogue.
type Files interface {
	// AddFile adds an entry and gives it its id. The bytes must be in Blobs.
	AddFile(ctx context.Context, f File) (File, error)
	// File returns one, or ErrNotFound.
	File(ctx context.Context, id FileID) (File, error)
	// ListFiles returns files in the order of their ids.
	ListFiles(ctx context.Context, q Query) (Page[File], error)
	// DeleteFile takes an entry away; ErrInUse while a job that has not ended
	// needs it. last says that no other entry has the same bytes.
	DeleteFile(ctx context.Context, id FileID) (f File, last bool, err error)
}

// Blobs keeps the bytes of files, by digest.
type Blobs interface {
	// CreateBlob begins to write; nothing is visible until Commit.
	CreateBlob(ctx context.Context) (BlobWriter, error)
	// OpenBlob opens stored bytes, or returns ErrNotFound.
	OpenBlob(ctx context.Context, sha256 string) (Blob, error)
	// DeleteBlob takes bytes away; a missing blob is no error.
	DeleteBlob(ctx context.Context, sha256 string) error
}

// A Blob is open stored bytes.
type Blob interface {
	io.ReadSeekCloser
	io.ReaderAt
	Size() int64
}

// A BlobWriter takes bytes in. Close without Commit leaves nothing behind.
type BlobWriter interface {
	io.WriteCloser
	// Commit makes the bytes durable under their digest and returns it.
	Commit() (sha256 string, size int64, err error)
}

// A Link is a capability: whoever holds its secret may fetch one file until
// the attempt ends. Only the hash of the secret is kept.
type Link struct {
	Hash    [32]byte  `json:"hash"`
	Attempt AttemptID `json:"attempt"`
	File    FileID    `json:"file"`
	Name    string    `json:"name"`
	SHA256  string    `json:"sha256"`
	Size    int64     `json:"size"`
	Budget  int64     `json:"budget"` // bytes that may go out
	Expires time.Time `json:"expires"`
	Out     int64     `json:"out"` // bytes that went out
}

// A Fetch is one answer to a GET of a link: evidence beside the phone's word.
type Fetch struct {
	Time    time.Time `json:"time"`
	Bytes   int64     `json:"bytes"`  // body bytes that went out
	Status  int       `json:"status"` // HTTP status
	Address string    `json:"address,omitempty"`
	Agent   string    `json:"agent,omitempty"` // User-Agent, at most 128 characters
}

// AddFetch adds a fetch to the attempt, within [MaxFetches].
func (a *Attempt) AddFetch(f Fetch) {
	a.Count++
	a.BytesOut += f.Bytes
	if len(a.Fetches) == MaxFetches {
		a.Fetches = append(a.Fetches[:1], a.Fetches[2:]...)
	}
	a.Fetches = append(a.Fetches, f)
}

// Links finds capabilities and records their use. They are made by
// [Tasks.MarkSent] and end with their attempt.
type Links interface {
	// LinkByHash finds a link, or returns ErrNotFound: never made, or its
	// attempt has ended.
	LinkByHash(ctx context.Context, hash [32]byte) (Link, error)
	// RecordFetch adds a fetch to its attempt's evidence (the first and the
	// last few, and the sums). Soft; a link that has ended meanwhile is no error.
	RecordFetch(ctx context.Context, hash [32]byte, f Fetch) error
}

// FileFields are the fields that a filter over files may name.
var FileFields = filter.Schema{
	"id": filter.String, "name": filter.String, "kind": filter.String, "vendor": filter.String,
	"models": filter.List, "version": filter.Version, "sha256": filter.String, "created": filter.Time,
}

// Field returns the value of a field of [FileFields], for a filter.
func (f *File) Field(name string) filter.Value {
	switch name {
	case "id":
		return filter.Value{Text: f.ID.String()}
	case "name":
		return filter.Value{Text: f.Name}
	case "kind":
		return filter.Value{Text: f.Kind}
	case "vendor":
		return filter.Value{Text: f.Vendor}
	case "models":
		return filter.Value{List: f.Models}
	case "version":
		return filter.Value{Text: f.Version}
	case "sha256":
		return filter.Value{Text: f.SHA256}
	case "created":
		return filter.Value{Time: f.Created}
	}
	return filter.Value{}
}
