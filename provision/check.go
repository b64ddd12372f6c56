package provision

import (
	"fmt"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"phoneacs/db"
	"phoneacs/phones"
)

// Bounds of what describes a file.
const (
	maxModels  = 256
	maxVersion = 64 // characters
)

func invalid(field, format string, args ...any) error {
	return &db.FieldError{Field: field, Err: fmt.Errorf(format, args...)}
}

// describe checks what is said of a file and returns it in the spelling that
// is kept: vendor in lower case, models as the vendor writes them, and for
// firmware the product and version, read from the name where they are missing.
func describe(f db.File) (db.File, error) {
	if err := checkName(f.Name); err != nil {
		return f, &db.FieldError{Field: "name", Err: err}
	}
	if !slices.Contains(db.FileKinds, f.Kind) {
		return f, invalid("kind", "%q is not one of %s", f.Kind, strings.Join(db.FileKinds, ", "))
	}
	f.Version = strings.TrimSpace(f.Version)
	if utf8.RuneCountInString(f.Version) > maxVersion || strings.ContainsFunc(f.Version, unprintable) {
		return f, invalid("version", "longer than %d characters, or not printable", maxVersion)
	}
	if f.Vendor == "" {
		return withoutVendor(f)
	}
	f.Vendor = strings.ToLower(f.Vendor)
	vendor, ok := phones.Lookup(f.Vendor)
	if !ok {
		return f, invalid("vendor", "%q is not one of %s", f.Vendor, vendorNames())
	}
	models, err := knownModels(vendor, f.Models)
	if err != nil {
		return f, err
	}
	f.Models = models
	if f.Kind == db.FileFirmware {
		return describeFirmware(vendor, f)
	}
	return f, checkRule(vendor, f)
}

// checkRule holds a file against what its vendor's phones ask of the kind.
func checkRule(vendor phones.Vendor, f db.File) error {
	rule, ok := vendor.FileRule(f.Kind)
	if !ok {
		return nil
	}
	if err := rule.CheckName(f.Name); err != nil {
		return &db.FieldError{Field: "name", Err: fmt.Errorf("a %s for %s phones: %w", f.Kind, f.Vendor, err)}
	}
	for _, m := range f.Models {
		if !rule.Takes(m) {
			return invalid("models", "a %s takes no %s", m, f.Kind)
		}
	}
	return nil
}

func withoutVendor(f db.File) (db.File, error) {
	switch {
	case f.Kind == db.FileFirmware:
		return f, invalid("vendor", "firmware needs its vendor, one of %s", vendorNames())
	case len(f.Models) > 0:
		return f, invalid("vendor", "models need their vendor, one of %s", vendorNames())
	}
	f.Models = nil
	return f, nil
}

// describeFirmware makes sure that product and version are known, so that a
// wrong model is refused before anything is sent and success can be shown. What
// contradicts the file's own name is refused: one of the two is a mistake, and
// the wrong firmware may cost the phone.
func describeFirmware(vendor phones.Vendor, f db.File) (db.File, error) {
	model, version, named := vendor.FirmwareName(f.Name)
	if named {
		if len(f.Models) == 0 {
			f.Models = []string{model}
		}
		if f.Version == "" {
			f.Version = version
		}
		if !slices.Contains(f.Models, model) {
			return f, invalid("models", "the name says %s, the models are %s; correct one of them", model, strings.Join(f.Models, ", "))
		}
		if version != "" && vendor.NormalizeVersion(model, f.Version) != vendor.NormalizeVersion(model, version) {
			return f, invalid("version", "the name says %s, the version is %s; correct one of them", version, f.Version)
		}
	}
	if len(f.Models) == 0 {
		return f, invalid("models", "cannot be read from the name %q; say which models the firmware is for", f.Name)
	}
	if f.Version == "" {
		return f, invalid("version", "cannot be read from the name %q; say which version phones report once they have it", f.Name)
	}
	return f, nil
}

// knownModels returns models as the vendor writes them, each once.
func knownModels(vendor phones.Vendor, models []string) ([]string, error) {
	if len(models) > maxModels {
		return nil, invalid("models", "more than %d", maxModels)
	}
	known := vendor.Models()
	var out []string
	for _, m := range models {
		i := slices.IndexFunc(known, func(k string) bool { return modelKey(k) == modelKey(m) })
		if i < 0 {
			return nil, invalid("models", "%.64q is not one of %s", m, strings.Join(known, ", "))
		}
		if !slices.Contains(out, known[i]) {
			out = append(out, known[i])
		}
	}
	return out, nil
}

// modelKey is a model without case, spaces and punctuation.
func modelKey(model string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsLetter(r) || unicode.IsDigit(r) {
			return unicode.ToLower(r)
		}
		return -1
	}, model)
}

func vendorNames() string { return strings.Join(phones.Vendors(), ", ") }

func unprintable(r rune) bool { return !unicode.IsPrint(r) || r == utf8.RuneError }
