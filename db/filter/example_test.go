package filter_test

import (
	"fmt"

	"phoneacs/db/filter"
)

func Example() {
	schema := filter.Schema{"model": filter.String, "tags": filter.List, "version": filter.Version}
	f, err := filter.Parse(`model = X6* (tags:lobby OR tags:hall) -version >= 2.10`, schema)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(f)
	fmt.Println(f.Match(func(field string) filter.Value {
		return map[string]filter.Value{
			"model":   {Text: "X6U"},
			"tags":    {List: []string{"lobby"}},
			"version": {Text: "2.9.1"},
		}[field]
	}))

	_, err = filter.Parse(`model = X6* AND tag:lobby`, schema)
	fmt.Println(err)
	// Output:
	// model = X6* AND (tags:lobby OR tags:hall) AND NOT version >= 2.10
	// true
	// filter, at byte 16: unknown field "tag"; known are model, tags, version
}
