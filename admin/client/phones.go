package client

import (
	"context"
	"io"
	"net/url"
	"time"
)

// A Phone is a managed device.
type Phone struct {
	ID                    string    `json:"id"`
	State                 string    `json:"state"` // pending, approved or re-enrol
	MAC                   string    `json:"mac,omitempty"`
	Name                  string    `json:"name,omitempty"`
	Site                  string    `json:"site"`
	Tags                  []string  `json:"tags"`
	Vendor                string    `json:"vendor,omitempty"`
	Model                 string    `json:"model,omitempty"`
	Manufacturer          string    `json:"manufacturer,omitempty"`
	OUI                   string    `json:"oui,omitempty"`
	ProductClass          string    `json:"product_class,omitempty"`
	Serial                string    `json:"serial,omitempty"`
	SoftwareVersion       string    `json:"software_version,omitempty"`
	HardwareVersion       string    `json:"hardware_version,omitempty"`
	CWMP                  string    `json:"cwmp,omitempty"`
	ConnectionRequestURL  string    `json:"connection_request_url,omitempty"`
	ConnectionRequestUser string    `json:"connection_request_user,omitempty"`
	Proof                 string    `json:"proof"` // none, issued, own, certificate or waived
	ProofRefused          string    `json:"proof_refused,omitempty"`
	ProofRefusedAt        time.Time `json:"proof_refused_at,omitzero"`
	Created               time.Time `json:"created"`
	Bootstrap             time.Time `json:"bootstrap,omitzero"`
	Boot                  time.Time `json:"boot,omitzero"`
	LastInform            time.Time `json:"last_inform,omitzero"`
	Address               string    `json:"address,omitempty"`
	Informs               int       `json:"informs"`
	LastWake              time.Time `json:"last_wake,omitzero"`
	WakeError             string    `json:"wake_error,omitempty"`
	WakeWay               string    `json:"wake_way,omitempty"`
	Remarks               []string  `json:"remarks,omitempty"`
	Held                  bool      `json:"held"`
}

// A PhonePatch changes what is not nil.
type PhonePatch struct {
	Name                      *string   `json:"name,omitempty"`
	Site                      *string   `json:"site,omitempty"` // id or name
	Tags                      *[]string `json:"tags,omitempty"`
	ConnectionRequestUser     *string   `json:"connection_request_user,omitempty"`
	ConnectionRequestPassword *string   `json:"connection_request_password,omitempty"`
	Proof                     *string   `json:"proof,omitempty"` // own or waived
}

// ListPhones returns phones in the order of their ids.
func (c *Client) ListPhones(ctx context.Context, q Query) (Page[Phone], error) {
	return get[Page[Phone]](ctx, c, "listPhones", call{query: q.values()})
}

// GetPhone takes any reference to a phone, as all that follow do.
func (c *Client) GetPhone(ctx context.Context, ref string) (Phone, error) {
	return get[Phone](ctx, c, "getPhone", call{path: []string{ref}})
}

// UpdatePhone changes a phone and returns it as it is then.
func (c *Client) UpdatePhone(ctx context.Context, ref string, p PhonePatch) (Phone, error) {
	return get[Phone](ctx, c, "updatePhone", call{path: []string{ref}, body: p})
}

// DeletePhone forgets a phone and cancels its unsent tasks.
func (c *Client) DeletePhone(ctx context.Context, ref string) error {
	return c.do(ctx, "deletePhone", call{path: []string{ref}}, nil)
}

// ApprovePhone lets a phone be managed; it may be repeated.
func (c *Client) ApprovePhone(ctx context.Context, ref string) (Phone, error) {
	return get[Phone](ctx, c, "approvePhone", call{path: []string{ref}})
}

// WakePhone asks a phone to inform at once.
func (c *Client) WakePhone(ctx context.Context, ref string) (Phone, error) {
	return get[Phone](ctx, c, "wakePhone", call{path: []string{ref}})
}

// An ImportResult is what became of the lines of a list.
type ImportResult struct {
	Created      int           `json:"created"`
	Updated      int           `json:"updated"`
	Unchanged    int           `json:"unchanged"`
	Skipped      int           `json:"skipped"`
	Failed       int           `json:"failed"` // refused
	DryRun       bool          `json:"dry_run,omitempty"`
	Through      int           `json:"through"` // the last line with a fate
	SitesCreated int           `json:"sites_created,omitempty"`
	Errors       []ImportError `json:"errors"` // the first 100
}

// An ImportError is what is wrong with a line.
type ImportError struct {
	Line   int    `json:"line"`
	Field  string `json:"field,omitempty"` // the column
	Detail string `json:"detail"`
}

// ImportPhones adds or updates phones from CSV, of at most 1 GiB. createSites
// makes sites that the list names and the server does not know.
func (c *Client) ImportPhones(ctx context.Context, csv io.Reader, createSites bool) (ImportResult, error) {
	q := url.Values{}
	if createSites {
		q.Set("create_sites", "true")
	}
	return get[ImportResult](ctx, c, "importPhones", call{query: q, stream: csv, media: "text/csv"})
}
