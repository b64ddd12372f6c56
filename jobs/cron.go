package jobs

import (
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/robfig/cron/v3"

	"phoneacs/db"
	"phoneacs/jobs/window"
)

const (
	cronFields = cron.Minute | cron.Hour | cron.Dom | cron.Month | cron.Dow | cron.Descriptor
	maxCron    = 100 // characters
	// cronTries is how many times by the dial are looked at for one that is
	// after an instant: a dial that is set back shows 60 or 120 minutes again.
	cronTries = 200
)

// readCron reads when a recurring job runs. The error is a *db.FieldError.
func readCron(expression, zone string) (cron.Schedule, error) {
	bad := func(err error) error { return &db.FieldError{Field: "cron", Err: err} }
	switch {
	case strings.TrimSpace(expression) == "":
		return nil, bad(errors.New(`want five fields, minute, hour, day, month and day of the week, as in "30 2 * * mon-fri"`))
	case len(expression) > maxCron:
		return nil, bad(fmt.Errorf("is longer than %d characters", maxCron))
	case strings.Contains(expression, "="):
		return nil, bad(errors.New("the zone goes into zone"))
	case strings.Contains(expression, "@every"):
		return nil, bad(errors.New("@every has no beginning; say at which minutes or hours, as in */15 * * * *"))
	}
	s, err := cron.NewParser(cronFields).Parse(expression)
	if err != nil {
		return nil, bad(fmt.Errorf("%w; want minute, hour, day, month and day of the week, as in 30 2 * * mon-fri", err))
	}
	if zone != "" {
		if _, err := window.LoadZone(zone); err != nil {
			return nil, &db.FieldError{Field: "zone", Err: err}
		}
	}
	return s, nil
}

// nextByCron is when a recurring job runs next after an instant by its
// expression; zero if never.
//
// The expression is read by the dial of the zone, as windows are: a time that a
// change of clocks skips is as much later as was skipped, and of one that comes
// twice the first counts. So a nightly job runs every night, and once.
func (s *Service) nextByCron(r *db.Recurring, after time.Time) (time.Time, error) {
	schedule, err := readCron(r.Cron, r.Zone)
	if err != nil {
		return time.Time{}, err
	}
	zone := s.zone
	if r.Zone != "" {
		if zone, err = window.LoadZone(r.Zone); err != nil {
			return time.Time{}, &db.FieldError{Field: "zone", Err: err}
		}
	}
	dial := window.ByDial(after, zone)
	for range cronTries {
		if dial = schedule.Next(dial); dial.IsZero() {
			return time.Time{}, nil
		}
		if at := window.Instant(dial, zone); at.After(after) {
			return at.UTC(), nil
		}
	}
	return time.Time{}, nil
}
