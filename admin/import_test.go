package admin

import (
	"errors"
	"fmt"
	"io"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"phoneacs/db"
)

func (h *harness) importCSV(list string) *answer {
	h.t.Helper()
	return h.do("POST", "/api/v1/phones/import", list, "Content-Type", "text/csv; charset=utf-8")
}

func TestImport(t *testing.T) {
	h := newHarness(t)
	var got importResult
	h.importCSV("mac,serial,name,site\n" +
		"0c383e000001,,Known,HQ / North\n" + // 2: known
		"0c383e0000aa,,New,s1\n" + // 3: new
		"0c383e0000ab,,Where,Mars\n" + // 4: no such site
		"0c383e0000ac,taken,Clash,\n" + // 5: the store knows better
		"0c383e0000ad,,bad,\n" + // 6: the store does not like it
		"zz,,x,\n").is(200).into(&got) // 7: no MAC
	want := importResult{Created: 1, Updated: 1, Failed: 4, Through: 7, Errors: []*lineError{
		{4, "site", `site "Mars" is not known here`},
		{5, "", "its mac and its serial belong to two different phones"},
		{6, "name", "bad name"},
		{7, "mac", `"zz" is not a MAC address`},
	}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
	if len(h.store.imports) != 1 || h.store.imports[0][0].Site != 2 || h.store.by != "ops" {
		t.Errorf("the store was given %+v by %s", h.store.imports, h.store.by)
	}
}

// TestImportBatches: a thousand a commit, and the first hundred errors of all.
func TestImportBatches(t *testing.T) {
	h := newHarness(t)
	var list strings.Builder
	list.WriteString("mac,site\n")
	for i := range 2*importBatch + 1 {
		fmt.Fprintf(&list, "0c383f%06x,s1\n", i)
	}
	list.WriteString(strings.Repeat("x,\n", maxErrors+5))
	var got importResult
	h.importCSV(list.String()).is(200).into(&got)
	var sizes []int
	for _, batch := range h.store.imports {
		sizes = append(sizes, len(batch))
	}
	if !cmp.Equal(sizes, []int{importBatch, importBatch, 1}) {
		t.Errorf("commits of %v lines", sizes)
	}
	if got.Created != 2*importBatch+1 || got.Failed != maxErrors+5 || len(got.Errors) != maxErrors {
		t.Errorf("created %d, failed %d, told %d", got.Created, got.Failed, len(got.Errors))
	}
	if got.Errors[0].Line != 2*importBatch+3 {
		t.Errorf("first error is at line %d", got.Errors[0].Line)
	}
}

func TestImportErrors(t *testing.T) {
	h := newHarness(t)
	h.do("POST", "/api/v1/phones/import", "mac\n", "Content-Type", "application/json").refuses(kindMediaType, "Content-Type")
	h.importCSV("mac\n0c383e000001,\""+strings.Repeat("x", 2*maxLine)).refuses(kindMalformed, "")
	p := h.importCSV("mac,colour\n0c383e000001,red\n").refuses(kindUnknownField, "colour")
	if p.Line != 1 {
		t.Errorf("line = %d; want 1", p.Line)
	}
	if len(h.store.imports) != 0 {
		t.Errorf("imported %v", h.store.imports)
	}
}

// TestImportCutShort: what was committed before the end stays, and is told.
func TestImportCutShort(t *testing.T) {
	var batch strings.Builder
	for i := range importBatch {
		fmt.Fprintf(&batch, "0c383f%06x\n", i)
	}
	body := "mac\n" + batch.String()
	for _, tt := range []struct {
		name string
		tail io.Reader
		fail error
		kind kind
		says string
	}{
		{"connection lost", failing{errors.New("reset by peer")}, nil, kindMalformed, "lines up to 1001 were imported"},
		{"too large", strings.NewReader(strings.Repeat(strings.Repeat("x", 1023)+"\n", 1<<10)), nil, kindTooLarge, "lines up to 2012 were imported"},
		{"disk full", strings.NewReader(""), db.ErrNoSpace, kindNoSpace, "nothing was imported"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			h := newHarness(t)
			h.store.err, h.maxList = tt.fail, 1<<20
			r := httptest.NewRequest("POST", "http://localhost/api/v1/phones/import", io.MultiReader(strings.NewReader(body), tt.tail))
			r.Header.Set("Authorization", "Bearer "+secret)
			r.Header.Set("Content-Type", "text/csv")
			p := h.serve(r, "").refuses(tt.kind, "")
			if !strings.HasSuffix(p.Detail, tt.says) {
				t.Errorf("detail %q does not say %q", p.Detail, tt.says)
			}
		})
	}
}

type failing struct{ err error }

func (f failing) Read([]byte) (int, error) { return 0, f.err }

// TestImportForgetsSites: a list with ever new sites does not fill memory.
func TestImportForgetsSites(t *testing.T) {
	im := sites{api: newHarness(t).API, known: make(map[string]db.SiteID)}
	for i := range 3 * maxKnown {
		if id, err := im.find(t.Context(), fmt.Sprint("site ", i)); id != 0 || err != nil {
			t.Fatalf("site %d is %v, %v", i, id, err)
		}
		if len(im.known) > maxKnown {
			t.Fatalf("%d sites are remembered", len(im.known))
		}
	}
}
