package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
)

// copied returns a copy of a fleet's data directory, for a scenario that changes
// what others are to find. No server may have it open.
func (l *lab) copied(ctx context.Context, f fleet) (string, error) {
	from, err := l.data(ctx, f)
	if err != nil {
		return "", err
	}
	l.say("copying the fleet of %s phones", grouped(f.known))
	to := filepath.Join(l.dir, l.name("data"))
	err = filepath.WalkDir(from, func(path string, d fs.DirEntry, err error) error {
		if err = errors.Join(err, ctx.Err()); err != nil {
			return err
		}
		rel, err := filepath.Rel(from, path)
		if err != nil {
			return err
		}
		info, err := d.Info()
		switch {
		case err != nil:
			return err
		case d.IsDir():
			return os.Mkdir(filepath.Join(to, rel), info.Mode().Perm())
		}
		return copyFile(filepath.Join(to, rel), path, info.Mode().Perm())
	})
	if err != nil {
		return "", fmt.Errorf("copy a fleet: %w", err)
	}
	return to, nil
}

func copyFile(to, from string, perm fs.FileMode) error {
	in, err := os.Open(from)
	if err != nil {
		return err
	}
	defer in.Close()
	out, err := os.OpenFile(to, os.O_CREATE|os.O_EXCL|os.O_WRONLY, perm)
	if err != nil {
		return err
	}
	_, err = io.Copy(out, in)
	return errors.Join(err, out.Sync(), out.Close()) // or the disk is at work while things are measured
}
