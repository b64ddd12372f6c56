package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"time"

	"phoneacs/e2e/bench/load"
	"phoneacs/e2e/bench/proc"
)

// moves measures what an operator waits for with a whole fleet: its list goes in,
// is looked through and comes out, while phones inform.
func moves(ctx context.Context, l *lab, s *sheet) error {
	dir := filepath.Join(l.dir, l.name("data"))
	if err := os.Mkdir(dir, 0o700); err != nil {
		return fmt.Errorf("make a directory: %w", err)
	}
	server, err := l.serve(ctx, dir)
	if err != nil {
		return err
	}
	defer server.stop()
	n := l.cfg.moves
	memory := watch(ctx, server.pid)
	defer func() {
		m := memory()
		s.judge("RssAnon (VmHWM) of the server", mebibytes(m.Anon)+" ("+mebibytes(m.Peak)+")", float64(m.Anon)/(1<<20), crowdTarget)
	}()
	what := grouped(n) + " phones "
	list := phoneList(n)
	if err := l.timed(s, server, what+"imported, their fates told", importTarget, func() error {
		return server.admin.fates(ctx, list, n)
	}); err != nil {
		return err
	}
	sessions := l.background(ctx, side{server, load.Fleet(min(n, l.cfg.phones))})
	err = l.look(ctx, s, server, what, list, n)
	r, sessionErr := sessions()
	if err != nil {
		return err
	}
	if sessionErr != nil {
		return sessionErr
	}
	s.judgeLost(r)
	return nil
}

// look lists and exports, and sends the list again.
func (l *lab) look(ctx context.Context, s *sheet, server *served, what string, list []byte, n int) error {
	a := server.admin
	cursor := ""
	for _, step := range []struct {
		figure string
		target target
		do     func() error
	}{
		{"listed, first page", pageTarget, func() error { _, _, err := a.page(ctx, ""); return err }},
		{"walked to the last page", walkTarget, func() (err error) { cursor, err = a.walk(ctx, n); return err }},
		{"listed, last page by its cursor", pageTarget, func() error { _, _, err := a.page(ctx, cursor); return err }},
		{"exported as CSV", exportTarget, func() error { return a.export(ctx, "csv", n+1) }},
		{"exported as JSON lines", exportTarget, func() error { return a.export(ctx, "jsonl", n) }},
		{"imported again, all unchanged", importTarget, func() error { return a.fates(ctx, list, n) }},
	} {
		if err := l.timed(s, server, what+step.figure, step.target, step.do); err != nil {
			return err
		}
	}
	return nil
}

// timed adds how long a step takes, and the server's processor time meanwhile,
// that of sessions included.
func (l *lab) timed(s *sheet, server *served, figure string, t target, do func() error) error {
	before, err := proc.CPU(server.pid)
	if err != nil {
		return err
	}
	start := time.Now()
	if err := do(); err != nil {
		return fmt.Errorf("%s: %w", figure, err)
	}
	took := time.Since(start)
	after, err := proc.CPU(server.pid)
	if err != nil {
		return err
	}
	s.judge(figure, fmt.Sprintf("%.2f s (%.2f s CPU)", took.Seconds(), (after-before).Seconds()), took.Seconds(), t)
	return nil
}

// phoneList is the list of a fleet.
func phoneList(n int) []byte {
	var csv bytes.Buffer
	csv.WriteString("mac,serial,site,name,tags\n")
	for _, p := range load.Fleet(n) {
		fmt.Fprintf(&csv, "%s,%s,,phone %d,bench\n", p.MAC(), p.Serial(), p)
	}
	return csv.Bytes()
}

// ask makes a request whose answer is read as it comes.
func (a *admin) ask(ctx context.Context, method, path string, body []byte, header map[string]string) (io.ReadCloser, error) {
	req, err := http.NewRequestWithContext(ctx, method, a.base+path, bytes.NewReader(body))
	if err != nil {
		return nil, fmt.Errorf("%s %s: %w", method, path, err)
	}
	req.Header.Set("Authorization", "Bearer "+a.token)
	for k, v := range header {
		req.Header.Set(k, v)
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		return nil, err // names method and URL by itself
	}
	if res.StatusCode != http.StatusOK {
		res.Body.Close()
		return nil, fmt.Errorf("%s %s: %s", method, path, res.Status)
	}
	return res.Body, nil
}

// fates imports a list and reads the fate of each of its lines, none of which
// may be refused.
func (a *admin) fates(ctx context.Context, list []byte, n int) error {
	ctx, cancel := context.WithTimeout(ctx, callTimeout)
	defer cancel()
	in, err := a.ask(ctx, http.MethodPost, "/api/v1/phones/import", list, map[string]string{"Content-Type": "text/csv", "Accept": "application/jsonl"})
	if err != nil {
		return err
	}
	defer in.Close()
	good, d := 0, json.NewDecoder(in)
	for {
		var line struct {
			Fate    string
			Detail  string
			Summary *struct{ Failed int }
		}
		if err := d.Decode(&line); err != nil {
			return fmt.Errorf("read the fates: %w", err)
		}
		switch {
		case line.Summary != nil && good == n && line.Summary.Failed == 0:
			return nil
		case line.Summary != nil:
			return fmt.Errorf("%d of %d lines were told", good, n)
		case line.Fate == "refused":
			return fmt.Errorf("a line was refused: %s", line.Detail)
		}
		good++
	}
}

// pageRows is how many phones a page has, the most that the server gives.
const pageRows = 1000

// page lists one page.
func (a *admin) page(ctx context.Context, cursor string) (items int, next string, err error) {
	var page struct {
		Items []json.RawMessage `json:"items"`
		Next  string            `json:"next"`
	}
	err = a.call(ctx, http.MethodGet, fmt.Sprintf("/api/v1/phones?limit=%d&cursor=%s", pageRows, url.QueryEscape(cursor)), "", nil, &page)
	return len(page.Items), page.Next, err
}

// walk reads all pages and returns the cursor of the last.
func (a *admin) walk(ctx context.Context, n int) (last string, err error) {
	for seen, cursor := 0, ""; ; {
		items, next, err := a.page(ctx, cursor)
		if err != nil {
			return "", err
		}
		if seen += items; next == "" {
			if seen != n {
				return "", fmt.Errorf("%d of %d phones are listed", seen, n)
			}
			return cursor, nil
		}
		cursor = next
	}
}

// export reads an export to its end.
func (a *admin) export(ctx context.Context, format string, lines int) error {
	ctx, cancel := context.WithTimeout(ctx, callTimeout)
	defer cancel()
	in, err := a.ask(ctx, http.MethodGet, "/api/v1/phones/export?format="+format, nil, nil)
	if err != nil {
		return err
	}
	defer in.Close()
	got, buf := 0, make([]byte, 64<<10)
	for {
		n, err := in.Read(buf)
		got += bytes.Count(buf[:n], []byte("\n"))
		switch {
		case err == io.EOF && got == lines:
			return nil
		case err == io.EOF:
			return fmt.Errorf("%d lines; want %d", got, lines)
		case err != nil:
			return fmt.Errorf("read the export: %w", err)
		}
	}
}
