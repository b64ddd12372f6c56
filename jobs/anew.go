package jobs

import (
	"context"
	"errors"
	"fmt"

	"phoneacs/db"
	"phoneacs/jobs/window"
)

// anew is the day from which on a phone's periods in the window of a job are
// counted, by the clocks of the window: that on which it last had the job's deed
// by other means; nil if it never had. Only flexible periods are counted so.
func (x *slotter) anew(ctx context.Context, j *db.Job, phone db.PhoneID, o *slots) (*window.Date, error) {
	if o.window.Flexible == nil {
		return nil, nil
	}
	runs, err := x.s.store.Runs(ctx, phone)
	if err != nil {
		return nil, fmt.Errorf("what phone %v had by other means: %w", phone, err)
	}
	if len(runs) == 0 {
		return nil, nil
	}
	deed, err := x.deed(ctx, j)
	if err != nil {
		return nil, err
	}
	for _, r := range runs {
		if r.Deed == deed && !r.Ahead(x.s.clock.Now()) {
			day := window.DateOf(r.At.In(o.zone))
			return &day, nil
		}
	}
	return nil, nil
}

// deed is that of a job; "" if its file is gone, and of a raw RPC.
func (x *slotter) deed(ctx context.Context, j *db.Job) (db.Deed, error) {
	if d, known := x.deeds[j.ID]; known {
		return d, nil
	}
	carries := ""
	if j.Args.Upload != nil {
		carries = j.Args.Upload.Kind
	} else if f, err := x.s.file(ctx, j); err == nil && f != nil {
		carries = f.Kind
	} else if err != nil && !errors.Is(err, db.ErrNotFound) {
		return "", err
	}
	x.deeds[j.ID] = db.DeedOf(j.Kind, carries)
	return x.deeds[j.ID], nil
}
