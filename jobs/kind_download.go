package jobs

import (
	"fmt"
	"math"
	"strings"

	"phoneacs/cwmp"
	"phoneacs/db"
)

// download gives a phone a file (TR-069 A.3.2.8). A config is proven by Status
// 0 or by a TransferComplete without fault; for firmware see
// kind_download_firmware.go, for what goes by a config kind_download_lead.go.
type download struct{ plain }

func (download) traits() traits {
	return traits{takes: "file", exclusive: true, changes: true, repeats: true, transfer: true, restarts: true, returns: true}
}

func (download) check(a db.Args, f *db.File) error {
	bad := func(format string, args ...any) error {
		return &db.FieldError{Field: "args.file", Err: fmt.Errorf(format, args...)}
	}
	switch {
	case a.File == 0:
		return bad("a download needs a file of the catalogue")
	case f == nil:
		return bad("%v is not in the catalogue: %w", a.File, db.ErrNotFound)
	case f.Kind == db.FileFirmware && f.Version == "":
		return bad("firmware %v names no version, so nothing could show that it went in", a.File)
	}
	return nil
}

func (download) pass(f facts, sure bool) passing {
	if f.file == nil {
		return passing{why: fmt.Sprintf("file %v is not in the catalogue any more", f.job.Args.File)}
	}
	if why := misfit(f.file, f.phone, sure); why != "" {
		return passing{why: why}
	}
	if why := unfit(f.file, f.phone, f.treatment(), sure); why != "" {
		return passing{why: why}
	}
	if f.file.Kind == db.FileConfig && f.treatment().ConfigXML && !strings.HasSuffix(strings.ToLower(f.file.Name), ".xml") {
		return passing{why: fmt.Sprintf("the phone takes configuration files as XML alone, and the name of %s does not end in .xml", f.file.Name)}
	}
	if f.file.Kind == db.FileFirmware && reports(f, f.file.Version) {
		return passing{why: fmt.Sprintf("the phone already reports %s", f.phone.SoftwareVersion), already: true}
	}
	return passing{}
}

func (download) request(f facts, key, url string) cwmp.Message {
	w, _ := downloadWay(f.file, f.phone, f.treatment())
	d := &cwmp.Download{CommandKey: key, FileType: w.fileType, URL: url, TargetFileName: f.file.Name}
	if w.lead {
		d.TargetFileName = leadTarget
	} else if f.file.Size <= math.MaxUint32 {
		d.FileSize = uint32(f.file.Size) // 0 stands for not known, for what is larger too
	}
	return d
}

func (download) refused(f facts, m *cwmp.Fault) ruling {
	if handed(f) {
		return handoverRefused(m)
	}
	return faulted(m.Code, m.String)
}

func (k download) answered(f facts, answer cwmp.Message) ruling {
	if handed(f) {
		if _, ok := answer.(*cwmp.ScheduleDownloadResponse); !ok {
			return unexpected(answer)
		}
		return handoverTaken(f.attempt.Handover)
	}
	r, ok := answer.(*cwmp.DownloadResponse)
	switch {
	case !ok:
		return unexpected(answer)
	case r.Status != 0: // 1: it will tell; anything else is not a success either
		return accepted("the phone accepted the download and has not reported its end yet")
	}
	if led(f) {
		return leadComplete(f).because("DownloadResponse came with Status 0: the phone has taken the config")
	}
	return k.completed(f).because("DownloadResponse came with Status 0: the phone has taken the file")
}

func (download) informed(f facts, _ *cwmp.Inform) ruling {
	if f.file == nil || f.file.Kind != db.FileFirmware {
		return ruling{}
	}
	return firmwareSeen(f)
}

func (download) moved(f facts) ruling {
	if led(f) {
		return leadMoved(f)
	}
	return ruling{} // what else is fetched is evidence: the phone has the word
}

func (download) completed(f facts) ruling {
	if led(f) {
		return leadComplete(f)
	}
	if f.file != nil && f.file.Kind == db.FileFirmware {
		return firmwareComplete(f)
	}
	r := proven("the phone has taken the file")
	r.complete = true
	return r
}

func (download) overdue(f facts) ruling {
	if led(f) {
		return leadOverdue(f)
	}
	if f.file != nil && f.file.Kind == db.FileFirmware {
		if r := firmwareOverdue(f); r.event != "" {
			return r
		}
	}
	if f.treatment().FetchedIsDone && f.file != nil && f.file.Kind == db.FileConfig && f.file.Size > 0 && f.attempt.BytesOut >= f.file.Size {
		return proven("the phone has fetched all of the file, and reports no transfer",
			"inferred: all of the file was fetched; its quirks say that phones of this kind do not report transfers")
	}
	if handed(f) {
		return handoverOverdue(f)
	}
	why := "the phone accepted the download, but did not report its end within %s of being sent it; %s"
	if f.attempt.Accepted.IsZero() {
		why = "the phone neither answered the Download nor reported its end within %s; %s"
	}
	return ruling{event: db.EventUnknown, why: fmt.Sprintf(why, span(f.job.Deadline), fetched(f))}
}

func (download) awaits(f facts) string {
	if led(f) {
		return leadAwaits(f)
	}
	if f.file != nil && f.file.Kind == db.FileFirmware {
		if f.attempt.Complete.IsZero() {
			return fmt.Sprintf("the phone to report the transfer complete and version %s", f.file.Version)
		}
		return fmt.Sprintf("the phone to report version %s", f.file.Version)
	}
	return "the phone to report the transfer complete"
}

// fetched says what our own record of the link shows, as a clause.
func fetched(f facts) string {
	switch a := f.attempt; {
	case a.BytesOut == 0 && (a.Count == 0 || a.Lead):
		return "it has not fetched the file"
	case f.file != nil && a.BytesOut >= f.file.Size:
		return "all of the file was fetched"
	default:
		return fmt.Sprintf("%d bytes were fetched", a.BytesOut)
	}
}

// because adds what a ruling rests on.
func (r ruling) because(evidence string) ruling {
	r.evidence = append([]string{evidence}, r.evidence...)
	return r
}
