package admin

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"time"

	"phoneacs/db"
)

// newJob is the body of POST /api/v1/jobs.
type newJob struct {
	Kind      string       `json:"kind"`
	Args      newArgs      `json:"args"`
	Selection newSelection `json:"selection"`
	When      newWhen      `json:"when"`
	Expires   *string      `json:"expires"`
	Retry     newRetry     `json:"retry"`
	Deadline  *string      `json:"deadline"`
	Priority  int          `json:"priority"`
	Calls     db.CallRule  `json:"calls"`
}

type newRetry struct {
	Max     *int    `json:"max"`
	Backoff *string `json:"backoff"`
}

// What an order gets that does not say.
const (
	defaultRetries  = 3
	defaultBackoff  = time.Minute
	defaultDeadline = 30 * time.Minute
	defaultExpires  = 30 * day
)

// Bounds of an order, as package db states them.
const (
	maxRetries  = 20
	maxBackoff  = time.Hour
	maxPriority = 9
)

// late is how far in the past a time may be and still mean now: clocks differ,
// and a job for last year is a slip of the pen.
const late = time.Minute

// createJob serves POST /api/v1/jobs.
func (a *API) createJob(w http.ResponseWriter, r *http.Request) error {
	var in newJob
	body, err := readJSON(w, r, maxOrder, &in)
	if err != nil {
		return err
	}
	if err := mayOrder(r, in.Kind, "kind"); err != nil {
		return err
	}
	key, release, err := a.takeKey(r, body)
	if err != nil {
		return err
	}
	defer release()
	j, again, err := a.order(r.Context(), in, key, caller(r).Name)
	if err != nil {
		return err
	}
	if again {
		w.Header().Set(replayHeader, "true")
	}
	return writeCreated(w, v1+"/jobs/"+j.ID.String(), viewJob(&j))
}

// order has an order accepted. One that was accepted before is answered so
// again, whatever has become of its phones and its time since.
func (a *API) order(ctx context.Context, in newJob, key db.Idempotency, by string) (j db.JobStatus, again bool, err error) {
	if key.Key != "" {
		j, again, err = a.store.JobByKey(ctx, key, a.clock.Now())
		if err != nil || again {
			return j, again, about(err, "order")
		}
	}
	n, err := a.readOrder(ctx, in)
	if err != nil {
		return j, false, err
	}
	n.Job.By, n.Idempotency = by, key
	j, again, err = a.orders.Order(ctx, n)
	if err != nil {
		return j, false, orderProblem(err)
	}
	return j, again, nil
}

// orderProblem tells what was too much of an order: of all bounds, the one of
// its selection is the one that an order can reach.
func orderProblem(err error) error {
	if errors.Is(err, db.ErrTooMany) {
		return newProblem(kindTooMany, "the selection has more phones than a job takes").at("selection").because(err)
	}
	return about(err, "order")
}

// readOrder checks an order's form. Whether such a job can be is for Orders to say.
func (a *API) readOrder(ctx context.Context, in newJob) (n db.NewJob, err error) {
	now := a.clock.Now().UTC()
	n.Job.Created = now
	if in.Kind == "" {
		return n, invalid("kind", "want one of %s", strings.Join(db.Kinds, ", "))
	}
	n.Job.Kind = in.Kind
	if n.Job.Args, err = in.Args.read(); err != nil {
		return n, err
	}
	if in.Priority < 0 || in.Priority > maxPriority {
		return n, invalid("priority", "want 0 to %d", maxPriority)
	}
	n.Job.Priority, n.Job.Calls = in.Priority, in.Calls
	if n.Job.When, err = a.readWhen(ctx, in.When, now); err != nil {
		return n, err
	}
	if err := in.readTimes(&n.Job, now); err != nil {
		return n, err
	}
	// Last, as it costs most.
	return n, a.readSelection(ctx, in.Selection, &n)
}
