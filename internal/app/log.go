package app

import (
	"fmt"
	"io"
	"log/slog"
)

// newLog makes the program's logger. Its level can be changed by level.
func newLog(c *Config, w io.Writer, level *slog.LevelVar) (*slog.Logger, error) {
	l, err := logLevel(c.LogLevel)
	if err != nil {
		return nil, c.bad("log-level", err)
	}
	level.Set(l)
	handler, err := logHandler(c.LogFormat)
	if err != nil {
		return nil, c.bad("log-format", err)
	}
	return slog.New(handler(w, &slog.HandlerOptions{Level: level})), nil
}

func logLevel(s string) (slog.Level, error) {
	switch s {
	case "debug":
		return slog.LevelDebug, nil
	case "", "info":
		return slog.LevelInfo, nil
	case "warn":
		return slog.LevelWarn, nil
	case "error":
		return slog.LevelError, nil
	}
	return 0, fmt.Errorf("%q: want debug, info, warn or error", s)
}

func logHandler(format string) (func(io.Writer, *slog.HandlerOptions) slog.Handler, error) {
	switch format {
	case "", "text":
		return func(w io.Writer, o *slog.HandlerOptions) slog.Handler { return slog.NewTextHandler(w, o) }, nil
	case "json":
		return func(w io.Writer, o *slog.HandlerOptions) slog.Handler {
			with := *o
			with.ReplaceAttr = inSeconds
			return slog.NewJSONHandler(w, &with)
		}, nil
	}
	return nil, fmt.Errorf("%q: want text or json", format)
}

// inSeconds writes durations as seconds: as JSON they would be a number of
// nanoseconds, which no reader expects.
func inSeconds(_ []string, a slog.Attr) slog.Attr {
	if a.Value.Kind() == slog.KindDuration {
		a.Value = slog.Float64Value(a.Value.Duration().Seconds())
	}
	return a
}
