package e2e

import (
	"strings"
	"testing"
)

// walkCases are of how a phone lists its tree and tells its values: not all at
// once, or nothing would be listed.
var walkCases = []dialectCase{
	{name: "Q47 all say that they are writable", behave: "max-values=8,dialect=names-writable"},
	{name: "Q48 the empty path is refused", behave: "max-values=8,dialect=names-no-root"},
	{name: "Q49 one level alone is listed", behave: "max-values=8,dialect=names-one-level"},
	{name: "Q50 objects lack their dot", behave: "max-values=8,dialect=names-no-dots"},
	{name: "Q50 an object is not in its list", behave: "max-values=8,dialect=names-below"},
	{name: "Q52 long lists are refused", behave: "max-values=8,dialect=names-few"},
	{name: "Q52 few values at once", behave: "max-values=8"},
	{name: "Q52 too much is an internal error", behave: "max-values=8,dialect=too-many-9002"},
	{name: "Q53 a name of its own is refused", behave: "max-values=8,dialect=own-name-9005"},
	{name: "Q54 an instance vanishes", behave: "max-values=8,dialect=names-ghost"},
}

// TestDialectsOfTrees has a phone of each dialect be read whole.
func TestDialectsOfTrees(t *testing.T) {
	s := startServer(t, t.TempDir(), "--phone-networks", "127.0.0.0/8", "--log-level", "debug", "--drain", "1s")
	for i, c := range walkCases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			o := s.speaks(t, i, c)
			k := o.ordered(o.gets(""))[0]
			o.ended(k, "succeeded", "values read")
			tree := o.tree()
			for name := range tree {
				if strings.Contains(name, ".99.") {
					t.Errorf("%s is known, and gone", name)
				}
			}
			if n := o.readings(); len(tree) < 100 || n > 200 {
				t.Errorf("%d parameters are known, by %d requests", len(tree), n)
			}
			t.Logf("%d parameters by %d requests", len(tree), o.readings())
		})
	}
}
