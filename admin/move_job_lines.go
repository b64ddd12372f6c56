package admin

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"

	"phoneacs/db"
)

// Bounds of a list of jobs.
const (
	maxJobLine   = 1 << 20 // bytes of a job or a task
	maxJobPhones = 100_000 // phones of one job, as an order may name
)

// A jobLine is a job of a list, and who of its phones it is still to be done at.
type jobLine struct {
	line     int
	job      jobObject
	phones   []string // references
	underWay int      // tasks that were sent, and have no outcome in the list
	tasks    int      // of the list, in any state
	tooMany  bool
}

// jobObject is what is read of an exported job. What else it tells is of the
// server that it comes from.
type jobObject struct {
	ID       string          `json:"id"`
	Kind     string          `json:"kind"`
	Args     json.RawMessage `json:"args"`
	When     json.RawMessage `json:"when"`
	State    db.JobState     `json:"state"`
	Cancel   bool            `json:"cancelled"`
	Selected int             `json:"selected"`
	Expanded int             `json:"expanded"`
	Created  string          `json:"created"`
	Expires  string          `json:"expires"`
	Retry    newRetry        `json:"retry"`
	Deadline *string         `json:"deadline"`
	Priority int             `json:"priority"`
	Calls    db.CallRule     `json:"calls"`
	File     *exportedFile   `json:"file"`

	Counts map[db.TaskState]int `json:"counts"`
}

type taskObject struct {
	Ref   string       `json:"ref"`
	Job   string       `json:"job"`
	State db.TaskState `json:"state"`
}

// A jobReader reads an export of jobs, whose lines are each a job or, after it,
// a task of it. It holds the references of one job's phones in memory.
type jobReader struct {
	in   *lineReader
	held *jobLine // the job whose tasks are being read
	end  error    // what comes after it
}

func newJobReader(r io.Reader) *jobReader { return &jobReader{in: newLineReader(r, maxJobLine)} }

// next returns the next job with its phones; its errors are those of
// phoneReader.next.
func (j *jobReader) next() (jobLine, int, error) {
	for j.end == nil {
		job, task, err := j.read()
		switch {
		case err != nil:
			j.end = err
		case task != nil:
			if j.held == nil || j.held.job.ID != task.Job {
				j.end = &lineError{j.in.line, "task.job", fmt.Sprintf("a task of %q, which is not the job above it", shorten(task.Job))}
				continue
			}
			j.held.add(task)
		case j.held != nil:
			out := *j.held
			j.held = job
			return out, out.line, nil
		default:
			j.held = job
		}
	}
	_, bad := j.end.(*lineError)
	if j.held != nil && (bad || j.end == io.EOF) { // else more of its tasks were to come
		out := *j.held
		j.held = nil
		return out, out.line, nil
	}
	err := j.end
	if bad {
		j.end = nil
	}
	return jobLine{}, j.in.line, err
}

// read reads a line, which is one or the other.
func (j *jobReader) read() (*jobLine, *taskObject, error) {
	text, err := j.in.text()
	if err != nil {
		return nil, nil, err
	}
	bad := func(detail string) error { return &lineError{j.in.line, "", detail} }
	var line struct {
		Job  json.RawMessage `json:"job"`
		Task json.RawMessage `json:"task"`
	}
	if err := j.in.decode(text, &line); err != nil {
		return nil, nil, err
	}
	if (line.Job == nil) == (line.Task == nil) {
		return nil, nil, bad(`want {"job": …} or {"task": …}, as an export of jobs has them`)
	}
	if line.Task != nil {
		task := new(taskObject)
		if json.Unmarshal(line.Task, task) != nil {
			return nil, nil, bad("is no task of an export")
		}
		return nil, task, nil
	}
	job := &jobLine{line: j.in.line}
	d := json.NewDecoder(bytes.NewReader(line.Job))
	if err := d.Decode(&job.job); err != nil {
		return nil, nil, bad("is no job of an export")
	}
	return job, nil, nil
}

// add takes a task of the job. One that was sent may have taken effect: it is
// not to be sent twice, so it stays where it was.
func (l *jobLine) add(t *taskObject) {
	l.tasks++
	switch {
	case t.State.Open():
		l.underWay++
	case t.State.Final():
	case len(l.phones) >= maxJobPhones:
		l.tooMany = true
	default:
		l.phones = append(l.phones, t.Ref)
	}
}
