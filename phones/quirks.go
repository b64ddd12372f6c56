package phones

import (
	_ "embed"

	"phoneacs/cwmp"
	"phoneacs/phones/internal/base"
	"phoneacs/phones/quirks"
)

//go:embed quirks.yaml
var genericQuirks []byte

// QuirkSources are the entries that come with the program: those of devices
// whose vendors have no package, then those of each vendor that has some.
func QuirkSources() []quirks.Source {
	all := []quirks.Source{{Name: "phones/quirks.yaml", Text: genericQuirks}}
	for _, v := range vendors {
		if odd, ok := v.(interface{ Quirks() []byte }); ok {
			all = append(all, quirks.Source{Name: "phones/" + v.Name() + "/quirks.yaml", Text: odd.Quirks()})
		}
	}
	return all
}

// NewBook makes a book of the entries that come with the program.
func NewBook() (*quirks.Book, error) { return quirks.NewBook(Lookup, QuirkSources()) }

// ACSType tells from the parameters of an Inform which ACS a phone of a vendor
// is set to speak with: quirks.TypeCommon, quirks.TypeCTC, or "" if that cannot
// be told, or is nothing that the vendor tells apart.
func ACSType(vendor string, params []cwmp.ParameterValue) string {
	v, _ := Lookup(vendor)
	if typed, ok := v.(interface {
		Type([]cwmp.ParameterValue) string
	}); ok {
		return typed.Type(params)
	}
	return ""
}

// RootOf returns what the names of parameters begin with, "Device." or
// "InternetGatewayDevice."; "" if none of them shows it.
func RootOf(params []cwmp.ParameterValue) string { return base.RootOf(params) }
