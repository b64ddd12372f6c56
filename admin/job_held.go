package admin

import (
	"context"

	"phoneacs/db"
)

// heldView is a hold that stops tasks of a job, and how many.
type heldView struct {
	holdView
	SiteName string `json:"site_name,omitempty"`
	Tasks    int    `json:"tasks"`
	AtLeast  bool   `json:"at_least,omitempty"`
}

// viewHeldJob is one job with the holds that stop it.
func (a *API) viewHeldJob(ctx context.Context, j *db.JobStatus) (jobView, error) {
	v := viewJob(j)
	holds, err := a.orders.HeldBy(ctx, j)
	if err != nil {
		return v, about(err, "job %s", j.ID)
	}
	for i := range holds {
		h := heldView{holdView: viewHold(&holds[i].Hold), Tasks: holds[i].Tasks, AtLeast: holds[i].More}
		if h.Site != 0 {
			if s, err := a.store.Site(ctx, h.Site); err == nil { // else it is told by its id
				h.SiteName = s.Name
			}
		}
		v.Held = append(v.Held, h)
	}
	return v, nil
}
