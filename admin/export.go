package admin

import (
	"encoding/csv"
	"encoding/json"
	"net/http"
	"strings"
	"time"

	"phoneacs/db"
)

// csvMark begins what a spreadsheet would take for a formula, and what begins
// with the mark itself: so a cell is the same after export and import.
const csvMark = '\''

func marked(cell string) bool { return cell != "" && strings.IndexByte("=+-@'", cell[0]) >= 0 }

// escapeCell makes a cell that no spreadsheet runs.
func escapeCell(cell string) string {
	if marked(cell) {
		return string(csvMark) + cell
	}
	return cell
}

// unescapeCell takes back what escapeCell did.
func unescapeCell(cell string) string {
	if cell != "" && cell[0] == csvMark && marked(cell[1:]) {
		return cell[1:]
	}
	return cell
}

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
	cells := []string{p.MAC, p.Serial, p.OUI, p.Site, p.Name, strings.Join(p.Tags, " "), p.Vendor, p.Model}
	for i := range cells {
		cells[i] = escapeCell(cells[i])
	}
	return cells
}

// exportPhones serves GET /api/v1/phones/export. It holds a page in memory,
// however many phones there are. An answer that cannot be brought to its end
// is broken off, so that it is not taken for whole.
func (a *API) exportPhones(w http.ResponseWriter, r *http.Request) error {
	format := r.URL.Query().Get("format")
	media := map[string]string{"": "text/csv; charset=utf-8", "csv": "text/csv; charset=utf-8", "jsonl": "application/jsonl"}[format]
	if media == "" {
		return invalid("format", "want csv or jsonl")
	}
	q, err := readPage(r, db.PhoneFields)
	if err != nil {
		return err
	}
	q.Limit = db.MaxLimit
	page, err := a.store.ListPhones(r.Context(), q)
	if err != nil {
		return about(err, "phones")
	}
	w.Header().Set("Content-Type", media)
	w.WriteHeader(http.StatusOK)
	if r.Method == http.MethodHead {
		return nil
	}
	table, lines := csv.NewWriter(w), json.NewEncoder(w)
	lines.SetEscapeHTML(false)
	if format != "jsonl" {
		_ = table.Write(columns) // told by Flush
	}
	sites := make(map[db.SiteID]string)
	for {
		for i := range page.Items {
			p, err := a.exported(r, &page.Items[i], sites)
			if err != nil {
				panic(http.ErrAbortHandler)
			}
			if format == "jsonl" {
				err = lines.Encode(p)
			} else {
				err = table.Write(p.cells())
			}
			if err != nil {
				return nil // the client has gone
			}
		}
		if table.Flush(); table.Error() != nil {
			return nil
		}
		if page.Next == "" {
			return nil
		}
		// Each page may take its time.
		_ = http.NewResponseController(w).SetWriteDeadline(time.Now().Add(answerTime))
		q.Cursor = page.Next
		if page, err = a.store.ListPhones(r.Context(), q); err != nil {
			panic(http.ErrAbortHandler)
		}
	}
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
