package admin

import (
	"context"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"

	"phoneacs/cwmp"
	"phoneacs/db"
	"phoneacs/db/filter"
)

// importJobs serves POST /api/v1/jobs/import: jobs of an export that have not
// ended are ordered anew for the phones that they were still to be done at, and
// paused. An order is an act: nothing is sent before somebody resumes the job.
func (a *API) importJobs(w http.ResponseWriter, r *http.Request) error {
	format, err := bodyFormat(r)
	if err != nil {
		return err
	}
	if format != formatJSONL {
		return newProblem(kindMediaType, "a table does not tell all of a job: export and import jobs as JSON lines").
			at("Content-Type").with("Accept", mediaJSONL[0])
	}
	o, err := a.importOptions(r)
	if err != nil {
		return err
	}
	body := openStream(w, r, a.maxList)
	im := &jobImport{api: a, r: r, o: o}
	return importing(w, r, body, &importResult{DryRun: o.DryRun}, list[jobLine]{
		read: newJobReader(body).next, batch: 1, commit: im.commit,
	})
}

// A jobImport is one list of jobs on its way in.
type jobImport struct {
	api   *API
	r     *http.Request
	o     db.ImportOptions
	known map[[32]byte]db.JobID // jobs that have not ended; nil: not read yet
}

func (im *jobImport) commit(ctx context.Context, lines []jobLine) (out []importFate, err error) {
	for i := range lines {
		f, err := im.take(ctx, &lines[i])
		if err != nil {
			p := problemFor(err)
			if p.Status >= http.StatusInternalServerError {
				return nil, err
			}
			f = importFate{Fate: db.FateRefused, Field: p.Field, Detail: p.Detail}
		}
		out = append(out, f)
	}
	return out, nil
}

// take orders one job. An error below 500 is the line's.
func (im *jobImport) take(ctx context.Context, l *jobLine) (importFate, error) {
	if why, err := l.over(im.o.Now); err != nil || why != "" {
		return importFate{Fate: db.FateSkipped, Detail: why}, err
	}
	n, err := im.order(ctx, l)
	if err != nil {
		return importFate{}, err
	}
	unknown, err := im.find(ctx, l, &n)
	if err != nil {
		return importFate{}, err
	}
	keys, err := im.keys(ctx, l, &n)
	if err != nil {
		return importFate{}, err
	}
	for _, key := range keys {
		if id, ok := im.known[key]; ok {
			return im.there(id)
		}
	}
	f := importFate{Fate: db.FateCreated, Detail: l.left(unknown)}
	if im.o.DryRun {
		err = im.api.orders.CheckOrder(ctx, n)
	} else {
		var j db.JobStatus
		if j, _, err = im.api.orders.Order(ctx, n); err == nil {
			f.ID = j.ID.String()
		}
		im.known[keys[0]] = j.ID
	}
	if err != nil {
		delete(im.known, keys[0])
		return f, orderProblem(err)
	}
	return f, nil
}

// there is the fate of a job that the server has.
func (im *jobImport) there(id db.JobID) (importFate, error) {
	switch im.o.Existing {
	case db.ExistingSkip:
		return importFate{Fate: db.FateSkipped, ID: id.String()}, nil
	case db.ExistingRefuse:
		return importFate{}, newProblem(kindExists, "job %s is this one", id)
	}
	return importFate{Fate: db.FateUnchanged, ID: id.String()}, nil
}

// over says why nothing of a job is left to be done, if that is so.
func (l *jobLine) over(now time.Time) (why string, err error) {
	expires, err := time.Parse(time.RFC3339, l.job.Expires)
	switch {
	case l.job.State == db.JobEnded:
		return "it has ended", nil
	case l.job.Cancel:
		return "it was cancelled", nil
	case err != nil:
		return "", invalid("expires", "want a time of RFC 3339")
	case !expires.After(now):
		return "its expiry has passed", nil
	case l.job.State == db.JobExpanding || l.job.Expanded < l.job.Selected:
		return "", invalid("state", "its tasks were still being made; export it once they are")
	case l.tasks < l.told():
		return "", invalid("task", "the list has %d of its %d tasks: it was cut, or a line of it is wrong", l.tasks, l.told())
	case l.tooMany:
		return "", newProblem(kindTooMany, "it is for more than %d phones, which an order by name does not take", maxJobPhones).at("selection")
	case len(l.phones) == 0 && l.underWay > 0:
		return "what was not sent has ended, and what was sent is not sent twice", nil
	case len(l.phones) == 0:
		return "all of its tasks have ended", nil
	}
	return "", nil
}

// told is how many tasks the job says it has.
func (l *jobLine) told() (n int) {
	for _, c := range l.job.Counts {
		n += c
	}
	return n
}

// left says what does not come along.
func (l *jobLine) left(unknown int) string {
	var said []string
	if unknown > 0 {
		said = append(said, fmt.Sprintf("without %d phones that are not known here", unknown))
	}
	if l.underWay > 0 {
		said = append(said, fmt.Sprintf("without %d tasks that were sent and are not sent twice", l.underWay))
	}
	return strings.Join(said, ", ")
}

// order reads a job as an order.
func (im *jobImport) order(ctx context.Context, l *jobLine) (n db.NewJob, err error) {
	in := newJob{Kind: l.job.Kind, Expires: &l.job.Expires, Retry: l.job.Retry, Deadline: l.job.Deadline, Priority: l.job.Priority, Calls: l.job.Calls}
	var when importedWhen
	if err := mayOrder(im.r, in.Kind, "kind"); err != nil {
		return n, err
	}
	for _, part := range []struct {
		name string
		text json.RawMessage
		to   any
	}{{"args", l.job.Args, &in.Args}, {"when", l.job.When, &when}} {
		if len(part.text) == 0 {
			continue
		}
		if err := decodeJSON(part.text, part.to); err != nil {
			p := *problemFor(err)
			p.Field = strings.TrimSuffix(part.name+"."+p.Field, ".")
			return n, &p
		}
	}
	in.Args.File = nil // ids are of one server
	if at := when.At; at != nil {
		if t, err := time.Parse(time.RFC3339, *at); err == nil && !t.After(im.o.Now) {
			yes := true // its time has come: from when it is resumed on
			when = importedWhen{Now: &yes}
		}
	}
	if n.Job.Args, err = in.Args.read(); err != nil {
		return n, err
	}
	if err := untold(&n.Job.Args); err != nil {
		return n, err
	}
	if n.Job.When, err = im.when(ctx, when); err != nil {
		return n, err
	}
	if err := in.readTimes(&n.Job, im.o.Now); err != nil {
		return n, err
	}
	if l.job.File != nil {
		n.Job.Args.File, err = im.file(ctx, l.job.File)
	}
	n.Job.Calls = in.Calls
	n.Job.Kind, n.Job.Priority, n.Job.By, n.Job.Created, n.Job.Paused = in.Kind, in.Priority, im.o.By, im.o.Now, true
	return n, err
}

// untold refuses arguments with values that no export tells.
func untold(a *db.Args) error {
	const says = "holds a secret, which no export tells; order this job anew"
	for i, p := range a.Parameters {
		if db.SecretName(p.Name) {
			return invalid(fmt.Sprintf("args.parameters[%d].value", i), says)
		}
	}
	if a.Raw != nil {
		_, inArgs := db.MaskJSON(a.Raw.Args)
		masked, _ := cwmp.MaskXML(a.Raw.XML, db.SecretName)
		if len(inArgs) > 0 || masked != a.Raw.XML {
			return invalid("args.raw", says)
		}
	}
	return nil
}

// file finds the bytes of a job's file in the catalogue here; of several
// entries the one with its name.
func (im *jobImport) file(ctx context.Context, f *exportedFile) (id db.FileID, err error) {
	if strings.Trim(f.SHA256, "0123456789abcdef") != "" || len(f.SHA256) != sha256.Size*2 {
		return 0, invalid("file.sha256", "want 64 lower-case hex digits")
	}
	q := db.Query{Limit: db.MaxLimit}
	if q.Filter, err = filter.Parse(fmt.Sprintf("sha256 = %q", f.SHA256), db.FileFields); err != nil {
		return 0, err
	}
	for {
		page, err := im.api.store.ListFiles(ctx, q)
		if err != nil {
			return 0, about(err, "files")
		}
		for i := range page.Items {
			switch e := &page.Items[i]; {
			case e.Kind != f.Kind:
			case e.Name == f.Name:
				return e.ID, nil
			case id == 0:
				id = e.ID
			}
		}
		if q.Cursor = page.Next; q.Cursor != "" {
			continue
		}
		if id == 0 {
			return 0, invalid("file", "%q with these bytes is not in the catalogue here; import the files first", shorten(f.Name))
		}
		return id, nil
	}
}

// find resolves the phones of a job, and counts those that are not known.
func (im *jobImport) find(ctx context.Context, l *jobLine, n *db.NewJob) (unknown int, err error) {
	for _, ref := range l.phones {
		if _, err := db.ParsePhoneID(ref); err == nil {
			unknown++ // an id names another phone here
			continue
		}
		id, err := im.api.findPhone(ctx, "task.ref", ref)
		switch {
		case errors.Is(err, db.ErrNotFound):
			unknown++
			continue
		case err != nil:
			return 0, err
		}
		n.Phones = append(n.Phones, id)
	}
	slices.Sort(n.Phones)
	n.Phones = slices.Compact(n.Phones)
	for _, id := range n.Phones {
		n.Job.Selection.Phones = append(n.Job.Selection.Phones, id.String())
	}
	if len(n.Phones) == 0 {
		return 0, invalid("task.ref", "none of its phones is known here; import the phones first")
	}
	return unknown, nil
}
