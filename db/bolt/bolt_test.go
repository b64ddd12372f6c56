package bolt_test

import (
	"testing"
	"time"

	"phoneacs/db"
	"phoneacs/db/bolt"
	"phoneacs/db/dbtest"
)

func TestStore(t *testing.T) {
	dbtest.Run(t, func(t *testing.T, dir string) db.Store {
		s, err := bolt.Open(t.Context(), bolt.Options{Dir: dir, RecordingsSpace: 2 << 20, JobsKept: 90 * 24 * time.Hour, HistoryKept: 90 * 24 * time.Hour})
		if err != nil {
			t.Fatal(err)
		}
		return s
	})
}
