package seal

import (
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
)

// Errors of Open.
var (
	// ErrOtherKey reports what was sealed by another key.
	ErrOtherKey = errors.New("sealed by another key")
	// ErrBroken reports what this key sealed and does not open: it was changed,
	// cut short, or sealed in another context.
	ErrBroken = errors.New("sealed text is damaged, or not of this place")
)

// A sealed text is a byte for its version, the id of its key, a random nonce,
// and what AES-256-GCM makes of the plain text, with all before the nonce and
// the context as additional data. Random nonces of 96 bits bear 2^32 texts
// under one key: four billion changes of a password.
const (
	version   = 1
	nonceSize = 12
	headSize  = 1 + idSize + nonceSize
	// Overhead is how much longer a sealed text is than the plain one.
	Overhead = headSize + 16
)

// Seal seals plain in a context: the kind and id of the record it belongs to,
// as in "credentials p12". The same plain text never looks the same twice.
func (k *Key) Seal(context string, plain []byte) []byte {
	out := make([]byte, headSize, Overhead+len(plain))
	out[0] = version
	copy(out[1:], k.id[:])
	_, _ = rand.Read(out[1+idSize:]) // never fails
	return k.aead.Seal(out, out[1+idSize:], plain, k.bound(context))
}

// Open returns what Seal was given in the same context. The error wraps
// ErrOtherKey or ErrBroken and never shows what is in it.
func (k *Key) Open(context string, sealed []byte) ([]byte, error) {
	switch {
	case len(sealed) < Overhead:
		return nil, fmt.Errorf("open %s: %d bytes: %w", context, len(sealed), ErrBroken)
	case sealed[0] != version:
		return nil, fmt.Errorf("open %s: version %d is not known: %w", context, sealed[0], ErrBroken)
	case [idSize]byte(sealed[1:]) != k.id:
		return nil, fmt.Errorf("open %s: its key is %s, this is %s: %w", context, hex.EncodeToString(sealed[1:1+idSize]), k.ID(), ErrOtherKey)
	}
	plain, err := k.aead.Open(nil, sealed[1+idSize:headSize], sealed[headSize:], k.bound(context))
	if err != nil {
		return nil, fmt.Errorf("open %s: %w", context, ErrBroken)
	}
	return plain, nil
}

// bound is the additional data: what is in clear before the nonce, and the context.
func (k *Key) bound(context string) []byte {
	b := make([]byte, 0, 1+idSize+len(context))
	b = append(b, version)
	b = append(b, k.id[:]...)
	return append(b, context...)
}
