package jobs

import (
	"fmt"

	"phoneacs/db"
	"phoneacs/phones"
)

// A sparing kind restarts phones, and knows of phones or orders for which it
// does not.
type sparing interface {
	spares(f facts) bool
}

// mayRestart says whether sending a task restarts its phone, or may.
func mayRestart(f facts, k kind) bool {
	if !k.traits().restarts {
		return false
	}
	s, ok := k.(sparing)
	return !ok || !s.spares(f)
}

// spares asks what is known of the model: a file that goes by a config counts
// as one.
func (download) spares(f facts) bool {
	w, ok := downloadWay(f.file, f.phone, f.treatment())
	if !ok {
		return false
	}
	what := f.file.Kind
	if w.lead {
		what = db.FileConfig
	}
	return !phones.Of(f.phone.Vendor).Restarts(what, f.phone.Model)
}

// spares: an Upload restarts nothing; a config that names the URL may.
func (upload) spares(f facts) bool {
	w, ok := uploadWay(f.job.Args.Upload, f.phone, f.methods)
	return ok && (!w.lead || !phones.Of(f.phone.Vendor).Restarts(db.FileConfig, f.phone.Model))
}

// checkCalls checks the rule of a job for calls, and fills it in.
func checkCalls(j *db.Job, k kind) error {
	bad := func(format string, args ...any) error {
		return &db.FieldError{Field: "calls", Err: fmt.Errorf(format, args...)}
	}
	switch j.Calls {
	case "", db.CallsGoOn, db.CallsSkip, db.CallsIgnore:
	default:
		return bad("%q is not one of %s, %s, %s", clip(string(j.Calls)), db.CallsGoOn, db.CallsSkip, db.CallsIgnore)
	}
	switch restarts := k.traits().restarts; {
	case j.Calls != "" && !restarts:
		return bad("this kind of job restarts no phone")
	case j.Calls == "" && restarts:
		j.Calls = db.CallsGoOn
	}
	return nil
}
