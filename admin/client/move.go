package client

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
)

// Kinds of lists that are imported and exported.
const (
	Phones = "phones"
	Sites  = "sites"
	Tags   = "tags"
	Files  = "files" // exported only: their bytes are added one by one
	Jobs   = "jobs"
)

// Formats of lists, and the media type of each.
const (
	CSV   = "csv"
	JSONL = "jsonl"
)

var listMedia = map[string]string{CSV: "text/csv", JSONL: "application/jsonl"}

// The operations of each kind of list.
var (
	exports = map[string]string{Phones: "exportPhones", Sites: "exportSites", Tags: "exportTags", Files: "exportFiles", Jobs: "exportJobs"}
	imports = map[string]string{Phones: "importPhones", Sites: "importSites", Tags: "importTags", Jobs: "importJobs"}
)

// Export returns a list of one kind as CSV or JSONL, which the caller closes.
// filter is empty for all; sites take none. A list that the server could not
// bring to its end ends in an error.
func (c *Client) Export(ctx context.Context, kind, format, filter string) (io.ReadCloser, error) {
	q := url.Values{"format": {format}}
	if filter != "" {
		q.Set("filter", filter)
	}
	return c.content(ctx, exports[kind], call{query: q})
}

// FileContent returns the bytes of a file, which the caller closes.
func (c *Client) FileContent(ctx context.Context, id string) (io.ReadCloser, error) {
	return c.content(ctx, "getFileContent", call{path: []string{id}})
}

// content is an answer that is no JSON. That it ends early is an error in the
// terms of this package too.
func (c *Client) content(ctx context.Context, name string, in call) (io.ReadCloser, error) {
	res, err := c.send(ctx, name, in)
	if err != nil {
		return nil, err
	}
	return body{res.Body, c, ctx}, nil
}

type body struct {
	io.ReadCloser
	c   *Client
	ctx context.Context
}

func (b body) Read(p []byte) (int, error) {
	n, err := b.ReadCloser.Read(p)
	if err != nil && err != io.EOF {
		err = b.c.unreachable(b.ctx, err)
	}
	return n, err
}

// ImportOptions say how a list is taken in.
type ImportOptions struct {
	Format      string // CSV or JSONL
	DryRun      bool   // tell the fates and write nothing
	Existing    string // update, skip or refuse what is there; empty: update
	CreateSites bool   // with phones: make sites that are not known
}

func (o *ImportOptions) values() url.Values {
	v := url.Values{}
	for name, is := range map[string]bool{"dry_run": o.DryRun, "create_sites": o.CreateSites} {
		if is {
			v.Set(name, "true")
		}
	}
	if o.Existing != "" {
		v.Set("existing", o.Existing)
	}
	return v
}

// Fates of lines.
const (
	FateCreated   = "created"
	FateUpdated   = "updated"
	FateUnchanged = "unchanged"
	FateSkipped   = "skipped"
	FateRefused   = "refused"
)

// An ImportFate is what became of one line.
type ImportFate struct {
	Line   int    `json:"line"`
	Fate   string `json:"fate"`
	ID     string `json:"id,omitempty"`
	Field  string `json:"field,omitempty"`
	Detail string `json:"detail,omitempty"`
}

// An ImportEnd is the last line of what an import is answered with.
type ImportEnd struct {
	Summary ImportResult `json:"summary"`
	Problem *Problem     `json:"problem,omitempty"`
}

// maxFate bounds one line of the answer, in bytes.
const maxFate = 1 << 20

// Import sends a list of one kind, of at most 1 GiB, and calls each for the
// fate of every line while it is on its way. What each is told is durable, but
// for a dry run. An error leaves what was told as it is; the list may be sent
// again. Import ends when ctx does or each fails.
func (c *Client) Import(ctx context.Context, kind string, list io.Reader, o ImportOptions, each func(ImportFate) error) (ImportResult, error) {
	name, ok := imports[kind]
	if !ok {
		return ImportResult{}, fmt.Errorf("no list of %s can be imported", kind)
	}
	res, err := c.send(ctx, name, call{
		query: o.values(), stream: list, media: listMedia[o.Format], header: http.Header{"Accept": {listMedia[JSONL]}},
	})
	if err != nil {
		return ImportResult{}, err
	}
	defer res.Body.Close()
	end, err := readFates(res.Body, each)
	switch {
	case ctx.Err() != nil:
		return end.Summary, context.Cause(ctx)
	case errors.Is(err, errCutShort):
		return end.Summary, &Unreachable{c.base.String(), err}
	case err == nil && end.Problem != nil:
		return end.Summary, end.Problem
	}
	return end.Summary, err
}

var errCutShort = errors.New("the answer was cut short")

func readFates(r io.Reader, each func(ImportFate) error) (end ImportEnd, err error) {
	lines := bufio.NewScanner(r)
	lines.Buffer(nil, maxFate)
	for lines.Scan() {
		var line struct {
			ImportFate
			Summary *ImportResult `json:"summary"`
			Problem *Problem      `json:"problem"`
		}
		if err := json.Unmarshal(lines.Bytes(), &line); err != nil {
			return end, fmt.Errorf("%w: %w", errCutShort, err)
		}
		if line.Summary != nil {
			return ImportEnd{*line.Summary, line.Problem}, nil
		}
		if err := each(line.ImportFate); err != nil {
			return end, err
		}
	}
	if err := lines.Err(); err != nil {
		return end, fmt.Errorf("%w: %w", errCutShort, err)
	}
	return end, errCutShort
}
