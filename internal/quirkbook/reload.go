package quirkbook

import (
	"context"

	"phoneacs/internal/logkey"
	"phoneacs/phones/quirks"
)

// Reload puts in force what a file now holds, which may be another one than
// before, or none (""). If it cannot be used the error says why, with its lines,
// and nothing changes.
func (k *Keeper) Reload(ctx context.Context, path string) error {
	k.fileMu.Lock()
	defer k.fileMu.Unlock()
	next := file{path: path}
	var entries []quirks.Entry
	if path != "" {
		next.seen = next.stamp()
		var err error
		if entries, err = ReadFile(path); err != nil {
			return err
		}
	}
	k.file = next
	k.book.SetFile(entries)
	k.log.InfoContext(ctx, "quirks read again", logkey.Path, path, logkey.Count, len(entries))
	return nil
}
