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
	} else if _, err := c.warnFree(); err != nil {
		errs = append(errs, c.bad("warn-free", err))
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

// A threshold is so many bytes, or such a part of the disk: of two the one that
// asks for more.
type threshold struct {
	bytes   int64
	percent float64
}

// of is the threshold of a disk of such a size, in bytes; 0: there is none.
func (t threshold) of(disk int64) int64 {
	return max(t.bytes, int64(float64(disk)*t.percent/100))
}

// usualWarning is the least room below which there is a warning by default.
const usualWarning = 1 << 30

// warnFree is what WarnFree says.
func (c *Config) warnFree() (t threshold, err error) {
	text, isPart := strings.CutSuffix(c.WarnFree, "%")
	switch {
	case c.WarnFree == "auto":
		return threshold{bytes: max(2*c.minFree(), usualWarning)}, nil
	case isPart:
		t.percent, err = strconv.ParseFloat(text, 64)
		if err != nil || !(t.percent > 0 && t.percent < 100) {
			return t, fmt.Errorf("%q: want a part of the disk, as in 5%%", c.WarnFree)
		}
		return t, nil
	}
	if t.bytes, err = parseSize(c.WarnFree); err != nil {
		return t, fmt.Errorf("%w, a part, as in 5%%, or auto", err)
	}
	if t.bytes > 0 && t.bytes <= c.minFree() {
		return t, fmt.Errorf("%s is not more than --min-free %s, below which things are refused: want more, or 0 for no warning", c.WarnFree, c.MinFree)
	}
	return t, nil
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
