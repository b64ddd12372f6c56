package app

import (
	"errors"
	"fmt"
	"log/slog"
	"strconv"
	"strings"
	"time"

	"phoneacs/db/bolt"
	"phoneacs/internal/seal"
)

// Bounds of what is kept.
const (
	maxKept        = 20 * 365 * 24 * time.Hour
	maxBackupsKept = 1000
	usualBackups   = 7
)

// checkKept reports settings of what is kept, and of room, that cannot be.
func (c *Config) checkKept() []error {
	var errs []error
	for _, k := range []struct {
		setting string
		d       time.Duration
	}{{"keep-jobs", c.KeepJobs}, {"keep-history", c.KeepHistory}, {"keep-uploads", c.KeepUploads}} {
		if k.d != 0 && (k.d < time.Hour || k.d > maxKept) {
			errs = append(errs, c.bad(k.setting, fmt.Errorf("%v: want 1h to 175200h, or 0s for ever", k.d)))
		}
	}
	if c.KeepBackups < 0 || c.KeepBackups > maxBackupsKept {
		errs = append(errs, c.bad("keep-backups", fmt.Errorf("%d: want 1 to %d", c.KeepBackups, maxBackupsKept)))
	}
	if _, err := parseSize(c.MinFree); err != nil {
		errs = append(errs, c.bad("min-free", err))
	}
	return errs
}

func (c *Config) backupsKept() int {
	if c.KeepBackups == 0 {
		return usualBackups
	}
	return c.KeepBackups
}

// minFree is MinFree, which was checked, in bytes.
func (c *Config) minFree() int64 {
	n, _ := parseSize(c.MinFree)
	return n
}

// parseSize reads a size as people write it: 512MiB, 2G, 1000000. Empty is 0.
func parseSize(s string) (int64, error) {
	digits := strings.TrimRight(s, "KMGTiBkb")
	unit := strings.ToUpper(s[len(digits):])
	shift, ok := map[string]uint{
		"": 0, "B": 0, "K": 10, "KB": 10, "KIB": 10, "M": 20, "MB": 20, "MIB": 20, "G": 30, "GB": 30, "GIB": 30, "T": 40, "TB": 40, "TIB": 40,
	}[unit]
	n, err := strconv.ParseInt(digits, 10, 64)
	switch {
	case s == "":
		return 0, nil
	case err != nil || !ok || n < 0:
		return 0, fmt.Errorf("%q: want a size, as in 512MiB", s)
	case n > 1<<50>>shift:
		return 0, errors.New("is larger than any disk")
	}
	return n << shift, nil
}

// storeOptions are what the store is opened with to be served from.
func (c *Config) storeOptions(log *slog.Logger, key *seal.Key) bolt.Options {
	uploads := c.KeepUploads
	if uploads == 0 {
		uploads = -1
	}
	return bolt.Options{
		Dir: c.Data, Log: log, Key: key, RecordingsKept: c.RecordKept, MinFree: c.minFree(),
		JobsKept: c.KeepJobs, HistoryKept: c.KeepHistory, UploadsKept: uploads,
	}
}
