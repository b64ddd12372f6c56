package admin

import (
	"context"
	"net/http"
	"net/url"
	"path"
	"strings"

	"github.com/gorilla/mux"

	"phoneacs/db"
	"phoneacs/internal/logkey"
)

// listAudit serves GET /api/v1/audit.
func (a *API) listAudit(w http.ResponseWriter, r *http.Request) error {
	q, err := readPage(r, db.AuditFields)
	if err != nil {
		return err
	}
	page, err := a.store.ListAudit(r.Context(), q)
	if err != nil {
		return about(err, "audit trail")
	}
	return writePage(w, page, asIs[db.AuditEntry])
}

// note adds a request to the audit trail, if it was to change something and
// somebody known asked for it. It is told when it is answered, so an entry may
// be missing of what was done just before the machine lost its power; what was
// done has its own record.
func (a *API) note(r *http.Request, x *exchange) {
	if x.token.ID == 0 || r.Method == http.MethodGet || r.Method == http.MethodHead {
		return
	}
	e := db.AuditEntry{
		Time: a.clock.Now().UTC(), Token: x.token.ID, Name: x.token.Name, Role: x.token.Role, Address: peer(r),
		Method: r.Method, Route: x.route, Object: object(x, r), Status: x.status, Request: x.id,
	}
	// The request's context has ended where the client is gone.
	if err := a.store.NoteAudit(context.WithoutCancel(r.Context()), e); err != nil {
		a.log.Error("the audit trail lacks an entry", logkey.Request, x.id, logkey.Err, err)
	}
}

// object is what a request was about: the last that its path names, else what
// its answer says was made, else the scope in its query.
func object(x *exchange, r *http.Request) string {
	var ref string
	for _, name := range []string{"recording", "upload", "id"} {
		if v := x.vars[name]; v != "" {
			ref = v
			break
		}
	}
	if s, err := url.PathUnescape(ref); err == nil {
		ref = s
	}
	if ref == "" && x.status == http.StatusCreated {
		ref = path.Base(x.Header().Get("Location"))
	}
	for _, scope := range []string{"phone", "site"} {
		if ref == "" {
			ref = r.URL.Query().Get(scope)
		}
	}
	ref = ref[:min(len(ref), db.MaxAuditText)]
	return strings.ToValidUTF8(ref, "")
}

// remember keeps of a request what mux knows only while it is served.
func (x *exchange) remember(r *http.Request) { x.vars = mux.Vars(r) }

// Audits is [db.Audits].
type Audits interface {
	NoteAudit(ctx context.Context, e db.AuditEntry) error
	ListAudit(ctx context.Context, q db.Query) (db.Page[db.AuditEntry], error)
}
