package admin

import (
	"fmt"
	"io"
	"net/http"
	"strconv"

	"github.com/gorilla/mux"

	"phoneacs/db"
)

// listPhoneUploads serves GET /api/v1/phones/{id}/uploads.
func (a *API) listPhoneUploads(w http.ResponseWriter, r *http.Request) error {
	q, err := readPage(r, db.UploadFields)
	if err != nil {
		return err
	}
	id, err := a.pathPhone(r)
	if err != nil {
		return err
	}
	page, err := a.store.PhoneUploads(r.Context(), id, q)
	if err != nil {
		return about(err, "phone %s", id)
	}
	return writePage(w, page, asIs[db.Upload])
}

// getPhoneUpload serves GET /api/v1/phones/{id}/uploads/{upload}.
func (a *API) getPhoneUpload(w http.ResponseWriter, r *http.Request) error {
	u, err := a.pathUpload(r)
	if err != nil {
		return err
	}
	return writeJSON(w, http.StatusOK, u)
}

// getPhoneUploadContent serves GET /api/v1/phones/{id}/uploads/{upload}/content.
// It is always a file to be saved: a phone could have sent a page with a script.
func (a *API) getPhoneUploadContent(w http.ResponseWriter, r *http.Request) error {
	u, err := a.pathUpload(r)
	if err != nil {
		return err
	}
	body, err := a.store.OpenBlob(r.Context(), u.SHA256)
	if err != nil {
		return fmt.Errorf("bytes of upload %s: %v", u.ID, err) // not to be taken for a missing record
	}
	defer body.Close()
	h := w.Header()
	h.Set("Content-Type", "application/octet-stream")
	h.Set("Content-Disposition", fmt.Sprintf(`attachment; filename="%s-%s-%s.txt"`, u.Phone, u.ID, u.Kind))
	h.Set("Content-Length", strconv.FormatInt(body.Size(), 10))
	w.WriteHeader(http.StatusOK)
	if r.Method != http.MethodHead {
		_, _ = io.Copy(w, body) // a client that has gone has the length to tell by
	}
	return nil
}

// pathUpload resolves the {id} and the {upload} of the path.
func (a *API) pathUpload(r *http.Request) (u db.Upload, err error) {
	ref := mux.Vars(r)["upload"]
	phone, err := a.pathPhone(r)
	if err != nil {
		return u, err
	}
	id, err := db.ParseUploadID(ref)
	if err != nil || id == 0 || len(ref) > maxReference {
		return u, newProblem(kindNotFound, "no upload has this id")
	}
	u, err = a.store.Upload(r.Context(), phone, id)
	return u, about(err, "upload %s of phone %s", id, phone)
}
