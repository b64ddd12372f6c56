package main

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"regexp"
	"strconv"
	"strings"
	"time"

	"phoneacs/e2e/bench/load"
)

// config is what the flags say.
type config struct {
	run    *regexp.Regexp // scenarios to run
	list   bool
	server string // path of the server; "" builds it
	output string // file for the table; "" is none
	work   string // directory for data; "" is the system's temporary one

	rounds   int
	round    time.Duration
	settle   time.Duration // after a round, for work put off by the server
	idle     time.Duration // for how long a server that nobody asks is looked at
	patience time.Duration // the longest wait for a job or a backup to come somewhere

	phones int   // of the fleet most scenarios use
	atOnce int   // sessions at a time in them
	crowds []int // sessions at a time of the crowd scenarios
	known  int   // phones of the fleet of the crowd scenarios, and of the small one of start/phones
	few    int   // phones of the small fleet of scale/phones
	many   int   // phones of the large one, and tasks of jobs/waiting and jobs/waiting-window
	sample int   // phones of the large fleet that inform
	extra  int   // bytes of parameters a phone of scale/parameters

	order      int // phones of jobs/order
	drain      int // tasks of jobs/drain
	drainers   int // sessions at a time of jobs/drain
	importRows int // phones in one request
	moves      int // phones of moves/phones
}

// parseFlags reads the arguments. Errors are told on w, with the usage.
func parseFlags(args []string, w io.Writer) (config, error) {
	c := config{crowds: []int{16, 64, 1000}}
	fs := flag.NewFlagSet("bench", flag.ContinueOnError)
	fs.SetOutput(w)
	run := fs.String("run", "", "run the scenarios whose name matches this `regexp`")
	fs.BoolVar(&c.list, "list", false, "list the scenarios and leave")
	fs.StringVar(&c.server, "server", "", "measure the server at this `path`; else it is built from ./cmd/phoneacs")
	fs.StringVar(&c.output, "o", "", "write the table to this `file` too")
	fs.StringVar(&c.work, "work", "", "keep data in this `directory` meanwhile; a memory file system makes every commit free")
	fs.IntVar(&c.rounds, "rounds", 5, "rounds of each comparison")
	fs.DurationVar(&c.round, "round", 3*time.Second, "length of a round")
	fs.DurationVar(&c.settle, "settle", 1200*time.Millisecond, "wait after a round, so that what the server put off counts")
	fs.DurationVar(&c.idle, "idle", 30*time.Second, "how long an idle server is looked at, in jobs/waiting-window")
	fs.DurationVar(&c.patience, "patience", 5*time.Minute, "longest wait for a job or a backup")
	fs.IntVar(&c.phones, "phones", 2000, "known phones")
	fs.IntVar(&c.atOnce, "at-once", 16, "sessions at a time")
	fs.Func("crowds", "sessions at a time, a comma between, of the crowd scenarios (default 16,64,1000)", func(s string) (err error) {
		c.crowds, err = parseInts(s)
		return err
	})
	fs.IntVar(&c.known, "known", 10_000, "known phones of the crowd scenarios, and of the small fleet of start/phones")
	fs.IntVar(&c.few, "few", 1000, "known phones of the small fleet of scale/phones")
	fs.IntVar(&c.many, "many", 1_000_000, "known phones of the large fleet, each with a waiting task in jobs/waiting and jobs/waiting-window")
	fs.IntVar(&c.sample, "sample", 20_000, "phones of the large fleet, drawn at random, that inform")
	fs.IntVar(&c.extra, "extra", 50_000, "bytes of stored parameters a phone in scale/parameters")
	fs.IntVar(&c.order, "order", 100_000, "phones that jobs/order is for")
	fs.IntVar(&c.drain, "drain", 20_000, "tasks of jobs/drain")
	fs.IntVar(&c.drainers, "drainers", 64, "sessions at a time of jobs/drain")
	fs.IntVar(&c.moves, "moves", 10_000, "phones of moves/phones")
	fs.IntVar(&c.importRows, "import-rows", 10_000, "phones in one import request")
	if err := fs.Parse(args); err != nil {
		return c, err
	}
	err := c.check(fs.Args())
	if err == nil {
		c.run, err = regexp.Compile(*run)
	}
	if err != nil {
		fmt.Fprintln(w, "bench:", err)
		fs.Usage()
	}
	return c, err
}

// check reports what cannot be run.
func (c *config) check(rest []string) error {
	if len(rest) > 0 {
		return fmt.Errorf("unknown argument %q", rest[0])
	}
	for _, n := range append([]int{c.rounds, c.atOnce, c.drainers, c.importRows}, c.crowds...) {
		if n < 1 {
			return errors.New("rounds, rows and sessions at a time begin at 1")
		}
	}
	if c.round <= 0 || c.settle < 0 || c.idle <= 0 || c.patience <= 0 {
		return errors.New("a round, settling, idling and patience take time")
	}
	for _, f := range []struct {
		name         string
		phones, need int
	}{
		{"-phones", c.phones, c.atOnce},
		{"-few", c.few, c.atOnce},
		{"-sample", c.sample, c.atOnce},
		{"-many", c.many, c.sample},
		{"-order", c.order, c.atOnce},
		{"-drain", c.drain, c.drainers},
		{"-moves", c.moves, c.atOnce},
	} {
		if f.phones < f.need || f.phones > load.MaxPhones {
			return fmt.Errorf("%s is %d; want %d to %d", f.name, f.phones, f.need, load.MaxPhones)
		}
	}
	for _, n := range c.crowds {
		if c.known < n || c.known > load.MaxPhones {
			return fmt.Errorf("-known is %d; want %d to %d", c.known, n, load.MaxPhones)
		}
	}
	return nil
}

func parseInts(s string) ([]int, error) {
	var list []int
	for part := range strings.SplitSeq(s, ",") {
		n, err := strconv.Atoi(strings.TrimSpace(part))
		if err != nil {
			return nil, fmt.Errorf("%q is not a number", part)
		}
		list = append(list, n)
	}
	return list, nil
}
