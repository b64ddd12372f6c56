package jobs

import (
	"bytes"
	"encoding/base64"
	"encoding/hex"
	"math/big"
	"regexp"
	"strings"
	"time"
)

// dateTime is the form of XML Schema's: a year of four digits and more, then
// maybe a fraction of a second, maybe a zone.
var dateTime = regexp.MustCompile(`^(-?\d{4,}-\d\d-\d\dT\d\d:\d\d:\d\d)(\.\d+)?(Z|[+-]\d\d:\d\d)?$`)

// instant reads a dateTime; without a zone it is taken for UTC (TR-106 3.2.1).
func instant(s string) (time.Time, bool) {
	m := dateTime.FindStringSubmatch(strings.TrimSpace(s))
	if m == nil {
		return time.Time{}, false
	}
	zone := m[3]
	if zone == "" || zone == "-00:00" {
		zone = "Z"
	}
	t, err := time.Parse(time.RFC3339Nano, m[1]+m[2]+zone)
	return t, err == nil
}

// wholeSeconds leaves out the fraction of a second of a dateTime.
func wholeSeconds(s string) string {
	if m := dateTime.FindStringSubmatch(s); m != nil {
		return m[1] + m[3]
	}
	return s
}

// sameTime compares to the second: phones drop what is finer, or make it up.
func sameTime(a, b string) bool {
	x, okX := instant(a)
	y, okY := instant(b)
	return okX && okY && x.Truncate(time.Second).Equal(y.Truncate(time.Second))
}

func hexBytes(s string) ([]byte, bool) {
	b, err := hex.DecodeString(strings.TrimSpace(s))
	return b, err == nil
}

func sameHex(a, b string) bool {
	x, okX := hexBytes(a)
	y, okY := hexBytes(b)
	return okX && okY && bytes.Equal(x, y)
}

// base64Bytes reads base64 with line breaks, and with or without its padding.
func base64Bytes(s string) ([]byte, bool) {
	s = strings.Join(strings.Fields(s), "")
	b, err := base64.RawStdEncoding.DecodeString(strings.TrimRight(s, "="))
	return b, err == nil
}

func sameBase64(a, b string) bool {
	x, okX := base64Bytes(a)
	y, okY := base64Bytes(b)
	return okX && okY && bytes.Equal(x, y)
}

// real is the form of decimals and floats that is compared: without an
// exponent that is beyond reason.
var real = regexp.MustCompile(`^[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d{1,3})?$`)

func sameReal(a, b string) bool {
	a, b = strings.TrimSpace(a), strings.TrimSpace(b)
	if len(a) > 60 || len(b) > 60 || !real.MatchString(a) || !real.MatchString(b) {
		return false
	}
	x, okX := new(big.Rat).SetString(a)
	y, okY := new(big.Rat).SetString(b)
	return okX && okY && x.Cmp(y) == 0
}

// sameList compares lists with commas between, around which white space means
// nothing (TR-106 3.2.3).
func sameList(a, b string) bool {
	if !strings.Contains(a, ",") || !strings.Contains(b, ",") {
		return false
	}
	x, y := strings.Split(a, ","), strings.Split(b, ",")
	if len(x) != len(y) {
		return false
	}
	for i := range x {
		if strings.TrimSpace(x[i]) != strings.TrimSpace(y[i]) {
			return false
		}
	}
	return true
}
