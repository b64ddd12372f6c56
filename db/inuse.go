package db

// An InUseError is an ErrInUse that names what needs the record.
type InUseError struct {
	What string // the record: "window w1"
	By   string // what needs it: "job j7"
}

func (e *InUseError) Error() string {
	return e.What + " is needed by " + e.By + ": " + ErrInUse.Error()
}

func (e *InUseError) Unwrap() error { return ErrInUse }
