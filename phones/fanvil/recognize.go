package fanvil

import (
	"regexp"
	"strings"

	"phoneacs/cwmp"
	"phoneacs/phones/internal/base"
)

// ouis are the address blocks of Fanvil's phones, in lower case.
var ouis = []string{"0c383e", "00a859"}

// serialMark stands in the serial number of the TR-069 settings of every export
// seen, before the MAC address: 00100400FV02001000000c383e2599fe.
const serialMark = "00100400FV"

// Recognize takes a phone for a Fanvil by its OUI, its manufacturer, or a serial
// number of Fanvil's form. One sign is enough, as each of them is known to be
// empty or a placeholder on some device.
func (v Vendor) Recognize(id cwmp.DeviceID, params []cwmp.ParameterValue) (base.Identity, bool) {
	mac, sure := serialMAC(id.SerialNumber)
	if !sure && !ours(key(id.OUI)) && !strings.Contains(strings.ToLower(id.Manufacturer), "fanvil") {
		return base.Identity{}, false
	}
	if mac == "" {
		mac = base.FindMAC(id, params)
	}
	who := base.Identity{Vendor: v.Name(), Model: model(id.ProductClass), MAC: mac}
	for _, p := range params {
		if who.Model != "" {
			break
		}
		if strings.HasSuffix(p.Name, ".ModelName") {
			who.Model = model(p.Value)
		}
	}
	return who, true
}

// serialMAC returns the MAC address at the end of a serial number, and whether
// the serial number alone shows a Fanvil.
func serialMAC(serial string) (mac string, sure bool) {
	marked := len(serial) >= len(serialMark) && strings.EqualFold(serial[:len(serialMark)], serialMark)
	if len(serial) < 12 {
		return "", marked
	}
	mac, err := base.ParseMAC(serial[len(serial)-12:])
	if err != nil || !base.UsableMAC(mac) || !marked && !ours(mac) {
		return "", marked
	}
	return mac, true
}

// ours reports whether s, in lower case, begins with an address block of Fanvil.
func ours(s string) bool {
	for _, oui := range ouis {
		if strings.HasPrefix(s, oui) {
			return true
		}
	}
	return false
}

// agent is the User-Agent of Fanvil's file requests: "Fanvil X6U Pro 2.4.10 0c383e07e16c".
var agent = regexp.MustCompile(`^Fanvil ([A-Za-z0-9][A-Za-z0-9 _-]{0,30}) ([0-9]+(?:\.[0-9]+){1,5}) ([0-9A-Fa-f]{12})$`)

// UserAgent reads vendor, model, version and MAC address.
func (v Vendor) UserAgent(ua string) (base.Identity, string, bool) {
	m := agent.FindStringSubmatch(strings.TrimSpace(ua))
	if m == nil {
		return base.Identity{}, "", false
	}
	mac, err := base.ParseMAC(m[3])
	if err != nil || !base.UsableMAC(mac) {
		mac = ""
	}
	return base.Identity{Vendor: v.Name(), Model: model(m[1]), MAC: mac}, m[2], true
}
