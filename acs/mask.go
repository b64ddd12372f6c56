package acs

import "strings"

// MaskedType stands for the type of a parameter whose value was left out
// because it is a secret.
const MaskedType = "masked"

// secretEndings are the ends of the names of parameters that hold secrets, in
// lower case. Some phones report them in clear.
var secretEndings = []string{
	"password", "passwd", "pwd", "passphrase", "secret",
	"presharedkey", "privatekey", "wepkey", "authkey", "pin",
}

// secret reports whether a parameter of that name holds a secret.
func secret(name string) bool {
	for _, end := range secretEndings {
		if at := len(name) - len(end); at >= 0 && strings.EqualFold(name[at:], end) {
			return true
		}
	}
	return false
}
