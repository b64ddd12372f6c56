package admin

import (
	"encoding/csv"
	"encoding/json"
	"errors"
	"net/http"
	"strings"
	"time"

	"phoneacs/db"
	"phoneacs/db/filter"
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

// An export writes one list as it is read. It holds a page in memory, however
// long the list is. An answer that cannot be brought to its end is broken off,
// so that it is not taken for whole.
type export struct {
	w     http.ResponseWriter
	r     *http.Request
	table *csv.Writer // nil: JSON lines
	lines *json.Encoder
}

// errGone ends an export whose reader has gone.
var errGone = errors.New("the client has gone")

// put writes one line: v, or its cells.
func (e *export) put(v any, cells []string) error {
	if e.table == nil {
		if e.lines.Encode(v) != nil {
			return errGone
		}
		return nil
	}
	for i := range cells {
		cells[i] = escapeCell(cells[i])
	}
	if e.table.Write(cells) != nil {
		return errGone
	}
	return nil
}

// turn ends a page: what is written leaves, and the next may take its time.
func (e *export) turn() error {
	if e.table != nil {
		if e.table.Flush(); e.table.Error() != nil {
			return errGone
		}
	}
	_ = http.NewResponseController(e.w).SetWriteDeadline(time.Now().Add(answerTime))
	return nil
}

// exporting serves the export of a list of which fetch reads the pages and each
// writes the items. schema nil: it takes no filter.
func exporting[T any](w http.ResponseWriter, r *http.Request, columns []string, schema filter.Schema,
	fetch func(db.Query) (db.Page[T], error), each func(*export, *T) error,
) error {
	e := &export{w: w, r: r}
	media := "text/csv; charset=utf-8"
	switch r.URL.Query().Get("format") {
	case "", formatCSV:
		e.table = csv.NewWriter(w)
	case formatJSONL:
		media, e.lines = mediaJSONL[0], json.NewEncoder(w)
		e.lines.SetEscapeHTML(false)
	default:
		return invalid("format", "want csv or jsonl")
	}
	q, err := readPage(r, schema)
	if err != nil {
		return err
	}
	q.Limit = db.MaxLimit
	page, err := fetch(q)
	if err != nil {
		return about(err, "export")
	}
	w.Header().Set("Content-Type", media)
	w.WriteHeader(http.StatusOK)
	if r.Method == http.MethodHead {
		return nil
	}
	if e.table != nil {
		_ = e.table.Write(columns) // told by Flush
	}
	for {
		for i := range page.Items {
			if err := each(e, &page.Items[i]); err != nil {
				return e.broken(err)
			}
		}
		if err := e.turn(); err != nil || page.Next == "" {
			return nil
		}
		q.Cursor = page.Next
		if page, err = fetch(q); err != nil {
			return e.broken(err)
		}
	}
}

// broken ends an answer that has begun.
func (e *export) broken(err error) error {
	if errors.Is(err, errGone) || e.r.Context().Err() != nil {
		return nil
	}
	if x, ok := e.w.(*exchange); ok {
		x.err = err
	}
	panic(http.ErrAbortHandler)
}
