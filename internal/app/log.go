package app

import (
	"fmt"
	"io"
	"log/slog"
)

// newLog makes the program's logger.
func newLog(c *Config, w io.Writer) (*slog.Logger, error) {
	var level slog.Level
	if c.LogLevel != "" {
		if err := level.UnmarshalText([]byte(c.LogLevel)); err != nil {
			return nil, c.bad("log-level", fmt.Errorf("%q: want debug, info, warn or error", c.LogLevel))
		}
	}
	opts := &slog.HandlerOptions{Level: level}
	switch c.LogFormat {
	case "", "text":
		return slog.New(slog.NewTextHandler(w, opts)), nil
	case "json":
		return slog.New(slog.NewJSONHandler(w, opts)), nil
	}
	return nil, c.bad("log-format", fmt.Errorf("%q: want text or json", c.LogFormat))
}
