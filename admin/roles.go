package admin

import (
	"fmt"
	"net/http"

	"phoneacs/db"
)

// lowest is the least role that each operation needs. One that is not named
// here needs an admin's: a new route is not opened by forgetting it. A viewer
// reads, but for what phones sent (recordings, uploads, answers to RPCs), which
// may hold what is secret under a name that nobody masks.
var lowest = map[string]string{
	"listPhones":          db.RoleViewer,
	"getPhone":            db.RoleViewer,
	"exportPhones":        db.RoleViewer,
	"listPhoneParameters": db.RoleViewer,
	"listPhoneHistory":    db.RoleViewer,
	"listPhoneTasks":      db.RoleViewer,
	"listPhoneUploads":    db.RoleViewer,
	"getPhoneUpload":      db.RoleViewer,
	"getPhoneMethods":     db.RoleViewer,
	"listQuirks":          db.RoleViewer,
	"getPhoneQuirks":      db.RoleViewer,
	"listEnrolmentRules":  db.RoleViewer,
	"getEnrolmentRule":    db.RoleViewer,
	"listStandingOrders":  db.RoleViewer,
	"getStandingOrder":    db.RoleViewer,
	"listSites":           db.RoleViewer,
	"getSite":             db.RoleViewer,
	"listWindows":         db.RoleViewer,
	"getWindow":           db.RoleViewer,
	"listWindowSlots":     db.RoleViewer,
	"listFiles":           db.RoleViewer,
	"getFile":             db.RoleViewer,
	"listJobs":            db.RoleViewer,
	"getJob":              db.RoleViewer,
	"listJobTasks":        db.RoleViewer,
	"listHolds":           db.RoleViewer,
	streamRoute:           db.RoleViewer,
	"getCA":               db.RoleViewer,

	"importPhones":          db.RoleOperator,
	"approvePhones":         db.RoleOperator,
	"editPhones":            db.RoleOperator,
	"updatePhone":           db.RoleOperator,
	"deletePhone":           db.RoleOperator,
	"replacePhone":          db.RoleOperator,
	"approvePhone":          db.RoleOperator,
	"wakePhone":             db.RoleOperator,
	"getPhoneUploadContent": db.RoleOperator,
	"getTaskResult":         db.RoleOperator,
	"getPhoneRecording":     db.RoleOperator,
	"recordPhone":           db.RoleOperator,
	"stopRecordingPhone":    db.RoleOperator,
	"listPhoneRecordings":   db.RoleOperator,
	"getRecording":          db.RoleOperator,
	"listRecordings":        db.RoleOperator,
	"listUnreadable":        db.RoleOperator,
	"createStandingOrder":   db.RoleOperator,
	"replaceStandingOrder":  db.RoleOperator,
	"deleteStandingOrder":   db.RoleOperator,
	"createSite":            db.RoleOperator,
	"updateSite":            db.RoleOperator,
	"deleteSite":            db.RoleOperator,
	"createWindow":          db.RoleOperator,
	"replaceWindow":         db.RoleOperator,
	"deleteWindow":          db.RoleOperator,
	"previewWindow":         db.RoleOperator,
	"addFile":               db.RoleOperator,
	"deleteFile":            db.RoleOperator,
	"createJob":             db.RoleOperator,
	"cancelJob":             db.RoleOperator,
	"pauseJob":              db.RoleOperator,
	"resumeJob":             db.RoleOperator,
	"retryJob":              db.RoleOperator,
	"setHold":               db.RoleOperator,
	"clearHold":             db.RoleOperator,
}

// withRoles gives the routes of a table their roles.
func withRoles(table []route) []route {
	for i := range table {
		if role, ok := lowest[table[i].name]; ok && table[i].role != "" {
			table[i].role = role
		}
	}
	return table
}

// mayOrder refuses a kind of job that the caller's role is too low for: a raw
// RPC does whatever it says, past all that is checked elsewhere.
func mayOrder(r *http.Request, kind, field string) error {
	if kind == db.KindRaw && !db.RoleMay(caller(r).Role, db.RoleAdmin) {
		return newProblem(kindForbidden, "raw RPCs need the role %s; the token has %q", db.RoleAdmin, caller(r).Role).at(field)
	}
	return nil
}

// mayOrder is [mayOrder] for all that a standing order is made of.
func (in *newStanding) mayOrder(r *http.Request) error {
	for i := range in.Items {
		if err := mayOrder(r, in.Items[i].Kind, fmt.Sprintf("items[%d].kind", i)); err != nil {
			return err
		}
	}
	return nil
}

// mayRepeat refuses to send again what the caller may not order.
func (a *API) mayRepeat(r *http.Request) error {
	id, err := pathID(r, "job", db.ParseJobID)
	if err != nil {
		return err
	}
	j, err := a.store.Job(r.Context(), id)
	if err != nil {
		return about(err, "job %s", id)
	}
	return mayOrder(r, j.Kind, "kind")
}
