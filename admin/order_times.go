package admin

import (
	"time"

	"phoneacs/db"
)

// read reads when an order without a window is due.
func (in newWhen) read(now time.Time) (db.When, error) {
	if in.Now != nil {
		if !*in.Now {
			return db.When{}, invalid("when.now", "can only be true")
		}
		return db.When{Now: true}, nil
	}
	at, err := time.Parse(time.RFC3339, *in.At)
	if err != nil {
		return db.When{}, invalid("when.at", "want a time of RFC 3339, as in 2026-05-17T02:30:00+02:00")
	}
	if at.Before(now.Add(-late)) {
		return db.When{}, invalid("when.at", "is in the past")
	}
	return db.When{At: at.UTC()}, nil
}

// readTimes reads expiry, retry and deadline, with their defaults. j.When is set.
func (in newJob) readTimes(j *db.Job, now time.Time) error {
	due := now
	if !j.When.At.IsZero() {
		due = j.When.At
	}
	if !j.When.Windowed() { // else Orders knows how long its periods are
		j.Expires = due.Add(defaultExpires)
	}
	if in.Expires != nil {
		var err error
		if j.Expires, err = readExpires(*in.Expires, due); err != nil {
			return err
		}
	}
	j.Retry.Max = defaultRetries
	if in.Retry.Max != nil {
		j.Retry.Max = *in.Retry.Max
	}
	if j.Retry.Max < 0 || j.Retry.Max > maxRetries {
		return invalid("retry.max", "want 0 to %d", maxRetries)
	}
	var err error
	j.Retry.Backoff, err = readDuration("retry.backoff", in.Retry.Backoff, defaultBackoff, maxBackoff)
	if err != nil {
		return err
	}
	j.Deadline, err = readDuration("deadline", in.Deadline, defaultDeadline, maxDays*day)
	return err
}

// readExpires reads a time, or a duration that counts from when the job is due.
func readExpires(s string, due time.Time) (time.Time, error) {
	if d, err := parseDuration(s); err == nil {
		if d == 0 {
			return time.Time{}, invalid("expires", "would expire the moment it is due")
		}
		return due.Add(d), nil
	}
	t, err := time.Parse(time.RFC3339, s)
	if err != nil {
		return time.Time{}, invalid("expires", "want a duration such as 30d or 12h, or a time of RFC 3339")
	}
	if !t.After(due) {
		return time.Time{}, invalid("expires", "is not after the job is due")
	}
	return t.UTC(), nil
}

// readDuration reads a duration above 0 and up to most; absent means otherwise.
func readDuration(field string, s *string, otherwise, most time.Duration) (time.Duration, error) {
	if s == nil {
		return otherwise, nil
	}
	d, err := parseDuration(*s)
	if err != nil {
		return 0, invalid(field, "%v", err)
	}
	if d == 0 || d > most {
		return 0, invalid(field, "want more than 0 and at most %s", formatDuration(most))
	}
	return d, nil
}
