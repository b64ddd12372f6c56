package fanvil

import (
	"slices"
	"strings"
)

// models holds every model by the name Fanvil prints on it.
var models = []string{
	"A10", "A10W", "A32", "A32i",
	"C400", "C58", "C600", "C62", "C66", "CS30",
	"EIM-01", "F600",
	"H1", "H2", "H2S", "H2U", "H2U-V2", "H3", "H3W", "H4", "H4W", "H5", "H5W", "H6", "H6W", "H601", "H602", "H603",
	"IW30",
	"PA2", "PA2S", "PA3",
	"V50P", "V60P", "V60W", "V61G", "V61W", "V62", "V62G", "V62W", "V62 Pro", "V63", "V64", "V65", "V66", "V66 Pro", "V67",
	"W610D", "W610H", "W610W", "W611W", "W620W",
	"X1", "X1P", "X1S", "X1SP", "X1SG", "X2", "X2C", "X2CP", "X2P", "X210", "X210i", "X210-V2", "X210i-V2",
	"X3", "X3G", "X3P", "X3S", "X3SG", "X3SP", "X3SG Lite", "X3SP Lite", "X3SW", "X3S Pro", "X3SP Pro", "X3SG Pro",
	"X3U", "X3U Pro",
	"X4", "X4G", "X4SG", "X4U", "X4U-V2",
	"X5", "X5S", "X5U", "X5U-V2", "X6", "X6-V2", "X6U", "X6U Pro", "X7", "X7-V2", "X7A", "X7C", "X7C-V2",
	"i10", "i10D", "i10S", "i10SD", "i10SV", "i10V", "i12", "i13W", "i16S", "i16SV", "i16V", "i18S",
	"i20S", "i20SV", "i23S", "i30", "i31S", "i32V", "i33V", "i33VF", "i51", "i51W", "i52", "i52W", "i53", "i53W",
	"i61", "i62", "i63", "i64",
}

// byKey finds a model by its name without case, spaces and punctuation.
var byKey = func() map[string]string {
	m := make(map[string]string, len(models))
	for _, name := range models {
		m[key(name)] = name
	}
	return m
}()

// key reduces a model's name: "V62 Pro", "v62-pro" and "V62_PRO" are one.
func key(name string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case 'A' <= r && r <= 'Z':
			return r + 'a' - 'A'
		case 'a' <= r && r <= 'z', '0' <= r && r <= '9':
			return r
		}
		return -1
	}, name)
}

// model returns the model a text names: alone, or behind the vendor's name.
func model(s string) string {
	k := key(s)
	if name, ok := byKey[k]; ok {
		return name
	}
	return byKey[strings.TrimPrefix(k, "fanvil")]
}

// Models lists the known models, sorted.
func (Vendor) Models() []string {
	list := slices.Clone(models)
	slices.Sort(list)
	return list
}
