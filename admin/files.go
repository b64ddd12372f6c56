package admin

import (
	"errors"
	"net/http"
	"strings"

	"phoneacs/db"
)

// listFiles serves GET /api/v1/files.
func (a *API) listFiles(w http.ResponseWriter, r *http.Request) error {
	q, err := readPage(r, db.FileFields)
	if err != nil {
		return err
	}
	page, err := a.store.ListFiles(r.Context(), q)
	if err != nil {
		return about(err, "files")
	}
	return writePage(w, page, asIs[db.File])
}

// getFile serves GET /api/v1/files/{id}.
func (a *API) getFile(w http.ResponseWriter, r *http.Request) error {
	id, err := pathID(r, "file", db.ParseFileID)
	if err != nil {
		return err
	}
	f, err := a.store.File(r.Context(), id)
	if err != nil {
		return about(err, "file %s", id)
	}
	return writeJSON(w, http.StatusOK, f)
}

// addFile serves POST /api/v1/files: the body is the file.
func (a *API) addFile(w http.ResponseWriter, r *http.Request) error {
	values := r.URL.Query()
	f := db.File{
		Name: values.Get("name"), Kind: values.Get("kind"), Vendor: values.Get("vendor"),
		Models: splitList(values.Get("models")), Version: values.Get("version"), By: caller(r).Name,
	}
	switch {
	case f.Name == "":
		return invalid("name", "want the name that phones shall see")
	case f.Kind == "":
		return invalid("kind", "want one of %s", strings.Join(db.FileKinds, ", "))
	case r.ContentLength == 0:
		return invalid("body", "the body is empty; it must be the file's bytes")
	}
	if err := checkType(r); err != nil {
		return err
	}
	if err := a.store.RoomFor(max(0, r.ContentLength)); err != nil {
		return newProblem(kindNoSpace, "%v", err)
	}
	body := openStream(w, r, a.maxFile)
	added, err := a.catalogue.Add(r.Context(), f, body)
	if err != nil {
		// The body's own failure tells more than what became of it in there.
		return errors.Join(body.err, about(err, "file"))
	}
	return writeCreated(w, v1+"/files/"+added.ID.String(), added)
}

// deleteFile serves DELETE /api/v1/files/{id}.
func (a *API) deleteFile(w http.ResponseWriter, r *http.Request) error {
	id, err := pathID(r, "file", db.ParseFileID)
	if err != nil {
		return err
	}
	if err := a.catalogue.Delete(r.Context(), id); err != nil {
		return about(err, "file %s", id)
	}
	return writeGone(w)
}

// splitList reads a comma-separated list.
func splitList(s string) []string {
	var list []string
	for item := range strings.SplitSeq(s, ",") {
		if item = strings.TrimSpace(item); item != "" {
			list = append(list, item)
		}
	}
	return list
}
