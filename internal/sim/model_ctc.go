package sim

// ctcParams are the names that a phone has besides when it is set to speak with
// the ACS of China Telecom. That they are these is assumed.
var ctcParams = []row{
	{"X_CT-COM_UserInfo.UserName", kindString, readWrite, ""},
	{"X_CT-COM_UserInfo.UserId", kindString, readWrite, ""},
	{"X_CT-COM_UserInfo.Status", kindUint, readWrite, "99"},
}

// ctcForced goes with each of its Informs.
const ctcForced = "X_CT-COM_UserInfo.UserId"

// isXML reports whether a file begins as XML does.
func isXML(head []byte) bool {
	for _, c := range head {
		switch c {
		case ' ', '\t', '\r', '\n', 0xef, 0xbb, 0xbf:
		default:
			return c == '<'
		}
	}
	return false
}
