package cli

import (
	"context"
	"errors"
	"fmt"
	"time"

	"phoneacs/admin/client"
)

// backupPace is how often it is looked how far a backup is.
const backupPace = 250 * time.Millisecond

// ErrNotMade is what ends a command when the server could not do what it had begun.
var ErrNotMade = errors.New("the server could not make the backup")

// backupOnline has the server make a backup, and fetches it if output is named.
func (s *session) backupOnline(ctx context.Context, output string) error {
	var into *download
	if output != "" {
		var err error
		if into, err = newDownload(output); err != nil { // before the server works for nothing
			return err
		}
		defer into.discard()
	}
	b, err := s.orderBackup(ctx)
	if err != nil {
		return err
	}
	if into != nil {
		if err := s.fetch(ctx, b, into); err != nil {
			return err
		}
	}
	return s.made(b, output)
}

// orderBackup has a backup made and shows how far it is, until it is ready. The
// server answers only after a while: it is looked in the list meanwhile.
func (s *session) orderBackup(ctx context.Context) (client.Backup, error) {
	draw, done := s.gauge("backup")
	defer done()
	type answer struct {
		b   client.Backup
		err error
	}
	ordered := make(chan answer, 1)
	asked, cancel := context.WithCancel(ctx)
	defer cancel()
	go func() {
		b, err := s.CreateBackup(asked, s.isSet("with-secrets"))
		ordered <- answer{b, err}
	}()
	tick := time.NewTicker(backupPace)
	defer tick.Stop()
	var seen client.Backup
	for ours := false; ; {
		select {
		case a := <-ordered:
			if a.err != nil {
				return a.b, s.notOrdered(a.err, seen.ID)
			}
			seen, ours = a.b, true
		case <-tick.C:
			var err error
			if seen, err = s.underWay(ctx, seen, ours); err != nil {
				return seen, err
			}
		case <-ctx.Done():
			return seen, s.notOrdered(context.Canceled, seen.ID)
		}
		draw(seen.Done, seen.Total)
		switch {
		case !ours || seen.State == client.BackupRunning:
		case seen.State == client.BackupFailed:
			return seen, &advised{fmt.Errorf("%w %s: %s", ErrNotMade, seen.ID, seen.Why), "see the server's log, then order it again"}
		default:
			return seen, nil
		}
	}
}

// underWay looks how far the backup is: ours, once its id is known.
func (s *session) underWay(ctx context.Context, seen client.Backup, ours bool) (client.Backup, error) {
	var lost *client.Unreachable
	if ours {
		b, err := s.Backup(ctx, seen.ID)
		var p *client.Problem
		switch {
		case errors.As(err, &p) && p.Kind() == "not-found":
			return seen, &advised{fmt.Errorf("%w: %s is not known any more; has the server begun anew?", ErrNotMade, seen.ID), "order it again"}
		case errors.As(err, &lost):
			return seen, &advised{fmt.Errorf("what became of backup %s is not known: %w", seen.ID, err), "see what the server keeps with `phoneacs backup list`"}
		case err != nil:
			return seen, s.notOrdered(err, seen.ID)
		}
		return b, nil
	}
	page, err := s.ListBackups(ctx)
	if err == nil && len(page.Items) > 0 && page.Items[0].State == client.BackupRunning {
		return page.Items[0], nil
	}
	return seen, nil // the order itself tells what is wrong
}

// notOrdered says what goes on at the server though the command ends.
func (s *session) notOrdered(err error, id string) error {
	if !errors.Is(err, context.Canceled) {
		var p *client.Problem
		if errors.As(err, &p) && (p.Kind() == "conflict" || p.Kind() == "no-space") {
			return &advised{err, "see how far it is, and what can go, with `phoneacs backup list`"}
		}
		return err
	}
	if id == "" {
		return &advised{fmt.Errorf("interrupted; the server may go on with the backup: %w", err), "see what it keeps with `phoneacs backup list`"}
	}
	return &advised{
		fmt.Errorf("interrupted; the server goes on with backup %s: %w", id, err),
		fmt.Sprintf("once it is made, fetch it with `phoneacs backup fetch %s --output FILE`, or take it away with `phoneacs backup delete %s`", id, id),
	}
}
