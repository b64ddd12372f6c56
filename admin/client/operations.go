package client

import (
	"net/url"
	"strings"
)

// An operation is a row of the OpenAPI document.
type operation struct{ method, path string }

// fill puts values where the path has {…}.
func (o operation) fill(values []string) string {
	var b strings.Builder
	rest := o.path
	for _, v := range values {
		before, after, _ := strings.Cut(rest, "{")
		_, after, _ = strings.Cut(after, "}")
		b.WriteString(before + url.PathEscape(v))
		rest = after
	}
	return b.String() + rest
}

// operations are those that have a method here, by operationId. A test holds
// them against the document.
var operations = map[string]operation{
	"listTokens":   {"GET", "/api/v1/tokens"},
	"createToken":  {"POST", "/api/v1/tokens"},
	"revokeToken":  {"DELETE", "/api/v1/tokens/{id}"},
	"listAudit":    {"GET", "/api/v1/audit"},
	"replacePhone": {"POST", "/api/v1/phones/{id}/replace"},

	"listBackups":      {"GET", "/api/v1/backups"},
	"createBackup":     {"POST", "/api/v1/backups"},
	"getBackup":        {"GET", "/api/v1/backups/{id}"},
	"deleteBackup":     {"DELETE", "/api/v1/backups/{id}"},
	"getBackupContent": {"GET", "/api/v1/backups/{id}/content"},

	"listPhones":            {"GET", "/api/v1/phones"},
	"exportPhones":          {"GET", "/api/v1/phones/export"},
	"importPhones":          {"POST", "/api/v1/phones/import"},
	"approvePhones":         {"POST", "/api/v1/phones/approve"},
	"editPhones":            {"POST", "/api/v1/phones/edit"},
	"getPhone":              {"GET", "/api/v1/phones/{id}"},
	"updatePhone":           {"PATCH", "/api/v1/phones/{id}"},
	"deletePhone":           {"DELETE", "/api/v1/phones/{id}"},
	"listPhoneParameters":   {"GET", "/api/v1/phones/{id}/parameters"},
	"listPhoneHistory":      {"GET", "/api/v1/phones/{id}/history"},
	"listPhoneTasks":        {"GET", "/api/v1/phones/{id}/tasks"},
	"listPhoneUploads":      {"GET", "/api/v1/phones/{id}/uploads"},
	"getPhoneUpload":        {"GET", "/api/v1/phones/{id}/uploads/{upload}"},
	"getPhoneUploadContent": {"GET", "/api/v1/phones/{id}/uploads/{upload}/content"},
	"approvePhone":          {"POST", "/api/v1/phones/{id}/approve"},
	"wakePhone":             {"POST", "/api/v1/phones/{id}/wake"},
	"listQuirks":            {"GET", "/api/v1/quirks"},
	"getPhoneQuirks":        {"GET", "/api/v1/phones/{id}/quirks"},
	"replacePhoneQuirks":    {"PUT", "/api/v1/phones/{id}/quirks"},
	"updatePhoneQuirks":     {"PATCH", "/api/v1/phones/{id}/quirks"},
	"clearPhoneQuirks":      {"DELETE", "/api/v1/phones/{id}/quirks"},
	"getPhoneRecording":     {"GET", "/api/v1/phones/{id}/recording"},
	"recordPhone":           {"PUT", "/api/v1/phones/{id}/recording"},
	"stopRecordingPhone":    {"DELETE", "/api/v1/phones/{id}/recording"},
	"listPhoneRecordings":   {"GET", "/api/v1/phones/{id}/recordings"},
	"getRecording":          {"GET", "/api/v1/phones/{id}/recordings/{recording}"},
	"listRecordings":        {"GET", "/api/v1/recordings"},
	"listUnreadable":        {"GET", "/api/v1/unreadable"},
	"listEnrolmentRules":    {"GET", "/api/v1/enrolment-rules"},
	"createEnrolmentRule":   {"POST", "/api/v1/enrolment-rules"},
	"importEnrolmentRules":  {"POST", "/api/v1/enrolment-rules/import"},
	"getEnrolmentRule":      {"GET", "/api/v1/enrolment-rules/{id}"},
	"replaceEnrolmentRule":  {"PUT", "/api/v1/enrolment-rules/{id}"},
	"deleteEnrolmentRule":   {"DELETE", "/api/v1/enrolment-rules/{id}"},
	"listStandingOrders":    {"GET", "/api/v1/standing-orders"},
	"createStandingOrder":   {"POST", "/api/v1/standing-orders"},
	"getStandingOrder":      {"GET", "/api/v1/standing-orders/{id}"},
	"replaceStandingOrder":  {"PUT", "/api/v1/standing-orders/{id}"},
	"deleteStandingOrder":   {"DELETE", "/api/v1/standing-orders/{id}"},
	"listSites":             {"GET", "/api/v1/sites"},
	"createSite":            {"POST", "/api/v1/sites"},
	"getSite":               {"GET", "/api/v1/sites/{id}"},
	"updateSite":            {"PATCH", "/api/v1/sites/{id}"},
	"deleteSite":            {"DELETE", "/api/v1/sites/{id}"},
	"listWindows":           {"GET", "/api/v1/windows"},
	"createWindow":          {"POST", "/api/v1/windows"},
	"previewWindow":         {"POST", "/api/v1/windows/preview"},
	"getWindow":             {"GET", "/api/v1/windows/{id}"},
	"replaceWindow":         {"PUT", "/api/v1/windows/{id}"},
	"deleteWindow":          {"DELETE", "/api/v1/windows/{id}"},
	"listWindowSlots":       {"GET", "/api/v1/windows/{id}/slots"},
	"listFiles":             {"GET", "/api/v1/files"},
	"addFile":               {"POST", "/api/v1/files"},
	"getFile":               {"GET", "/api/v1/files/{id}"},
	"deleteFile":            {"DELETE", "/api/v1/files/{id}"},
	"listJobs":              {"GET", "/api/v1/jobs"},
	"createJob":             {"POST", "/api/v1/jobs"},
	"getJob":                {"GET", "/api/v1/jobs/{id}"},
	"listJobTasks":          {"GET", "/api/v1/jobs/{id}/tasks"},
	"cancelJob":             {"POST", "/api/v1/jobs/{id}/cancel"},
	"pauseJob":              {"POST", "/api/v1/jobs/{id}/pause"},
	"resumeJob":             {"POST", "/api/v1/jobs/{id}/resume"},
	"retryJob":              {"POST", "/api/v1/jobs/{id}/retry"},
	"getTaskResult":         {"GET", "/api/v1/tasks/{id}/result"},
	"getPhoneMethods":       {"GET", "/api/v1/phones/{id}/methods"},
	"listHolds":             {"GET", "/api/v1/hold"},
	"setHold":               {"POST", "/api/v1/hold"},
	"clearHold":             {"DELETE", "/api/v1/hold"},
	"streamEvents":          {"GET", "/api/v1/events"},
	"getCA":                 {"GET", "/api/v1/ca"},
	"getOpenAPI":            {"GET", "/api/v1/openapi.json"},
	"getHealth":             {"GET", "/healthz"},
	"getReadiness":          {"GET", "/readyz"},
	"getMetrics":            {"GET", "/metrics"},
}
