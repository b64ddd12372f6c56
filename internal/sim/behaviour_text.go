package sim

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"
)

// ParseBehaviour reads the words of a command line, parted by commas:
// "delay=1s,drop=after-inform,drop-times=2,fault=Download:9010,no-cookie".
// Each field of [Behaviour] has a word, spelt with hyphens; fault and dialect may repeat.
func ParseBehaviour(s string) (Behaviour, error) {
	var b Behaviour
	for _, word := range strings.Split(s, ",") {
		if word = strings.TrimSpace(word); word == "" {
			continue
		}
		if err := b.setWord(word); err != nil {
			return Behaviour{}, fmt.Errorf("read behaviour %q: %w", word, err)
		}
	}
	if err := b.Check(); err != nil {
		return Behaviour{}, fmt.Errorf("read behaviour: %w", err)
	}
	return b, nil
}

// BehaviourWords lists the words of [ParseBehaviour] with their values.
func BehaviourWords() []string {
	var b Behaviour
	var out []string
	for name := range b.switches() {
		out = append(out, name)
	}
	out = append(out, "byte-every=DURATION", "cut-fetch=BYTES", "cut-upload=BYTES", "delay=DURATION", "dialect=NAME", "drop=POINT", "drop-times=N",
		"fault=RPC:CODE", "max-values=N", "pad-kb=N", "registers=DURATION", "transfer-fault=CODE")
	slices.Sort(out)
	return out
}

func (b *Behaviour) switches() map[string]*bool {
	words := map[string]*bool{
		"chunked": &b.Chunked, "double-inform": &b.DoubleInform, "download-now": &b.DownloadNow, "gap-zero": &b.GapZero,
		"takes-upload": &b.TakesUpload, "takes-schedule": &b.TakesSchedule, "takes-windows": &b.TakesWindows, "keeps-windows": &b.KeepsWindows, "in-call": &b.InCall, "hides-calls": &b.HidesCalls, "loses-lines": &b.LosesLines, "no-auto": &b.NoAuto,
		"never-fetch": &b.NeverFetch, "never-report": &b.NeverReport, "new-conn-each-post": &b.NewConnEachPost,
		"no-cookie": &b.NoCookie, "no-qop": &b.NoQop, "repeat-events": &b.RepeatEvents,
		"restart-on-config": &b.RestartOnConfig, "stale-cookie": &b.StaleCookie,
	}
	maps.Copy(words, b.Tree.switches())
	return words
}

func (b *Behaviour) setWord(word string) (err error) {
	name, value, valued := strings.Cut(word, "=")
	if on, ok := b.switches()[name]; ok {
		if valued {
			return fmt.Errorf("%w: %s takes no value", errBehaviour, name)
		}
		*on = true
		return nil
	}
	switch name {
	case "delay":
		b.Delay, err = time.ParseDuration(value)
	case "registers":
		b.Registers, err = time.ParseDuration(value)
	case "byte-every":
		b.ByteEvery, err = time.ParseDuration(value)
	case "dialect":
		b.Dialects = append(b.Dialects, value)
	case "drop":
		b.Drop = Point(value)
	case "drop-times":
		b.DropTimes, err = strconv.Atoi(value)
	case "fault":
		rpc, code, _ := strings.Cut(value, ":")
		if b.FaultNext == nil {
			b.FaultNext = map[string]int{}
		}
		b.FaultNext[rpc], err = strconv.Atoi(code)
	case "transfer-fault":
		b.TransferFaultNext, err = strconv.Atoi(value)
	case "cut-fetch":
		b.CutFetch, err = strconv.ParseInt(value, 10, 64)
	case "cut-upload":
		b.CutUpload, err = strconv.ParseInt(value, 10, 64)
	case "pad-kb":
		b.PadKB, err = strconv.Atoi(value)
	case "max-values":
		b.MaxValues, err = strconv.Atoi(value)
	default:
		return fmt.Errorf("%w: unknown word", errBehaviour)
	}
	return err
}

// String gives the words that [ParseBehaviour] reads back to the same value.
func (b Behaviour) String() string {
	var out []string
	add := func(set bool, word string, value any) {
		if set {
			out = append(out, fmt.Sprintf("%s=%v", word, value))
		}
	}
	add(b.Delay != 0, "delay", b.Delay)
	add(b.ByteEvery != 0, "byte-every", b.ByteEvery)
	add(b.Registers != 0, "registers", b.Registers)
	add(b.Drop != Nowhere, "drop", b.Drop)
	add(b.DropTimes != 0, "drop-times", b.DropTimes)
	for rpc, code := range b.FaultNext {
		add(true, "fault", fmt.Sprintf("%s:%d", rpc, code))
	}
	add(b.TransferFaultNext != 0, "transfer-fault", b.TransferFaultNext)
	add(b.CutFetch != 0, "cut-fetch", b.CutFetch)
	add(b.CutUpload != 0, "cut-upload", b.CutUpload)
	add(b.PadKB != 0, "pad-kb", b.PadKB)
	add(b.MaxValues != 0, "max-values", b.MaxValues)
	for name, on := range b.switches() {
		if *on {
			out = append(out, name)
		}
	}
	slices.Sort(out)
	for _, name := range b.Dialects { // whose order counts
		add(true, "dialect", name)
	}
	return strings.Join(out, ",")
}
