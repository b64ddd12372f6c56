package bolt

import "phoneacs/db"

// told proves what is kept of phones beside their records: traits belong to
// parameters, methods and lines to phones, results to tasks, and all of it is readable.
func (c *checker) told() error {
	err := c.each(bTraits, func(k, v []byte) error {
		if _, err := decodeTrait(string(k[8:]), v); err != nil {
			c.faultf("phone %d: %v", num(k), err)
		}
		if !c.has(bParams, k) {
			c.faultf("phone %d has traits of %s, which it has not", num(k), k[8:])
		}
		return nil
	})
	if err != nil {
		return err
	}
	err = c.each(bMethods, func(k, v []byte) error {
		var m db.Methods
		if err := decode(bMethods, v, &m); err != nil {
			c.faultf("methods of phone %d: %v", num(k), err)
		}
		if !c.has(bPhones, k) {
			c.faultf("methods are kept of phone %d, which does not exist", num(k))
		}
		return nil
	})
	if err != nil {
		return err
	}
	err = c.each(bLines, func(k, v []byte) error {
		var l db.Lines
		if err := decode(bLines, v, &l); err != nil {
			c.faultf("lines of phone %d: %v", num(k), err)
		} else if err := checkLines(&l); err != nil {
			c.faultf("lines of phone %d: %v", num(k), err)
		}
		if !c.has(bPhones, k) {
			c.faultf("lines are kept of phone %d, which does not exist", num(k))
		}
		return nil
	})
	if err != nil {
		return err
	}
	return c.each(bResults, func(k, v []byte) error {
		var r db.Result
		if err := decode(bResults, v, &r); err != nil {
			c.faultf("result of task %d-%d: %v", num(k), num(k[8:]), err)
		}
		if !c.has(bTasks, k) {
			c.faultf("a result is kept of task %d-%d, which does not exist", num(k), num(k[8:]))
		}
		return nil
	})
}
