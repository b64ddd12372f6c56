package db

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
)

func TestMaskJSON(t *testing.T) {
	for _, tt := range []struct {
		in, want string
		secrets  []string
	}{
		{``, ``, nil},
		{`{`, ``, nil},
		{`{"URL":"u","Password":"p"}`, `{"Password":"","URL":"u"}`, []string{"p"}},
		{`{"L":[{"Name":"A.Password","Value":"p"},{"Name":"A.B","Value":"v"}]}`,
			`{"L":[{"Name":"A.Password","Value":""},{"Name":"A.B","Value":"v"}]}`, []string{"p"}},
		{`{"Password":{"a":["p",7]}}`, `{"Password":""}`, []string{"7", "p"}},
	} {
		got, secrets := MaskJSON(json.RawMessage(tt.in))
		slices.Sort(secrets)
		if string(got) != tt.want || fmt.Sprint(secrets) != fmt.Sprint(tt.secrets) {
			t.Errorf("%s is shown as %s, without %q", tt.in, got, secrets)
		}
	}
}

// FuzzMaskJSON promises that a password is in nothing that is shown, whatever
// stands around it.
func FuzzMaskJSON(f *testing.F) {
	f.Add("Password", "x", "B")
	f.Add("AuthPin", "", "Name")
	f.Add("Secret", "y", "Value")
	f.Fuzz(func(t *testing.T, name, around, other string) {
		const secret = "correct-horse-battery"
		if !SecretName(name) || strings.Contains(around+other+name, "horse") {
			return
		}
		body, err := json.Marshal(map[string]any{other: around, name: secret, "L": []any{map[string]any{"Name": name, "Value": secret}}})
		if err != nil {
			return
		}
		if shown, _ := MaskJSON(body); strings.Contains(string(shown), secret) {
			t.Fatalf("%s is shown as %s", body, shown)
		}
	})
}
