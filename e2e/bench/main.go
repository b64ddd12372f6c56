package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	os.Exit(run(ctx, os.Args[1:], os.Stdout, os.Stderr))
}

// run is main with its surroundings passed in; it returns the exit status.
func run(ctx context.Context, args []string, stdout, stderr io.Writer) int {
	if len(args) > 0 && args[0] == floorCommand {
		if err := serveFloor(ctx, args[1:]); err != nil {
			fmt.Fprintln(stderr, "bench:", err)
			return 1
		}
		return 0
	}
	cfg, err := parseFlags(args, stderr)
	switch {
	case errors.Is(err, flag.ErrHelp):
		return 0
	case err != nil: // told by the flag package, with the usage
		return 2
	}
	if cfg.list {
		for _, s := range scenarios(cfg) {
			fmt.Fprintf(stdout, "%-22s %s\n", s.name, s.about)
		}
		return 0
	}
	if err := bench(ctx, cfg, stdout, stderr); err != nil {
		fmt.Fprintln(stderr, "bench:", err)
		return 1
	}
	return 0
}

// bench runs the scenarios chosen and writes the table. What was measured
// before a failure is written too.
func bench(ctx context.Context, cfg config, stdout, stderr io.Writer) (err error) {
	l, err := newLab(ctx, cfg, stderr)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, l.close()) }()

	sheet, runErr := l.runAll(ctx)
	table := sheet.markdown()
	if _, err := stdout.Write(table); err != nil {
		return fmt.Errorf("write table: %w", err)
	}
	if cfg.output != "" {
		if err := os.WriteFile(cfg.output, table, 0o666); err != nil {
			return fmt.Errorf("write table: %w", err)
		}
	}
	return runErr
}
