package db

import (
	"context"
	"encoding/json"
	"time"
)

// MaxResult is how much of a response is kept, in bytes of JSON.
const MaxResult = 64 << 10

// A Result is what a phone answered to a task whose answer is the point of it.
type Result struct {
	Attempt int             `json:"attempt"`
	Time    time.Time       `json:"time"`
	RPC     string          `json:"rpc"`            // "GetOptionsResponse", "Fault"
	Answer  json.RawMessage `json:"answer"`         // in the RPC's own names, without secrets; a text if Cut
	Cut     bool            `json:"cut,omitempty"`  // it was longer: the text is its beginning
	Size    int             `json:"size,omitempty"` // bytes of the whole
}

// Results keeps results, one for each task: the newest.
type Results interface {
	// RecordResult keeps what was answered to a task. It is durable on return.
	// ErrNotFound if there is no such task, ErrTooMany for an answer of more
	// than MaxResult bytes.
	RecordResult(ctx context.Context, task TaskID, r Result) error
	// Result returns it, or ErrNotFound.
	Result(ctx context.Context, task TaskID) (Result, error)
}
