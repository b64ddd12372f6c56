package admin

import (
	"context"
	"errors"
	"io"
	"net/http"
	"slices"
	"strings"

	"phoneacs/db"
)

// The columns of lists of sites and of tags.
var (
	siteColumns = []string{"name", "zone", "networks", "url", "ways"}
	tagColumns  = []string{"phone", "tag"}
)

// importSites serves POST /api/v1/sites/import.
func (a *API) importSites(w http.ResponseWriter, r *http.Request) error {
	return importTable(a, w, r, siteColumns, setSite, checkSiteLine, a.store.ImportSites)
}

// importTags serves POST /api/v1/tags/import: a phone and a tag a line.
func (a *API) importTags(w http.ResponseWriter, r *http.Request) error {
	return importTable(a, w, r, tagColumns, setTag, checkTagLine, a.store.ImportTags)
}

// siteObject and tagObject are lines of lists; the members are the columns.
type siteObject struct {
	Name     string   `json:"name"`
	Zone     string   `json:"zone"`
	Networks []string `json:"networks"`
	URL      string   `json:"url"`
	Ways     []string `json:"ways"`
}

type tagObject struct {
	Phone string `json:"phone"`
	Tag   string `json:"tag"`
}

// importTable serves the import of a list of which each line O becomes an L of
// the store. set takes a cell in, check refuses or completes a line.
func importTable[O, L any](a *API, w http.ResponseWriter, r *http.Request, columns []string,
	set func(o *O, column, cell string), check func(*O) (L, error),
	commit func(context.Context, []L, db.ImportOptions) ([]db.Imported, error),
) error {
	format, err := bodyFormat(r)
	if err != nil {
		return err
	}
	o, err := a.importOptions(r)
	if err != nil {
		return err
	}
	body := openStream(w, r, a.maxList)
	read, err := readTable(body, format, columns, set)
	if err != nil {
		return err
	}
	result := &importResult{DryRun: o.DryRun}
	return importing(w, r, body, result, list[L]{batch: importBatch,
		read: func() (item L, line int, err error) {
			in, line, err := read()
			if err != nil {
				return item, line, err
			}
			if item, err = check(&in); err != nil {
				err = refusal(line, err)
			}
			return item, line, err
		},
		commit: func(ctx context.Context, items []L) ([]importFate, error) { return fatesOf(commit(ctx, items, o)) },
	})
}

// readTable begins to read a list in either format. All its columns but those
// that a line cannot do without may be missing.
func readTable[O any](r io.Reader, format string, columns []string, set func(o *O, column, cell string)) (func() (O, int, error), error) {
	if format == formatJSONL {
		in := newLineReader(r, maxLine)
		return func() (o O, line int, err error) { err = in.next(&o); return o, in.line, err }, nil
	}
	in, err := readHeader(r, columns)
	if err != nil {
		return nil, err
	}
	if !slices.Contains(in.column, columns[0]) {
		return nil, invalid(columns[0], "the header does not name this column; the columns are %s", strings.Join(columns, ", "))
	}
	return func() (o O, line int, err error) {
		cells, line, err := in.record()
		if err != nil {
			return o, line, err
		}
		for i, cell := range cells {
			set(&o, in.column[i], unescapeCell(strings.TrimSpace(cell)))
		}
		return o, line, nil
	}, nil
}

func setSite(o *siteObject, column, cell string) {
	switch column {
	case "name":
		o.Name = cell
	case "zone":
		o.Zone = cell
	case "networks":
		o.Networks = splitWords(cell)
	case "url":
		o.URL = cell
	case "ways":
		o.Ways = splitWords(cell)
	}
}

func checkSiteLine(o *siteObject) (db.SiteImport, error) {
	if o.Name == "" {
		return db.SiteImport{}, invalid("name", "want 1 to %d characters", maxSiteName)
	}
	in := newSite{Name: o.Name, Zone: o.Zone, Networks: o.Networks, URL: o.URL, Ways: o.Ways}
	if err := in.check(); err != nil {
		return db.SiteImport{}, err
	}
	if err := checkText("url", o.URL, maxReference); err != nil {
		return db.SiteImport{}, err
	}
	return db.SiteImport{Name: o.Name, Zone: o.Zone, Networks: o.Networks, URL: o.URL, Ways: o.Ways}, nil
}

func setTag(o *tagObject, column, cell string) {
	if column == "phone" {
		o.Phone = cell
	} else {
		o.Tag = cell
	}
}

func checkTagLine(o *tagObject) (db.TagImport, error) {
	if o.Phone == "" || len(o.Phone) > maxReference {
		return db.TagImport{}, invalid("phone", "want a phone's id, MAC, OUI-ProductClass-Serial or OUI-Serial")
	}
	if err := checkText("phone", o.Phone, maxReference); err != nil {
		return db.TagImport{}, err
	}
	if err := checkTags("tag", []string{o.Tag}); err != nil {
		return db.TagImport{}, err
	}
	return db.TagImport{Phone: o.Phone, Tag: o.Tag}, nil
}

// splitWords reads what stands between spaces or semicolons, nil for nothing.
func splitWords(cell string) []string {
	words := strings.FieldsFunc(cell, func(r rune) bool { return r == ' ' || r == ';' })
	if len(words) == 0 {
		return nil
	}
	return words
}

// checkSiteWord refuses names that stand for something else in paths.
func checkSiteWord(name string) error {
	if strings.EqualFold(name, "export") || strings.EqualFold(name, "import") {
		return errors.New("is a word of the API's paths; use another name")
	}
	return nil
}
