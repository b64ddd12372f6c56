package client

import (
	"context"
	"io"
	"time"
)

// A Backup is an archive of the store that the server has made, or makes.
type Backup struct {
	ID      string       `json:"id"`
	State   string       `json:"state"` // running, ready or failed
	Why     string       `json:"why,omitempty"`
	Made    time.Time    `json:"made"`
	By      string       `json:"by,omitempty"`
	Version string       `json:"version"`
	Layout  int          `json:"layout,omitempty"`
	Secrets bool         `json:"secrets"`
	Size    int64        `json:"size,omitempty"` // bytes
	SHA256  string       `json:"sha256,omitempty"`
	Counts  BackupCounts `json:"counts"`

	// While it is made: how many bytes have gone in, of how many. 0: the store is
	// being copied, which comes first.
	Done  int64 `json:"done,omitempty"`
	Total int64 `json:"total,omitempty"`
}

// BackupCounts are what is in a backup.
type BackupCounts struct {
	Phones  int `json:"phones"`
	Jobs    int `json:"jobs"`
	Tasks   int `json:"tasks"`
	Files   int `json:"files"`
	Uploads int `json:"uploads"`
	// What was changed because secrets were left out.
	WithoutLogins int `json:"without_logins,omitempty"` // phones that are issued new logins
	EndedJobs     int `json:"ended_jobs,omitempty"`     // jobs that end for want of a secret
	PausedOrders  int `json:"paused_orders,omitempty"`  // standing orders that were paused for it
}

// States of backups.
const (
	BackupRunning = "running"
	BackupReady   = "ready"
	BackupFailed  = "failed"
)

// ListBackups returns the backups that are kept, newest first.
func (c *Client) ListBackups(ctx context.Context) (Page[Backup], error) {
	return get[Page[Backup]](ctx, c, "listBackups", call{})
}

// CreateBackup makes one, with sealed values or without. It may still be
// running when it is returned: see [Client.Backup].
func (c *Client) CreateBackup(ctx context.Context, secrets bool) (Backup, error) {
	return get[Backup](ctx, c, "createBackup", call{body: map[string]bool{"secrets": secrets}})
}

// Backup returns one.
func (c *Client) Backup(ctx context.Context, id string) (Backup, error) {
	return get[Backup](ctx, c, "getBackup", call{path: []string{id}})
}

// DeleteBackup removes one, or forgets one that failed.
func (c *Client) DeleteBackup(ctx context.Context, id string) error {
	return c.do(ctx, "deleteBackup", call{path: []string{id}}, nil)
}

// BackupContent returns the archive, which the caller closes.
func (c *Client) BackupContent(ctx context.Context, id string) (io.ReadCloser, error) {
	res, err := c.send(ctx, "getBackupContent", call{path: []string{id}})
	if err != nil {
		return nil, err
	}
	return res.Body, nil
}
