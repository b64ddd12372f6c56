package db

import (
	"context"
	"io"
	"time"

	"phoneacs/db/filter"
)

// Kinds of files that a download can carry.
const (
	FileFirmware    = "firmware"
	FileConfig      = "config"
	FilePhonebook   = "phonebook"
	FileCertificate = "certificate" // certificates, keys, VPN profiles
	FileBackground  = "background"
	FileMMISet      = "mmiset" // what a vendor's customers change of pages, texts and pictures
	FileDialRules   = "dial-rules"
	FileAccessList  = "access-list"
	FileRinger      = "ringer"
	FileTone        = "tone"
	FileLanguage    = "language"
)

// FileKinds are all kinds of files.
var FileKinds = []string{
	FileFirmware, FileConfig, FilePhonebook, FileCertificate, FileBackground, FileMMISet,
	FileDialRules, FileAccessList, FileRinger, FileTone, FileLanguage,
}

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
	// CreateSealedBlob is CreateBlob for bytes that hold secrets: nobody reads
	// them at rest. The digest is that of the bytes as they were written.
	CreateSealedBlob(ctx context.Context) (BlobWriter, error)
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
