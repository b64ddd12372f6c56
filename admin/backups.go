package admin

import (
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"time"

	"github.com/gorilla/mux"

	"phoneacs/db"
)

// listBackups serves GET /api/v1/backups. They are few: one page has all.
func (a *API) listBackups(w http.ResponseWriter, r *http.Request) error {
	all, err := a.backups.Backups(r.Context())
	if err != nil {
		return about(err, "backups")
	}
	return writePage(w, db.Page[db.Backup]{Items: all}, asIs[db.Backup])
}

// newBackup is the body of POST /api/v1/backups.
type newBackup struct {
	Secrets bool `json:"secrets"`
}

// createBackup serves POST /api/v1/backups.
func (a *API) createBackup(w http.ResponseWriter, r *http.Request) error {
	var in newBackup
	if _, err := readJSON(w, r, maxJSON, &in); err != nil {
		return err
	}
	b, err := a.backups.Begin(r.Context(), caller(r).Name, in.Secrets)
	switch {
	case errors.Is(err, db.ErrConflict):
		return newProblem(kindConflict, "another backup is under way; wait for it").because(err)
	case errors.Is(err, db.ErrNoSpace):
		return newProblem(kindNoSpace, "%v", err)
	case err != nil:
		return about(err, "backup")
	}
	return writeCreated(w, v1+"/backups/"+b.ID, b)
}

// getBackup serves GET /api/v1/backups/{id}.
func (a *API) getBackup(w http.ResponseWriter, r *http.Request) error {
	id, err := pathBackup(r)
	if err != nil {
		return err
	}
	b, err := a.backups.Backup(r.Context(), id)
	if err != nil {
		return about(err, "backup %s", id)
	}
	return writeJSON(w, http.StatusOK, b)
}

// getBackupContent serves GET /api/v1/backups/{id}/content.
func (a *API) getBackupContent(w http.ResponseWriter, r *http.Request) error {
	id, err := pathBackup(r)
	if err != nil {
		return err
	}
	b, body, err := a.backups.OpenBackup(r.Context(), id)
	if err != nil {
		return about(err, "backup %s", id)
	}
	defer body.Close()
	digest, err := hex.DecodeString(b.SHA256)
	if err != nil {
		return fmt.Errorf("digest of backup %s: %w", id, err)
	}
	h := w.Header()
	h.Set("Content-Type", "application/gzip")
	h.Set("Content-Disposition", fmt.Sprintf(`attachment; filename="phoneacs-%s.tar.gz"`, b.ID))
	h.Set("Content-Length", strconv.FormatInt(b.Size, 10))
	h.Set("Repr-Digest", "sha-256=:"+base64.StdEncoding.EncodeToString(digest)+":") // RFC 9530
	w.WriteHeader(http.StatusOK)
	if r.Method != http.MethodHead {
		_, _ = io.Copy(&patient{w, http.NewResponseController(w)}, body) // a client that has gone has the length to tell by
	}
	return nil
}

// patient lets each piece of a long answer take its time, instead of all of it.
type patient struct {
	io.Writer
	rc *http.ResponseController
}

func (p *patient) Write(b []byte) (int, error) {
	_ = p.rc.SetWriteDeadline(time.Now().Add(pieceTime)) // not every connection has deadlines
	return p.Writer.Write(b)
}

// deleteBackup serves DELETE /api/v1/backups/{id}.
func (a *API) deleteBackup(w http.ResponseWriter, r *http.Request) error {
	id, err := pathBackup(r)
	if err != nil {
		return err
	}
	if err := a.backups.DeleteBackup(r.Context(), id); err != nil {
		return about(err, "backup %s", id)
	}
	return writeGone(w)
}

// pathBackup is the {id} of the path.
func pathBackup(r *http.Request) (string, error) {
	id := mux.Vars(r)["id"]
	if len(id) > maxReference {
		return "", newProblem(kindNotFound, "no backup has this id")
	}
	return id, nil
}
