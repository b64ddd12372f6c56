package seal

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/hkdf"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"log/slog"
	"strings"
)

// KeySize is the length of a key in bytes.
const KeySize = 32

// idSize is how much of a sealed text tells which key it was sealed by.
const idSize = 8

// A Key seals and opens. It is safe for concurrent use, and prints as its id.
type Key struct {
	root [KeySize]byte
	id   [idSize]byte
	aead cipher.AEAD
}

// NewKey makes a key of random bytes. Different bytes have different ids, but
// for one chance in 2^64.
func NewKey(root [KeySize]byte) *Key {
	k := &Key{root: root}
	copy(k.id[:], k.Subkey("id"))
	block, err := aes.NewCipher(k.Subkey("seal"))
	if err == nil {
		k.aead, err = cipher.NewGCM(block)
	}
	if err != nil {
		panic("seal: " + err.Error()) // the key has the length it must have
	}
	return k
}

// Random makes a new key.
func Random() *Key {
	var root [KeySize]byte
	_, _ = rand.Read(root[:]) // never fails
	return NewKey(root)
}

// Parse reads a key: 64 hex digits, or the base64 of 32 bytes. White space
// around it is not meant. The error does not show the text.
func Parse(text string) (*Key, error) {
	text = strings.TrimSpace(text)
	b, err := hex.DecodeString(text)
	if err != nil || len(b) != KeySize {
		plain := strings.TrimRight(strings.NewReplacer("-", "+", "_", "/").Replace(text), "=")
		b, err = base64.RawStdEncoding.DecodeString(plain)
	}
	if err != nil || len(b) != KeySize {
		return nil, errors.New("want 32 bytes as 64 hex digits or in base64, as `openssl rand -hex 32` makes them")
	}
	if strings.Count(string(b), string(b[:1])) == KeySize {
		return nil, errors.New("is one byte repeated: want 32 random bytes, as `openssl rand -hex 32` makes them")
	}
	return NewKey([KeySize]byte(b)), nil
}

// Subkey derives 32 bytes for a purpose. Those of one purpose say nothing about
// those of another, or about the key.
func (k *Key) Subkey(purpose string) []byte {
	b, err := hkdf.Key(sha256.New, k.root[:], nil, "phoneacs "+purpose, KeySize)
	if err != nil {
		panic("seal: " + err.Error()) // the length is one that HKDF gives
	}
	return b
}

// ID names the key: 16 hex digits that do not help to find it.
func (k *Key) ID() string { return hex.EncodeToString(k.id[:]) }

// text is what a key file holds.
func (k *Key) text() string { return hex.EncodeToString(k.root[:]) + "\n" }

// String, GoString, Format and LogValue name the key and do not show it.
func (k *Key) String() string { return "key " + k.ID() }

// GoString is String for %#v.
func (k *Key) GoString() string { return k.String() }

// Format is String for every verb: %x would else go through the fields.
func (k *Key) Format(f fmt.State, _ rune) { _, _ = f.Write([]byte(k.String())) }

// LogValue is String for logs.
func (k *Key) LogValue() slog.Value { return slog.StringValue(k.String()) }
