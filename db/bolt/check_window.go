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
	return c.each(bWindowNames, func(k, v []byte) error {
		if w, err := c.loadWindow(db.WindowID(num(v))); err != nil || string(windowName(w.Name)) != string(k) {
			c.faultf("window name %q names %s, which is not called so", k, db.WindowID(num(v)))
		}
		return nil
	})
}
