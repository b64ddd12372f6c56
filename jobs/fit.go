package jobs

import (
	"fmt"
	"strings"

	"phoneacs/db"
	"phoneacs/phones"
	"phoneacs/phones/quirks"
)

// misfit says why a file is not for a phone, as a clause; "" if it is. A phone
// that has not said what it is fits, unless we are sure that it will not say.
func misfit(f *db.File, p *db.Phone, sure bool) string {
	vendorFits := f.Vendor == "" || strings.EqualFold(f.Vendor, p.Vendor) || p.Vendor == "" && !sure
	modelFits := len(f.Models) == 0 || p.Model == "" && !sure
	for _, m := range f.Models {
		modelFits = modelFits || strings.EqualFold(m, p.Model)
	}
	if vendorFits && modelFits {
		return ""
	}
	return fmt.Sprintf("%s is for %s, the phone is a %s", f.Name, audience(f), model(p))
}

// unfit says why a phone takes no file of that kind and name, as a clause; "" if
// it does. While a phone has not said what it is, it may.
func unfit(f *db.File, p *db.Phone, q *quirks.Quirks, sure bool) string {
	if !sure && p.Vendor == "" {
		return ""
	}
	if rule, ok := phones.Of(p.Vendor).FileRule(f.Kind); ok {
		if err := rule.CheckName(f.Name); err != nil {
			return fmt.Sprintf("a %s does not take the %s: %v", model(p), f.Kind, err)
		}
	}
	if !sure && p.Model == "" {
		return ""
	}
	if _, ok := downloadWay(f, p, q); !ok {
		return fmt.Sprintf("a %s takes no %s, by Download or by a config that names it", model(p), f.Kind)
	}
	return ""
}

// audience names the phones that a file is for.
func audience(f *db.File) string {
	vendor := f.Vendor
	if vendor == "" {
		vendor = "any vendor's"
	}
	if len(f.Models) == 0 {
		return vendor + " phones"
	}
	return vendor + " " + strings.Join(f.Models, ", ")
}

// model names what a phone is, as far as it is known.
func model(p *db.Phone) string {
	switch {
	case p.Vendor == "" && p.Model == "":
		return "device of unknown make"
	case p.Model == "":
		return p.Vendor + " of unknown model"
	case p.Vendor == "":
		return p.Model + " of unknown vendor"
	}
	return p.Vendor + " " + p.Model
}
