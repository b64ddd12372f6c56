package main

import (
	"bytes"
	"io"
	"strings"
	"testing"
	"time"
)

func TestVerdict(t *testing.T) {
	for _, tt := range []struct {
		target     target
		got        float64
		text, want string
	}{
		{sessionTarget, 1.9, "≤ 2.8 × floor, aim 2", "met, the aim too"},
		{sessionTarget, 2.5, "≤ 2.8 × floor, aim 2", "met, the aim missed by 25.0 %"},
		{sessionTarget, 3.5, "≤ 2.8 × floor, aim 2", "**missed by 25.0 %**"},
		{lostTarget, 0, "≤ 0", "met"},
		{lostTarget, 7, "≤ 0", "**missed by 7**"},
		{waitingTarget, 100, "< 100 MiB", "**missed by 0.0 %**"},
		{waitingTarget, 99.9, "< 100 MiB", "met"},
		{drainedTarget, 1000, "≥ 1000 /s", "met"},
		{drainedTarget, 900, "≥ 1000 /s", "**missed by 10.0 %**"},
	} {
		if got := tt.target.verdict(tt.got); got != tt.want || tt.target.String() != tt.text {
			t.Errorf("%v of %v is %q; want %q of %q", tt.got, tt.target, got, tt.want, tt.text)
		}
	}
}

func TestMarkdown(t *testing.T) {
	s := &sheet{scenario: "a/b", at: time.Date(2026, 3, 4, 0, 0, 0, 0, time.UTC)}
	s.add("plain", "%d %s", 3, "x")
	s.judge("judged", "4 s", 4, acceptedTarget)
	s.fail(io.EOF)
	s.miss("missed", io.ErrUnexpectedEOF, expandedTarget)
	s.add("odd", "a|b\nc")
	machine, table, ok := strings.Cut(string(s.markdown()), "\n\n")
	if !ok || !strings.HasSuffix(machine, ", 2026-03-04") {
		t.Errorf("machine line %q", machine)
	}
	const want = `| scenario | figure | value | target | verdict |
| --- | --- | --- | --- | --- |
| a/b | plain | 3 x |  |  |
| a/b | judged | 4 s | ≤ 1 s | **missed by 300.0 %** |
| a/b | not measured | EOF |  |  |
| a/b | missed | unexpected EOF | ≤ 10 s | **missed** |
| a/b | odd | a\|b c |  |  |
`
	if table != want {
		t.Errorf("table\n%s\nwant\n%s", table, want)
	}
}

func TestGrouped(t *testing.T) {
	for n, want := range map[int]string{0: "0", 999: "999", 1000: "1,000", -123456: "-123,456", 1234567: "1,234,567"} {
		if got := grouped(n); got != want {
			t.Errorf("grouped(%d) = %q; want %q", n, got, want)
		}
	}
}

func TestMedian(t *testing.T) {
	if got := median([]float64{1, 2, 9}); got != 2 {
		t.Errorf("median of three = %v; want 2", got)
	}
	if got := median([]float64{1, 2, 4, 9}); got != 3 {
		t.Errorf("median of four = %v; want 3", got)
	}
}

func TestFlags(t *testing.T) {
	var out bytes.Buffer
	if _, err := parseFlags(nil, &out); err != nil {
		t.Errorf("the defaults do not fit: %v", err)
	}
	for name, args := range map[string][]string{
		"begin at 1":       {"-rounds", "0"},
		"take time":        {"-round", "0s"},
		"idling":           {"-idle", "0s"},
		"want 16 to":       {"-phones", "15"},
		"want 1000 to":     {"-known", "999"},
		"want 20000 to":    {"-many", "19999"},
		"is not a number":  {"-crowds", "1,x"},
		"unknown argument": {"all"},
		"missing closing":  {"-run", "("},
		"not defined":      {"-nothing"},
	} {
		out.Reset()
		if status := run(t.Context(), args, io.Discard, &out); status != 2 || !strings.Contains(out.String(), name) {
			t.Errorf("%q gives status %d; want 2 and %q in\n%s", args, status, name, &out)
		}
	}
	out.Reset()
	if status := run(t.Context(), []string{"-list"}, &out, io.Discard); status != 0 || !strings.Contains(out.String(), "crowd/1000") {
		t.Errorf("-list gives status %d and\n%s", status, &out)
	}
	out.Reset()
	if status := run(t.Context(), []string{"-run", "^nothing$", "-server", "x", "-work", t.TempDir()}, io.Discard, &out); status != 1 ||
		!strings.Contains(out.String(), "-list names them") {
		t.Errorf("nothing to run gives status %d and\n%s", status, &out)
	}
}
