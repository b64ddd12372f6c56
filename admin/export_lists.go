package admin

import (
	"net/http"
	"strconv"
	"strings"
	"time"

	"phoneacs/db"
)

// exportedPhone is a line of an export: the columns of an import.
type exportedPhone struct {
	MAC    string   `json:"mac,omitempty"`
	Serial string   `json:"serial,omitempty"`
	OUI    string   `json:"oui,omitempty"`
	Site   string   `json:"site"`
	Name   string   `json:"name,omitempty"`
	Tags   []string `json:"tags,omitempty"`
	Vendor string   `json:"vendor,omitempty"`
	Model  string   `json:"model,omitempty"`
}

// cells are in the order of columns.
func (p *exportedPhone) cells() []string {
	return []string{p.MAC, p.Serial, p.OUI, p.Site, p.Name, strings.Join(p.Tags, " "), p.Vendor, p.Model}
}

// exportPhones serves GET /api/v1/phones/export.
func (a *API) exportPhones(w http.ResponseWriter, r *http.Request) error {
	sites := make(map[db.SiteID]string)
	return exporting(w, r, columns, db.PhoneFields, a.pagesOfPhones(r), func(e *export, p *db.PhoneStatus) error {
		out, err := a.exported(r, p, sites)
		if err != nil {
			return err
		}
		return e.put(out, out.cells())
	})
}

func (a *API) pagesOfPhones(r *http.Request) func(db.Query) (db.Page[db.PhoneStatus], error) {
	return func(q db.Query) (db.Page[db.PhoneStatus], error) { return a.store.ListPhones(r.Context(), q) }
}

// exported is a phone as a list of phones tells of it; its site is named, since
// ids are of one store.
func (a *API) exported(r *http.Request, p *db.PhoneStatus, sites map[db.SiteID]string) (*exportedPhone, error) {
	name, ok := sites[p.Site]
	if !ok {
		s, err := a.store.Site(r.Context(), p.Site)
		if err != nil {
			return nil, err
		}
		if len(sites) >= maxKnown {
			clear(sites)
		}
		name, sites[p.Site] = s.Name, s.Name
	}
	return &exportedPhone{p.MAC, p.Serial, p.OUI, name, p.Name, p.Tags, p.Vendor, p.Model}, nil
}

// reference names a phone so that another server knows it: by its MAC, else by
// what it says of itself, else by its id here.
func reference(p *db.Phone) string {
	switch {
	case p.MAC != "":
		return p.MAC
	case p.Serial == "":
		return p.ID.String()
	case p.ProductClass != "":
		return p.OUI + "-" + p.ProductClass + "-" + p.Serial
	}
	return p.OUI + "-" + p.Serial
}

// exportSites serves GET /api/v1/sites/export.
func (a *API) exportSites(w http.ResponseWriter, r *http.Request) error {
	type exportedSite struct {
		Name     string   `json:"name"`
		Zone     string   `json:"zone,omitempty"`
		Networks []string `json:"networks,omitempty"`
		URL      string   `json:"url,omitempty"`
		Ways     []string `json:"ways,omitempty"`
	}
	return exporting(w, r, siteColumns, nil,
		func(q db.Query) (db.Page[db.Site], error) { return a.store.ListSites(r.Context(), q) },
		func(e *export, s *db.Site) error {
			return e.put(exportedSite{s.Name, s.Zone, s.Networks, s.URL, s.Ways},
				[]string{s.Name, s.Zone, strings.Join(s.Networks, " "), s.URL, strings.Join(s.Ways, " ")})
		})
}

// exportTags serves GET /api/v1/tags/export: a line for each tag of each phone.
func (a *API) exportTags(w http.ResponseWriter, r *http.Request) error {
	return exporting(w, r, tagColumns, db.PhoneFields, a.pagesOfPhones(r), func(e *export, p *db.PhoneStatus) error {
		for _, tag := range p.Tags {
			ref := reference(&p.Phone)
			if err := e.put(tagObject{ref, tag}, []string{ref, tag}); err != nil {
				return err
			}
		}
		return nil
	})
}

var fileColumns = []string{"id", "name", "kind", "vendor", "models", "version", "sha256", "size", "created", "by"}

// exportFiles serves GET /api/v1/files/export: what files are, without their bytes.
func (a *API) exportFiles(w http.ResponseWriter, r *http.Request) error {
	return exporting(w, r, fileColumns, db.FileFields,
		func(q db.Query) (db.Page[db.File], error) { return a.store.ListFiles(r.Context(), q) },
		func(e *export, f *db.File) error {
			return e.put(f, []string{f.ID.String(), f.Name, f.Kind, f.Vendor, strings.Join(f.Models, " "), f.Version,
				f.SHA256, strconv.FormatInt(f.Size, 10), timeCell(f.Created), f.By})
		})
}

// timeCell is a time as JSON has it, and nothing for none.
func timeCell(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.Format(time.RFC3339Nano)
}

// exportedFile says of which file a job is, so that another server finds it.
type exportedFile struct {
	Name   string `json:"name"`
	Kind   string `json:"kind"`
	SHA256 string `json:"sha256"`
}

// exportedJob and exportedTask are lines of an export of jobs: each job comes
// before its tasks.
type exportedJob struct {
	jobView
	File   *exportedFile   `json:"file,omitempty"`
	Window *exportedWindow `json:"window,omitempty"`
}

type exportedTask struct {
	Ref string `json:"ref"` // of the phone, for another server; its id if it is known no more
	taskView
}

var jobColumns = []string{"job", "kind", "by", "created", "expires", "job_state", "file",
	"phone", "mac", "serial", "task_state", "cause", "why", "attempts", "last_sent", "ended"}

// exportJobs serves GET /api/v1/jobs/export.
func (a *API) exportJobs(w http.ResponseWriter, r *http.Request) error {
	return exporting(w, r, jobColumns, db.JobFields,
		func(q db.Query) (db.Page[db.JobStatus], error) { return a.store.ListJobs(r.Context(), q) },
		func(e *export, j *db.JobStatus) error { return a.exportJob(e, j) })
}

// exportJob writes a job and its tasks, a page of them in memory.
func (a *API) exportJob(e *export, j *db.JobStatus) error {
	ctx := e.r.Context()
	out := exportedJob{jobView: viewJob(j)}
	if j.Args.File != 0 {
		if f, err := a.store.File(ctx, j.Args.File); err == nil { // of a job that has ended it may be gone
			out.File = &exportedFile{f.Name, f.Kind, f.SHA256}
		}
	}
	if err := a.exportWhen(ctx, &out, &j.When); err != nil {
		return err
	}
	head := []string{j.ID.String(), j.Kind, j.By, timeCell(j.Created), timeCell(j.Expires), string(out.State), ""}
	if out.File != nil {
		head[6] = out.File.Name
	}
	if e.table == nil {
		if err := e.put(map[string]any{"job": out}, nil); err != nil {
			return err
		}
	}
	view := a.taskViewer(ctx)
	q := db.Query{Limit: db.MaxLimit}
	for n := 0; ; {
		page, err := a.store.JobTasks(ctx, j.ID, q)
		if err != nil {
			return err
		}
		for i := range page.Items {
			n++
			if err := a.exportTask(e, view(&page.Items[i]), head); err != nil {
				return err
			}
		}
		if q.Cursor = page.Next; q.Cursor == "" {
			if n == 0 && e.table != nil { // a job for nobody has its row all the same
				return e.put(nil, append(head[:len(head):len(head)], make([]string, len(jobColumns)-len(head))...))
			}
			return nil
		}
		if err := e.turn(); err != nil {
			return err
		}
	}
}

func (a *API) exportTask(e *export, t taskView, head []string) error {
	p, err := a.store.Phone(e.r.Context(), t.Phone)
	out := exportedTask{t.Phone.String(), t}
	if err == nil { // one that was deleted is told by its id
		out.Ref = reference(&p.Phone)
	}
	if e.table == nil {
		return e.put(map[string]any{"task": out}, nil)
	}
	sent := ""
	if n := len(t.Attempts); n > 0 {
		sent = timeCell(t.Attempts[n-1].Sent)
	}
	return e.put(nil, append(head[:len(head):len(head)], t.Phone.String(), p.MAC, p.Serial, string(t.State), t.Cause, t.Why,
		strconv.Itoa(len(t.Attempts)), sent, timeCell(t.Ended)))
}
