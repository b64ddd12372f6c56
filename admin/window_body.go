package admin

import (
	"encoding"
	"errors"
	"fmt"

	"phoneacs/jobs/window"
)

// newWindow is the body of POST /api/v1/windows and PUT /api/v1/windows/{id},
// and without its name the draft of a preview.
type newWindow struct {
	Name      string       `json:"name"`
	Weekly    *newWeekly   `json:"weekly"`
	Flexible  *newFlexible `json:"flexible"`
	Zone      string       `json:"zone"`
	ValidFrom string       `json:"valid_from"`
	ValidTo   string       `json:"valid_to"`
	BlackOut  []newDays    `json:"black_out"`
}

type newWeekly struct {
	Days       []string `json:"days"`
	Begin      string   `json:"begin"`
	End        string   `json:"end"`
	Every      int      `json:"every"`
	Inactivity int      `json:"inactivity_minutes"`
}

type newFlexible struct {
	Interval int    `json:"interval_days"`
	Begin    string `json:"begin"`
	End      string `json:"end"`
}

type newDays struct {
	First string `json:"first"`
	Last  string `json:"last"`
}

// read makes a window that has passed its check. at stands before the names of
// fields: "" or "draft.".
func (in *newWindow) read(at string) (w window.Window, err error) {
	w.Zone = in.Zone
	texts := textReader{at: at}
	if k := in.Weekly; k != nil {
		w.Weekly = &window.Weekly{
			Days: make([]window.Weekday, len(k.Days)), Every: k.Every, Inactivity: k.Inactivity, End: texts.end("weekly.end", k.End),
		}
		for i, name := range k.Days {
			texts.read(fmt.Sprintf("weekly.days[%d]", i), name, &w.Weekly.Days[i])
		}
		texts.read("weekly.begin", k.Begin, &w.Weekly.Begin)
	}
	if k := in.Flexible; k != nil {
		w.Flexible = &window.Flexible{Interval: k.Interval, End: texts.end("flexible.end", k.End)}
		texts.read("flexible.begin", k.Begin, &w.Flexible.Begin)
	}
	w.From, w.Until = texts.date("valid_from", in.ValidFrom), texts.date("valid_to", in.ValidTo)
	for i, s := range in.BlackOut {
		var days window.Days
		field := fmt.Sprintf("black_out[%d]", i)
		texts.read(field+".first", s.First, &days.First)
		texts.read(field+".last", s.Last, &days.Last)
		w.BlackOut = append(w.BlackOut, days)
	}
	if texts.err != nil {
		return w, texts.err
	}
	var bad *window.FieldError
	if err := w.Check(); errors.As(err, &bad) {
		return w, invalid(at+bad.Field, "%v", bad.Err)
	} else if err != nil {
		return w, err
	}
	return w, nil
}

// A textReader reads days and times, and keeps the first error.
type textReader struct {
	at  string
	err error
}

func (t *textReader) read(field, text string, into encoding.TextUnmarshaler) {
	if err := into.UnmarshalText([]byte(text)); err != nil && t.err == nil {
		t.err = invalid(t.at+field, "%v", err)
	}
}

// end is a time, or none: blank means at the begin itself.
func (t *textReader) end(field, text string) *window.Dial {
	if text == "" {
		return nil
	}
	end := new(window.Dial)
	t.read(field, text, end)
	return end
}

func (t *textReader) date(field, text string) *window.Date {
	if text == "" {
		return nil
	}
	d := new(window.Date)
	t.read(field, text, d)
	return d
}
