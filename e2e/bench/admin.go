package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"time"

	"phoneacs/e2e/bench/load"
)

// Bounds of one call: bytes read of the answer, and time.
const (
	maxAnswer   = 16 << 20
	callTimeout = 5 * time.Minute
)

// An admin speaks to a server's admin side. It knows the four calls that the
// benchmark needs, by their wire form, as any other program would.
type admin struct {
	base  string // "http://127.0.0.1:8080"
	token string
}

// A job is what the admin side tells of a job.
type job struct {
	ID     string         `json:"id"`
	State  string         `json:"state"`
	Counts map[string]int `json:"counts"` // tasks, by state
}

// An imported is what the admin side tells of an import: a line that is wrong
// fails alone, and the answer is a good one still.
type imported struct {
	Failed int `json:"failed"`
	Errors []struct {
		Line   int    `json:"line"`
		Detail string `json:"detail"`
	} `json:"errors"`
}

// A when says when an order is due, as the admin side reads it.
type when map[string]any

// The states of a job that are waited for.
const (
	jobExpanding = "expanding" // tasks are still being made
	jobEnded     = "ended"     // every task has ended
)

// call makes one request and decodes the answer into result unless it is nil.
func (a *admin) call(ctx context.Context, method, path, contentType string, body []byte, result any) error {
	ctx, cancel := context.WithTimeout(ctx, callTimeout)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, method, a.base+path, bytes.NewReader(body))
	if err != nil {
		return fmt.Errorf("%s %s: %w", method, path, err)
	}
	req.Header.Set("Authorization", "Bearer "+a.token)
	if contentType != "" {
		req.Header.Set("Content-Type", contentType)
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		return err // names method and URL by itself
	}
	defer res.Body.Close()
	answer, err := io.ReadAll(io.LimitReader(res.Body, maxAnswer))
	if err != nil {
		return fmt.Errorf("%s %s: read answer: %w", method, path, err)
	}
	if res.StatusCode/100 != 2 {
		return fmt.Errorf("%s %s: %s: %.300s", method, path, res.Status, answer)
	}
	if result == nil {
		return nil
	}
	if err := json.Unmarshal(answer, result); err != nil {
		return fmt.Errorf("%s %s: decode answer: %w", method, path, err)
	}
	return nil
}

// ready returns nil once the server serves.
func (a *admin) ready(ctx context.Context) error {
	return a.call(ctx, http.MethodGet, "/readyz", "", nil, nil)
}

// importPhones makes phones known, rows of them in one request.
func (a *admin) importPhones(ctx context.Context, phones []load.Phone, rows int) error {
	var csv bytes.Buffer
	for len(phones) > 0 {
		n := min(rows, len(phones))
		csv.Reset()
		csv.WriteString("mac,serial,site,name,tags\n")
		for _, p := range phones[:n] {
			fmt.Fprintf(&csv, "%s,%s,,phone %d,bench\n", p.MAC(), p.Serial(), p)
		}
		phones = phones[n:]
		var r imported
		if err := a.call(ctx, http.MethodPost, "/api/v1/phones/import", "text/csv", csv.Bytes(), &r); err != nil {
			return fmt.Errorf("import phones: %w", err)
		}
		if r.Failed > 0 {
			return fmt.Errorf("import phones: %d of %d failed: %+v", r.Failed, n, r.Errors[:min(1, len(r.Errors))])
		}
	}
	return nil
}

// addFile puts a config for any Fanvil phone into the catalogue.
func (a *admin) addFile(ctx context.Context, name string, content []byte) (id string, err error) {
	query := url.Values{"name": {name}, "kind": {"config"}, "vendor": {"fanvil"}}
	var file struct {
		ID string `json:"id"`
	}
	err = a.call(ctx, http.MethodPost, "/api/v1/files?"+query.Encode(), "application/octet-stream", content, &file)
	if err != nil {
		return "", fmt.Errorf("add file: %w", err)
	}
	return file.ID, nil
}

// download orders the file for every phone.
func (a *admin) download(ctx context.Context, file string, when when) (job, error) {
	order, err := json.Marshal(map[string]any{
		"kind":      "download",
		"args":      map[string]any{"file": file},
		"selection": map[string]any{"all": true},
		"when":      when,
	})
	if err != nil {
		return job{}, fmt.Errorf("order download: %w", err)
	}
	var j job
	if err := a.call(ctx, http.MethodPost, "/api/v1/jobs", "application/json", order, &j); err != nil {
		return job{}, fmt.Errorf("order download: %w", err)
	}
	return j, nil
}

// job returns how a job stands.
func (a *admin) job(ctx context.Context, id string) (job, error) {
	var j job
	if err := a.call(ctx, http.MethodGet, "/api/v1/jobs/"+url.PathEscape(id), "", nil, &j); err != nil {
		return job{}, fmt.Errorf("look at job: %w", err)
	}
	return j, nil
}
