package admin

import (
	"fmt"
	"io"
	"mime"
	"net/http"
	"strconv"

	"phoneacs/db"
)

// getFileContent serves GET /api/v1/files/{id}/content: always as a file to be
// saved, for whoever uploaded it chose its bytes.
func (a *API) getFileContent(w http.ResponseWriter, r *http.Request) error {
	id, err := pathID(r, "file", db.ParseFileID)
	if err != nil {
		return err
	}
	f, err := a.store.File(r.Context(), id)
	if err != nil {
		return about(err, "file %s", id)
	}
	body, err := a.store.OpenBlob(r.Context(), f.SHA256)
	if err != nil {
		return fmt.Errorf("bytes of file %s: %v", id, err) // not to be taken for a missing record
	}
	defer body.Close()
	h := w.Header()
	h.Set("Content-Type", "application/octet-stream")
	h.Set("Content-Disposition", mime.FormatMediaType("attachment", map[string]string{"filename": f.Name}))
	h.Set("Content-Length", strconv.FormatInt(body.Size(), 10))
	w.WriteHeader(http.StatusOK)
	if r.Method != http.MethodHead {
		copyAnswer(w, body)
	}
	return nil
}

// copyAnswer sends bytes of which each piece may take its time. A client that
// has gone has the length to tell by.
func copyAnswer(w http.ResponseWriter, body io.Reader) {
	e := export{w: w}
	buf := make([]byte, 256<<10)
	for {
		n, err := body.Read(buf)
		if n > 0 {
			if _, err := w.Write(buf[:n]); err != nil {
				return
			}
		}
		if err != nil {
			return
		}
		_ = e.turn()
	}
}
