package admin

import (
	"context"
	"errors"
	"fmt"
	"net/http"

	"phoneacs/db"
)

// listJobs serves GET /api/v1/jobs.
func (a *API) listJobs(w http.ResponseWriter, r *http.Request) error {
	q, err := readPage(r, db.JobFields)
	if err != nil {
		return err
	}
	page, err := a.store.ListJobs(r.Context(), q)
	if err != nil {
		return about(err, "jobs")
	}
	return writePage(w, page, viewJob)
}

// getJob serves GET /api/v1/jobs/{id}.
func (a *API) getJob(w http.ResponseWriter, r *http.Request) error {
	id, err := pathID(r, "job", db.ParseJobID)
	if err != nil {
		return err
	}
	j, err := a.store.Job(r.Context(), id)
	if err != nil {
		return about(err, "job %s", id)
	}
	v, err := a.viewHeldJob(r.Context(), &j)
	if err != nil {
		return err
	}
	return writeJSON(w, http.StatusOK, v)
}

// listJobTasks serves GET /api/v1/jobs/{id}/tasks.
func (a *API) listJobTasks(w http.ResponseWriter, r *http.Request) error {
	q, err := readPage(r, db.TaskFields)
	if err != nil {
		return err
	}
	id, err := pathID(r, "job", db.ParseJobID)
	if err != nil {
		return err
	}
	page, err := a.store.JobTasks(r.Context(), id, q)
	if err != nil {
		return about(err, "job %s", id)
	}
	return writePage(w, page, a.taskViewer(r.Context()))
}

// cancelJob serves POST /api/v1/jobs/{id}/cancel.
func (a *API) cancelJob(w http.ResponseWriter, r *http.Request) error {
	return a.changeJob(w, r, a.orders.Cancel)
}

// pauseJob serves POST /api/v1/jobs/{id}/pause.
func (a *API) pauseJob(w http.ResponseWriter, r *http.Request) error {
	return a.changeJob(w, r, a.orders.Pause)
}

// resumeJob serves POST /api/v1/jobs/{id}/resume.
func (a *API) resumeJob(w http.ResponseWriter, r *http.Request) error {
	return a.changeJob(w, r, a.orders.Resume)
}

// retryJob serves POST /api/v1/jobs/{id}/retry.
func (a *API) retryJob(w http.ResponseWriter, r *http.Request) error {
	if err := a.mayRepeat(r); err != nil {
		return err
	}
	return a.changeJob(w, r, a.orders.Retry)
}

// changeJob applies a change to a job and answers with the job as it then is.
func (a *API) changeJob(w http.ResponseWriter, r *http.Request,
	change func(context.Context, db.JobID) (db.JobStatus, error)) error {
	id, err := pathID(r, "job", db.ParseJobID)
	if err != nil {
		return err
	}
	j, err := change(r.Context(), id)
	if errors.Is(err, db.ErrConflict) {
		return a.jobConflict(r.Context(), id, err)
	}
	if err != nil {
		return about(err, "job %s", id)
	}
	return writeJSON(w, http.StatusOK, viewJob(&j))
}

// jobConflict names the state that stands in the way of a change.
func (a *API) jobConflict(ctx context.Context, id db.JobID, err error) error {
	j, jerr := a.store.Job(ctx, id)
	if jerr != nil {
		return about(errors.Join(err, jerr), "job %s", id)
	}
	state := string(viewJob(&j).State)
	switch {
	case j.Sweep != "":
		state += fmt.Sprintf(", and its tasks are just being changed (%s); wait until that is over", j.Sweep)
	case j.State != db.JobExpanding && a.clock.Now().After(j.Expires):
		state += ", and past its expiry"
	}
	return newProblem(kindConflict, "job %s is %s", id, state).because(err)
}
