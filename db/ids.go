package db

import (
	"fmt"
	"strconv"
	"strings"
)

// Ids are opaque to users, URL-safe and permanent: a letter for what they name
// and a number that is never given twice. The zero value names nothing.
type (
	// PhoneID names a phone: "p1042".
	PhoneID uint64
	// JobID names a job: "j17".
	JobID uint64
	// FileID names an entry of the catalogue: "f3".
	FileID uint64
	// SiteID names a site: "s1", which is the default site.
	SiteID uint64
	// TokenID names an admin token: "t1".
	TokenID uint64
	// UploadID names a file that a phone has sent: "u5".
	UploadID uint64
)

// DefaultSite is the site of every phone that was given no other.
const DefaultSite SiteID = 1

func (id PhoneID) String() string  { return formatID('p', uint64(id)) }
func (id JobID) String() string    { return formatID('j', uint64(id)) }
func (id FileID) String() string   { return formatID('f', uint64(id)) }
func (id SiteID) String() string   { return formatID('s', uint64(id)) }
func (id TokenID) String() string  { return formatID('t', uint64(id)) }
func (id UploadID) String() string { return formatID('u', uint64(id)) }

// MarshalText and UnmarshalText give ids their text form in JSON and YAML.

func (id PhoneID) MarshalText() ([]byte, error)  { return []byte(id.String()), nil }
func (id JobID) MarshalText() ([]byte, error)    { return []byte(id.String()), nil }
func (id FileID) MarshalText() ([]byte, error)   { return []byte(id.String()), nil }
func (id SiteID) MarshalText() ([]byte, error)   { return []byte(id.String()), nil }
func (id TokenID) MarshalText() ([]byte, error)  { return []byte(id.String()), nil }
func (id UploadID) MarshalText() ([]byte, error) { return []byte(id.String()), nil }

func (id *PhoneID) UnmarshalText(b []byte) (err error) {
	*id, err = parseID[PhoneID]('p', string(b))
	return
}
func (id *JobID) UnmarshalText(b []byte) (err error) {
	*id, err = parseID[JobID]('j', string(b))
	return
}
func (id *FileID) UnmarshalText(b []byte) (err error) {
	*id, err = parseID[FileID]('f', string(b))
	return
}
func (id *SiteID) UnmarshalText(b []byte) (err error) {
	*id, err = parseID[SiteID]('s', string(b))
	return
}
func (id *TokenID) UnmarshalText(b []byte) (err error) {
	*id, err = parseID[TokenID]('t', string(b))
	return
}
func (id *UploadID) UnmarshalText(b []byte) (err error) {
	*id, err = parseID[UploadID]('u', string(b))
	return
}

// ParsePhoneID reads the form that [PhoneID.String] writes.
func ParsePhoneID(s string) (PhoneID, error) { return parseID[PhoneID]('p', s) }

// ParseJobID reads the form that [JobID.String] writes.
func ParseJobID(s string) (JobID, error) { return parseID[JobID]('j', s) }

// ParseFileID reads the form that [FileID.String] writes.
func ParseFileID(s string) (FileID, error) { return parseID[FileID]('f', s) }

// ParseSiteID reads the form that [SiteID.String] writes.
func ParseSiteID(s string) (SiteID, error) { return parseID[SiteID]('s', s) }

// ParseUploadID reads the form that [UploadID.String] writes.
func ParseUploadID(s string) (UploadID, error) { return parseID[UploadID]('u', s) }

func formatID(letter byte, n uint64) string {
	if n == 0 {
		return ""
	}
	return string(strconv.AppendUint([]byte{letter}, n, 10))
}

func parseID[T ~uint64](letter byte, s string) (T, error) {
	if s == "" {
		return 0, nil
	}
	n, err := strconv.ParseUint(s[1:], 10, 63)
	if err != nil || s[0] != letter || s[1] < '1' {
		return 0, fmt.Errorf("id %q: want %c and a number, as in %c17", s, letter, letter)
	}
	return T(n), nil
}

// TaskID names one phone's share of a job: "j17-p1042".
type TaskID struct {
	Job   JobID
	Phone PhoneID
}

func (id TaskID) String() string { return id.Job.String() + "-" + id.Phone.String() }

// MarshalText writes the form of [TaskID.String].
func (id TaskID) MarshalText() ([]byte, error) { return []byte(id.String()), nil }

// UnmarshalText reads the form of [TaskID.String].
func (id *TaskID) UnmarshalText(b []byte) (err error) { *id, err = ParseTaskID(string(b)); return }

// ParseTaskID reads the form that [TaskID.String] writes.
func ParseTaskID(s string) (TaskID, error) {
	job, phone, ok := strings.Cut(s, "-")
	if ok {
		j, err1 := ParseJobID(job)
		p, err2 := ParsePhoneID(phone)
		if err1 == nil && err2 == nil && j != 0 && p != 0 {
			return TaskID{j, p}, nil
		}
	}
	return TaskID{}, fmt.Errorf("task id %q: want job and phone, as in j17-p1042", s)
}

// AttemptID names one try of a task; N counts from 1.
type AttemptID struct {
	Task TaskID
	N    int
}

// MaxCommandKey is the longest CommandKey (TR-069 A.3.2.8), in characters.
const MaxCommandKey = 32

// CommandKey is the attempt's name on the wire: task, number and the tag of
// the store, so that a phone which still holds the key of another
// installation proves nothing here. At most [MaxCommandKey] characters for
// numbers below 10 digits each; longer ones are an error.
func (id AttemptID) CommandKey(tag string) (string, error) {
	key := id.Task.String() + "-" + strconv.Itoa(id.N) + "-" + tag
	if len(key) > MaxCommandKey {
		return "", fmt.Errorf("command key %q is longer than %d characters", key, MaxCommandKey)
	}
	return key, nil
}

// ParseCommandKey finds the attempt that a key names. ok is false for keys
// that are not of the store with this tag.
func ParseCommandKey(key, tag string) (id AttemptID, ok bool) {
	rest, mine := strings.CutSuffix(key, "-"+tag)
	i := strings.LastIndexByte(rest, '-')
	if !mine || i < 0 {
		return AttemptID{}, false
	}
	task, err := ParseTaskID(rest[:i])
	n, err2 := strconv.ParseUint(rest[i+1:], 10, 31)
	if err != nil || err2 != nil || rest[i+1] < '1' {
		return AttemptID{}, false
	}
	return AttemptID{task, int(n)}, true
}
