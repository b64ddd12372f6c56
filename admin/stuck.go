package admin

import (
	"net/http"
	"strconv"

	"phoneacs/db"
)

// retryStuck is how long a client is asked to wait for the disk, in seconds.
const retryStuck = 5

// checkDisk refuses what may change something while the disk does not answer,
// before anything is held: it could not be called off any more. What was asked
// for before waits with its caller, and is done once when the disk answers.
func (a *API) checkDisk(r *http.Request) error {
	if r.Method == http.MethodGet || r.Method == http.MethodHead || a.store.Waited() < db.StuckAfter {
		return nil
	}
	return problemFor(db.ErrStuck).because(db.ErrStuck).with("Retry-After", strconv.Itoa(retryStuck))
}
