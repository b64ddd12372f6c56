package admin

import (
	"net/http"

	"github.com/gorilla/mux"

	"phoneacs/db"
)

// roleAdmin is what a route needs unless roles.go lowers it. Routes without a
// role are open to all who reach the listener.
const roleAdmin = db.RoleAdmin

// v1 begins the path of every operation that needs a token.
const v1 = "/api/v1"

// Operations that are treated apart: the one whose answer does not end by
// itself, and the one that asks whether the server fails.
const (
	streamRoute = "streamEvents"
	readyRoute  = "getReadiness"
)

// A route ties an operation to the function that serves it. Its name is the
// operationId of the OpenAPI document, which must know it by the same method,
// path and role.
type route struct {
	name   string
	method string
	path   string
	role   string
	serve  func(*API, http.ResponseWriter, *http.Request) error
	query  []string // the query parameters it takes
}

// The query parameters of lists.
var (
	paged    = []string{"limit", "cursor"}
	filtered = []string{"limit", "cursor", "filter"}
)

// routes are all there are.
var routes = withRoles([]route{
	{"listPhones", http.MethodGet, v1 + "/phones", roleAdmin,
		(*API).listPhones, filtered},
	{"exportPhones", http.MethodGet, v1 + "/phones/export", roleAdmin,
		(*API).exportPhones, []string{"format", "filter"}},
	{"importPhones", http.MethodPost, v1 + "/phones/import", roleAdmin,
		(*API).importPhones, []string{"create_sites"}},
	{"approvePhones", http.MethodPost, v1 + "/phones/approve", roleAdmin,
		(*API).approvePhones, nil},
	{"editPhones", http.MethodPost, v1 + "/phones/edit", roleAdmin,
		(*API).editPhones, nil},
	{"getPhone", http.MethodGet, v1 + "/phones/{id}", roleAdmin,
		(*API).getPhone, nil},
	{"updatePhone", http.MethodPatch, v1 + "/phones/{id}", roleAdmin,
		(*API).updatePhone, nil},
	{"deletePhone", http.MethodDelete, v1 + "/phones/{id}", roleAdmin,
		(*API).deletePhone, nil},
	{"listPhoneParameters", http.MethodGet, v1 + "/phones/{id}/parameters", roleAdmin,
		(*API).listPhoneParameters, []string{"limit", "cursor", "prefix"}},
	{"listPhoneHistory", http.MethodGet, v1 + "/phones/{id}/history", roleAdmin,
		(*API).listPhoneHistory, paged},
	{"listPhoneTasks", http.MethodGet, v1 + "/phones/{id}/tasks", roleAdmin,
		(*API).listPhoneTasks, filtered},
	{"listPhoneUploads", http.MethodGet, v1 + "/phones/{id}/uploads", roleAdmin,
		(*API).listPhoneUploads, filtered},
	{"getPhoneUpload", http.MethodGet, v1 + "/phones/{id}/uploads/{upload}", roleAdmin,
		(*API).getPhoneUpload, nil},
	{"getPhoneUploadContent", http.MethodGet, v1 + "/phones/{id}/uploads/{upload}/content", roleAdmin,
		(*API).getPhoneUploadContent, nil},
	{"approvePhone", http.MethodPost, v1 + "/phones/{id}/approve", roleAdmin,
		(*API).approvePhone, nil},
	{"wakePhone", http.MethodPost, v1 + "/phones/{id}/wake", roleAdmin,
		(*API).wakePhone, nil},

	{"replacePhone", http.MethodPost, v1 + "/phones/{id}/replace", roleAdmin,
		(*API).replacePhone, nil},

	{"listQuirks", http.MethodGet, v1 + "/quirks", roleAdmin,
		(*API).listQuirks, paged},
	{"getPhoneQuirks", http.MethodGet, v1 + "/phones/{id}/quirks", roleAdmin,
		(*API).getPhoneQuirks, nil},
	{"replacePhoneQuirks", http.MethodPut, v1 + "/phones/{id}/quirks", roleAdmin,
		(*API).replacePhoneQuirks, nil},
	{"updatePhoneQuirks", http.MethodPatch, v1 + "/phones/{id}/quirks", roleAdmin,
		(*API).updatePhoneQuirks, nil},
	{"clearPhoneQuirks", http.MethodDelete, v1 + "/phones/{id}/quirks", roleAdmin,
		(*API).clearPhoneQuirks, nil},
	{"getPhoneRecording", http.MethodGet, v1 + "/phones/{id}/recording", roleAdmin,
		(*API).getPhoneRecording, nil},
	{"recordPhone", http.MethodPut, v1 + "/phones/{id}/recording", roleAdmin,
		(*API).recordPhone, nil},
	{"stopRecordingPhone", http.MethodDelete, v1 + "/phones/{id}/recording", roleAdmin,
		(*API).stopRecordingPhone, nil},
	{"listPhoneRecordings", http.MethodGet, v1 + "/phones/{id}/recordings", roleAdmin,
		(*API).listPhoneRecordings, filtered},
	{"getRecording", http.MethodGet, v1 + "/phones/{id}/recordings/{recording}", roleAdmin,
		(*API).getRecording, nil},
	{"listRecordings", http.MethodGet, v1 + "/recordings", roleAdmin,
		(*API).listRecordings, []string{"limit", "cursor", "filter", "failed"}},
	{"listUnreadable", http.MethodGet, v1 + "/unreadable", roleAdmin,
		(*API).listUnreadable, filtered},
	{"listEnrolmentRules", http.MethodGet, v1 + "/enrolment-rules", roleAdmin,
		(*API).listRules, paged},
	{"createEnrolmentRule", http.MethodPost, v1 + "/enrolment-rules", roleAdmin,
		(*API).createRule, nil},
	{"importEnrolmentRules", http.MethodPost, v1 + "/enrolment-rules/import", roleAdmin,
		(*API).importRules, nil},
	{"getEnrolmentRule", http.MethodGet, v1 + "/enrolment-rules/{id}", roleAdmin,
		(*API).getRule, nil},
	{"replaceEnrolmentRule", http.MethodPut, v1 + "/enrolment-rules/{id}", roleAdmin,
		(*API).replaceRule, nil},
	{"deleteEnrolmentRule", http.MethodDelete, v1 + "/enrolment-rules/{id}", roleAdmin,
		(*API).deleteRule, nil},

	{"listStandingOrders", http.MethodGet, v1 + "/standing-orders", roleAdmin,
		(*API).listStanding, paged},
	{"createStandingOrder", http.MethodPost, v1 + "/standing-orders", roleAdmin,
		(*API).createStanding, nil},
	{"getStandingOrder", http.MethodGet, v1 + "/standing-orders/{id}", roleAdmin,
		(*API).getStanding, nil},
	{"replaceStandingOrder", http.MethodPut, v1 + "/standing-orders/{id}", roleAdmin,
		(*API).replaceStanding, nil},
	{"deleteStandingOrder", http.MethodDelete, v1 + "/standing-orders/{id}", roleAdmin,
		(*API).deleteStanding, nil},

	{"listSites", http.MethodGet, v1 + "/sites", roleAdmin,
		(*API).listSites, paged},
	{"createSite", http.MethodPost, v1 + "/sites", roleAdmin,
		(*API).createSite, nil},
	{"getSite", http.MethodGet, v1 + "/sites/{id}", roleAdmin,
		(*API).getSite, nil},

	{"updateSite", http.MethodPatch, v1 + "/sites/{id}", roleAdmin,
		(*API).updateSite, nil},
	{"deleteSite", http.MethodDelete, v1 + "/sites/{id}", roleAdmin,
		(*API).deleteSite, nil},

	{"listWindows", http.MethodGet, v1 + "/windows", roleAdmin,
		(*API).listWindows, paged},
	{"createWindow", http.MethodPost, v1 + "/windows", roleAdmin,
		(*API).createWindow, nil},
	{"previewWindow", http.MethodPost, v1 + "/windows/preview", roleAdmin,
		(*API).previewWindow, nil},
	{"getWindow", http.MethodGet, v1 + "/windows/{id}", roleAdmin,
		(*API).getWindow, nil},
	{"replaceWindow", http.MethodPut, v1 + "/windows/{id}", roleAdmin,
		(*API).replaceWindow, nil},
	{"deleteWindow", http.MethodDelete, v1 + "/windows/{id}", roleAdmin,
		(*API).deleteWindow, nil},
	{"listWindowSlots", http.MethodGet, v1 + "/windows/{id}/slots", roleAdmin,
		(*API).listSlots, []string{"phone", "n"}},

	{"listFiles", http.MethodGet, v1 + "/files", roleAdmin,
		(*API).listFiles, filtered},
	{"addFile", http.MethodPost, v1 + "/files", roleAdmin,
		(*API).addFile, []string{"name", "kind", "vendor", "models", "version"}},
	{"getFile", http.MethodGet, v1 + "/files/{id}", roleAdmin,
		(*API).getFile, nil},
	{"deleteFile", http.MethodDelete, v1 + "/files/{id}", roleAdmin,
		(*API).deleteFile, nil},

	{"listJobs", http.MethodGet, v1 + "/jobs", roleAdmin,
		(*API).listJobs, filtered},
	{"createJob", http.MethodPost, v1 + "/jobs", roleAdmin,
		(*API).createJob, nil},
	{"getJob", http.MethodGet, v1 + "/jobs/{id}", roleAdmin,
		(*API).getJob, nil},
	{"listJobTasks", http.MethodGet, v1 + "/jobs/{id}/tasks", roleAdmin,
		(*API).listJobTasks, filtered},
	{"cancelJob", http.MethodPost, v1 + "/jobs/{id}/cancel", roleAdmin,
		(*API).cancelJob, nil},
	{"pauseJob", http.MethodPost, v1 + "/jobs/{id}/pause", roleAdmin,
		(*API).pauseJob, nil},
	{"resumeJob", http.MethodPost, v1 + "/jobs/{id}/resume", roleAdmin,
		(*API).resumeJob, nil},
	{"retryJob", http.MethodPost, v1 + "/jobs/{id}/retry", roleAdmin,
		(*API).retryJob, nil},

	{"getTaskResult", http.MethodGet, v1 + "/tasks/{id}/result", roleAdmin,
		(*API).getTaskResult, nil},
	{"getPhoneMethods", http.MethodGet, v1 + "/phones/{id}/methods", roleAdmin,
		(*API).getPhoneMethods, nil},

	{"listHolds", http.MethodGet, v1 + "/hold", roleAdmin,
		(*API).listHolds, paged},
	{"setHold", http.MethodPost, v1 + "/hold", roleAdmin,
		(*API).setHold, nil},
	{"clearHold", http.MethodDelete, v1 + "/hold", roleAdmin,
		(*API).clearHold, []string{"site", "phone", "all"}},

	{"listBackups", http.MethodGet, v1 + "/backups", roleAdmin,
		(*API).listBackups, nil},
	{"createBackup", http.MethodPost, v1 + "/backups", roleAdmin,
		(*API).createBackup, nil},
	{"getBackup", http.MethodGet, v1 + "/backups/{id}", roleAdmin,
		(*API).getBackup, nil},
	{"getBackupContent", http.MethodGet, v1 + "/backups/{id}/content", roleAdmin,
		(*API).getBackupContent, nil},
	{"deleteBackup", http.MethodDelete, v1 + "/backups/{id}", roleAdmin,
		(*API).deleteBackup, nil},
	{"listTokens", http.MethodGet, v1 + "/tokens", roleAdmin,
		(*API).listTokens, paged},
	{"createToken", http.MethodPost, v1 + "/tokens", roleAdmin,
		(*API).createToken, nil},
	{"revokeToken", http.MethodDelete, v1 + "/tokens/{id}", roleAdmin,
		(*API).revokeToken, nil},
	{"listAudit", http.MethodGet, v1 + "/audit", roleAdmin,
		(*API).listAudit, filtered},

	{streamRoute, http.MethodGet, v1 + "/events", roleAdmin,
		(*API).streamEvents, []string{"last_event_id", "job", "phone"}},

	{"getCA", http.MethodGet, v1 + "/ca", roleAdmin,
		(*API).getCA, nil},
	{"getOpenAPI", http.MethodGet, v1 + "/openapi.json", "",
		(*API).getOpenAPI, nil},
	{"getHealth", http.MethodGet, "/healthz", "",
		(*API).getHealth, nil},
	{readyRoute, http.MethodGet, "/readyz", "",
		(*API).getReadiness, nil},
	{"getMetrics", http.MethodGet, "/metrics", "",
		(*API).getMetrics, nil},
})

// newRouter builds the mux from the table. References to phones may hold an
// escaped slash, or two in a row: paths are matched as they were sent
// (UseEncodedPath) and never redirected to a tidier one (SkipClean).
func (a *API) newRouter() *mux.Router {
	r := mux.NewRouter().UseEncodedPath().SkipClean(true)
	for _, rt := range routes {
		methods := []string{rt.method}
		if rt.method == http.MethodGet && rt.name != streamRoute { // HEAD of a stream would never end
			methods = append(methods, http.MethodHead)
		}
		r.Handle(rt.path, a.guarded(rt)).Methods(methods...).Name(rt.name)
	}
	r.NotFoundHandler = a.adapt("", a.noSuchPath)
	r.MethodNotAllowedHandler = a.adapt("", a.noSuchMethod)
	return r
}
