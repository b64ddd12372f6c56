package jobs

import (
	"context"
	"errors"
	"fmt"

	"phoneacs/db"
)

const (
	// heldLooks is of how many unsent tasks the site is looked up to tell which
	// holds stop a job: people ask every second.
	heldLooks = 1000
	// heldHolds is how many holds are looked at.
	heldHolds = 10_000
)

// HeldBy returns the holds that keep tasks of a job from being sent, with how
// many: the widest alone for a task under several. None stops a job that
// changes nothing. Of a job with more than 1,000 unsent tasks only so many are
// looked at, unless the fleet is held: Tasks is then what was found, and More
// says that there may be others.
func (s *Service) HeldBy(ctx context.Context, j *db.JobStatus) ([]db.HeldTasks, error) {
	k, err := kindOf(&j.Job)
	unsent := j.Counts[db.TaskWaiting] + j.Counts[db.TaskReady]
	if err != nil || !k.traits().changes || unsent == 0 {
		return nil, nil
	}
	making := j.Expanded < j.Selected
	bySite, byPhone := make(map[db.SiteID]*db.HeldTasks), make(map[db.PhoneID]*db.HeldTasks)
	var all []*db.HeldTasks
	for q := (db.Query{Limit: db.MaxLimit}); ; {
		page, err := s.store.ListHolds(ctx, q)
		if err != nil {
			return nil, fmt.Errorf("holds over %v: %w", j.ID, err)
		}
		for _, h := range page.Items {
			held := &db.HeldTasks{Hold: h}
			switch all = append(all, held); {
			case h.Phone != 0:
				byPhone[h.Phone] = held
			case h.Site != 0:
				bySite[h.Site] = held
			default:
				return []db.HeldTasks{{Hold: h, Tasks: unsent, More: making}}, nil
			}
		}
		if q.Cursor = page.Next; q.Cursor == "" || len(all) >= heldHolds {
			break
		}
	}
	if len(all) == 0 {
		return nil, nil
	}
	tasks, _, done, err := s.store.UnsentTasks(ctx, j.ID, 0, heldLooks)
	if err != nil {
		return nil, fmt.Errorf("tasks of %v under holds: %w", j.ID, err)
	}
	for i := range tasks {
		id := tasks[i].ID.Phone
		held := byPhone[id]
		if len(bySite) > 0 {
			p, err := s.store.Phone(ctx, id)
			if errors.Is(err, db.ErrNotFound) {
				continue
			} else if err != nil {
				return nil, fmt.Errorf("site of %v: %w", id, err)
			}
			if wider := bySite[p.Site]; wider != nil {
				held = wider
			}
		}
		if held != nil {
			held.Tasks++
		}
	}
	var out []db.HeldTasks
	for _, held := range all {
		if held.Tasks > 0 {
			held.More = making || !done && held.Hold.Phone == 0
			out = append(out, *held)
		}
	}
	return out, nil
}
