package fanvil

import (
	"path"
	"regexp"
	"strings"
)

// named is a version with a model before it: groups are model and version.
const named = `(?:fanvil[-_ ])?(?:([a-z][a-z0-9]*(?:[-_ ](?:v2|pro|lite|01))?)[-_ ])?v?([0-9]+(?:\.[0-9]+){1,5})`

var (
	firmware = regexp.MustCompile(`(?i)^` + named + `\.z$`)
	version  = regexp.MustCompile(`(?i)^` + named + `(?:\.z)?$`)
)

// FirmwareName reads names such as "x6-2.12.1.z"; a directory before it is
// ignored. Of names with build numbers or dates between, and of "x4.z", the
// model alone is read: what else they say would have to be guessed.
func (Vendor) FirmwareName(name string) (string, string, bool) {
	name = path.Base(name)
	if m := firmware.FindStringSubmatch(name); m != nil {
		if known := model(m[1]); known != "" {
			return known, m[2], true
		}
	}
	stem, ok := strings.CutSuffix(strings.ToLower(name), ".z")
	if !ok {
		return "", "", false
	}
	words := strings.FieldsFunc(strings.TrimPrefix(stem, "fanvil"), func(r rune) bool { return strings.ContainsRune("-_ ", r) })
	for n := min(len(words), modelWords); n > 0; n-- { // "X6U Pro" before "X6U"
		if known := model(strings.Join(words[:n], " ")); known != "" {
			return known, "", true
		}
	}
	return "", "", false
}

// modelWords is how many words a model's name has at most.
const modelWords = 2

// NormalizeVersion drops what stands around the numbers: vendor and model in
// front, a "v", the ending of a file. "X6 V2.12.1", "2.12.1" and "x6-2.12.1.z"
// are one version. What has another form stays as it is, in lower case.
func (Vendor) NormalizeVersion(modelName, v string) string {
	v = strings.ToLower(strings.TrimSpace(v))
	m := version.FindStringSubmatch(v)
	if m == nil {
		return v
	}
	if m[1] != "" && model(m[1]) == "" && key(m[1]) != key(modelName) {
		return v
	}
	return m[2]
}
