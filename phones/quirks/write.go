package quirks

import (
	"strconv"
	"strings"
)

// Write writes entries so that [Read] reads them again, but for their lines and
// the name of their file.
func Write(entries []Entry) []byte {
	var b strings.Builder
	for i := range entries {
		e := &entries[i]
		lead := "- "
		member := func(key, value string) {
			b.WriteString(lead + key + ": " + value + "\n")
			lead = "  "
		}
		text := func(key, s string) {
			if s != "" {
				member(key, quote(s))
			}
		}
		texts := func(key string, list []string) {
			if len(list) == 0 {
				return
			}
			out := make([]string, len(list))
			for i, s := range list {
				out[i] = quote(s)
			}
			member(key, "[\n      "+strings.Join(out, ",\n      ")+"]") // a line has a bound
		}
		text("vendor", e.Vendor)
		text("manufacturer", e.Manufacturer)
		texts("oui", e.OUI)
		texts("product_class", e.ProductClass)
		texts("models", e.Models)
		text("firmware", e.Firmware)
		text("type", e.Type)
		text("why", e.Why)
		text("source", e.Source)
		if e.Assumed {
			member("assumed", "true")
		}
		b.WriteString(lead + "set:\n")
		e.Set.write(&b)
	}
	return []byte(b.String())
}

func (s Set) write(b *strings.Builder) {
	within := ""
	for _, name := range s.Names() {
		base, text, dotted := strings.Cut(name, ".")
		if dotted && base != within {
			b.WriteString("    " + base + ":\n")
			within = base
		}
		indent, key := "    ", name
		if dotted {
			indent, key = "      ", quote(text)
		}
		b.WriteString(indent + key + ": ")
		switch v := s[name].(type) {
		case bool:
			b.WriteString(strconv.FormatBool(v))
		case int:
			b.WriteString(strconv.Itoa(v))
		case string:
			b.WriteString(quote(v))
		}
		b.WriteString("\n")
	}
}

var escape = strings.NewReplacer(`\`, `\\`, `"`, `\"`)

// quote writes a text that can be shown.
func quote(s string) string { return `"` + escape.Replace(s) + `"` }
