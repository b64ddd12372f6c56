package db

import (
	"slices"
	"strings"
)

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
	"password", "passwd", "pwd", "passphrase", "passcode", "passwort", "kennwort", "secret", "credentials", "token", "community",
	"sharedkey", "secretkey", "privatekey", "privkey", "encryptionkey", "aeskey", "wepkey", "authkey", "apikey", "psk", "pin", "pincode",
}

// SecretName reports whether a parameter of that name holds a secret. Of several
// of a kind each may have a number at the end.
func SecretName(name string) bool {
	name = strings.TrimRight(name, "0123456789_.-")
	for _, end := range secretEndings {
		if at := len(name) - len(end); at >= 0 && strings.EqualFold(name[at:], end) {
			return true
		}
	}
	return false
}

// CutUser takes user and password out of a URL that a phone reports.
func CutUser(url string) (without string, had bool) {
	scheme, rest, ok := strings.Cut(url, "://")
	if !ok {
		return url, false
	}
	end := strings.IndexAny(rest, "/?#")
	if end < 0 {
		end = len(rest)
	}
	at := strings.LastIndexByte(rest[:end], '@')
	if at < 0 {
		return url, false
	}
	return scheme + "://" + rest[at+1:], true
}

// TakeSecrets returns arguments without the values that must not be stored in
// clear, and these, in the order in which PutSecrets takes them. a stays as it is.
func (a Args) TakeSecrets() (rest Args, secrets []string) {
	for i := range a.Parameters {
		if !SecretName(a.Parameters[i].Name) {
			continue
		}
		if secrets == nil {
			a.Parameters = slices.Clone(a.Parameters)
		}
		secrets = append(secrets, a.Parameters[i].Value)
		a.Parameters[i].Value = ""
	}
	if a.Raw != nil { // what in it is secret is for the phone to know
		raw := *a.Raw
		secrets = append(secrets, string(raw.Args), raw.XML)
		raw.Args, raw.XML = nil, ""
		a.Raw = &raw
	}
	return a, secrets
}

// PutSecrets puts values back where TakeSecrets took them from. It reports
// whether there are as many as there are places.
func (a *Args) PutSecrets(secrets []string) bool {
	for i := range a.Parameters {
		if !SecretName(a.Parameters[i].Name) {
			continue
		}
		if len(secrets) == 0 {
			return false
		}
		a.Parameters[i].Value, secrets = secrets[0], secrets[1:]
	}
	if a.Raw != nil {
		if len(secrets) != 2 {
			return false
		}
		if secrets[0] != "" {
			a.Raw.Args = []byte(secrets[0])
		}
		a.Raw.XML, secrets = secrets[1], nil
	}
	return len(secrets) == 0
}
