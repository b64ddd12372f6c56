package admin

import (
	"context"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"time"

	"phoneacs/db"
	"phoneacs/db/filter"
)

// keys are what the job is known by: as it will be here, and as it was where it
// comes from, should that be here.
func (im *jobImport) keys(ctx context.Context, l *jobLine, n *db.NewJob) (keys [][32]byte, err error) {
	if im.known == nil {
		if err := im.learn(ctx); err != nil {
			return nil, err
		}
	}
	made, err := importedKey(&n.Job)
	return [][32]byte{made, originKey(l.job.ID, l.job.Created, l.job.Expires)}, err
}

// learn reads which jobs there are that have not ended.
func (im *jobImport) learn(ctx context.Context) error {
	f, err := filter.Parse(`state != "ended"`, db.JobFields)
	if err != nil {
		return err
	}
	im.known = make(map[[32]byte]db.JobID)
	for q := (db.Query{Filter: f, Limit: db.MaxLimit}); ; {
		page, err := im.api.store.ListJobs(ctx, q)
		if err != nil {
			return about(err, "jobs")
		}
		for i := range page.Items {
			j := &page.Items[i].Job
			key, err := importedKey(j)
			if err != nil {
				return err
			}
			im.known[key] = j.ID
			im.known[originKey(j.ID.String(), timeCell(j.Created), timeCell(j.Expires))] = j.ID
		}
		if q.Cursor = page.Next; q.Cursor == "" {
			return nil
		}
	}
}

// importedKey is what an imported job is known by: all that was ordered but
// at which time, which may have come meanwhile, and that it is paused.
func importedKey(j *db.Job) ([32]byte, error) {
	when, err := whenKey(&j.When)
	if err != nil {
		return [32]byte{}, err
	}
	b, err := json.Marshal(struct {
		Kind     string
		Args     db.Args
		Phones   []string
		Expires  string
		Retry    db.Retry
		Deadline time.Duration
		Priority int
		Calls    db.CallRule
		When     string
	}{j.Kind, j.Args, j.Selection.Phones, timeCell(j.Expires.UTC()), j.Retry, j.Deadline, j.Priority, j.Calls, when})
	if err != nil {
		return [32]byte{}, fmt.Errorf("digest of a job: %w", err)
	}
	return sha256.Sum256(b), nil
}

func originKey(id, created, expires string) [32]byte {
	return sha256.Sum256([]byte("origin\x00" + id + "\x00" + created + "\x00" + expires))
}

// whenKey is what of an order's time an imported job is known by. That it was
// due at a time is not: that may have come meanwhile.
func whenKey(w *db.When) (string, error) {
	if !w.Windowed() {
		return "", nil
	}
	b, err := json.Marshal(w)
	if err != nil {
		return "", fmt.Errorf("digest of a window: %w", err)
	}
	return string(b), nil
}
