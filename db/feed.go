package db

import (
	"context"
	"time"
)

// An Event tells that something was committed.
type Event struct {
	Seq   uint64    `json:"seq"` // of the commit; several events may share it
	Last  bool      `json:"-"`   // the last one of its commit
	Time  time.Time `json:"time"`
	Type  string    `json:"type"` // "job.created", "task.succeeded", "phone.created" …
	Job   JobID     `json:"job,omitempty"`
	Phone PhoneID   `json:"phone,omitempty"`
	Why   string    `json:"why,omitempty"`
}

// Feed tells of commits, after them and in their order.
type Feed interface {
	// Subscribe returns the events after the commit with number after (0: from
	// now on). reset says that some of them are no longer kept, or that the
	// number is not of this store: the reader must read state anew. The
	// channel is closed when ctx ends, when the store closes, and when the
	// reader is more than a bounded number of events behind.
	Subscribe(ctx context.Context, after uint64) (events <-chan Event, reset bool, err error)
	// LastSeq is the number of the newest commit.
	LastSeq() uint64
}
