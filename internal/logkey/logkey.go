// Package logkey names the keys of structured log lines, one constant a key,
// so that a key is spelled the same in every package and can be searched for.
//
// It holds names and nothing else; a key that would carry a secret
// (a password, a token, a transfer URL) has no place here.
package logkey

// The keys. Values follow the words of the project: a phone is its id, an
// attempt is its CommandKey.
const (
	Addr     = "addr"
	Attempt  = "attempt"
	Bytes    = "bytes"
	Count    = "count"
	Duration = "duration"
	Err      = "err"
	Event    = "event"
	Fault    = "fault"
	File     = "file"
	Job      = "job"
	Kind     = "kind"
	Listener = "listener"
	Method   = "method"
	Path     = "path"
	Phone    = "phone"
	Request  = "request"
	Route    = "route"
	Rule     = "rule"
	RPC      = "rpc"
	Session  = "session"
	Setting  = "setting"
	Site     = "site"
	State    = "state"
	Status   = "status"
	Task     = "task"
	Time     = "time"
	URL      = "url"
	User     = "user"
	Version  = "version"
	Why      = "why"
)
