package base

import (
	"strings"

	"phoneacs/cwmp"
)

// The types of ACS that a phone can be set to speak with.
const (
	TypeCommon = "common" // plain TR-069
	TypeCTC    = "ctc"    // as China Telecom has it
)

// Roots are what the names of a phone's parameters begin with.
var Roots = []string{"Device.", "InternetGatewayDevice."}

// RootOf returns the root of the first parameter that has one, "" if none does.
func RootOf(params []cwmp.ParameterValue) string {
	for i := range params {
		for _, root := range Roots {
			if strings.HasPrefix(params[i].Name, root) {
				return root
			}
		}
	}
	return ""
}
