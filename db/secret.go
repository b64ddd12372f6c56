package db

import "strings"

// What stands for the type of a parameter whose value is not stored.
const (
	TypeMasked  = "masked"  // a secret: its value was left out
	TypePending = "pending" // ordered, and in force at a time of the phone's choosing
	TypeUnread  = "unread"  // the phone named it, and was not asked for its value
	TypeObject  = "object"  // an object, which has no value
)

// secretEndings are the ends of the names of parameters that hold secrets, in
// lower case. Some phones report them in clear.
var secretEndings = []string{
	"password", "passwd", "pwd", "passphrase", "secret",
	"presharedkey", "privatekey", "wepkey", "authkey", "pin",
}

// SecretName reports whether a parameter of that name holds a secret.
func SecretName(name string) bool {
	for _, end := range secretEndings {
		if at := len(name) - len(end); at >= 0 && strings.EqualFold(name[at:], end) {
			return true
		}
	}
	return false
}
