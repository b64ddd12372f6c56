package cwmp

import "github.com/beevik/etree"

// Download tells the CPE to fetch a file (TR-069 A.3.2.8). Empty stands for
// "not given".
type Download struct {
	CommandKey         string // at most 32 characters; comes back in TransferComplete
	FileType           string // one of the FileType constants or a vendor's, at most 64
	URL                string // at most 256 characters, without credentials in it
	Username, Password string // for the file server, at most 256 each
	FileSize           uint32 // bytes; 0 when not known
	TargetFileName     string // at most 256
	DelaySeconds       uint32 // from the response on; 0 is at once
	SuccessURL         string // at most 256, as is FailureURL
	FailureURL         string
}

// RPC returns "Download".
func (*Download) RPC() string { return "Download" }

func (m *Download) decode(e *etree.Element) {
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
		case "FileSize":
			m.FileSize = parseUint(c)
		case "TargetFileName":
			m.TargetFileName = text(c)
		case "DelaySeconds":
			m.DelaySeconds = parseUint(c)
		case "SuccessURL":
			m.SuccessURL = token(c)
		case "FailureURL":
			m.FailureURL = token(c)
		}
	}
}

func (m *Download) encode(w *writer) {
	w.text("CommandKey", m.CommandKey, maxKey)
	w.text("FileType", m.FileType, max64)
	w.text("URL", m.URL, max256)
	w.text("Username", m.Username, max256)
	w.text("Password", m.Password, max256)
	w.uint("FileSize", m.FileSize)
	w.text("TargetFileName", m.TargetFileName, max256)
	w.uint("DelaySeconds", m.DelaySeconds)
	w.text("SuccessURL", m.SuccessURL, max256)
	w.text("FailureURL", m.FailureURL, max256)
}

// DownloadResponse says whether the file is applied already.
type DownloadResponse struct {
	Status                  int    // 0 done and the times hold, 1 TransferComplete follows
	StartTime, CompleteTime string // dateTime; UnknownTime with Status 1
}

// RPC returns "DownloadResponse".
func (*DownloadResponse) RPC() string { return "DownloadResponse" }

func (m *DownloadResponse) decode(e *etree.Element) { m.result().decode(e) }
func (m *DownloadResponse) encode(w *writer)        { m.result().encode(w) }

func (m *DownloadResponse) result() transferResult {
	return transferResult{&m.Status, &m.StartTime, &m.CompleteTime}
}
