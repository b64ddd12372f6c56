package quirkbook

import (
	"phoneacs/internal/logkey"
	"phoneacs/phones/quirks"
)

// Reload reads a file, which may be another one than before, or none (""). What
// it holds is in force from commit on. If it cannot be used the error says why,
// with its lines.
func (k *Keeper) Reload(path string) (commit func(), err error) {
	next := file{path: path}
	var entries []quirks.Entry
	if path != "" {
		next.seen = next.stamp()
		if entries, err = ReadFile(path); err != nil {
			return nil, err
		}
	}
	return func() {
		k.fileMu.Lock()
		defer k.fileMu.Unlock()
		k.file = next
		k.book.SetFile(entries)
		k.log.Info("quirks read again", logkey.Path, path, logkey.Count, len(entries))
	}, nil
}
