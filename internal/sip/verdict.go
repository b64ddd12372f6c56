package sip

import (
	"errors"
	"fmt"
	"net/netip"

	wire "github.com/emiago/sipgo/sip"
	"github.com/icholy/digest"

	"phoneacs/db"
)

// verdict says what a final answer means, as a sentence. What the phone says
// beside the number is its own.
func verdict(status int, login bool) string {
	said := fmt.Sprintf("the phone answered %d", status)
	switch {
	case status >= 200 && status < 300:
		return said
	case status < 400:
		return said + ": it sends us elsewhere, which is not followed"
	case (status == 401 || status == 407) && login:
		return said + ": it did not take its connection-request login either; what it wants is the login of its SIP account, or none where its configuration can be changed"
	case status == 401, status == 407:
		return said + ": it wants to know who we are, and no login of it is known here"
	case status == 403:
		return said + ": it takes no NOTIFY from us; its configuration says from whom it does"
	case status == 404, status == 604:
		return said + ": it has no such user; its account's name is not what it reported, or is not known here"
	case status == 405, status == 489, status == 501:
		return said + ": it knows no check-sync"
	case status == 481:
		return said + ": it takes no NOTIFY that it has not subscribed to"
	case status == 480, status == 486, status == 503, status == 600:
		return said + ": it is busy, or not registered"
	}
	return said
}

// resultOf is the label of a final answer.
func resultOf(status int) string {
	switch {
	case status >= 200 && status < 300:
		return resultOK
	case status == 401, status == 407:
		return resultUnauthorised
	}
	return resultRefused
}

// challenged says whether a phone asks who we are (RFC 3261 22).
func challenged(res *wire.Response) bool { return res.StatusCode == 401 || res.StatusCode == 407 }

var errNoChallenge = errors.New("no challenge that can be answered")

// authorise writes a request anew that was challenged: the same call, a number
// higher, with who we are (RFC 3261 22.2). The phone has not acted on the first.
func (e *Endpoint) authorise(req *wire.Request, res *wire.Response, from netip.Addr, as db.Login) (*wire.Request, error) {
	asks, says := "WWW-Authenticate", "Authorization"
	if res.StatusCode == 407 {
		asks, says = "Proxy-Authenticate", "Proxy-Authorization"
	}
	for _, h := range res.GetHeaders(asks) {
		chal, err := digest.ParseChallenge(h.Value())
		if err != nil {
			continue
		}
		chal.Algorithm = wire.ASCIIToUpper(chal.Algorithm)
		said, err := digest.Digest(chal, digest.Options{
			Method: string(wire.NOTIFY), URI: req.Recipient.String(), Username: as.User, Password: as.Password,
		})
		if err != nil {
			continue
		}
		again := req.Clone() // the first may still be read for its last repetition
		e.via(again, from)
		again.CSeq().SeqNo++
		again.AppendHeader(wire.NewHeader(says, said.String()))
		return again, nil
	}
	return nil, errNoChallenge
}
