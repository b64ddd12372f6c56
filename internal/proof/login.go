package proof

import (
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"log/slog"

	"phoneacs/phones"
)

// A Login is a user name and password by which a phone may prove itself. One
// without a name or password proves nothing. It prints as its name.
type Login struct {
	User     string
	Password string `json:"-"`
}

// Format prints the name and keeps the password back, whatever the verb.
func (l Login) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, l.User) }

// LogValue is the name.
func (l Login) LogValue() slog.Value { return slog.StringValue(l.User) }

// maxUser is how long ManagementServer.Username may be (TR-069 data model), in bytes.
const maxUser = 256

// NewLogin makes credentials for one phone: the name that TR-069 has for it
// ([UserName]) or, where OUI or serial number is not known, its MAC address as
// 12 lower-case digits; and a random password of 26 capital letters and digits,
// which is 130 bits and needs no escaping in any form that phones are given.
func NewLogin(id Identity) (Login, error) {
	user, err := nameFor(id)
	if err != nil {
		return Login{}, fmt.Errorf("make a login: %w", err)
	}
	return Login{User: user, Password: rand.Text()}, nil
}

func nameFor(id Identity) (string, error) {
	user, err := UserName(id)
	if err == nil && len(user) > maxUser {
		id.ProductClass = "" // encoding may triple its length, and OUI-Serial is a name as well
		user, err = UserName(id)
	}
	if err == nil && len(user) <= maxUser {
		return user, nil
	}
	if mac, macErr := phones.ParseMAC(id.MAC); macErr == nil {
		return mac, nil
	}
	if err == nil {
		err = fmt.Errorf("serial number: its user name would be longer than %d characters", maxUser)
	}
	return "", errors.Join(err, errors.New("mac: nor is there a MAC address to name the phone by"))
}
