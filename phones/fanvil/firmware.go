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
// ignored. Names with build numbers or dates between say too much to be read
// without guessing, and "x4.z" says too little.
func (Vendor) FirmwareName(name string) (string, string, bool) {
	m := firmware.FindStringSubmatch(path.Base(name))
	if m == nil {
		return "", "", false
	}
	known := model(m[1])
	if known == "" {
		return "", "", false
	}
	return known, m[2], true
}

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
