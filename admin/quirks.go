package admin

import (
	"context"
	"errors"
	"net/http"
	"strconv"

	"phoneacs/db"
	"phoneacs/phones/quirks"
)

// Quirks says how phones are treated, and takes what an operator says of one.
type Quirks interface {
	// Entries lists all entries in force, in their order; they are not to be
	// changed.
	Entries() []quirks.Entry
	// Explain says how each switch stands for a phone, and why.
	Explain(ctx context.Context, p *db.Phone) []quirks.Effect
	// Change changes what is said of one phone to what next makes of it; an
	// empty set takes all of it back. It is durable, and in force, when Change
	// returns. db.ErrNotFound if there is no such phone.
	Change(ctx context.Context, id db.PhoneID, by string, next func(quirks.Set) quirks.Set) error
}

// entryView is an entry of the book as version 1 shows it.
type entryView struct {
	Vendor       string     `json:"vendor,omitempty"`
	Manufacturer string     `json:"manufacturer,omitempty"`
	OUI          []string   `json:"oui,omitempty"`
	ProductClass []string   `json:"product_class,omitempty"`
	Models       []string   `json:"models,omitempty"`
	Firmware     string     `json:"firmware,omitempty"`
	Type         string     `json:"type,omitempty"`
	Why          string     `json:"why"`
	Source       string     `json:"source"`
	Assumed      bool       `json:"assumed"`
	File         string     `json:"file"`
	Line         int        `json:"line"`
	Set          quirks.Set `json:"set"`
}

func viewEntry(e *quirks.Entry) entryView {
	return entryView{e.Vendor, e.Manufacturer, e.OUI, e.ProductClass, e.Models, e.Firmware, e.Type,
		e.Why, e.Source, e.Assumed, e.File, e.Line, e.Set}
}

// listQuirks serves GET /api/v1/quirks. The cursor is the number of the entry:
// if the file changes between two pages, one may be seen twice or not at all.
func (a *API) listQuirks(w http.ResponseWriter, r *http.Request) error {
	q, err := readPage(r, nil)
	if err != nil {
		return err
	}
	all := a.quirks.Entries()
	from := 0
	if q.Cursor != "" {
		if from, err = strconv.Atoi(q.Cursor); err != nil || from < 1 {
			return about(db.ErrCursor, "quirks")
		}
	}
	from = min(from, len(all))
	page := db.Page[quirks.Entry]{Items: all[from:min(from+q.Limit, len(all))]}
	if next := from + q.Limit; next < len(all) {
		page.Next = strconv.Itoa(next)
	}
	return writePage(w, page, viewEntry)
}

// effectView is a switch as it stands for one phone.
type effectView struct {
	Name   string `json:"name"`
	Value  any    `json:"value"`
	From   string `json:"from"` // default, file or phone
	Why    string `json:"why,omitempty"`
	Source string `json:"source,omitempty"`
	File   string `json:"file,omitempty"`
	Line   int    `json:"line,omitempty"`
}

func viewEffect(e *quirks.Effect) effectView {
	v := effectView{Name: e.Name, Value: e.Value, From: "default"}
	switch {
	case e.Own:
		v.From = "phone"
	case e.By != nil:
		v.From, v.Why, v.Source, v.File, v.Line = "file", e.By.Why, e.By.Source, e.By.File, e.By.Line
	}
	return v
}

// getPhoneQuirks serves GET /api/v1/phones/{id}/quirks.
func (a *API) getPhoneQuirks(w http.ResponseWriter, r *http.Request) error {
	id, err := a.pathPhone(r)
	if err != nil {
		return err
	}
	return a.answerQuirks(w, r, id)
}

// answerQuirks answers with how a phone is treated now.
func (a *API) answerQuirks(w http.ResponseWriter, r *http.Request, id db.PhoneID) error {
	p, err := a.store.Phone(r.Context(), id)
	if err != nil {
		return about(err, "phone %s", id)
	}
	list := a.quirks.Explain(r.Context(), &p.Phone)
	out := struct {
		Items []effectView `json:"items"`
	}{make([]effectView, len(list))}
	for i := range list {
		out.Items[i] = viewEffect(&list[i])
	}
	return writeJSON(w, http.StatusOK, out)
}

// replacePhoneQuirks serves PUT /api/v1/phones/{id}/quirks.
func (a *API) replacePhoneQuirks(w http.ResponseWriter, r *http.Request) error {
	return a.changeQuirks(w, r, func(_, given quirks.Set) quirks.Set { return given })
}

// updatePhoneQuirks serves PATCH /api/v1/phones/{id}/quirks.
func (a *API) updatePhoneQuirks(w http.ResponseWriter, r *http.Request) error {
	return a.changeQuirks(w, r, quirks.Set.With)
}

func (a *API) changeQuirks(w http.ResponseWriter, r *http.Request, join func(old, given quirks.Set) quirks.Set) error {
	id, err := a.pathPhone(r)
	if err != nil {
		return err
	}
	if err := checkType(r, "application/json", "application/merge-patch+json"); err != nil {
		return err
	}
	body, err := readBody(w, r, db.MaxQuirks)
	if err != nil {
		return err
	}
	given, err := quirks.ParseJSON(body)
	if err != nil {
		return quirkProblem(err)
	}
	if len(given) == 0 {
		return newProblem(kindInvalid, "nothing is said; give at least one member, or DELETE what was said before")
	}
	err = a.quirks.Change(r.Context(), id, caller(r).Name, func(old quirks.Set) quirks.Set { return join(old, given) })
	if err != nil {
		return about(err, "phone %s", id)
	}
	return a.answerQuirks(w, r, id)
}

// quirkProblem says what is wrong with a set.
func quirkProblem(err error) error {
	var at *quirks.Error
	switch {
	case !errors.As(err, &at):
		return err
	case errors.Is(err, quirks.ErrUnknown):
		return newProblem(kindUnknownField, "%v", at.Err).at(at.Field)
	case errors.Is(err, quirks.ErrNotJSON) && at.Field == "":
		return newProblem(kindMalformed, "%v", at.Err)
	}
	return invalid(at.Field, "%v", at.Err)
}

// clearPhoneQuirks serves DELETE /api/v1/phones/{id}/quirks.
func (a *API) clearPhoneQuirks(w http.ResponseWriter, r *http.Request) error {
	id, err := a.pathPhone(r)
	if err != nil {
		return err
	}
	err = a.quirks.Change(r.Context(), id, caller(r).Name, func(quirks.Set) quirks.Set { return nil })
	if err != nil {
		return about(err, "phone %s", id)
	}
	return writeGone(w)
}
