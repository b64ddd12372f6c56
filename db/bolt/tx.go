package bolt

import (
	"encoding/binary"
	"encoding/json"
	"fmt"
	"maps"
	"slices"

	"go.etcd.io/bbolt"

	"phoneacs/db"
)

// The buckets. Numbers in keys are big-endian, so that keys sort as they count.
var (
	bMeta      = []byte("meta")      // name → value
	bPhones    = []byte("phones")    // phone → record, see codec.go
	bContacts  = []byte("contacts")  // phone → contact, binary
	bParams    = []byte("params")    // phone, name → changed, type, value
	bHistory   = []byte("history")   // phone, number → JSON
	bUnique    = []byte("unique")    // kind, value → phone
	bIndex     = []byte("index")     // field, value, 0, phone → nothing
	bSites     = []byte("sites")     // site → JSON
	bSiteNames = []byte("sitenames") // name in lower case → site
	bFiles     = []byte("files")     // file → JSON
	bFileJobs  = []byte("filejobs")  // file, job that has not ended → nothing
	bDigests   = []byte("digests")   // sha256, file or phone and upload → nothing
	bUploads   = []byte("uploads")   // phone, upload → JSON
	bJobs      = []byte("jobs")      // job → JSON
	bCounts    = []byte("counts")    // job → number of tasks in each state
	bBusy      = []byte("busy")      // job to expand or sweep → nothing
	bSelection = []byte("selection") // job, chunk → phones
	bTasks     = []byte("tasks")     // job, phone → JSON
	bPhoneJobs = []byte("phonejobs") // phone, ^job → nothing
	bReady     = []byte("ready")     // phone, 9-priority, job → nothing
	bOpen      = []byte("open")      // phone, job → attempt, exclusive, link hash
	bDue       = []byte("due")       // ms, kind, job, phone, attempt → nothing
	bLinks     = []byte("links")     // hash → JSON
	bIdem      = []byte("idem")      // token, key → JSON
	bHolds     = []byte("holds")     // scope, id → JSON
	bTokens    = []byte("tokens")    // token → JSON
	bTokenHash = []byte("tokenhash") // hash → token
	bNumbers   = []byte("numbers")   // name → counter

	bCredentials  = []byte("credentials")  // phone → record, see credential.go
	bTraits       = []byte("traits")       // phone, name → flags, notification, access list
	bMethods      = []byte("methods")      // phone → JSON
	bLines        = []byte("lines")        // phone → JSON
	bResults      = []byte("results")      // job, phone → JSON
	bQuirks       = []byte("quirks")       // phone → JSON
	bRecordOrders = []byte("recordorders") // phone → JSON
	bRecordings   = []byte("recordings")   // recording → its head, JSON
	bRecordBodies = []byte("recordbodies") // recording → its messages, JSON, deflated
	bRecordPhones = []byte("recordphones") // phone, recording → nothing
	bUnreadable   = []byte("unreadable")   // last, number → JSON
	bRules        = []byte("rules")        // enrolment rule → JSON
	bRuleOrder    = []byte("ruleorder")    // order, enrolment rule → nothing
	bRuleMAC      = []byte("rulemac")      // MAC or, for more than one, 12 zeros; order, enrolment rule → nothing
	bRuleUse      = []byte("ruleuse")      // enrolment rule → phones let in, ms of the last
	bAdmitted     = []byte("admitted")     // phone → times admitted, ms of its due entry
	bStanding     = []byte("standing")     // standing order → JSON
	bReplaced     = []byte("replaced")     // phone → the one in its place
	bAudit        = []byte("audit")        // number → JSON
	bWindows      = []byte("windows")      // window → JSON
	bWindowNames  = []byte("windownames")  // name in lower case → window
	bRecurring    = []byte("recurring")    // recurring job → JSON
	bWindowJobs   = []byte("windowjobs")   // window, 0 for one of its own; job that has not ended → nothing
	bRuns         = []byte("runs")         // phone, deed → ms of its last run by other means than flexible windows
)

var allBuckets = [][]byte{
	bMeta, bPhones, bContacts, bParams, bHistory, bUnique, bIndex, bSites, bSiteNames, bFiles,
	bFileJobs, bDigests, bJobs, bCounts, bBusy, bSelection, bTasks, bPhoneJobs, bReady, bOpen,
	bDue, bLinks, bIdem, bHolds, bTokens, bTokenHash, bNumbers,
	bCredentials,
	bTraits, bMethods, bLines, bResults,
	bQuirks,
	bDue, bLinks, bIdem, bHolds, bTokens, bTokenHash, bNumbers, bUploads,
	bRecordOrders, bRecordings, bRecordBodies, bRecordPhones, bUnreadable,
	bRules, bRuleOrder, bRuleMAC, bRuleUse, bAdmitted, bStanding,
	bAudit, bReplaced,
	bWindows, bWindowNames, bWindowJobs,
	bRecurring,
	bRuns,
}

// tx is a transaction with what is added up over the steps that share it.
type tx struct {
	*bbolt.Tx
	s       *Store
	changes int // puts and deletes so far
	errs    []error
	events  []db.Event
	tally   map[db.JobID]*[9]int64 // changes of task counts
	numbers map[string]int64       // changes of counters
	jobs    map[db.JobID]*db.Job   // decoded jobs; written back if in dirty
	dirty   map[db.JobID]bool
	// rulesChanged says that the enrolment rules were changed in it.
	rulesChanged bool
	undone       []func() // what to put back in memory if it does not come through
}

func (t *tx) put(bucket, key, value []byte) error {
	t.changes++
	if value == nil {
		value = []byte{} // bbolt gives nil back for "no such key"
	}
	if err := t.Bucket(bucket).Put(key, value); err != nil {
		return fmt.Errorf("put in %s: %w", bucket, err)
	}
	return nil
}

func (t *tx) del(bucket, key []byte) error {
	t.changes++
	if err := t.Bucket(bucket).Delete(key); err != nil {
		return fmt.Errorf("delete from %s: %w", bucket, err)
	}
	return nil
}

// undo says how to put back in memory what a step took from it.
func (t *tx) undo(fn func()) {
	if fn != nil {
		t.undone = append(t.undone, fn)
	}
}

// drop rolls back.
func (t *tx) drop() {
	_ = t.Rollback()
	t.putBack()
}

func (t *tx) putBack() {
	for _, fn := range slices.Backward(t.undone) {
		fn()
	}
}

func (t *tx) get(bucket, key []byte) []byte { return t.Bucket(bucket).Get(key) }

func (t *tx) has(bucket, key []byte) bool { return t.get(bucket, key) != nil }

// next gives a number that the bucket never gave before.
func (t *tx) next(bucket []byte) (uint64, error) {
	t.changes++
	return t.Bucket(bucket).NextSequence()
}

func (t *tx) putJSON(bucket, key []byte, v any) error {
	b, err := json.Marshal(v)
	if err != nil {
		return fmt.Errorf("encode for %s: %w", bucket, err)
	}
	return t.put(bucket, key, b)
}

// getJSON decodes a record into v, or returns db.ErrNotFound.
func (t *tx) getJSON(bucket, key []byte, v any) error {
	b := t.get(bucket, key)
	if b == nil {
		return db.ErrNotFound
	}
	return decode(bucket, b, v)
}

func decode(bucket, b []byte, v any) error {
	if err := json.Unmarshal(b, v); err != nil {
		return fmt.Errorf("decode from %s: %w", bucket, err)
	}
	return nil
}

// event tells the feed, after the commit.
func (t *tx) event(e db.Event) {
	t.changes++
	e.Time = t.s.opts.Now()
	t.events = append(t.events, e)
}

// number changes a counter, at the end of the transaction.
func (t *tx) number(name string, by int64) {
	if t.numbers == nil {
		t.numbers = make(map[string]int64)
	}
	t.numbers[name] += by
}

func (t *tx) readNumber(name string) int64 {
	n := t.numbers[name]
	if b := t.get(bNumbers, []byte(name)); len(b) == 8 {
		n += int64(binary.BigEndian.Uint64(b))
	}
	return n
}

// settle writes what was added up: counters, task counts, jobs.
func (t *tx) settle() error {
	if t.changes == 0 {
		return nil
	}
	if err := t.settleJobs(); err != nil {
		return err
	}
	for _, name := range slices.Sorted(maps.Keys(t.numbers)) {
		if t.numbers[name] == 0 {
			continue
		}
		n := t.readNumber(name)
		t.numbers[name] = 0
		if err := t.put(bNumbers, []byte(name), be8(uint64(n))); err != nil {
			return err
		}
	}
	return nil
}

func be8(n uint64) []byte { return binary.BigEndian.AppendUint64(nil, n) }

func key2(a, b uint64) []byte {
	return binary.BigEndian.AppendUint64(binary.BigEndian.AppendUint64(make([]byte, 0, 16), a), b)
}

func num(b []byte) uint64 { return binary.BigEndian.Uint64(b) }
