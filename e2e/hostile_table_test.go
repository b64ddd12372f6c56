package e2e

import (
	"fmt"
	"maps"
	"net/http"
	"os"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// A hostileRow is one line of docs/hostile.md: what is sent where, what comes
// back, and the rule that says so.
type hostileRow struct{ where, what, answer, rule string }

const (
	toCWMP    = "a POST to /acs"
	toDoor    = "the name of a phone that has credentials of its own"
	toSession = "a POST within a session"
	toPhones  = "the phones' side"
	toFiles   = "a request below /files/"
	toAdmin   = "the admin API"
)

// hostileRows are all that is tried.
func hostileRows(tb testing.TB) (rows []hostileRow) {
	table, kinds := answers(tb), problemKinds(tb)
	of := func(rule, own string) string {
		if a, ok := table[rule]; ok {
			return a
		}
		return own
	}
	for _, c := range hostileBodies {
		rows = append(rows, hostileRow{toCWMP, c.name, of(c.rule, c.answer), c.rule})
	}
	for _, c := range hostileProofs {
		rows = append(rows, hostileRow{toDoor, c.name, of(c.rule, ""), c.rule})
	}
	for _, c := range hostileTurns {
		rows = append(rows, hostileRow{toSession, c.name, of(c.rule, c.answer), c.rule})
	}
	for _, c := range hostileHTTP {
		rows = append(rows, hostileRow{toPhones, c.name, strconv.Itoa(c.status), ""})
	}
	for _, c := range hostileFiles {
		rows = append(rows, hostileRow{toFiles, c.name, strconv.Itoa(c.status), c.rule})
	}
	for _, c := range hostileAdmin {
		rows = append(rows, hostileRow{toAdmin, c.name, strconv.Itoa(kinds[c.kind]), c.kind})
	}
	return rows
}

// elsewhere says where a rule is tried that is in none of these tables, or why
// it is not tried over a socket: the package that has it tries them all.
var elsewhere = map[string]string{
	"http.slow":            "TestSlow",
	"http.busy":            "TestSlow",
	"store.no_space":       "TestDiskFull",
	"session.draining":     "TestStopLetsSessionsEnd",
	"inform.not_listed":    "TestSettingsFromAllSources",
	"session.wrong_answer": "TestHostileSession; it is answered like none",
	"header.ignored":       "TestDialects of package cwmp; it is passed over",
	"session.superseded":   "which of two messages comes first would be for the scheduler to say",
	"session.full":         "needs 20,000 sessions",
	"inform.pending_full":  "needs 10,000 phones that wait",
	"inform.crowded":       "which of five messages comes first would be for the scheduler to say",
	"inform.bad_value":     "the decoder lets nothing pass that a store cannot hold",
	"store.failed":         "needs a disk that fails",
	"store.stuck":          "TestStuckDisk",
	"http.late":            "TestStuckDisk",

	"inform.too_often": "TestInformPace",
	"inform.refused":   "TestEnrolmentRules",
	"auth.guesses":     "TestGuessing",
	"auth.hung_up":     "nobody is there to read it; acs.TestRules",
	"digest.expired":   "takes five minutes; acs.TestRules",
	"digest.replayed":  "what was used is not remembered unless that is switched on; acs.TestRules",

	"inform.version":    "what it offers is in the header, which no row here writes; acs.TestRules",
	"too-many-requests": "needs 20 wrong tokens in a row; admin.TestGuessing",

	"xml.empty":     "TestTolerated; white space is an empty POST",
	"xml.too_large": "no body so large reaches the decoder: it is http.too_large before",

	"link.expired":   "needs the deadline of a task to pass; provision.TestExpiryByTheClock",
	"link.parallel":  "how much of 17 answers the kernel takes is for the kernel to say; provision.TestLedger",
	"link.withheld":  "needs a window that was handed over; provision.TestWithheld, TestRecall",
	"transfers.full": "needs hundreds of transfers at a time; provision.TestMaxTransfers",
	"files.store":    "needs a store that fails; provision.TestServeWhenTheStoreFails",
	"upload.cut":     "nobody may be there to read it; provision.TestReceiveCut",
	"upload.space":   "needs a full disk; provision.TestReceiveRefused",
	"files.bytes":    "needs bytes that are lost; provision.TestServeWhenTheStoreFails",

	"forbidden":   "all tokens may do everything; admin.TestTokens",
	"timeout":     "takes half a minute; admin.TestSlowBodies",
	"in-flight":   "which of two requests comes first would be for the scheduler to say; admin.TestIdempotencyInFlight",
	"held":        "a hold refuses no request yet, tasks wait; admin.TestStoreErrors",
	"too-many":    "needs more phones than a job takes; admin.TestStoreErrors",
	"internal":    "needs an error that nobody thought of; admin.TestPanic",
	"busy":        "needs 64 event streams; admin.TestEventsErrors",
	"unavailable": "needs a server that is ending; admin.TestStoreErrors",
	"no-space":    "TestDiskFull",
	"too-small":   "needs more phones than a minute has room for; admin.TestPreviewLoad",
}

// TestEveryAnswerIsTried holds the cases to the rules that the program has.
func TestEveryAnswerIsTried(t *testing.T) {
	tried := map[string]bool{}
	for _, r := range hostileRows(t) {
		tried[r.rule] = true
	}
	rules := map[string]bool{}
	for rule := range answers(t) {
		rules[rule] = true
	}
	for rule := range problemKinds(t) {
		rules[rule] = true
	}
	for file, pattern := range map[string]string{
		"../cwmp/errors.go":       `(?m)^\tRule\w+ += "([a-z.0-9_]+)"`,
		"../provision/refusal.go": `(?m)^\trefuse\w+ += &refusal\{[\w.]+, "([a-z.]+)"`,
	} {
		found := sourceTokens(t, file, pattern)
		if len(found) < 10 {
			t.Errorf("%s has %d rules", file, len(found))
		}
		for _, m := range found {
			rules[m[1]] = true
		}
	}
	for rule := range rules {
		if tried[rule] == (elsewhere[rule] != "") {
			t.Errorf("%s: tried %v, elsewhere %q", rule, tried[rule], elsewhere[rule])
		}
	}
	for rule := range elsewhere {
		if !rules[rule] {
			t.Errorf("%s is no rule", rule)
		}
	}
}

func sourceTokens(tb testing.TB, file, pattern string) [][]string {
	tb.Helper()
	b, err := os.ReadFile(file)
	if err != nil {
		tb.Fatal(err)
	}
	return regexp.MustCompile(pattern).FindAllStringSubmatch(string(b), -1)
}

// answers reads the table of answers from the documentation of package acs: what
// each rule is answered with, "413" or "fault 8003"; "-" is no answer of its own.
func answers(tb testing.TB) map[string]string {
	tb.Helper()
	table := map[string]string{}
	for _, row := range sourceTokens(tb, "../acs/doc.go", `(?m)^//\t([a-z]+\.[a-z_]+) +(\d{3}|fault \d{4}|-) `) {
		table[row[1]] = row[2]
	}
	if len(table) < 20 {
		tb.Fatalf("the documentation of package acs has %d rules", len(table))
	}
	return table
}

// problemKinds reads the kinds of problems of the admin API, with the status of
// each.
func problemKinds(tb testing.TB) map[string]int {
	tb.Helper()
	kinds := map[string]int{}
	for _, row := range sourceTokens(tb, "../admin/problem.go", `= kind\{"([a-z-]+)", "[^"]+", http\.Status(\w+)\}`) {
		for status := 400; status < 600; status++ {
			if strings.ReplaceAll(http.StatusText(status), " ", "") == row[2] {
				kinds[row[1]] = status
			}
		}
		if kinds[row[1]] == 0 {
			tb.Fatalf("%s has the status %s", row[1], row[2])
		}
	}
	if len(kinds) < 20 {
		tb.Fatalf("package admin has %d kinds of problems", len(kinds))
	}
	return kinds
}

// documented demands the answer that the table has for a rule. Rules of the
// decoder are not in it; theirs is what the case says.
func (w *wire) documented(rule, answer string) reply {
	w.tb.Helper()
	if documented, ok := answers(w.tb)[rule]; ok {
		answer = documented
	}
	if code, ok := strings.CutPrefix(answer, "fault "); ok {
		return w.must(http.StatusOK, "<FaultCode>"+code+"</FaultCode><FaultString>"+rule+"</FaultString>")
	}
	status, err := strconv.Atoi(answer)
	if err != nil {
		w.tb.Fatalf("no answer is documented for %s", rule)
	}
	r := w.must(status, "")
	if r.body != rule {
		w.tb.Fatalf("the body is %.100q, want the rule %s", r.body, rule)
	}
	for status, header := range map[int]string{
		http.StatusServiceUnavailable: "Retry-After", http.StatusMethodNotAllowed: "Allow",
	} {
		if r.status == status && r.header.Get(header) == "" {
			w.tb.Errorf("%s is answered %d without %s", rule, status, header)
		}
	}
	return r
}

const hostileFile = "../docs/hostile.md"

// TestHostileDocument holds docs/hostile.md to the cases. With
// PHONEACS_WRITE_DOCS=1 it writes its tables anew.
func TestHostileDocument(t *testing.T) {
	b, err := os.ReadFile(hostileFile)
	if err != nil {
		t.Fatal(err)
	}
	intro, had, ok := strings.Cut(string(b), "\n<!-- tables -->\n")
	if !ok {
		t.Fatalf("%s has no place for its tables", hostileFile)
	}
	want := hostileTables(t)
	if had == want {
		return
	}
	if os.Getenv("PHONEACS_WRITE_DOCS") == "1" {
		if err := os.WriteFile(hostileFile, []byte(intro+"\n<!-- tables -->\n"+want), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	t.Errorf("%s is not what is tried; PHONEACS_WRITE_DOCS=1 go test ./e2e -run TestHostileDocument writes it anew", hostileFile)
}

// hostileTables writes the tables of the document.
func hostileTables(tb testing.TB) string {
	var b strings.Builder
	where := ""
	for _, r := range hostileRows(tb) {
		if r.where != where {
			where = r.where
			fmt.Fprintf(&b, "\n## In %s\n\n| what | answer | rule |\n| --- | --- | --- |\n", where)
		}
		rule := "`" + r.rule + "`"
		if r.rule == "" {
			rule = ""
		}
		fmt.Fprintf(&b, "| %s | %s | %s |\n", r.what, r.answer, rule)
	}
	fmt.Fprintf(&b, "\n## Rules that no line above breaks\n\n| rule | where it is tried, or why not over a socket |\n| --- | --- |\n")
	for _, rule := range slices.Sorted(maps.Keys(elsewhere)) {
		fmt.Fprintf(&b, "| `%s` | %s |\n", rule, elsewhere[rule])
	}
	return b.String()
}
