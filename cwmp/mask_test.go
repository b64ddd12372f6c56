package cwmp

import (
	"fmt"
	"regexp"
	"strings"
	"testing"
)

// elementName is what a phone may call an element.
var elementName = regexp.MustCompile(`^[\pL_][\pL\d._:-]*$`)

func isSecret(name string) bool { return strings.HasSuffix(name, "Password") }

func TestMaskXML(t *testing.T) {
	for _, tt := range []struct {
		in, want string
		secrets  []string
	}{
		{``, ``, nil},
		{`<X a="1"><Password>p&amp;q</Password><B>b</B></X>`, `<X a="1"><Password></Password><B>b</B></X>`, []string{"p&q"}},
		{`<X><S><Value>p</Value><Name>Password</Name></S><S><Name>A</Name><Value>v</Value></S></X>`,
			`<X><S><Value></Value><Name>Password</Name></S><S><Name>A</Name><Value>v</Value></S></X>`, []string{"p"}},
		{`<X Password="p"/>`, ``, []string{"p"}},
		{`<X><Password>p`, ``, []string{`<X><Password>p`}},
		{`<X><Password>p<In>q</In></Password><y:Password/></X>`, `<X><Password></Password><y:Password/></X>`, []string{"p", ""}},
		{`<X><Password><Password>q</Password>p</Password><B/></X>`, `<X><Password></Password><B/></X>`, []string{"q", "p"}},
	} {
		got, secrets := MaskXML(tt.in, isSecret)
		if got != tt.want || fmt.Sprint(secrets) != fmt.Sprint(tt.secrets) {
			t.Errorf("%s is shown as %s, without %q", tt.in, got, secrets)
		}
	}
}

// FuzzMaskXML promises that a password is in nothing that is shown, whatever
// stands around it.
func FuzzMaskXML(f *testing.F) {
	f.Add("Password", "<!-- -->", "Name")
	f.Add("Password", "<![CDATA[x]]>", "Value")
	f.Add("a:Password", "<a><Name>Password</Name><Value>", "b")
	f.Add("A>Password", "0", "A") // names no secret: an A with a text
	f.Fuzz(func(t *testing.T, name, around, other string) {
		const secret = "correct-horse-battery"
		if _, local, prefixed := strings.Cut(name, ":"); !elementName.MatchString(name) || strings.Contains(around+other, "horse") || !isSecret(name) || prefixed && !isSecret(local) {
			return
		}
		in := "<X>" + around + "<" + name + ">" + secret + "</" + name + "><" + other + "/></X>"
		if shown, _ := MaskXML(in, isSecret); strings.Contains(shown, secret) {
			t.Fatalf("%s is shown as %s", in, shown)
		}
	})
}
