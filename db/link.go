package db

import (
	"context"
	"time"
)

// A LinkRole is what a link is for.
type LinkRole string

// The roles of links.
const (
	LinkFile   LinkRole = ""       // to fetch the file that the RPC names
	LinkLead   LinkRole = "lead"   // to fetch a config that names the attempt's other link
	LinkNamed  LinkRole = "named"  // to fetch the file that a lead names
	LinkUpload LinkRole = "upload" // to put a file here
)

// A Link is a capability: whoever holds its secret may fetch one file, or send
// one, until the attempt ends. Only the hash of the secret is kept.
type Link struct {
	Hash    [32]byte  `json:"hash"`
	Attempt AttemptID `json:"attempt"`
	Role    LinkRole  `json:"role,omitempty"`
	File    FileID    `json:"file"`
	Name    string    `json:"name"`
	SHA256  string    `json:"sha256"` // empty for LinkUpload
	Size    int64     `json:"size"`   // for LinkUpload the most that is taken in one piece
	Budget  int64     `json:"budget"` // bytes that may go out, or come in
	Expires time.Time `json:"expires"`
	Out     int64     `json:"out"` // bytes that went out, or came in

	Lead *Lead  `json:"lead,omitempty"` // of LinkLead: what the config is made of
	What string `json:"what,omitempty"` // of LinkUpload: one of UploadKinds
}

// A Lead is what the config behind a [LinkLead] is made of, but for the secret
// of the link that it names: that is derived from the lead's own secret, which
// a phone brings along and nobody keeps. So the config is the same bytes each
// time, and the store could not be read for it.
type Lead struct {
	Vendor string `json:"vendor"`
	Model  string `json:"model,omitempty"`
	Kind   string `json:"kind"`             // of the file; UploadConfig or UploadLog with Upload
	Upload bool   `json:"upload,omitempty"` // the phone is to send, not to fetch
	Base   string `json:"base"`             // scheme and host of the other link
	Name   string `json:"name"`             // and its name
}

// A Fetch is one answer to a request for a link: evidence beside the phone's word.
type Fetch struct {
	Time    time.Time `json:"time"`
	Role    LinkRole  `json:"role,omitempty"`  // of the link
	Bytes   int64     `json:"bytes"`           // body bytes that went out, or came in
	Whole   bool      `json:"whole,omitempty"` // with it, all of the file has gone out or come in
	Status  int       `json:"status"`          // HTTP status
	Address string    `json:"address,omitempty"`
	Agent   string    `json:"agent,omitempty"` // User-Agent, at most 128 characters
}

// AddFetch adds a fetch to the attempt, within [MaxFetches].
func (a *Attempt) AddFetch(f Fetch) {
	a.Count++
	switch f.Role {
	case LinkFile, LinkNamed:
		a.BytesOut += f.Bytes
		if f.Whole && a.Moved.IsZero() {
			a.Moved = f.Time
		}
	case LinkLead:
		if f.Whole && a.Led.IsZero() {
			a.Led = f.Time
		}
	}
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
	// last few, and the sums). A link that has ended meanwhile is no error.
	// Soft, but for a whole fetch by LinkNamed, which is a proof: that is
	// durable when RecordFetch returns nil.
	RecordFetch(ctx context.Context, hash [32]byte, f Fetch) error
}
