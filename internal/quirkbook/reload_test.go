package quirkbook

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestReloadNow takes another file when it is told to, and only a whole one.
func TestReloadNow(t *testing.T) {
	r := newRig(t, entryOf+"5}\n", &fakeStore{})
	names := func() int { return r.Of(t.Context(), phone7).MaxNames }
	other := filepath.Join(t.TempDir(), "other.yaml")
	for text, says := range map[string]string{"": "no such file", entryOf + "1000}\n": ":4: set.max_names"} {
		if text != "" {
			if err := os.WriteFile(other, []byte(text), 0o600); err != nil {
				t.Fatal(err)
			}
		}
		path := other
		if text == "" {
			path += ".none"
		}
		if commit, err := r.Reload(path); err == nil || commit != nil || !strings.Contains(err.Error(), says) {
			t.Errorf("%q: %v; want %q", text, err, says)
		}
	}
	if err := os.WriteFile(other, []byte(entryOf+"7}\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, step := range []struct {
		path string
		want int
	}{{other, 7}, {"", 64}, {r.path, 5}} {
		before := names()
		commit, err := r.Reload(step.path)
		if err != nil {
			t.Fatal(err)
		}
		if got := names(); got != before {
			t.Errorf("%s: before commit max_names is %d", step.path, got)
		}
		commit()
		if got := names(); got != step.want {
			t.Errorf("%s: max_names is %d; want %d", step.path, got, step.want)
		}
		// What has just been read is not read again for a change that is none.
		said := r.log.String()
		r.look(t.Context())
		if again := r.log.String(); strings.Contains(again, "changed quirks") {
			t.Errorf("%s: read again, after %s: %s", step.path, said, again)
		}
	}
}
