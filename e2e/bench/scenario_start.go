package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"

	"phoneacs/e2e/bench/load"
	"phoneacs/e2e/bench/proc"
)

// startPhones compares a start when few phones are known with one when very
// many are, and the sessions that come first. The stores were read before, so
// that the system has them in memory; how long a start takes when it has not is
// measured once, at the end.
func startPhones(ctx context.Context, l *lab, s *sheet) error {
	fleets := []fleet{{known: l.cfg.known, speak: l.cfg.known}, l.manyFleet()}
	var data [2]string
	for i, f := range fleets {
		var err error
		if data[i], err = l.data(ctx, f); err != nil {
			return err
		}
	}
	var starts [2][]started
	for range l.cfg.rounds {
		for i, f := range fleets {
			st, err := l.started(ctx, data[i], f.phones())
			if err != nil {
				return err
			}
			starts[i] = append(starts[i], st)
		}
	}
	if err := proc.Forget(storeFile(data[1])); err != nil {
		return err
	}
	cold, err := l.started(ctx, data[1], fleets[1].phones())
	if err != nil {
		return err
	}

	few, many := starts[0], starts[1]
	who := fmt.Sprintf("%s (%s) phones", grouped(fleets[1].known), grouped(fleets[0].known))
	took := eachStart(many, seconds)
	s.judge("exec to ready, "+who, fmt.Sprintf("%.2f s (%.2f s; rounds %.2f to %.2f)", median(took),
		median(eachStart(few, seconds)), took[0], took[len(took)-1]), median(took), startTarget)
	s.judge("exec to ready, the large store not in memory", fmt.Sprintf("%.2f s", seconds(cold)), seconds(cold), coldTarget)
	a, b := median(eachStart(few, anon)), median(eachStart(many, anon))
	s.judge(fmt.Sprintf("RssAnon after the start, %s ÷ %s phones", grouped(fleets[1].known), grouped(fleets[0].known)),
		fmt.Sprintf("%.2f (%s ÷ %s)", b/a, mebibytes(int64(b)), mebibytes(int64(a))), b/a, startMemoryTarget)
	if err := addSizes(s, "store's file, "+who, data[1], data[0]); err != nil {
		return err
	}
	s.addPace("first after the start, "+who, first(few), first(many))
	s.judgeLost(load.Merge(together(first(few)), together(first(many)), cold.first.Result))
	return nil
}

// A started is one start of a server.
type started struct {
	*served
	memory proc.Memory // once it has settled, before anybody spoke
	first  measure     // the sessions that came first
}

func seconds(st started) float64 { return st.took.Seconds() }
func anon(st started) float64    { return float64(st.memory.Anon) }

// started starts a server on a data directory, lets the phones inform for a
// round, and ends it.
func (l *lab) started(ctx context.Context, data string, phones []load.Phone) (st started, err error) {
	if st.served, err = l.serve(ctx, data); err != nil {
		return st, err
	}
	defer st.stop()
	if st.memory, err = l.settled(ctx, st.served); err != nil {
		return st, err
	}
	st.first, err = l.measure(ctx, side{st.served, phones}, load.Options{AtOnce: l.cfg.atOnce, For: l.cfg.round})
	return st, err
}

// settled is what a server holds that has just started, once it has done what
// it does by itself.
func (l *lab) settled(ctx context.Context, s *served) (m proc.Memory, err error) {
	if err := wait(ctx, l.cfg.settle); err != nil {
		return m, err
	}
	return proc.ReadMemory(s.pid)
}

// first returns the first sessions of every start.
func first(starts []started) []measure {
	list := make([]measure, len(starts))
	for i, st := range starts {
		list[i] = st.first
	}
	return list
}

// eachStart returns one figure of every start, in rising order.
func eachStart(starts []started, figure func(started) float64) []float64 {
	list := make([]float64, len(starts))
	for i, st := range starts {
		list[i] = figure(st)
	}
	slices.Sort(list)
	return list
}

// storeFile is the store in a data directory.
func storeFile(data string) string { return filepath.Join(data, "phoneacs.db") }

// addSizes adds the size of one store, and of another beside it.
func addSizes(s *sheet, figure, data, beside string) error {
	var sizes [2]int64
	for i, d := range []string{data, beside} {
		info, err := os.Stat(storeFile(d))
		if err != nil {
			return fmt.Errorf("look at the store: %w", err)
		}
		sizes[i] = info.Size()
	}
	s.add(figure, "%s (%s)", mebibytes(sizes[0]), mebibytes(sizes[1]))
	return nil
}
