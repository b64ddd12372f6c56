package admin

import (
	"crypto/sha256"
	"net/http"
	"sync"

	"phoneacs/db"
)

const (
	keyHeader    = "Idempotency-Key"
	replayHeader = "Idempotency-Replayed"
	maxKey       = 255 // characters, as db.Idempotency takes
)

// tokenKey is a key and whose it is: keys of two tokens never meet.
type tokenKey struct {
	token db.TokenID
	key   string
}

// keysInFlight are the keys of orders being worked on. The store knows those
// of finished ones.
type keysInFlight struct {
	mu sync.Mutex
	m  map[tokenKey]bool
}

// take marks a key, and reports false if it is marked.
func (k *keysInFlight) take(key tokenKey) bool {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.m[key] {
		return false
	}
	k.m[key] = true
	return true
}

func (k *keysInFlight) release(key tokenKey) {
	k.mu.Lock()
	defer k.mu.Unlock()
	delete(k.m, key)
}

// takeKey reads the idempotency key of a request, which may have none, and
// keeps others with the same key out until release is called.
func (a *API) takeKey(r *http.Request, body []byte) (key db.Idempotency, release func(), err error) {
	given := r.Header.Values(keyHeader)
	if len(given) == 0 {
		return db.Idempotency{}, func() {}, nil
	}
	if len(given) > 1 || !validKey(given[0]) {
		return db.Idempotency{}, nil, invalid(keyHeader, "want 1 to %d visible ASCII characters, once", maxKey)
	}
	mark := tokenKey{caller(r).ID, given[0]}
	if !a.keys.take(mark) {
		return db.Idempotency{}, nil, newProblem(kindInFlight, "wait for the answer to the first, or repeat a little later").
			at(keyHeader).with("Retry-After", "1")
	}
	return db.Idempotency{Token: mark.token, Key: mark.key, Body: sha256.Sum256(body)},
		func() { a.keys.release(mark) }, nil
}

func validKey(s string) bool {
	for i := range len(s) {
		if s[i] <= ' ' || s[i] > '~' {
			return false
		}
	}
	return s != "" && len(s) <= maxKey
}
