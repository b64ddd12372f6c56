package acs

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha1"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"net/netip"
	"net/url"
	"strconv"
	"strings"
	"time"

	"phoneacs/db"
)

// udpRequest writes a connection request over UDP (TR-069 G.2.2.3): a GET whose
// URL has no path, and proves by its query who asks. Its id and nonce are new.
func udpRequest(to netip.AddrPort, as db.Login, now time.Time) []byte {
	var id [4]byte
	_, _ = rand.Read(id[:]) // never fails
	return udpText(to, as, now, binary.BigEndian.Uint32(id[:])>>1, rand.Text()[:16])
}

// udpText is udpRequest with an id and a nonce. What is signed are the values
// as they are, one right after the other; the nonce is of characters that
// nobody escapes.
func udpText(to netip.AddrPort, as db.Login, now time.Time, id uint32, nonce string) []byte {
	ts := strconv.FormatInt(now.Unix(), 10)
	text := ts + strconv.FormatUint(uint64(id), 10) + as.User + nonce
	return fmt.Appendf(nil, "GET http://%s?ts=%s&id=%d&un=%s&cn=%s&sig=%s HTTP/1.1\r\nHost: %s\r\nContent-Length: 0\r\n\r\n",
		to, ts, id, url.QueryEscape(as.User), nonce, udpSignature(as.Password, text), to)
}

func udpSignature(password, text string) string {
	h := hmac.New(sha1.New, []byte(password))
	h.Write([]byte(text))
	return strings.ToUpper(hex.EncodeToString(h.Sum(nil)))
}
