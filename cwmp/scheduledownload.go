package cwmp

import "github.com/beevik/etree"

// ScheduleDownload tells the CPE to fetch a file within windows of time (TR-069
// A.4.1.8, since 1.2). TransferComplete reports the outcome.
type ScheduleDownload struct {
	CommandKey         string       // at most 32 characters
	FileType           string       // as in Download
	URL                string       // at most 256 characters, without credentials in it
	Username, Password string       // at most 256 each
	FileSize           uint32       // bytes; 0 when not known
	TargetFileName     string       // at most 256
	Windows            []TimeWindow // one or two that do not overlap
}

// RPC returns "ScheduleDownload".
func (*ScheduleDownload) RPC() string { return "ScheduleDownload" }

func (m *ScheduleDownload) decode(e *etree.Element) {
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
		case "TimeWindowList":
			m.Windows = parseWindows(c, m.Windows)
		}
	}
}

func (m *ScheduleDownload) encode(w *writer) {
	w.text("CommandKey", m.CommandKey, maxKey)
	w.text("FileType", m.FileType, max64)
	w.text("URL", m.URL, max256)
	w.text("Username", m.Username, max256)
	w.text("Password", m.Password, max256)
	w.uint("FileSize", m.FileSize)
	w.text("TargetFileName", m.TargetFileName, max256)
	w.windows(m.Windows)
}

// ScheduleDownloadResponse says that the transfer is queued.
type ScheduleDownloadResponse struct{}

// RPC returns "ScheduleDownloadResponse".
func (*ScheduleDownloadResponse) RPC() string { return "ScheduleDownloadResponse" }

func (*ScheduleDownloadResponse) decode(*etree.Element) {}
func (*ScheduleDownloadResponse) encode(*writer)        {}

// The standard modes of a time window; vendors have more, as "X <vendor> <name>".
const (
	WindowAnyTime      = "1 At Any Time"
	WindowImmediately  = "2 Immediately"
	WindowWhenIdle     = "3 When Idle"
	WindowConfirmation = "4 Confirmation Needed"
)

// TimeWindow is a span in which a ScheduleDownload may be carried out.
type TimeWindow struct {
	Start, End  uint32 // seconds from the receipt of the request
	Mode        string // one of the Window constants or a vendor's, at most 64 characters
	UserMessage string // at most 256
	MaxRetries  int    // 0 none, -1 as many as the CPE likes
}

func parseWindows(e *etree.Element, list []TimeWindow) []TimeWindow {
	for c := range e.ChildElementsSeq() {
		var t TimeWindow
		for f := range c.ChildElementsSeq() {
			switch f.Tag {
			case "WindowStart":
				t.Start = parseUint(f)
			case "WindowEnd":
				t.End = parseUint(f)
			case "WindowMode":
				t.Mode = token(f)
			case "UserMessage":
				t.UserMessage = text(f)
			case "MaxRetries":
				t.MaxRetries = parseInt(f, 0)
			}
		}
		list = append(list, t)
	}
	return list
}

func (w *writer) windows(list []TimeWindow) {
	const tag = "TimeWindowList"
	w.atLeastOne(tag, len(list))
	w.atMost(tag, len(list), 2)
	w.openArray(tag, "cwmp:TimeWindowStruct", len(list))
	for i, t := range list {
		w.at(tag, i)
		w.open("TimeWindowStruct")
		w.uint("WindowStart", t.Start)
		w.uint("WindowEnd", t.End)
		w.text("WindowMode", t.Mode, max64)
		w.text("UserMessage", t.UserMessage, max256)
		w.int("MaxRetries", t.MaxRetries)
		w.close("TimeWindowStruct")
	}
	w.closeArray(tag)
}
