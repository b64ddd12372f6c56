package cwmp

import "github.com/beevik/etree"

// Upload tells the CPE to send a file, by HTTP PUT as a rule (TR-069 A.4.1.5).
type Upload struct {
	CommandKey         string // at most 32 characters; comes back in TransferComplete
	FileType           string // UploadTypeConfig, UploadTypeLog or another, at most 64
	URL                string // at most 256 characters, without credentials in it
	Username, Password string // at most 256 each
	DelaySeconds       uint32 // from the response on; 0 is at once
}

// RPC returns "Upload".
func (*Upload) RPC() string { return "Upload" }

func (m *Upload) decode(e *etree.Element) {
	for c := range e.ChildElementsSeq() {
		switch c.Tag {
		case "CommandKey":
			m.CommandKey = text(c)
		case "FileType":
			m.FileType = token(c)
		case "URL":
			m.URL = token(c)
		case "Username":
			m.Username = text(c)
		case "Password":
			m.Password = text(c)
		case "DelaySeconds":
			m.DelaySeconds = parseUint(c)
		}
	}
}

func (m *Upload) encode(w *writer) {
	w.text("CommandKey", m.CommandKey, maxKey)
	w.text("FileType", m.FileType, max64)
	w.text("URL", m.URL, max256)
	w.text("Username", m.Username, max256)
	w.text("Password", m.Password, max256)
	w.uint("DelaySeconds", m.DelaySeconds)
}

// UploadResponse says whether the file was sent already.
type UploadResponse struct {
	Status                  int    // 0 done and the times hold, 1 TransferComplete follows
	StartTime, CompleteTime string // dateTime; UnknownTime with Status 1
}

// RPC returns "UploadResponse".
func (*UploadResponse) RPC() string { return "UploadResponse" }

func (m *UploadResponse) decode(e *etree.Element) { m.result().decode(e) }
func (m *UploadResponse) encode(w *writer)        { m.result().encode(w) }

func (m *UploadResponse) result() transferResult {
	return transferResult{&m.Status, &m.StartTime, &m.CompleteTime}
}
