package admin

import (
	"context"
	"io"
	"time"

	"phoneacs/db"
)

// A Store is what admin reads and edits without anybody's help. A [db.Store]
// is one.
type Store interface {
	db.Phones
	db.PhoneEdits
	db.Imports
	Replacements
	db.Enrolments
	Standing
	Recurring
	db.Sites
	db.Windows
	db.Runs
	db.Holds
	db.Feed
	Files
	Jobs
	Tasks
	Uploads
	Tokens
	Audits
	Told
	Recordings
	// Ready reports whether writes succeed: nil, or why not.
	Ready() error
	// Waited is how long the oldest step has waited for the disk; 0: none waits.
	Waited() time.Duration
	// RoomFor returns db.ErrNoSpace if there is no room for so many bytes more
	// of what can wait.
	RoomFor(bytes int64) error
}

// Standing are the parts of [db.Standing] that keep orders.
type Standing interface {
	CreateStanding(ctx context.Context, o db.StandingOrder) (db.StandingOrder, error)
	StandingOrder(ctx context.Context, id db.StandingID) (db.StandingOrder, error)
	ListStanding(ctx context.Context, q db.Query) (db.Page[db.StandingOrder], error)
	UpdateStanding(ctx context.Context, o db.StandingOrder) (db.StandingOrder, error)
	DeleteStanding(ctx context.Context, id db.StandingID) error
}

// Recurring are the parts of [db.RecurringJobs] that keep them.
type Recurring interface {
	CreateRecurring(ctx context.Context, r db.Recurring) (db.Recurring, error)
	Recurring(ctx context.Context, id db.RecurringID) (db.Recurring, error)
	ListRecurring(ctx context.Context, q db.Query) (db.Page[db.Recurring], error)
	UpdateRecurring(ctx context.Context, r db.Recurring) (db.Recurring, error)
	DeleteRecurring(ctx context.Context, id db.RecurringID) error
}

// Files are the parts of [db.Files] that read.
type Files interface {
	File(ctx context.Context, id db.FileID) (db.File, error)
	ListFiles(ctx context.Context, q db.Query) (db.Page[db.File], error)
}

// Jobs are the parts of [db.Jobs] that read.
type Jobs interface {
	Job(ctx context.Context, id db.JobID) (db.JobStatus, error)
	ListJobs(ctx context.Context, q db.Query) (db.Page[db.JobStatus], error)
	JobByKey(ctx context.Context, i db.Idempotency, now time.Time) (j db.JobStatus, ok bool, err error)
}

// Tasks are the parts of [db.Tasks] that list.
type Tasks interface {
	JobTasks(ctx context.Context, job db.JobID, q db.Query) (db.Page[db.Task], error)
	PhoneTasks(ctx context.Context, phone db.PhoneID, q db.Query) (db.Page[db.Task], error)
}

// Uploads are the parts of [db.Uploads] and [db.Blobs] that read.
type Uploads interface {
	Upload(ctx context.Context, phone db.PhoneID, id db.UploadID) (db.Upload, error)
	PhoneUploads(ctx context.Context, phone db.PhoneID, q db.Query) (db.Page[db.Upload], error)
	OpenBlob(ctx context.Context, sha256 string) (db.Blob, error)
}

// Orders takes orders. It is safe for concurrent use.
type Orders interface {
	// Order accepts a job; it is durable when Order returns nil. What no job
	// can be is a *db.FieldError that names the member of the order: "kind",
	// "args.file", "expires". A key that was used before gives the job as
	// first answered and again = true, or db.ErrIdempotencyMismatch.
	Order(ctx context.Context, n db.NewJob) (j db.JobStatus, again bool, err error)
	// CheckOrder says what Order would refuse an order for, and orders nothing.
	CheckOrder(ctx context.Context, n db.NewJob) error
	// Cancel, Pause, Resume and Retry change a job, and return it as it then
	// is. db.ErrNotFound, or db.ErrConflict if its state does not allow it.
	Cancel(ctx context.Context, id db.JobID) (db.JobStatus, error)
	Pause(ctx context.Context, id db.JobID) (db.JobStatus, error)
	Resume(ctx context.Context, id db.JobID) (db.JobStatus, error)
	Retry(ctx context.Context, id db.JobID) (db.JobStatus, error)
	// CheckStanding checks a standing order as Order does an order, and fills in
	// what it leaves open; the *db.FieldError names "items[0].args.file".
	CheckStanding(ctx context.Context, o *db.StandingOrder) error
	// CheckRecurring checks a recurring job as Order does an order, fills in what
	// it leaves open, and says when it runs next.
	CheckRecurring(ctx context.Context, r *db.Recurring) error
	// Schedule lists what the server does by itself over and over.
	Schedule() []db.Work
	// HeldBy returns the holds that keep tasks of a job from being sent, with
	// how many.
	HeldBy(ctx context.Context, j *db.JobStatus) ([]db.HeldTasks, error)
	// Explain says in a sentence why a task that has not ended is where it is.
	Explain(ctx context.Context, t db.Task) string
	// Unfit says why a phone would not be given a download of the file if that
	// were ordered now; "" if it would.
	Unfit(ctx context.Context, file *db.File, p *db.PhoneStatus) (string, error)
}

// A Waker asks a phone to begin a session now.
type Waker interface {
	// Wake returns when the phone was asked. It bounds how long it takes. A
	// phone that could not be asked is an error, and the sentence that says
	// why is in the phone's WakeError by then.
	Wake(ctx context.Context, phone db.PhoneID) error
}

// Remarks says what is odd about a phone just now, in sentences. They are kept
// in memory, and cost no look-up in the store.
type Remarks interface {
	Remarks(phone db.PhoneID) []string
}

// Backups makes archives of the store and keeps some. It is safe for concurrent
// use.
type Backups interface {
	// Begin asks for one, and returns it as it is some seconds later: it may
	// still be under way. db.ErrConflict while another is, db.ErrNoSpace.
	Begin(ctx context.Context, by string, secrets bool) (db.Backup, error)
	// Backups returns all, newest first.
	Backups(ctx context.Context) ([]db.Backup, error)
	// Backup returns one, or db.ErrNotFound.
	Backup(ctx context.Context, id string) (db.Backup, error)
	// OpenBackup opens an archive; db.ErrConflict if it is not ready.
	OpenBackup(ctx context.Context, id string) (db.Backup, io.ReadCloser, error)
	// DeleteBackup takes one away; db.ErrConflict while it is being made.
	DeleteBackup(ctx context.Context, id string) error
}

// A Catalogue adds and removes files with their bytes.
type Catalogue interface {
	// Add streams body in and makes an entry for it. Name, Kind, Vendor,
	// Models, Version and By are read from f. A value that cannot be is a
	// *db.FieldError that names the query parameter, or "body".
	Add(ctx context.Context, f db.File, body io.Reader) (db.File, error)
	// Delete takes an entry away; db.ErrNotFound, or db.ErrInUse while a job
	// needs the file.
	Delete(ctx context.Context, id db.FileID) error
}
