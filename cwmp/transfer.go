package cwmp

import "github.com/beevik/etree"

// The file types of Download, ScheduleDownload and RequestDownload (TR-069
// A.3.2.8); vendors have more, as "X <OUI or vendor> <name>".
const (
	FileTypeFirmware       = "1 Firmware Upgrade Image"
	FileTypeWebContent     = "2 Web Content"
	FileTypeConfig         = "3 Vendor Configuration File"
	FileTypeTone           = "4 Tone File"
	FileTypeRinger         = "5 Ringer File"
	FileTypeStoredFirmware = "6 Stored Firmware Image" // Amendment 6
)

// The file types of Upload (TR-069 A.4.1.5). The first two are deprecated in
// favour of "3 Vendor Configuration File <i>" and "4 Vendor Log File <i>", and
// what most phones know.
const (
	UploadTypeConfig = "1 Vendor Configuration File"
	UploadTypeLog    = "2 Vendor Log File"
)

// transferStatus reads the Status of a DownloadResponse or UploadResponse: 0
// when the transfer is done, 1 when TransferComplete will tell. Unreadable is
// 1, so that nothing counts as done that was not said to be.
func transferStatus(e *etree.Element) int { return parseInt(e, 1) }

// transferResult is the shape of both responses.
type transferResult struct {
	status          *int
	start, complete *string
}

func (r transferResult) decode(e *etree.Element) {
	*r.status, *r.start, *r.complete = 1, UnknownTime, UnknownTime
	for c := range e.ChildElementsSeq() {
		switch c.Tag {
		case "Status":
			*r.status = transferStatus(c)
		case "StartTime":
			*r.start = parseTime(c)
		case "CompleteTime":
			*r.complete = parseTime(c)
		}
	}
}

func (r transferResult) encode(w *writer) {
	w.int("Status", *r.status)
	w.time("StartTime", *r.start)
	w.time("CompleteTime", *r.complete)
}
