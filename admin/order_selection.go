package admin

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"phoneacs/db"
	"phoneacs/db/filter"
)

// newSelection says whom an order is for. Its members are pointers because an
// empty one is a mistake, and must never become everyone.
type newSelection struct {
	Phones *[]string `json:"phones"`
	Filter *string   `json:"filter"`
	All    *bool     `json:"all"`
}

const selectAll = `to order for everyone say {"all": true}`

// readSelection reads a selection into an order, references resolved and the
// filter compiled.
func (a *API) readSelection(ctx context.Context, in newSelection, n *db.NewJob) error {
	given := 0
	for _, is := range []bool{in.Phones != nil, in.Filter != nil, in.All != nil} {
		if is {
			given++
		}
	}
	switch {
	case given != 1:
		return invalid("selection", "want exactly one of phones, filter and all; %s", selectAll)
	case in.All != nil && !*in.All:
		return invalid("selection.all", "can only be true")
	case in.All != nil:
		n.Job.Selection.All = true
		return nil
	case in.Filter != nil:
		return readSelectionFilter(*in.Filter, n)
	}
	return a.readSelectionPhones(ctx, *in.Phones, n)
}

func readSelectionFilter(src string, n *db.NewJob) error {
	const field = "selection.filter"
	if strings.TrimSpace(src) == "" {
		return invalid(field, "an empty filter selects nobody; %s", selectAll)
	}
	f, err := filter.Parse(src, db.PhoneFields)
	var syntax *filter.SyntaxError
	if errors.As(err, &syntax) {
		return filterProblem(field, syntax)
	}
	if err != nil {
		return about(err, "filter")
	}
	n.Job.Selection.Filter, n.Filter = src, f
	return nil
}

func (a *API) readSelectionPhones(ctx context.Context, refs []string, n *db.NewJob) error {
	const field = "selection.phones"
	if len(refs) == 0 {
		return invalid(field, "an empty list selects nobody; %s", selectAll)
	}
	seen := make(map[db.PhoneID]bool, len(refs))
	for i, ref := range refs {
		id, err := a.findPhone(ctx, fmt.Sprintf("%s[%d]", field, i), ref)
		if err != nil {
			return err
		}
		if !seen[id] {
			seen[id] = true
			n.Phones = append(n.Phones, id)
		}
	}
	n.Job.Selection.Phones = refs
	return nil
}
