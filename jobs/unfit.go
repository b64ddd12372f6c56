package jobs

import (
	"context"

	"phoneacs/db"
)

// Unfit says, as a task of a download of the file would, why a phone would be
// passed over if it were ordered now; "" if it would be given the task.
func (s *Service) Unfit(ctx context.Context, file *db.File, p *db.PhoneStatus) (string, error) {
	job := db.Job{Kind: db.KindDownload, Args: db.Args{File: file.ID}, When: db.When{Now: true}}
	k, err := kindOf(&job)
	if err != nil {
		return "", err
	}
	f := facts{job: &job, phone: &p.Phone, file: file, quirks: s.quirks.Of(ctx, &p.Phone), now: s.clock.Now()}
	over, err := s.passing(ctx, &f, k, false)
	return over.why, err
}
