package db

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
)

func TestMask(t *testing.T) {
	for _, tt := range []struct {
		call    RawCall
		want    RawCall
		secrets []string
	}{
		{RawCall{RPC: "Reboot"}, RawCall{RPC: "Reboot"}, nil},
		{RawCall{Args: json.RawMessage(`{"URL":"u","Password":"p"}`)}, RawCall{Args: json.RawMessage(`{"Password":"","URL":"u"}`)}, []string{"p"}},
		{RawCall{Args: json.RawMessage(`{"L":[{"Name":"A.Password","Value":"p"},{"Name":"A.B","Value":"v"}]}`)},
			RawCall{Args: json.RawMessage(`{"L":[{"Name":"A.Password","Value":""},{"Name":"A.B","Value":"v"}]}`)}, []string{"p"}},
		{RawCall{Args: json.RawMessage(`{"Password":{"a":["p",7]}}`)}, RawCall{Args: json.RawMessage(`{"Password":""}`)}, []string{"7", "p"}},
		{RawCall{XML: `<X a="1"><Password>p&amp;q</Password><B>b</B></X>`}, RawCall{XML: `<X a="1"><Password></Password><B>b</B></X>`}, []string{"p&q"}},
		{RawCall{XML: `<X><S><Value>p</Value><Name>Pin</Name></S><S><Name>A</Name><Value>v</Value></S></X>`},
			RawCall{XML: `<X><S><Value></Value><Name>Pin</Name></S><S><Name>A</Name><Value>v</Value></S></X>`}, []string{"p"}},
		{RawCall{XML: `<X password="p"/>`}, RawCall{}, []string{"p"}},
		{RawCall{XML: `<X><Password>p`}, RawCall{}, []string{`<X><Password>p`}},
		{RawCall{XML: `<X><Password>p<In>q</In></Password></X>`}, RawCall{XML: `<X><Password></Password></X>`}, nil},
	} {
		got := tt.call.Masked()
		if got.RPC != tt.want.RPC || string(got.Args) != string(tt.want.Args) || got.XML != tt.want.XML {
			t.Errorf("%s %s is shown as %s %s", tt.call.Args, tt.call.XML, got.Args, got.XML)
		}
		secrets := tt.call.Secrets()
		slices.Sort(secrets)
		if tt.secrets != nil && fmt.Sprint(secrets) != fmt.Sprint(tt.secrets) {
			t.Errorf("secrets of %s %s are %q", tt.call.Args, tt.call.XML, secrets)
		}
	}
}

// FuzzMask promises that a password is in nothing that is shown of a call,
// whatever stands around it.
func FuzzMask(f *testing.F) {
	f.Add("Password", "x", "B")
	f.Add("AuthPin", "<!-- -->", "Name")
	f.Add("Secret", "<![CDATA[x]]>", "Value")
	f.Fuzz(func(t *testing.T, name, around, other string) {
		const secret = "correct-horse-battery"
		if !SecretName(name) || strings.Contains(around+other+name, "horse") {
			return
		}
		body, err := json.Marshal(map[string]any{other: around, name: secret, "L": []any{map[string]any{"Name": name, "Value": secret}}})
		if err != nil {
			return
		}
		c := RawCall{Args: body, XML: "<X>" + around + "<" + name + ">" + secret + "</" + name + "><" + other + "/></X>"}
		shown := c.Masked()
		if strings.Contains(string(shown.Args), secret) {
			t.Fatalf("%s is shown as %s", body, shown.Args)
		}
		if strings.Contains(shown.XML, secret) {
			t.Fatalf("%s is shown as %s", c.XML, shown.XML)
		}
	})
}
