package proof

import (
	"crypto/md5"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"strings"
)

// Algorithm is what Digest is computed with.
type Algorithm uint8

// The algorithms. MD5 is the one that every phone has (TR-069 3.4.5).
const (
	MD5 Algorithm = iota
	SHA256
)

// String is the name that goes on the wire.
func (a Algorithm) String() string {
	switch a {
	case MD5:
		return "MD5"
	case SHA256:
		return "SHA-256"
	}
	return fmt.Sprintf("Algorithm(%d)", uint8(a))
}

// parseAlgorithm reads a name from the wire, in any case. With -sess the
// secret part of the answer includes the nonces.
func parseAlgorithm(s string) (a Algorithm, sess, ok bool) {
	if base := len(s) - len("-sess"); base > 0 && strings.EqualFold(s[base:], "-sess") {
		s, sess = s[:base], true
	}
	switch {
	case strings.EqualFold(s, "MD5"):
		return MD5, sess, true
	case strings.EqualFold(s, "SHA-256"):
		return SHA256, sess, true
	}
	return 0, false, false
}

// hex appends the hash of data, as lower-case digits.
func (a Algorithm) hex(dst, data []byte) []byte {
	if a == SHA256 {
		sum := sha256.Sum256(data)
		return hex.AppendEncode(dst, sum[:])
	}
	sum := md5.Sum(data)
	return hex.AppendEncode(dst, sum[:])
}
