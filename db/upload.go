package db

import (
	"context"
	"time"

	"phoneacs/db/filter"
)

// Kinds of files that a phone can be asked to upload.
const (
	UploadConfig = "config" // its configuration, passwords among it
	UploadLog    = "log"
)

// UploadKinds are all of them.
var UploadKinds = []string{UploadConfig, UploadLog}

// Bounds of what is kept of uploads.
const (
	// UploadsKept is how many of a phone's uploads of one kind are kept.
	UploadsKept = 10
	// UploadKept is how long one is kept, unless a store is told otherwise.
	UploadKept = 90 * 24 * time.Hour
)

// An UploadArg says what a phone is to upload.
type UploadArg struct {
	Kind     string `json:"kind"`               // one of UploadKinds
	Instance int    `json:"instance,omitempty"` // of several, from 1 on; 0: the phone's only one
}

// An Upload is a file that a phone has sent, whole. Its bytes are in [Blobs].
type Upload struct {
	ID      UploadID  `json:"id"`
	Phone   PhoneID   `json:"phone"`
	Job     JobID     `json:"job"`
	Attempt int       `json:"attempt"`
	Kind    string    `json:"kind"` // one of UploadKinds
	Size    int64     `json:"size"`
	SHA256  string    `json:"sha256"`                 // 64 lower-case hex digits
	Type    string    `json:"content_type,omitempty"` // as the phone named it, at most 128 characters
	Agent   string    `json:"agent,omitempty"`        // User-Agent, at most 128 characters
	Created time.Time `json:"created"`
}

// Uploads keeps what phones have sent.
type Uploads interface {
	// AddUpload adds the upload that came by a link and gives it its id, phone,
	// job and attempt. It takes the place of an earlier one of the attempt, and
	// of the oldest beyond [UploadsKept]; gone are the digests that nothing has
	// any more. The attempt knows in the same step that its file has come
	// ([Attempt.Moved]). The bytes must be in Blobs. ErrNotFound if the link
	// was never made, is none for uploads, or has ended.
	AddUpload(ctx context.Context, link [32]byte, u Upload) (added Upload, gone []string, err error)
	// Upload returns one of a phone's, or ErrNotFound.
	Upload(ctx context.Context, phone PhoneID, id UploadID) (Upload, error)
	// PhoneUploads lists those of a phone, newest first; ErrNotFound if there
	// is no such phone.
	PhoneUploads(ctx context.Context, phone PhoneID, q Query) (Page[Upload], error)
	// BlobUsed says whether an entry of the catalogue or an upload has bytes of
	// that digest.
	BlobUsed(ctx context.Context, sha256 string) (bool, error)
}

// UploadFields are the fields that a filter over uploads may name.
var UploadFields = filter.Schema{
	"id": filter.String, "job": filter.String, "kind": filter.String, "sha256": filter.String, "created": filter.Time,
}

// Field returns the value of a field of [UploadFields], for a filter.
func (u *Upload) Field(name string) filter.Value {
	switch name {
	case "id":
		return filter.Value{Text: u.ID.String()}
	case "job":
		return filter.Value{Text: u.Job.String()}
	case "kind":
		return filter.Value{Text: u.Kind}
	case "sha256":
		return filter.Value{Text: u.SHA256}
	case "created":
		return filter.Value{Time: u.Created}
	}
	return filter.Value{}
}
