package jobs

import (
	"fmt"
	"slices"
	"strings"

	"phoneacs/cwmp"
	"phoneacs/db"
)

// maxInstance bounds the number of a configuration or log file.
const maxInstance = 9999

// upload has a phone send a file (TR-069 A.4.1.5). The proof is the stored
// bytes, and the phone's word that it is done: so nothing else is sent to it
// while it may still be busy, or about to send the file once more. If that
// word does not come, the bytes alone are the proof at the deadline. Phones
// that take no Upload are given a config that names the URL, where there is one.
type upload struct{ plain }

func (upload) traits() traits {
	return traits{takes: "upload", exclusive: true, repeats: true, transfer: true, restarts: true, returns: true}
}

func (upload) check(a db.Args, _ *db.File) error {
	switch u := a.Upload; {
	case u == nil:
		return badArg("upload", "want what the phone is to send: %s", strings.Join(db.UploadKinds, " or "))
	case !slices.Contains(db.UploadKinds, u.Kind):
		return badArg("upload.kind", "%q is not one of %s", clip(u.Kind), strings.Join(db.UploadKinds, ", "))
	case u.Instance < 0 || u.Instance > maxInstance:
		return badArg("upload.instance", "%d is not within 1 and %d", u.Instance, maxInstance)
	}
	return nil
}

func (upload) pass(f facts, sure bool) passing {
	p := f.phone
	if !sure && (p.Vendor == "" || p.Model == "") {
		return passing{}
	}
	if _, ok := uploadWay(f.job.Args.Upload, p, f.methods); !ok {
		return passing{why: fmt.Sprintf("a %s sends no %s, by Upload or by a setting of its own", model(p), uploaded(f))}
	}
	return passing{}
}

// otherwise says whether a phone without Upload can be told by a config to send
// the file. The config goes by Download.
func (upload) otherwise(f facts, _ string) bool {
	w, ok := uploadWay(f.job.Args.Upload, f.phone, f.methods)
	return ok && w.lead && !lacks(f.methods, f.phone, "Download")
}

// uploaded names what the phone is to send.
func uploaded(f facts) string {
	u := f.job.Args.Upload
	if u.Instance > 0 {
		return fmt.Sprintf("%s %d", u.Kind, u.Instance)
	}
	return u.Kind
}

func (upload) request(f facts, key, url string) cwmp.Message {
	w, _ := uploadWay(f.job.Args.Upload, f.phone, f.methods)
	if w.lead {
		return &cwmp.Download{CommandKey: key, FileType: w.fileType, URL: url, TargetFileName: leadTarget}
	}
	return &cwmp.Upload{CommandKey: key, FileType: w.fileType, URL: url}
}

func (k upload) answered(f facts, answer cwmp.Message) ruling {
	status := 1
	switch m := answer.(type) {
	case *cwmp.UploadResponse:
		status = m.Status
	case *cwmp.DownloadResponse:
		status = m.Status
	default:
		return unexpected(answer)
	}
	if status != 0 {
		return accepted("the phone accepted the order and has not reported its end yet")
	}
	return k.completed(f).because(answer.RPC() + " came with Status 0")
}

func (upload) informed(facts, *cwmp.Inform) ruling { return ruling{} }

func (upload) completed(f facts) ruling {
	r := accepted(fmt.Sprintf("the phone says that it has sent its %s, and nothing has arrived", uploaded(f)))
	switch {
	case !f.attempt.Moved.IsZero():
		r = proven(stored(f))
	case f.attempt.Lead:
		r = accepted(fmt.Sprintf("the phone took the config, and has not sent its %s yet", uploaded(f)))
	}
	r.complete = true
	return r
}

func (upload) moved(f facts) ruling {
	if f.attempt.Complete.IsZero() {
		return accepted(stored(f) + "; the phone has not reported the end yet")
	}
	return proven(stored(f))
}

func stored(f facts) string {
	return fmt.Sprintf("the phone's %s is stored, %d bytes", uploaded(f), f.attempt.BytesIn)
}

func (upload) overdue(f facts) ruling {
	a := f.attempt
	if !a.Moved.IsZero() {
		return proven(stored(f)+"; the phone did not report the end", "the bytes are stored whole: that proves it without the phone's word")
	}
	why := "the phone neither answered the order nor sent its %s within %s"
	switch {
	case a.Lead && !a.Complete.IsZero():
		why = "the phone took the config that names the URL, but did not send its %s within %s"
	case !a.Complete.IsZero():
		why = "the phone says that it has sent its %s, but nothing arrived within %s"
	case !a.Accepted.IsZero():
		why = "the phone accepted the order, but did not send its %s within %s"
	}
	return ruling{event: db.EventUnknown, why: fmt.Sprintf(why, uploaded(f), span(f.job.Deadline))}
}

func (upload) awaits(f facts) string {
	if !f.attempt.Moved.IsZero() {
		return "the phone to report the end of the transfer"
	}
	return "the phone to send its " + uploaded(f)
}
