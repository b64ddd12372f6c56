package base

import (
	"fmt"
	"path"
	"slices"
	"strings"

	"phoneacs/cwmp"
)

// The kinds of file beside firmware and config, as the catalogue names them.
const (
	KindPhonebook   = "phonebook"
	KindCertificate = "certificate"
	KindBackground  = "background"
	KindMMISet      = "mmiset"
	KindDialRules   = "dial-rules"
	KindAccessList  = "access-list"
	KindRinger      = "ringer"
	KindTone        = "tone"
	KindLanguage    = "language"
)

// The kinds of file that a phone can be asked for.
const (
	UploadConfig = "config"
	UploadLog    = "log"
)

// A FileRule is what a vendor's phones ask of files of one kind.
type FileRule struct {
	Names   []string // it has one of these names, as spelled here; nil: any
	Endings []string // it ends so, in any case; nil: any; with Names, either will do
	Models  []string // that take the kind; nil: all but Without
	Without []string // models that do not
}

// CheckName says what is wrong with a name; nil: nothing.
func (r FileRule) CheckName(name string) error {
	if len(r.Names) == 0 && len(r.Endings) == 0 || slices.Contains(r.Names, name) ||
		slices.Contains(r.Endings, strings.ToLower(path.Ext(name))) {
		return nil
	}
	switch {
	case len(r.Endings) == 0:
		return fmt.Errorf("%q: phones take it by the name %s alone", name, strings.Join(r.Names, " or "))
	case len(r.Names) == 0:
		return fmt.Errorf("%q does not end in %s", name, strings.Join(r.Endings, ", "))
	}
	return fmt.Errorf("%q is not %s, and does not end in %s", name, strings.Join(r.Names, ", "), strings.Join(r.Endings, ", "))
}

// Takes says whether a model takes the kind. One that is not known does not
// where the kind is for some models only.
func (r FileRule) Takes(model string) bool {
	if r.Models != nil {
		return slices.Contains(r.Models, model)
	}
	return !slices.Contains(r.Without, model)
}

// Standard is a vendor whose phones do as TR-069 says, as far as anyone knows.
// Vendors embed it and say what they do otherwise.
type Standard struct{}

// DownloadType returns the standard type of the kind, if there is one (TR-069
// A.3.2.8).
func (Standard) DownloadType(kind, _ string) (string, bool) {
	t, ok := map[string]string{
		KindFirmware: cwmp.FileTypeFirmware, KindConfig: cwmp.FileTypeConfig,
		KindTone: cwmp.FileTypeTone, KindRinger: cwmp.FileTypeRinger,
	}[kind]
	return t, ok
}

// UploadType returns the standard type of the kind (TR-069 A.4.1.5). Instances
// have types of their own.
func (Standard) UploadType(kind, _ string, instance int) (string, bool) {
	names := map[string][2]string{
		UploadConfig: {cwmp.UploadTypeConfig, "3 Vendor Configuration File"},
		UploadLog:    {cwmp.UploadTypeLog, "4 Vendor Log File"},
	}
	t, ok := names[kind]
	if instance > 0 {
		return fmt.Sprintf("%s %d", t[1], instance), ok
	}
	return t[0], ok
}

// FileRule returns no rule.
func (Standard) FileRule(string) (FileRule, bool) { return FileRule{}, false }

// Lead returns no config: files go by RPC or not at all.
func (Standard) Lead(_, _, _ string) ([]byte, bool) { return nil, false }

// UploadLead returns no config.
func (Standard) UploadLead(_, _, _ string) ([]byte, bool) { return nil, false }
