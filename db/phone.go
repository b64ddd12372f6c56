package db

import (
	"context"
	"time"

	"phoneacs/db/filter"
)

// PhoneState says what a phone may be given.
type PhoneState string

// The states of a phone.
const (
	// PhonePending has informed and waits for an operator: it is given nothing.
	PhonePending PhoneState = "pending"
	// PhoneApproved is managed.
	PhoneApproved PhoneState = "approved"
	// PhoneReEnrol was managed and has been reset, or somebody says so: it came
	// with 0 BOOTSTRAP and without the credentials that were issued to it. Its
	// record is kept and it is given nothing, until it proves itself or an
	// operator approves it again.
	PhoneReEnrol PhoneState = "re-enrol"
	// PhoneReplaced was managed, and another stands in its place: its record is
	// kept and it is given nothing, unless an operator approves it again.
	PhoneReplaced PhoneState = "replaced"
)

// PhoneStates are all states.
var PhoneStates = []PhoneState{PhonePending, PhoneApproved, PhoneReEnrol, PhoneReplaced}

// A Phone is a managed device: the CPE of TR-069. OUI-ProductClass-Serial and,
// where known, MAC are unique. A phone that was imported by MAC alone has no
// OUI and Serial until its first Inform.
type Phone struct {
	ID           PhoneID    `json:"id"`
	State        PhoneState `json:"state"`
	MAC          string     `json:"mac,omitempty"` // 12 lower-case hex digits
	Name         string     `json:"name,omitempty"`
	Site         SiteID     `json:"site"`
	Tags         []string   `json:"tags,omitempty"` // sorted, unique
	Vendor       string     `json:"vendor,omitempty"`
	Model        string     `json:"model,omitempty"`
	Manufacturer string     `json:"manufacturer,omitempty"`
	OUI          string     `json:"oui,omitempty"`
	ProductClass string     `json:"product_class,omitempty"`
	Serial       string     `json:"serial,omitempty"`

	SoftwareVersion string `json:"software_version,omitempty"`
	HardwareVersion string `json:"hardware_version,omitempty"`
	CWMP            string `json:"cwmp,omitempty"` // protocol version, "1.2"

	// Where and as whom a connection request is made. The password is one of
	// the phone's [Credentials].
	ConnectionRequestURL  string `json:"connection_request_url,omitempty"`
	ConnectionRequestUser string `json:"connection_request_user,omitempty"`

	Created time.Time `json:"created"`
}

// A Contact is what a phone's last sessions told of themselves. It is kept
// apart from the phone's record, since it changes with each of them. But for
// Bootstrap and Boot it is soft: a second of it may be lost with the machine's
// power.
type Contact struct {
	Bootstrap  time.Time `json:"bootstrap,omitzero"` // last 0 BOOTSTRAP
	Boot       time.Time `json:"boot,omitzero"`      // last 1 BOOT
	LastInform time.Time `json:"last_inform,omitzero"`
	Address    string    `json:"address,omitempty"` // peer of the last session, without port
	Informs    uint64    `json:"informs,omitempty"`
	LastWake   time.Time `json:"last_wake,omitzero"`
	WakeError  string    `json:"wake_error,omitempty"` // why the last connection request failed; empty if it did not
	WakeWay    string    `json:"wake_way,omitempty"`   // by which one was last taken: "http" or "udp"; empty: none yet
}

// PhoneStatus is a phone with its contact and what may be shown of its
// credentials.
type PhoneStatus struct {
	Phone
	Contact
	Standing
	Held bool `json:"held,omitempty"` // a hold covers it: its own, its site's or the fleet's
}

// PhonePatch changes what is not nil.
type PhonePatch struct {
	Name                      *string
	Site                      *SiteID
	Tags                      *[]string
	State                     *PhoneState // only to PhoneApproved; from PhoneReEnrol this drops its credentials
	ConnectionRequestUser     *string
	ConnectionRequestPassword *string
	ProofWaived               *bool // the phone need not prove who it is
}

// PhoneImport is one line of a list of phones. MAC or Serial must be given;
// OUI too where Serial is (it may be empty for a phone found by MAC).
type PhoneImport struct {
	MAC, OUI, Serial, Name, Vendor, Model string
	Site                                  SiteID
	Tags                                  []string
}

// ImportResult is the fate of one [PhoneImport], in the same order.
type ImportResult struct {
	ID      PhoneID
	Created bool  // false: the phone was known, and what the line gives was changed
	Err     error // a *FieldError or ErrExists; the other lines are not touched by it
}

// Phones reads and edits phones.
type Phones interface {
	// Phone returns one phone, or ErrNotFound.
	Phone(ctx context.Context, id PhoneID) (PhoneStatus, error)
	// FindPhone resolves a reference: an id, a MAC in any spelling,
	// OUI-ProductClass-Serial or OUI-Serial. ErrNotFound if there is none,
	// ErrConflict if OUI-Serial names several.
	FindPhone(ctx context.Context, ref string) (PhoneID, error)
	// ListPhones returns phones in the order of their ids.
	ListPhones(ctx context.Context, q Query) (Page[PhoneStatus], error)
	// UpdatePhone changes a phone; one that is approved by it is woken if tasks
	// are ready for it. It returns ErrNotFound, or a *FieldError.
	UpdatePhone(ctx context.Context, id PhoneID, p PhonePatch, by string) (PhoneStatus, error)
	// DeletePhone forgets a phone and what is stored of it, and cancels its
	// unsent tasks. ErrInUse while an attempt is open.
	DeletePhone(ctx context.Context, id PhoneID) error
	// ImportPhones adds or updates up to 1,000 phones in one commit; they are
	// approved by being listed, but for those in PhoneReEnrol: a list says
	// nothing about who has come in their name.
	ImportPhones(ctx context.Context, in []PhoneImport, now time.Time, by string) ([]ImportResult, error)
	// Parameters lists the reported parameters below a prefix, by name.
	Parameters(ctx context.Context, id PhoneID, prefix string, q Query) (Page[Parameter], error)
	// History lists what changed at a phone, newest first.
	History(ctx context.Context, id PhoneID, q Query) (Page[Change], error)
	// CountPhones counts phones by state, at no cost that grows with them.
	CountPhones(ctx context.Context) (map[PhoneState]int, error)
}

// A Parameter is a value that a phone reported.
type Parameter struct {
	Name    string    `json:"name"`
	Type    string    `json:"type,omitempty"` // XML Schema name: "string", "boolean"
	Value   string    `json:"value"`
	Changed time.Time `json:"changed"`
	// By is who had a value set, for RecordValues alone: if the value is new it
	// stands in the history. With a pending parameter Value is what was
	// ordered; neither is given out, and a later value that equals it is told
	// to be of By.
	By string `json:"-"`
}

// A Change is one entry of a phone's history: an event or a value.
type Change struct {
	Time time.Time `json:"time"`
	What string    `json:"what"` // parameter name, "event", "announced", "approved", "name" …
	Old  string    `json:"old,omitempty"`
	New  string    `json:"new,omitempty"`
	By   string    `json:"by,omitempty"` // "phone", or who ordered it
}

// HistoryKept is how many changes are kept of one phone.
const HistoryKept = 200

// PhoneFields are the fields that a filter over phones may name.
var PhoneFields = filter.Schema{
	"id": filter.String, "state": filter.String, "mac": filter.String, "name": filter.String,
	"site": filter.String, "tags": filter.List, "vendor": filter.String, "model": filter.String,
	"oui": filter.String, "product_class": filter.String, "serial": filter.String,
	"software_version": filter.Version, "hardware_version": filter.String,
	"last_inform": filter.Time, "address": filter.String, "created": filter.Time, "proof": filter.String,
}

// Field returns the value of a field of [PhoneFields], for a filter.
// The site is its id.
func (p *PhoneStatus) Field(name string) filter.Value {
	switch name {
	case "id":
		return filter.Value{Text: p.ID.String()}
	case "state":
		return filter.Value{Text: string(p.State)}
	case "mac":
		return filter.Value{Text: p.MAC}
	case "name":
		return filter.Value{Text: p.Name}
	case "site":
		return filter.Value{Text: p.Site.String()}
	case "tags":
		return filter.Value{List: p.Tags}
	case "vendor":
		return filter.Value{Text: p.Vendor}
	case "model":
		return filter.Value{Text: p.Model}
	case "oui":
		return filter.Value{Text: p.OUI}
	case "product_class":
		return filter.Value{Text: p.ProductClass}
	case "serial":
		return filter.Value{Text: p.Serial}
	case "software_version":
		return filter.Value{Text: p.SoftwareVersion}
	case "hardware_version":
		return filter.Value{Text: p.HardwareVersion}
	case "last_inform":
		return filter.Value{Time: p.LastInform}
	case "address":
		return filter.Value{Text: p.Address}
	case "created":
		return filter.Value{Time: p.Created}
	case "proof":
		return filter.Value{Text: string(p.Proof)}
	}
	return filter.Value{}
}
