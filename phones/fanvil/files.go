package fanvil

import (
	"fmt"
	"slices"

	"phoneacs/cwmp"
	"phoneacs/phones/internal/base"
)

// Models that differ in the files they take, as the provisioning manual has it
// (section 4.4).
var (
	// android has neither a logo nor an mmiset to be replaced.
	android = []string{"A32", "A32i", "C400", "C600", "F600", "X7A"}
	// doors take access lists.
	doors = []string{"i20S", "i20SV", "i23S", "i30", "i31S", "i32V", "i33V"}
	// industry takes dial rules: intercoms, paging gateways, and what is built in.
	industry = func() []string {
		list := []string{"EIM-01", "IW30", "PA2", "PA2S", "PA3"}
		for _, m := range models {
			if m[0] == 'i' {
				list = append(list, m)
			}
		}
		return list
	}()
)

// A way is how a kind of file gets to a phone of Fanvil's.
type way struct {
	item string // of the AUTOUPDATE settings: the URL to fetch it from
	rule base.FileRule
}

// mmiset is all texts and pages of a phone in one packed file, and so what its
// languages come in: the manual's own example is the Spanish one.
var mmiset = way{"Auto Mmiset Url", base.FileRule{Endings: []string{".z"}, Without: android}}

// ways are the kinds beside firmware and config: an ACS of the type "common"
// gives a phone these two alone, and the rest goes by URLs of a configuration
// file (manual, sections 4.3 and 4.4).
var ways = map[string]way{
	base.KindPhonebook:   {"Auto Pbook Url", base.FileRule{Endings: []string{".xml", ".vcf", ".csv"}}},
	base.KindCertificate: {"Auto Etc Url", base.FileRule{Endings: []string{".bin", ".crt", ".key", ".ovpn", ".pem", ".xml"}}},
	base.KindBackground:  {"Auto Logo Url", base.FileRule{Names: []string{"background.bmp"}, Without: android}},
	base.KindMMISet:      mmiset,
	base.KindLanguage:    mmiset,
	base.KindDialRules:   {"Auto DPeer Url", base.FileRule{Names: []string{"dialPeer.csv"}, Models: industry}},
	base.KindAccessList:  {"Auto AList Url", base.FileRule{Names: []string{"accessList.csv"}, Models: doors}},
}

// DownloadType returns the standard types of firmware and config files. The
// other kinds reach a Fanvil only by the URLs of a configuration file.
func (Vendor) DownloadType(kind, _ string) (string, bool) {
	switch kind {
	case base.KindFirmware:
		return cwmp.FileTypeFirmware, true
	case base.KindConfig:
		return cwmp.FileTypeConfig, true
	}
	return "", false
}

// UploadType reports false: no model is known to take the RPC.
func (Vendor) UploadType(string, string, int) (string, bool) { return "", false }

// FileRule returns what is asked of files of the kinds that go by a URL.
func (Vendor) FileRule(kind string) (base.FileRule, bool) {
	w, ok := ways[kind]
	return w.rule, ok
}

// Lead returns a config with the one line that names the file.
func (Vendor) Lead(kind, model, url string) ([]byte, bool) {
	w, ok := ways[kind]
	if !ok || !w.rule.Takes(model) {
		return nil, false
	}
	return config(model, setting{w.item, url}), true
}

// UploadLead returns a config that switches the upload of the user's settings
// on, by PUT (method 0). The keys are those of the newer platform's exports;
// older ones have no such settings, and none has one for logs.
func (Vendor) UploadLead(kind, model, url string) ([]byte, bool) {
	if kind != base.UploadConfig || slices.Contains(oldPlatform, model) {
		return nil, false
	}
	return config(model,
		setting{"Enable User Config Upload", "1"},
		setting{"User Config Upload Method", "0"},
		setting{"User Config Provision Url", url},
	), true
}

// oldPlatform holds the models of the first generation of firmware, which says
// version 2.0002 in its files.
var oldPlatform = []string{
	"C58", "C62", "EIM-01", "F600", "H1", "H2", "H2S", "H3", "H5", "IW30", "PA2",
	"X1", "X1P", "X2", "X2C", "X2CP", "X2P", "X3", "X3G", "X3P", "X3S", "X3SP", "X4", "X4G", "X5",
	"i10", "i10D", "i10V", "i12", "i13W", "i16V", "i18S", "i20S", "i20SV", "i23S", "i30", "i31S", "i32V", "i33V", "i33VF",
}

// A setting is a line of a configuration file.
type setting struct{ key, value string }

// config writes a configuration file of the AUTOUPDATE module. Its header is 64
// bytes with the end of line, and the module's own header must stand before a
// line of it that is to change (manual, section 4.1). Text is what every
// generation reads.
func config(model string, settings ...setting) []byte {
	version := "2.0000000000"
	if slices.Contains(oldPlatform, model) {
		version = "2.0002"
	}
	b := fmt.Appendf(nil, "%-62s\r\n<AUTOUPDATE CONFIG MODULE>\r\n", "<<VOIP CONFIG FILE>>Version:"+version)
	for _, s := range settings {
		b = fmt.Appendf(b, "%-19s:%s\r\n", s.key, s.value)
	}
	return append(b, "<<END OF FILE>>\r\n"...)
}
