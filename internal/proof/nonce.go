package proof

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"hash"
	"sync"
	"time"

	"github.com/jonboulle/clockwork"
)

// A nonce is 32 characters: when it was made, the algorithm that was offered
// with it, a random part and a seal over these. Nothing is kept for it, so it
// is good on any connection, after a restart, and for as many requests as come
// while it lives. It follows that its count (nc) cannot be held to go up:
// what may be sent again is bounded by the life of the nonce and, if there is
// one, by the memory of replays.
const (
	nonceTime   = 6 // bytes, milliseconds since 1970
	nonceRandom = 5
	nonceBody   = nonceTime + 1 + nonceRandom
	nonceSeal   = 12
	nonceBytes  = nonceBody + nonceSeal
)

// future is how far ahead a nonce may be dated: the clock may have been set back.
const future = time.Minute

type nonces struct {
	clock clockwork.Clock
	life  time.Duration
	seals sync.Pool // of hash.Hash
}

// newNonces makes nonces under a key of their own, which is derived: the same
// secret may seal other things as well.
func newNonces(key []byte, life time.Duration, clock clockwork.Clock) *nonces {
	derive := hmac.New(sha256.New, key)
	derive.Write([]byte("phoneacs digest nonce 1"))
	own := derive.Sum(nil)
	n := &nonces{clock: clock, life: life}
	n.seals.New = func() any { return hmac.New(sha256.New, own) }
	return n
}

// issue makes a nonce to go with an algorithm.
func (n *nonces) issue(alg Algorithm) string {
	var raw [nonceBytes]byte
	var at [8]byte
	binary.BigEndian.PutUint64(at[:], uint64(n.clock.Now().UnixMilli()))
	copy(raw[:nonceTime], at[8-nonceTime:])
	raw[nonceTime] = byte(alg)
	_, _ = rand.Read(raw[nonceTime+1 : nonceBody]) // never fails
	n.seal(raw[nonceBody:], raw[:nonceBody])
	return base64.RawURLEncoding.EncodeToString(raw[:])
}

// seal writes the seal of a body, cut to the length of dst.
func (n *nonces) seal(dst, body []byte) {
	h := n.seals.Get().(hash.Hash)
	defer n.seals.Put(h)
	h.Reset()
	h.Write(body)
	var sum [sha256.Size]byte
	copy(dst, h.Sum(sum[:0]))
}

// nonce is what one says of itself.
type nonce struct {
	ours    bool // sealed by us; if not, the rest says nothing
	expired bool
	alg     Algorithm
	id      [nonceBody]byte
}

// read judges a nonce that came back.
func (n *nonces) read(s string) nonce {
	var raw [nonceBytes]byte
	if len(s) != base64.RawURLEncoding.EncodedLen(nonceBytes) {
		return nonce{}
	}
	if _, err := base64.RawURLEncoding.Decode(raw[:], []byte(s)); err != nil {
		return nonce{}
	}
	var want [nonceSeal]byte
	n.seal(want[:], raw[:nonceBody])
	if !hmac.Equal(want[:], raw[nonceBody:]) {
		return nonce{}
	}
	var at [8]byte
	copy(at[8-nonceTime:], raw[:nonceTime])
	age := n.clock.Now().Sub(time.UnixMilli(int64(binary.BigEndian.Uint64(at[:]))))
	return nonce{
		ours:    true,
		expired: age > n.life || age < -future,
		alg:     Algorithm(raw[nonceTime]),
		id:      [nonceBody]byte(raw[:nonceBody]),
	}
}
