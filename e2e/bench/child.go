package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"time"
)

// killAfter is how long a child may take to end once told to.
const killAfter = 15 * time.Second

// Waiting for a child to be ready: how long at most, and how often it is looked
// at, by which the time of a start is known.
const (
	readyWithin = 3 * time.Minute
	readyLook   = 5 * time.Millisecond
)

// A child is a process of ours. It ends with the context it was started in,
// and with this process.
type child struct {
	name   string
	pid    int
	log    string // file with all it wrote
	cancel context.CancelFunc
	ended  chan struct{}
}

// startChild starts a program, its output going to a file in dir.
func startChild(ctx context.Context, name, dir string, env []string, path string, args ...string) (*child, error) {
	out, err := os.Create(filepath.Join(dir, name+".log"))
	if err != nil {
		return nil, fmt.Errorf("start %s: %w", name, err)
	}
	defer out.Close()
	ctx, cancel := context.WithCancel(ctx)
	cmd := exec.CommandContext(ctx, path, args...)
	cmd.Env, cmd.Stdout, cmd.Stderr = env, out, out
	cmd.SysProcAttr = endWithParent()
	cmd.Cancel = func() error { return cmd.Process.Signal(syscall.SIGTERM) }
	cmd.WaitDelay = killAfter
	if err := cmd.Start(); err != nil {
		cancel()
		return nil, fmt.Errorf("start %s: %w", name, err)
	}
	c := &child{name: name, pid: cmd.Process.Pid, log: out.Name(), cancel: cancel, ended: make(chan struct{})}
	go func() {
		defer close(c.ended)
		_ = cmd.Wait() // how it ended is in its log, if it matters
	}()
	return c, nil
}

// stop ends the child and waits for it.
func (c *child) stop() {
	c.cancel()
	<-c.ended
}

// ready waits until probe succeeds. It fails when the child ends first, with
// the last of what it wrote.
func (c *child) ready(ctx context.Context, probe func(context.Context) error) error {
	ctx, cancel := context.WithTimeout(ctx, readyWithin)
	defer cancel()
	tick := time.NewTicker(readyLook)
	defer tick.Stop()
	for {
		err := probe(ctx)
		if err == nil {
			return nil
		}
		select {
		case <-c.ended:
			return fmt.Errorf("%s ended instead of serving; it wrote:\n%s", c.name, c.tail())
		case <-ctx.Done():
			return fmt.Errorf("wait for %s to serve: %w", c.name, errors.Join(ctx.Err(), err))
		case <-tick.C:
		}
	}
}

// tail returns the last of what the child wrote.
func (c *child) tail() string {
	const most = 2000
	b, err := os.ReadFile(c.log)
	if err != nil {
		return err.Error()
	}
	return string(b[max(0, len(b)-most):])
}
