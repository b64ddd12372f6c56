package phones

import "strings"

// A CheckSync says by which Event header of a SIP NOTIFY the phones of a vendor
// look for their files anew.
type CheckSync struct {
	Event  string // look for files
	Reboot string // and restart; empty: no header of the vendor's is known that does
	// Note says in a clause what else decides; empty: nothing is known to.
	Note string
}

// checkSyncs is data: what vendors document, and what provisioning systems send
// them. Phones of others get the form that names both (Gigaset's own), as some
// restart where nothing is said.
var checkSyncs = map[string]CheckSync{
	"": {Event: "check-sync;reboot=false", Reboot: "check-sync;reboot=true"},
	// Auto provisioning as in wazo and FreePBX's modules for these phones.
	"fanvil": {
		Event: "check-sync", Reboot: "check-sync;reboot=true",
		Note: `it restarts only where "Notify Reboot" is 1 in its configuration`,
	},
	// Auto Provisioning Guide, "SIP NOTIFY Message".
	"yealink": {
		Event: "check-sync", Reboot: "check-sync;reboot=true",
		Note: "where sip.notify_reboot_enable is 1 it restarts whatever was asked for",
	},
	// Gigaset wiki, "SIP message - provisioning".
	"gigaset": {
		Event: "check-sync;reboot=false", Reboot: "check-sync;reboot=true",
		Note: "N510 and N720 never restart by it, N610, N670 and N870 only where CheckSyncRebootEnabled is 1",
	},
	// COMfortel D series, "Unsolicited Notify": what is applied needs no restart.
	"auerswald": {
		Event: "check-sync",
		Note:  "it takes it only where /provisioning/sip/active is on and from who is in its list",
	},
	// KX-UT and KX-HDV: CFG_RESYNC_FROM_SIP names the event.
	"panasonic": {
		Event: "check-sync",
		Note:  "it takes it only where CFG_RESYNC_FROM_SIP is check-sync, as it is from the factory",
	},
}

// CheckSyncOf returns what the phones of a vendor take. Where the vendor is not
// known the first word of what the phone says of its manufacturer decides.
func CheckSyncOf(vendor, manufacturer string) CheckSync {
	if c, ok := checkSyncs[vendor]; ok && vendor != "" {
		return c
	}
	first, _, _ := strings.Cut(strings.TrimSpace(strings.ToLower(manufacturer)), " ")
	if c, ok := checkSyncs[first]; ok && vendor == "" {
		return c
	}
	return checkSyncs[""]
}
