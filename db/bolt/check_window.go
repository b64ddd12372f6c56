package bolt

import (
	"encoding/json"

	"phoneacs/db"
)

// windows checks that every window can be, is found by its name and is counted.
func (c *checker) windows() error {
	err := c.each(bWindows, func(k, v []byte) error {
		c.numbers["windows"]++
		var w db.Window
		if err := json.Unmarshal(v, &w); err != nil {
			c.faultf("window %d: %v", num(k), err)
			return nil
		}
		if uint64(w.ID) != num(k) {
			c.faultf("window %s is stored under %d", w.ID, num(k))
		}
		if err := w.Window.Check(); err != nil {
			c.faultf("window %s: %v", w.ID, err)
		}
		if w.Edition < 1 {
			c.faultf("window %s is of edition %d", w.ID, w.Edition)
		}
		if owner := c.get(bWindowNames, windowName(w.Name)); owner == nil || num(owner) != num(k) {
			c.faultf("window %s is not found by its name", w.ID)
		}
		return nil
	})
	if err != nil {
		return err
	}
	err = c.each(bWindowNames, func(k, v []byte) error {
		if w, err := c.loadWindow(db.WindowID(num(v))); err != nil || string(windowName(w.Name)) != string(k) {
			c.faultf("window name %q names %s, which is not called so", k, db.WindowID(num(v)))
		}
		return nil
	})
	if err != nil {
		return err
	}
	return c.waiters()
}

// waiters checks that each job that has not ended is known to its window.
func (c *checker) waiters() error {
	err := c.each(bWindowJobs, func(k, _ []byte) error {
		if !c.windowJobs[string(k)] {
			c.faultf("window %d is kept for job %d, which has ended or waits for another", num(k), num(k[8:]))
		}
		if num(k) != 0 && !c.has(bWindows, k[:8]) {
			c.faultf("job %d waits for window %d, which does not exist", num(k[8:]), num(k))
		}
		delete(c.windowJobs, string(k))
		return nil
	})
	for key := range c.windowJobs {
		c.faultf("job %d is not known to window %d", num([]byte(key)[8:]), num([]byte(key)))
	}
	return err
}

// place checks where a task of a job with a window stands: it is filed, or its
// time is come, and nothing else has a span.
func (c *checker) place(task *db.Task, j *db.Job) {
	filed := !task.Closes.IsZero()
	switch unsent := task.State == db.TaskWaiting || task.State == db.TaskReady; {
	case !j.When.Windowed() || !unsent:
		if filed || !task.Opens.IsZero() {
			c.faultf("task %s is %s, and has a window of its own", task.ID, task.State)
		}
	case !filed:
		if task.State == db.TaskReady {
			c.faultf("task %s is ready, outside of its window", task.ID)
		}
	case !task.Opens.Before(task.Closes), task.State == db.TaskWaiting && (task.Due.Before(task.Opens) || !task.Due.Before(task.Closes)):
		c.faultf("task %s is due at %s, between %s and %s", task.ID, task.Due, task.Opens, task.Closes)
	}
}
