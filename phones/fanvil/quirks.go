package fanvil

import (
	_ "embed"
	"strings"

	"phoneacs/cwmp"
	"phoneacs/phones/internal/base"
)

//go:embed quirks.yaml
var quirks []byte

// Quirks returns the entries of Fanvil's phones, as package quirks reads them.
func (Vendor) Quirks() []byte { return quirks }

// ctcMark stands in the names that China Telecom has added to TR-098.
const ctcMark = "X_CT-COM_"

// Type tells from the names of parameters which ACS a phone is set to speak
// with: base.TypeCTC if one of them is China Telecom's, base.TypeCommon if
// none is, "" if there are none to tell by.
func (Vendor) Type(params []cwmp.ParameterValue) string {
	for i := range params {
		if name := params[i].Name; strings.HasPrefix(name, "InternetGatewayDevice.") && strings.Contains(name, "."+ctcMark) {
			return base.TypeCTC
		}
	}
	if base.RootOf(params) == "" {
		return ""
	}
	return base.TypeCommon
}
