// Package fanvil knows the phones of Fanvil: X, V, H, W and C series and the
// intercoms, access controllers and paging gateways of the i and PA series.
//
// Facts come from the vendor's provisioning manual and from exported
// configurations; what a phone says in its Inform is published nowhere, so
// several signs are read and none is required. The package does no I/O and
// guesses nothing: a model that is not in the table stays unknown.
package fanvil

import "phoneacs/phones/internal/base"

// Vendor is Fanvil.
type Vendor struct{ base.Standard }

var _ base.Vendor = Vendor{}

// Name returns "fanvil".
func (Vendor) Name() string { return "fanvil" }

// ConnectionRequestDefaults returns the factory's CPE user name and password,
// which every export shows.
func (Vendor) ConnectionRequestDefaults() (user, password string) { return "dps", "dps" }
