package sim

import (
	"bytes"
	"fmt"
	"slices"
	"strings"
)

// firmwareMark begins the first line of an image that simulated phones flash:
//
//	PHONESIM-FIRMWARE model=X6,X6U version=2.12.1
const firmwareMark = "PHONESIM-FIRMWARE "

// FirmwareImage makes an image for these models that brings them to a version.
// It has size bytes, or as many as its first line needs, and the same arguments
// give the same bytes. Models and version must not hold spaces or commas.
func FirmwareImage(models []string, version string, size int) []byte {
	img := fmt.Appendf(nil, "%smodel=%s version=%s\n", firmwareMark, strings.Join(models, ","), version)
	img = slices.Grow(img, max(0, size-len(img)))
	x := uint64(len(img))*0x9e3779b97f4a7c15 + 1
	for len(img) < size {
		x ^= x << 13
		x ^= x >> 7
		x ^= x << 17
		img = append(img, byte(x>>32))
	}
	return img
}

// parseFirmware reads the first line of an image.
func parseFirmware(head []byte) (models []string, version string, ok bool) {
	line, _, found := bytes.Cut(head, []byte{'\n'})
	fields, marked := strings.CutPrefix(string(line), firmwareMark)
	if !found || !marked {
		return nil, "", false
	}
	for _, field := range strings.Fields(fields) {
		name, value, _ := strings.Cut(field, "=")
		switch name {
		case "model":
			models = strings.Split(value, ",")
		case "version":
			version = value
		}
	}
	return models, version, len(models) > 0 && version != ""
}
