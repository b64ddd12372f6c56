package cli

import (
	"cmp"
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"time"

	"github.com/schollz/progressbar/v3"
	"github.com/spf13/cobra"

	"phoneacs/admin/client"
)

func fileAddCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "add PATH --kind KIND",
		Short: "Add a file to the catalogue",
		Long: `Add a file to the catalogue. What phones see as its name is the last part of its
path, unless --name says otherwise.`,
		Example: `  phoneacs file add x6u-2.12.1.z --kind firmware --vendor fanvil --model X6U --version 2.12.1
  phoneacs file add lobby.cfg --kind config --vendor fanvil`,
		Args: count(1, 1),
	}
	f := cmd.Flags()
	f.String("kind", "", "`kind`: firmware, config, phonebook, certificate, background, mmiset, dial-rules, access-list, ringer, tone or language")
	f.String("name", "", "`name` that phones see")
	f.String("vendor", "", "`vendor` whose phones take it")
	f.StringSlice("model", nil, "`models` that take it; not given: all of the vendor")
	f.String("version", "", "`version` that this firmware makes a phone report")
	return verb(cmd, func(ctx context.Context, s *session, args []string) error {
		if s.flag("kind") == "" {
			return usage("--kind: is needed; see `%s --help`", cmd.CommandPath())
		}
		in, err := os.Open(args[0])
		if err != nil {
			return &UsageError{err}
		}
		defer in.Close()
		info, err := in.Stat()
		switch {
		case err != nil:
			return fmt.Errorf("read %s: %w", args[0], err)
		case !info.Mode().IsRegular():
			return usage("%s is no regular file", args[0])
		}
		n := client.NewFile{
			Name: cmp.Or(s.flag("name"), filepath.Base(args[0])), Kind: s.flag("kind"), Vendor: s.flag("vendor"),
			Version: s.flag("version"), Size: info.Size(),
		}
		if n.Models, err = f.GetStringSlice("model"); err != nil {
			return err
		}
		body, done := s.metered(in, info.Size(), n.Name)
		added, err := s.AddFile(ctx, n, body)
		done()
		if err != nil {
			return err
		}
		return s.show(added, func() error { return s.file(added) })
	})
}

// barPace is how often a bar is drawn, at most, where steps are small.
const barPace = 100 * time.Millisecond

// gauge shows on a terminal how many bytes are done, of how many, which need not
// be known at first; done takes that away.
func (o *output) gauge(name string) (draw func(done, total int64), done func()) {
	if !o.live || o.json {
		return func(int64, int64) {}, func() {}
	}
	var bar *progressbar.ProgressBar
	var last time.Time
	_, _ = fmt.Fprintf(o.errs, "%s: the store is copied", plain(name))
	clear := func() { _, _ = fmt.Fprint(o.errs, "\r\x1b[K") }
	return func(n, total int64) {
		if total <= 0 {
			return
		}
		now := o.now()
		if bar == nil {
			clear()
			bar = o.namedBar(total, name)
		} else if now.Sub(last) < barPace && n < total {
			return
		}
		last = now
		_ = bar.Set64(min(n, total)) // that nobody can see it changes nothing
	}, clear
}

// byteBar is a bar for so many bytes, -1: not known. What is beside it is as much
// as there is room for beside a text of some columns: a line that is too long for
// the terminal could not be drawn over. The text has to be cut to room.
func (o *output) byteBar(size int64, columns int) (bar *progressbar.ProgressBar, room int) {
	// Per cent, the bar, counts with a rate, and times; else the first two.
	const full, small = 72, 22
	has := o.barColumns()
	options := []progressbar.Option{
		progressbar.OptionSetWriter(o.errs), progressbar.OptionClearOnFinish(),
		progressbar.OptionSetWidth(20), progressbar.OptionShowBytes(true), progressbar.OptionShowCount(),
	}
	room = has - full
	if room < columns {
		room = max(has-small, 0)
		options = append(options[:2], progressbar.OptionSetWidth(10), progressbar.OptionSetElapsedTime(false), progressbar.OptionSetPredictTime(false))
	}
	return progressbar.NewOptions64(size, options...), room
}

// namedBar is a byteBar beside a name.
func (o *output) namedBar(size int64, name string) *progressbar.ProgressBar {
	name = plain(name)
	bar, room := o.byteBar(size, wide(name))
	bar.Describe(cut(name, room))
	return bar
}

// metered shows on a terminal how much has been read; done takes that away.
func (o *output) metered(r io.Reader, size int64, name string) (_ io.Reader, done func()) {
	if !o.live || o.json {
		return r, func() {}
	}
	bar := o.namedBar(size, name)
	return io.TeeReader(r, bar), func() { _ = bar.Clear() }
}
