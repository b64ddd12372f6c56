package jobs

import (
	"time"

	"github.com/go-co-op/gocron/v2"

	"phoneacs/db"
)

// What the scheduler does over and over, by the names that logs and the
// schedule have for it.
const (
	workDue   = "taking what is due"
	workPrune = "house-keeping"
)

// work is something that the scheduler does over and over.
type work struct {
	name  string
	every time.Duration
	job   gocron.Job
}

// Schedule lists what the service does by itself over and over; nothing while
// it does not run. Recurring jobs are in the store.
func (s *Service) Schedule() []db.Work {
	works := s.works.Load()
	if works == nil {
		return nil
	}
	list := make([]db.Work, 0, len(*works))
	for _, w := range *works {
		k := db.Work{Name: w.name, Every: w.every, Error: s.failing.now(w.name)}
		// An error says that the scheduler has ended.
		if last, err := w.job.LastRunStartedAt(); err == nil {
			k.Last = last
		}
		if next, err := w.job.NextRun(); err == nil {
			k.Next = next
		}
		list = append(list, k)
	}
	return list
}
