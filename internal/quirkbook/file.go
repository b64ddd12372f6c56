package quirkbook

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"phoneacs/internal/logkey"
	"phoneacs/phones"
	"phoneacs/phones/quirks"
)

// lookEvery is how often the file is looked at.
const lookEvery = 2 * time.Second

// file is the operator's.
type file struct {
	path string
	seen stamp // of what was read last
}

// stamp tells one state of a file from another.
type stamp struct {
	size    int64
	changed time.Time
	err     string
}

func (f *file) stamp() stamp {
	info, err := os.Stat(f.path)
	if err != nil {
		return stamp{err: err.Error()}
	}
	return stamp{size: info.Size(), changed: info.ModTime()}
}

// ReadFile reads an operator's file, as [quirks.Read] does. Errors begin with
// path and line, one a line.
func ReadFile(path string) ([]quirks.Entry, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	text, err := io.ReadAll(io.LimitReader(f, quirks.MaxBook+1)) // a pipe has no size to ask for
	if err != nil {
		return nil, fmt.Errorf("read %s: %w", path, err)
	}
	entries, err := quirks.Read(path, text, phones.Lookup)
	if err != nil {
		return nil, placed(path, err)
	}
	return entries, nil
}

// placed puts path and line before each error.
func placed(path string, err error) error {
	if many, ok := err.(interface{ Unwrap() []error }); ok {
		var errs []error
		for _, e := range many.Unwrap() {
			errs = append(errs, placed(path, e))
		}
		return errors.Join(errs...)
	}
	var at *quirks.Error
	if errors.As(err, &at) && at.Line > 0 {
		return fmt.Errorf("%s:%d: %w", path, at.Line, err)
	}
	return fmt.Errorf("%s: %w", path, err)
}

// Run looks at the file until ctx ends, and puts in force what it then holds.
// Without a file there is nothing to look at until there is one.
func (k *Keeper) Run(ctx context.Context) error {
	tick := k.clock.NewTicker(lookEvery)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-tick.Chan():
			k.look(ctx)
		}
	}
}

// look takes a changed file, if it can be used. What it says, it says once for
// each change.
func (k *Keeper) look(ctx context.Context) {
	k.fileMu.Lock()
	defer k.fileMu.Unlock()
	if k.file.path == "" {
		return
	}
	// Taken before the file is read: what changes meanwhile is seen next time.
	now := k.file.stamp()
	if now == k.file.seen {
		return
	}
	k.file.seen = now
	entries, err := ReadFile(k.file.path)
	if err != nil {
		k.log.ErrorContext(ctx, "changed quirks not used, going on with those before",
			logkey.Path, k.file.path, logkey.Err, oneLine(err))
		return
	}
	k.book.SetFile(entries)
	k.log.InfoContext(ctx, "changed quirks in force", logkey.Path, k.file.path, logkey.Count, len(entries))
}

// oneLine is an error of many lines as one.
func oneLine(err error) string { return strings.ReplaceAll(err.Error(), "\n", "; ") }
