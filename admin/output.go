package admin

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strconv"

	"phoneacs/db"
)

// writeJSON answers with v. It writes nothing if v cannot be marshalled.
func writeJSON(w http.ResponseWriter, status int, v any) error {
	body, err := json.Marshal(v)
	if err != nil {
		return fmt.Errorf("marshal answer: %w", err)
	}
	return writeBody(w, status, body)
}

func writeBody(w http.ResponseWriter, status int, body []byte) error {
	return writeAs(w, status, "application/json", body)
}

func writeAs(w http.ResponseWriter, status int, media string, body []byte) error {
	h := w.Header()
	h.Set("Content-Type", media)
	h.Set("Content-Length", strconv.Itoa(len(body)))
	w.WriteHeader(status)
	_, _ = w.Write(body) // the client has gone: nobody is left to be told
	return nil
}

// writeCreated answers with a new record and where it is.
func writeCreated(w http.ResponseWriter, path string, v any) error {
	w.Header().Set("Location", path)
	return writeJSON(w, http.StatusCreated, v)
}

// writeGone answers that something is no longer there.
func writeGone(w http.ResponseWriter) error {
	w.WriteHeader(http.StatusNoContent)
	return nil
}

// writePage answers with a page of a list, each item as view shows it.
func writePage[T, V any](w http.ResponseWriter, p db.Page[T], view func(*T) V) error {
	out := db.Page[V]{Items: make([]V, len(p.Items)), Next: p.Next}
	for i := range p.Items {
		out.Items[i] = view(&p.Items[i])
	}
	return writeJSON(w, http.StatusOK, out)
}

// asIs shows a record whose form in the store is the one of version 1; the
// conformance test holds the two together.
func asIs[T any](v *T) *T { return v }
