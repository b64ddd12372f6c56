package jobs

import (
	"fmt"
	"testing"
)

// TestReadingPaths reads thousands of small objects, in far fewer requests.
func TestReadingPaths(t *testing.T) {
	const objects = 3000
	small := make([]string, objects)
	for i := range small {
		small[i] = fmt.Sprintf("Device.L.%d.Text", i)
	}
	large := make([]string, 0, objects)
	for i := range objects {
		large = append(large, fmt.Sprintf("Device.L.%d.T%d", i/30, i)) // 30 in each
	}
	for _, tt := range []struct {
		name string
		tree tree
		most int // requests
	}{
		{"8 at a time", tree{names: small, most: 8}, 560},
		{"64 at a time", tree{names: small, most: 64}, 90},
		{"more than a request has", tree{names: small, most: 2999}, 90},
		{"objects that are too large by themselves", tree{names: large, most: 16}, 600},
		{"one of which the phone knows nothing", tree{names: small, most: 8, unknown: map[string]bool{"Device.L.1234.": true}}, 600},
	} {
		t.Run(tt.name, func(t *testing.T) {
			r := newReading(readValues, []string{"Device."})
			told, sessions := tt.tree.read(t, r)
			t.Logf("%d requests in %d sessions", tt.tree.requests, sessions)
			if want := len(tt.tree.names) - len(tt.tree.unknown); len(told) != want {
				t.Errorf("%d of %d told", len(told), want)
			}
			if tt.tree.requests > tt.most {
				t.Errorf("%d requests; want at most %d", tt.tree.requests, tt.most)
			}
		})
	}
	tr := tree{names: small[:200], most: 150, firstAlone: true}
	if told, _ := tr.read(t, newReading(readValues, []string{"Device."})); len(told) != 200 {
		t.Errorf("%d of 200 told by a phone that tells the first path of each request alone", len(told))
	}
}
