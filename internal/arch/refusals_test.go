package arch

import (
	"fmt"
	"slices"
	"strings"
)

// A refusal is what a package has said it does not do, as the imports that it
// would need for it. Tests are free: they may read files and open sockets.
type refusal struct {
	dirs    string // packages, separated by spaces; a trailing /... takes what is below as well
	imports string // import paths, separated by spaces; a trailing /... likewise
	why     string
}

const (
	sockets = "net net/http/... crypto/tls"
	disk    = "os os/exec io/ioutil"
)

var refusals = []refusal{
	{"cwmp phones/... db/filter internal/logkey", sockets + " " + disk + " log log/slog database/sql", "it knows formats and does no I/O: take and give bytes"},
	{"db schemas", sockets + " " + disk + " log log/slog", "it is records and documents: leave I/O to who implements or serves them"},
	{"db db/...", "net/http encoding/xml github.com/beevik/etree " + mod + "cwmp", "a store knows neither SOAP nor HTTP: keep the fact, and let the caller read it"},
	{"internal/certs", "net net/http/... os/exec " + mod + "db", "it knows files and certificates: leave sockets to who listens"},
	{"internal/proof", "net " + disk + " log " + mod + "db " + mod + "cwmp " + mod + "schemas", "it judges what it is shown: take the logins as arguments, and let the caller keep and tell"},
	{"jobs/...", sockets + " " + disk, "jobs decide; acs speaks to phones and provision to those who fetch: name an interface"},
}

// checkRefusals holds packages to what their comments refuse.
func checkRefusals(t *tree) []string {
	var said []string
	for _, f := range t.files {
		if f.test {
			continue
		}
		for _, imp := range f.imports() {
			for _, r := range refusals {
				if within(r.dirs, f.dir) && within(r.imports, imp) {
					said = append(said, fmt.Sprintf("%s imports %s, which %s refuses: %s", f.path, imp, f.dir, r.why))
				}
			}
		}
	}
	slices.Sort(said)
	return said
}

// within says whether a list of patterns takes in a path.
func within(list, p string) bool {
	return slices.ContainsFunc(strings.Fields(list), func(pattern string) bool {
		stem, below := strings.CutSuffix(pattern, "/...")
		return p == stem || below && strings.HasPrefix(p, stem+"/")
	})
}
