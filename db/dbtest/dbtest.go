// Package dbtest is the suite that every store passes. A store's whole test
// file is one call of [Run].
//
// It holds a store to the words of package db and to nothing else: it knows no
// backend, looks into no file, and asks for no behaviour that db does not
// promise. After every test the store must find itself sound ([db.Store.Check])
// and its counts of tasks must equal a recount.
package dbtest

import (
	"slices"
	"testing"

	"phoneacs/db"
)

// An Open opens the store in dir, which it may have to make first, and fails
// the test if it cannot. The suite closes the store, opens the same directory
// again to see what a restart finds, and copies the directory while the store
// is open to see what a power cut would have left: everything durable must be
// below dir.
//
// The suite enrols phones until it is told that too many wait for approval, and
// keeps recordings until the oldest of them goes: a store that is opened with
// low bounds is tested sooner. At least 8 phones must be allowed, and 1 MiB of
// recordings, which are to be kept for 90 days, as jobs that have ended and history.
type Open func(t *testing.T, dir string) db.Store

// A testCase is one behaviour; fn gets a store of its own.
type testCase struct {
	name string
	fn   func(f *fixture)
}

// Run runs the suite.
func Run(t *testing.T, open func(t *testing.T, dir string) db.Store) {
	for _, group := range []struct {
		name  string
		tests []testCase
	}{
		{"Store", storeTests},
		{"Phones", phoneTests},
		{"Import", importTests},
		{"Moves", moveTests},
		{"Enrolment", enrolmentTests},
		{"Standing", standingTests},
		{"Edits", editTests},
		{"Replace", replaceTests},
		{"Find", findTests},
		{"Lists", listTests},
		{"Informs", informTests},
		{"Values", valueTests},
		{"Credentials", credentialTests},
		{"Told", toldTests},
		{"Lines", linesTests},
		{"Proof", proofTests},
		{"Durability", durabilityTests},
		{"Sites", siteTests},
		{"Windows", windowTests},
		{"Recurring", recurringTests},
		{"Filing", slices.Concat(filingTests, filingEditTests)},
		{"Handover", handoverTests},
		{"Runs", runTests},
		{"Files", fileTests},
		{"Blobs", blobTests},
		{"Links", linkTests},
		{"Uploads", uploadTests},
		{"Tokens", tokenTests},
		{"Audit", auditTests},
		{"Holds", holdTests},
		{"Quirks", quirkTests},
		{"Jobs", jobTests},
		{"Expand", expandTests},
		{"Sweeps", sweepTests},
		{"Tasks", taskTests},
		{"Send", sendTests},
		{"Life", lifeTests},
		{"Judge", judgeTests},
		{"Dues", dueTests},
		{"Recordings", recordingTests},
		{"Backups", backupTests},
		{"Feed", feedTests},
		{"Hammer", hammerTests},
		{"Model", modelTests},
	} {
		t.Run(group.name, func(t *testing.T) {
			t.Parallel()
			for _, tt := range group.tests {
				t.Run(tt.name, func(t *testing.T) { tt.fn(newFixture(t, open)) })
			}
		})
	}
}
