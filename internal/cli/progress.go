package cli

import (
	"fmt"
	"reflect"
	"time"

	"github.com/schollz/progressbar/v3"

	"phoneacs/admin/client"
)

// rateSpan is what a rate is taken over, so that it follows a job that
// stalls or speeds up.
const rateSpan = 30 * time.Second

// A progress shows a job that goes on: a bar on terminals, else a line now and
// then, or every change for programs.
type progress struct {
	*output
	bar    *progressbar.ProgressBar
	past   []sample
	last   client.Job
	quiet  time.Time // when a line was printed
	notYet bool
	held   string // holds that were told
}

// A sample is how many tasks had ended at a time.
type sample struct {
	at    time.Time
	ended int
}

func (o *output) newProgress() *progress { return &progress{output: o, notYet: true} }

// show takes a job as it stands.
func (p *progress) show(j client.Job) error {
	now := p.now()
	p.past = append(p.past, sample{now, j.Counts.Ended()})
	for len(p.past) > 2 && now.Sub(p.past[1].at) >= rateSpan {
		p.past = p.past[1:]
	}
	changed := p.notYet || !reflect.DeepEqual(p.last, j)
	p.last, p.notYet = j, false
	p.holds(j)
	switch {
	case p.json:
		if changed {
			return p.line(j)
		}
	case p.live:
		p.draw(j)
	case changed && (now.Sub(p.quiet) >= quietPace):
		p.quiet = now
		return p.say("%s", p.told(j))
	}
	return nil
}

// told is one line about a job.
func (p *progress) told(j client.Job) string {
	line := fmt.Sprintf("%s %s: %d of %d ended (%s)", j.ID, j.State, j.Counts.Ended(), j.Selected, counts(j.Counts))
	if pace := p.pace(j); pace != "" {
		line += ", " + pace
	}
	return line
}

// pace is how fast tasks end, and how long the rest would take at that; ""
// while that is not known.
func (p *progress) pace(j client.Job) string {
	first, last := p.past[0], p.past[len(p.past)-1]
	took, n := last.at.Sub(first.at), last.ended-first.ended
	if took < time.Second || n <= 0 || j.State == client.JobPaused {
		return ""
	}
	rate := float64(n) / took.Seconds()
	text := fmt.Sprintf("%.1f/s", rate)
	if rate < 1 {
		text = fmt.Sprintf("%.1f/min", rate*60)
	}
	if left := j.Selected - last.ended; left > 0 {
		text += ", " + span(time.Duration(float64(left)/rate*float64(time.Second))) + " left"
	}
	return text
}

// draw moves the bar on.
func (p *progress) draw(j client.Job) {
	if p.bar == nil {
		p.bar = progressbar.NewOptions(max(j.Selected, 1),
			progressbar.OptionSetWriter(p.errs), progressbar.OptionSetWidth(20), progressbar.OptionShowCount(),
			progressbar.OptionSetElapsedTime(false), progressbar.OptionSetPredictTime(false), progressbar.OptionSetRenderBlankState(true),
			progressbar.OptionSetTheme(progressbar.Theme{Saucer: "#", SaucerHead: ">", SaucerPadding: "-", BarStart: "[", BarEnd: "]"}))
	}
	text := j.ID + " " + j.State
	if j.State == client.JobPaused {
		text = j.ID + " " + p.paint(yellow, j.State)
	}
	after := counts(j.Counts)
	if pace := p.pace(j); pace != "" {
		after += ", " + pace
	}
	if room := p.barColumns() - len(j.ID) - len(j.State) - 52; room > 12 { // beside the bar, its count and percentage
		text += " " + cut(after, room)
	}
	p.bar.Describe(text)
	_ = p.bar.Set(j.Counts.Ended()) // that nobody can see it changes nothing
}

// remark says something beside the progress.
func (p *progress) remark(text string) {
	if p.live {
		p.clear()
	}
	p.note("%s", text)
}

func (p *progress) clear() {
	if p.bar != nil {
		_ = p.bar.Clear()
	}
}

// end leaves the terminal as it was found; the bar stays to be read.
func (p *progress) end() {
	if p.bar != nil {
		_, _ = fmt.Fprintln(p.errs)
	}
}
