package admin

import (
	"context"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"phoneacs/db"
	"phoneacs/phones"
	"phoneacs/phones/quirks"
)

// fakeQuirks is a book without a store.
type fakeQuirks struct {
	*quirks.Book
	sets map[db.PhoneID]quirks.Set
	by   string
	err  error
}

func newFakeQuirks(t *testing.T) *fakeQuirks {
	t.Helper()
	b, err := phones.NewBook()
	if err != nil {
		t.Fatal(err)
	}
	list, err := quirks.Read("/etc/quirks.yaml", []byte("\n- vendor: fanvil\n  models: X6*\n  why: It was seen.\n  source: a ticket\n  set: {max_names: 7}\n"), phones.Lookup)
	if err != nil {
		t.Fatal(err)
	}
	b.SetFile(list)
	return &fakeQuirks{Book: b, sets: make(map[db.PhoneID]quirks.Set)}
}

func (f *fakeQuirks) Explain(_ context.Context, p *db.Phone) []quirks.Effect {
	return f.Book.Explain(uint64(p.ID), quirks.Who{Vendor: p.Vendor, Model: p.Model, Type: quirks.TypeCommon})
}

func (f *fakeQuirks) Change(_ context.Context, id db.PhoneID, by string, next func(quirks.Set) quirks.Set) error {
	if f.err != nil {
		return f.err
	}
	f.by, f.sets[id] = by, next(f.sets[id])
	f.SetPhone(uint64(id), f.sets[id])
	return nil
}

// effects are the switches of a phone that are not as the default, as the API
// tells them.
func effects(a *answer) map[string]string {
	var got struct{ Items []effectView }
	a.is(200).into(&got)
	out := make(map[string]string)
	for _, e := range got.Items {
		if e.From != "default" {
			out[e.Name] = strings.TrimSpace(strings.Join([]string{e.From, e.File, e.Why}, " "))
		}
	}
	if len(got.Items) < len(quirks.Switches())-1 {
		out["left out"] = "some switches"
	}
	return out
}

func TestPhoneQuirks(t *testing.T) {
	h := newHarness(t)
	const path = "/api/v1/phones/p1/quirks"
	fake := h.API.quirks.(*fakeQuirks)
	const common = "file phones/fanvil/quirks.yaml Set to a common ACS, a phone takes firmware and configuration files by Download; " +
		"other files go by the URLs of a configuration."
	file := map[string]string{
		"max_names": "file /etc/quirks.yaml It was seen.", "file_types.config": common, "file_types.firmware": common,
	}
	check := func(what string, a *answer, own ...string) {
		t.Helper()
		want := map[string]string{}
		for k, v := range file {
			want[k] = v
		}
		for _, name := range own {
			want[name] = "phone"
		}
		if diff := cmp.Diff(want, effects(a)); diff != "" {
			t.Errorf("%s (-want +got)\n%s", what, diff)
		}
	}
	check("at first", h.do("GET", path, ""))
	check("put", h.do("PUT", path, `{"close_after_end":true,"file_types":{"phonebook":"config"}}`), "close_after_end", "file_types.phonebook")
	check("put again", h.do("PUT", path, `{"max_names":3}`), "max_names")
	check("patched", h.do("PATCH", path, `{"boolean_form":"words"}`, "Content-Type", "application/merge-patch+json"), "max_names", "boolean_form")
	if fake.by != "ops" {
		t.Errorf("changed by %q", fake.by)
	}
	if diff := cmp.Diff(quirks.Set{"max_names": 3, "boolean_form": "words"}, fake.sets[1]); diff != "" {
		t.Error(diff)
	}
	h.do("DELETE", path, "").is(204)
	check("taken back", h.do("GET", path, ""))
	h.do("DELETE", path, "").is(204)
}

func TestPhoneQuirksRefused(t *testing.T) {
	h := newHarness(t)
	for _, tt := range []struct {
		body  string
		kind  kind
		field string
	}{
		{`{"colour":true}`, kindUnknownField, "colour"},
		{`{"empty_end":1}`, kindInvalid, "empty_end"},
		{`{"empty_end":null}`, kindInvalid, "empty_end"},
		{`{"empty_end":true,"empty_end":true}`, kindInvalid, "empty_end"},
		{`{"max_names":0}`, kindInvalid, "max_names"},
		{`{"max_names":1.5}`, kindInvalid, "max_names"},
		{`{"root":"Gadget."}`, kindInvalid, "root"},
		{`{"file_types":{"A B":"x"}}`, kindUnknownField, "file_types.A B"},
		{`{"file_types":"x"}`, kindInvalid, "file_types"},
		{`{"file_types":{"config":7}}`, kindInvalid, "file_types.config"},
		{`{"file_types.config":"x"}`, kindUnknownField, "file_types.config"},
		{`{}`, kindInvalid, ""},
		{`[]`, kindMalformed, ""},
		{`{"empty_end":true} x`, kindMalformed, ""},
		{`{"empty_end":tru`, kindInvalid, "empty_end"},
	} {
		for _, method := range []string{"PUT", "PATCH"} {
			h.do(method, "/api/v1/phones/p1/quirks", tt.body).refuses(tt.kind, tt.field)
		}
	}
	h.do("PUT", "/api/v1/phones/p1/quirks", `{"root":"`+strings.Repeat("x", db.MaxQuirks)+`"}`).refuses(kindTooLarge, "")
	h.do("PUT", "/api/v1/phones/p1/quirks", `{"empty_end":true}`, "Content-Type", "text/plain").refuses(kindMediaType, "Content-Type")
	h.do("PUT", "/api/v1/phones/p9/quirks", `{"empty_end":true}`).refuses(kindNotFound, "")
	if fake := h.API.quirks.(*fakeQuirks); len(fake.sets) != 0 {
		t.Errorf("refused, and yet set: %v", fake.sets)
	}
	h.API.quirks.(*fakeQuirks).err = db.ErrNoSpace
	h.do("PUT", "/api/v1/phones/p1/quirks", `{"empty_end":true}`).refuses(kindNoSpace, "")
	h.do("DELETE", "/api/v1/phones/p1/quirks", "").refuses(kindNoSpace, "")
}

func TestListQuirks(t *testing.T) {
	h := newHarness(t)
	var all, some struct {
		Items []entryView
		Next  string
	}
	h.do("GET", "/api/v1/quirks", "").is(200).into(&all)
	n := len(all.Items)
	if last := all.Items[n-1]; n < 4 || last.File != "/etc/quirks.yaml" || last.Line != 2 || last.Why != "It was seen." {
		t.Errorf("%d entries, the last %+v", n, last)
	}
	seen := 0
	for cursor := ""; ; cursor = some.Next {
		some.Items, some.Next = nil, ""
		h.do("GET", "/api/v1/quirks?limit=2&cursor="+cursor, "").is(200).into(&some)
		for _, e := range some.Items {
			if e.Why != all.Items[seen].Why {
				t.Errorf("entry %d is %+v", seen, e)
			}
			seen++
		}
		if some.Next == "" {
			break
		}
	}
	if seen != n {
		t.Errorf("%d of %d entries listed page by page", seen, n)
	}
	for _, cursor := range []string{"x", "-1", "0"} {
		h.do("GET", "/api/v1/quirks?cursor="+cursor, "").refuses(kindInvalid, "cursor")
	}
}

// TestQuirkSetIsDocumented holds the document to the switches, with their
// bounds, words and what they do.
func TestQuirkSetIsDocumented(t *testing.T) {
	c, err := loadContract()
	if err != nil {
		t.Fatal(err)
	}
	props := c.doc["components"].(map[string]any)["schemas"].(map[string]any)["QuirkSet"].(map[string]any)["properties"].(map[string]any)
	known := make(map[string]bool)
	for _, s := range quirks.Switches() {
		known[s.Name] = true
		p, _ := props[s.Name].(map[string]any)
		does, _ := p["description"].(string)
		if strings.Join(strings.Fields(does), " ") != s.Does {
			t.Errorf("%s is documented as %q; it does %q", s.Name, does, s.Does)
		}
		switch s.Kind {
		case "bool":
			if p["type"] != "boolean" {
				t.Errorf("%s is no boolean", s.Name)
			}
		case "int":
			if err := c.validate("/components/schemas/QuirkSet", []byte(`{"`+s.Name+`":`+"1"+`}`)); err != nil || p["type"] != "integer" {
				t.Errorf("%s: %v", s.Name, err)
			}
		case "word":
			var words []string
			for _, w := range p["enum"].([]any) {
				words = append(words, w.(string))
			}
			if diff := cmp.Diff(s.Words, words); diff != "" {
				t.Errorf("%s: words (-code +document)\n%s", s.Name, diff)
			}
		}
	}
	for name := range props {
		if !known[name] {
			t.Errorf("%s is documented and no switch", name)
		}
	}
}
