package admin

import (
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"phoneacs/db"
	"phoneacs/db/filter"
)

// checkQuery refuses query parameters that the operation does not know or that
// are given twice: a misspelt filter must not list everything.
func checkQuery(r *http.Request, knows []string) error {
	values, err := url.ParseQuery(r.URL.RawQuery)
	if err != nil {
		return newProblem(kindMalformed, "the query is not well encoded").because(err)
	}
	for name, given := range values {
		if !slices.Contains(knows, name) {
			says := "this operation takes no query parameters"
			if len(knows) > 0 {
				says = "the query parameters are " + strings.Join(knows, ", ")
			}
			return newProblem(kindUnknownField, "%s", says).at(name)
		}
		if len(given) > 1 {
			return invalid(name, "given more than once")
		}
	}
	return nil
}

// readPage reads the parameters of a list; a nil schema means that it takes no
// filter.
func readPage(r *http.Request, schema filter.Schema) (db.Query, error) {
	values := r.URL.Query()
	q := db.Query{Cursor: values.Get("cursor"), Limit: db.DefaultLimit}
	var err error
	if s := values.Get("limit"); s != "" {
		q.Limit, err = strconv.Atoi(s)
		if err != nil || q.Limit < 1 || q.Limit > db.MaxLimit {
			return db.Query{}, invalid("limit", "want a number from 1 to %d", db.MaxLimit)
		}
	}
	if src := values.Get("filter"); schema != nil && strings.TrimSpace(src) != "" {
		q.Filter, err = filter.Parse(src, schema)
		if err != nil {
			return db.Query{}, err
		}
	}
	return q, nil
}
