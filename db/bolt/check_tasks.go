package bolt

import (
	"bytes"
	"encoding/json"
	"fmt"

	"phoneacs/db"
)

func (c *checker) jobs() error {
	c.counts = make(map[db.JobID]*[9]int64)
	return c.each(bJobs, func(k, v []byte) error {
		j, err := c.decodeJob(v)
		if err != nil {
			c.faultf("job %d: %v", num(k), err)
			return nil
		}
		c.counts[j.ID] = new([9]int64)
		if j.State != db.JobEnded {
			c.expiries++
			if !c.has(bDue, dueKey(expiryOf(&j))) {
				c.faultf("job %s has no entry for its expiry", j.ID)
			}
			if j.Args.File != 0 {
				c.fileJobs[string(fileJobKey(&j))] = true
			}
			if j.When.Windowed() {
				c.windowJobs[string(windowJobKey(&j))] = true
			}
		}
		if w := &j.When; (w.From == nil) != (w.Until == nil) || w.From != nil && (!w.Windowed() || *w.From > *w.Until) {
			c.faultf("job %s is for the days from %v to %v, of no period", j.ID, w.From, w.Until)
		}
		busy := busy(&j)
		if busy {
			c.busy++
		}
		if busy != c.has(bBusy, k) {
			c.faultf("job %s: busy is %v, its entry says %v", j.ID, busy, !busy)
		}
		if want := c.stateOf(&j); want != j.State {
			c.faultf("job %s is %s, its tasks say %s", j.ID, j.State, want)
		}
		if j.Expanded < j.Selected {
			if _, err := c.selected(j.ID, j.Selected-1); err != nil {
				c.faultf("job %s: %v", j.ID, err)
			}
		}
		return nil
	})
}

func (c *checker) tasks() error {
	return c.each(bTasks, func(k, v []byte) error {
		var task db.Task
		if err := json.Unmarshal(v, &task); err != nil {
			return fmt.Errorf("decode task: %w", err)
		}
		n := c.counts[task.ID.Job]
		if n == nil || !bytes.Equal(k, taskKey(task.ID)) {
			c.faultf("task %s is under another key, or its job does not exist", task.ID)
			return nil
		}
		for i, s := range db.TaskStates {
			if s == task.State {
				n[i]++
			}
		}
		j, err := c.job(task.ID.Job)
		if err != nil {
			return err
		}
		c.task(&task, j)
		return nil
	})
}

// task checks that a task has just the entries that its state asks for.
func (c *checker) task(task *db.Task, j *db.Job) {
	id := task.ID
	expect := func(what string, want, got bool) {
		if want != got {
			c.faultf("task %s is %s: %s is %v", id, task.State, what, got)
		}
	}
	v := c.get(bReady, readyKey(id, j.Priority))
	expect("ready entry", listed(task), v != nil)
	if v != nil && !bytes.Equal(v, spanOf(task)) {
		c.faultf("task %s may be sent from %s until %s, its ready entry says %x", id, task.Opens, task.Closes, v)
	}
	c.place(task, j)
	expect("open entry", task.State.Open(), c.has(bOpen, key2(uint64(id.Phone), uint64(id.Job))))
	expect("due time", task.State == db.TaskWaiting, !task.Due.IsZero())
	expect("end time", task.State.Final(), !task.Ended.IsZero())
	if task.State == db.TaskWaiting {
		c.waiting++
	}
	if due, ok := dueOf(task); ok {
		expect("due entry", true, c.has(bDue, dueKey(due)))
		if due.Kind == db.DueClose {
			c.closes++
		}
	}
	if task.Idle {
		expect("idle time that it waits for", task.State == db.TaskWaiting && !task.Closes.IsZero(), true)
	}
	if task.Busy != nil {
		expect("call that it waits for", task.State == db.TaskReady, true)
	}
	if task.State.Open() {
		c.deadline++
		expect("deadline entry", true, task.Last() != nil && c.has(bDue, dueKey(deadlineOf(task))))
	}
	exists := c.has(bPhones, be8(uint64(id.Phone)))
	expect("entry under its phone", exists, c.has(bPhoneJobs, phoneJobKey(id)))
	if !exists && !task.State.Final() {
		c.faultf("task %s is %s, its phone does not exist", id, task.State)
	}
	for i := range task.Attempts {
		a := &task.Attempts[i]
		key, _ := db.AttemptID{Task: id, N: i + 1}.CommandKey(c.s.tag)
		if a.N != i+1 || a.Key != key {
			c.faultf("task %s: attempt %d is numbered %d with key %q", id, i+1, a.N, a.Key)
		}
		if l := a.Lines; l != nil && (len(l.Names) == 0 || len(l.Names) > db.MaxLines || len(l.Down) > len(l.Names)) {
			c.faultf("task %s: attempt %d has %d lines, %d of them down", id, a.N, len(l.Names), len(l.Down))
		}
		moved := a.Lines != nil && !a.Lines.Shown.IsZero() // its deadline, to that of its lines
		if h := a.Handover; h != nil && (!h.From.Before(h.Until) || a.Deadline.Before(h.Until) && !moved) {
			c.faultf("task %s: attempt %d is handed over from %s until %s, and due at %s", id, a.N, h.From, h.Until, a.Deadline)
		}
		open := i == len(task.Attempts)-1 && task.State.Open()
		if (a.Outcome == "") != open {
			c.faultf("task %s is %s: attempt %d has outcome %q", id, task.State, a.N, a.Outcome)
		}
	}
}

// taskEntries checks that no entry stands for a task that is elsewhere.
func (c *checker) taskEntries() error {
	stands := func(job, phone uint64) bool {
		task, err := c.loadTask(db.TaskID{Job: db.JobID(job), Phone: db.PhoneID(phone)})
		return err == nil && listed(&task)
	}
	state := func(job, phone uint64) db.TaskState {
		task, err := c.loadTask(db.TaskID{Job: db.JobID(job), Phone: db.PhoneID(phone)})
		if err != nil {
			return ""
		}
		return task.State
	}
	err := c.each(bReady, func(k, _ []byte) error {
		if st := state(num(k[9:]), num(k)); !stands(num(k[9:]), num(k)) {
			c.faultf("ready entry of job %d, phone %d: the task is %q", num(k[9:]), num(k), st)
		}
		return nil
	})
	if err != nil {
		return err
	}
	var phone uint64
	exclusive := 0
	err = c.each(bOpen, func(k, v []byte) error {
		o := decodeOpen(k, v)
		if st := state(num(k[8:]), num(k)); !st.Open() {
			c.faultf("open entry of job %d, phone %d: the task is %q", num(k[8:]), num(k), st)
		}
		if num(k) != phone {
			phone, exclusive = num(k), 0
		}
		if o.exclusive {
			if exclusive++; exclusive == 2 {
				c.faultf("phone %d has two transfers or restarts open", phone)
			}
		}
		for _, hash := range o.links() {
			c.links++
			if !c.has(bLinks, hash[:]) {
				c.faultf("open attempt of job %d, phone %d has lost its link", num(k[8:]), phone)
			}
		}
		c.open++
		return nil
	})
	if err != nil {
		return err
	}
	return c.each(bPhoneJobs, func(k, _ []byte) error {
		if state(^num(k[8:]), num(k)) == "" {
			c.faultf("phone %d lists job %d, which has no task for it", num(k), ^num(k[8:]))
		}
		return nil
	})
}

func (c *checker) dues() error {
	var byKind [db.DueClose + 1]int
	err := c.each(bDue, func(k, _ []byte) error {
		c.numbers["due"]++
		if len(k) != dueKeyLen || k[0] < 1 || k[0] > byte(db.DueClose) {
			c.faultf("due entry %x is none of ours", k)
			return nil
		}
		byKind[k[0]]++
		return nil
	})
	for _, x := range []struct {
		kind db.DueKind
		want int
		what string
	}{{db.DueRelease, c.waiting, "release"}, {db.DueDeadline, c.deadline, "deadline"}, {db.DueExpire, c.expiries, "expiry"}, {db.DueClose, c.closes, "closing"}} {
		if byKind[x.kind] != x.want {
			c.faultf("%d %s entries, %d wanted", byKind[x.kind], x.what, x.want)
		}
	}
	c.recurs = byKind[db.DueRecur]
	return err
}

func (c *checker) openLinks() error {
	n := 0
	err := c.each(bLinks, func(_, _ []byte) error { n++; return nil })
	if n != c.links {
		c.faultf("%d links, %d open attempts have one", n, c.links)
	}
	return err
}
