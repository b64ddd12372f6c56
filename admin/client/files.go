package client

import (
	"context"
	"io"
	"net/url"
	"strings"
	"time"
)

// A File is an entry of the catalogue.
type File struct {
	ID      string    `json:"id"`
	Name    string    `json:"name"`
	Kind    string    `json:"kind"`
	Vendor  string    `json:"vendor,omitempty"`
	Models  []string  `json:"models,omitempty"`
	Version string    `json:"version,omitempty"`
	SHA256  string    `json:"sha256"`
	Size    int64     `json:"size"`
	Created time.Time `json:"created"`
	By      string    `json:"by,omitempty"`
}

// A NewFile says what a file is. Name and Kind are needed.
type NewFile struct {
	Name, Kind, Vendor string
	Models             []string
	Version            string
	Size               int64 // in bytes, where it is known
}

// ListFiles returns files in the order of their ids.
func (c *Client) ListFiles(ctx context.Context, q Query) (Page[File], error) {
	return get[Page[File]](ctx, c, "listFiles", call{query: q.values()})
}

// AddFile puts a file into the catalogue.
func (c *Client) AddFile(ctx context.Context, f NewFile, content io.Reader) (File, error) {
	q := url.Values{"name": {f.Name}, "kind": {f.Kind}}
	for key, value := range map[string]string{"vendor": f.Vendor, "models": strings.Join(f.Models, ","), "version": f.Version} {
		if value != "" {
			q.Set(key, value)
		}
	}
	return get[File](ctx, c, "addFile", call{query: q, stream: content, size: f.Size, media: "application/octet-stream"})
}

// GetFile returns one file.
func (c *Client) GetFile(ctx context.Context, id string) (File, error) {
	return get[File](ctx, c, "getFile", call{path: []string{id}})
}

// DeleteFile takes a file away.
func (c *Client) DeleteFile(ctx context.Context, id string) error {
	return c.do(ctx, "deleteFile", call{path: []string{id}}, nil)
}
