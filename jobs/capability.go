package jobs

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"phoneacs/cwmp"
	"phoneacs/db"
)

// calls are the RPCs that jobs of a kind need the phone to take. A kind whose
// RPC depends on its arguments is a caller.
var calls = map[string]string{
	db.KindDownload:       "Download",
	db.KindReboot:         "Reboot",
	db.KindSetParameters:  "SetParameterValues",
	db.KindGetParameters:  "GetParameterValues",
	db.KindFactoryReset:   "FactoryReset",
	db.KindScheduleInform: "ScheduleInform",
	db.KindAddObject:      "AddObject",
	db.KindDeleteObject:   "DeleteObject",
	db.KindSetAttributes:  "SetParameterAttributes",
	db.KindGetAttributes:  "GetParameterAttributes",
	db.KindGetNames:       "GetParameterNames",
	db.KindUpload:         "Upload",
}

// A caller is a kind that names its RPC itself.
type caller interface {
	call(a *db.Args) string
}

// A detour is a kind that may reach its end without the RPC that a phone lacks:
// request then builds another.
type detour interface {
	otherwise(f facts, lacks string) bool
}

// callOf returns the RPC that a job needs the phone to take; "" if it is not
// known to need one.
func callOf(k kind, name string, a *db.Args) string {
	if c, ok := k.(caller); ok {
		return c.call(a)
	}
	return calls[name]
}

// lacks says whether a phone is known not to take an RPC: its firmware's own
// list decides; where there is none, its version of CWMP (TR-069 A.6). What is
// not known is no reason.
func lacks(m *db.Methods, p *db.Phone, rpc string) bool {
	if m != nil && m.Known(clipText(p.SoftwareVersion)) {
		return !m.Has(rpc)
	}
	since, standard := cwmp.Since(rpc)
	speaks, known := cwmp.ParseVersion(p.CWMP)
	return standard && known && speaks < since
}

// incapable says why a phone cannot take an order; "" if it can, or may.
func incapable(f facts, k kind) string {
	rpc := callOf(k, f.job.Kind, &f.job.Args)
	if rpc == "" || !lacks(f.methods, f.phone, rpc) {
		return ""
	}
	if d, ok := k.(detour); ok && d.otherwise(f, rpc) {
		return ""
	}
	if !f.methods.Known(clipText(f.phone.SoftwareVersion)) {
		since, _ := cwmp.Since(rpc)
		return fmt.Sprintf("the phone speaks CWMP %s, and %s came with %s", f.phone.CWMP, rpc, since)
	}
	firmware := "firmware"
	if f.phone.SoftwareVersion != "" {
		firmware += " " + clip(f.phone.SoftwareVersion)
	}
	return fmt.Sprintf("the phone's %s does not know %s; it offers %s", firmware, clip(rpc), offers(f.methods))
}

// offers names the methods of a phone, all of those that a phone usually has.
func offers(m *db.Methods) string {
	const most = 24
	if len(m.Names) <= most {
		return strings.Join(m.Names, ", ")
	}
	return fmt.Sprintf("%s and %d more", strings.Join(m.Names[:most], ", "), len(m.Names)-most)
}

// passing says why a phone is not given a task. Before it is sent, a phone's
// firmware decides only over what is due at once: by the time of a later order
// it may have another.
func (s *Service) passing(ctx context.Context, f *facts, k kind, sure bool) (p passing, err error) {
	if f.methods, err = s.methods(ctx, f.phone.ID); err != nil {
		return p, err
	}
	if sure || !isLater(f.job, f.now) {
		if why := incapable(*f, k); why != "" {
			return passing{why: why}, nil
		}
	}
	return k.pass(*f, sure), nil
}

// isLater reports whether a job is due later than at an instant.
func isLater(j *db.Job, now time.Time) bool { return j.When.At.After(now) || j.When.Windowed() }

// maxAsked is of how many phones, named one by one, it is looked up whether
// they can take an order before it is accepted. In larger selections those that
// cannot are skipped instead.
const maxAsked = 1000

// checkCapable refuses phones that were named one by one for what their
// firmware is known not to take.
func (s *Service) checkCapable(ctx context.Context, n *db.NewJob, k kind) error {
	if len(n.Phones) > maxAsked || callOf(k, n.Job.Kind, &n.Job.Args) == "" || isLater(&n.Job, n.Job.Created) {
		return nil
	}
	for _, id := range n.Phones {
		p, err := s.store.Phone(ctx, id)
		if errors.Is(err, db.ErrNotFound) {
			return &db.FieldError{Field: "selection.phones", Err: fmt.Errorf("%v: %w", id, db.ErrNotFound)}
		} else if err != nil {
			return fmt.Errorf("listed phone: %w", err)
		}
		f := facts{job: &n.Job, phone: &p.Phone, now: n.Job.Created}
		if f.methods, err = s.methods(ctx, id); err != nil {
			return err
		}
		if why := incapable(f, k); why != "" {
			return &db.FieldError{Field: "selection.phones", Err: fmt.Errorf("%s: %s", called(&p.Phone), why)}
		}
	}
	return nil
}
