package app

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"slices"
	"strings"
	"syscall"
)

// A cause is why a handshake failed: a stable token, for metric and log.
type cause string

const (
	causeUntrusted cause = "untrusted" // the phone does not trust our certificate
	causeClock     cause = "clock"     // the phone takes our certificate for ended, or not begun
	causeVersion   cause = "version"   // no common version
	causeAlgorithm cause = "algorithm" // no common suite or signature
	causeClient    cause = "client"    // its certificate is not of --tls-client-ca
	causePlain     cause = "plain"     // HTTP, without TLS
	causeNotTLS    cause = "not-tls"   // anything else that is not TLS
	causeGone      cause = "gone"      // closed without a word
	causeSlow      cause = "slow"      // not done in time
	causeRefused   cause = "refused"   // the phone says no in another way
	causeOther     cause = "other"
)

// causes are all there are.
var causes = []cause{causeUntrusted, causeClock, causeVersion, causeAlgorithm, causeClient, causePlain, causeNotTLS, causeGone, causeSlow, causeRefused, causeOther}

// A failure is a cause with a sentence for whoever reads the log.
type failure struct {
	cause cause
	why   string
	err   error
}

// Alerts by which a peer says what is wrong with our certificate (RFC 8446, 6).
const (
	alertBadCertificate     tls.AlertError = 42
	alertUnsupported        tls.AlertError = 43
	alertCertificateRevoked tls.AlertError = 44
	alertCertificateExpired tls.AlertError = 45
	alertCertificateUnknown tls.AlertError = 46
	alertUnknownCA          tls.AlertError = 48
	alertProtocolVersion    tls.AlertError = 70
)

// explain finds the cause of a handshake with p that failed with err.
func explain(err error, p *peer) failure {
	f := failure{cause: causeOther, why: "the handshake failed", err: err}
	set := func(c cause, why string) failure { f.cause, f.why = c, why; return f }
	var record tls.RecordHeaderError
	var theirs *tls.CertificateVerificationError
	var op *net.OpError
	switch {
	case errors.As(err, &record):
		if record.Conn != nil && isHTTP(record.RecordHeader[:]) {
			return set(causePlain, "the client speaks HTTP without TLS to this port: its ACS URL wants https, or the plain port")
		}
		return set(causeNotTLS, "what came is not TLS")
	case errors.As(err, &theirs):
		return set(causeClient, "the client's certificate is not of an authority in --tls-client-ca, or has ended")
	case errors.As(err, &op) && op.Op == "remote error":
		return f.said(op.Err.Error(), p.versions)
	case errors.As(err, &op) && op.Op == "local error":
		if alert, ok := p.alert(); ok {
			return f.said(alert.Error(), p.versions)
		}
	case errors.Is(err, context.DeadlineExceeded), errors.Is(err, os.ErrDeadlineExceeded):
		return set(causeSlow, "the client did not end the handshake in time")
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF), errors.Is(err, syscall.ECONNRESET), errors.Is(err, syscall.EPIPE):
		return set(causeGone, "the client closed the connection within the handshake; some do so when they do not trust a certificate")
	case strings.Contains(err.Error(), "unsupported versions"):
		return set(causeVersion, versionWhy(p.versions))
	case strings.Contains(err.Error(), "no cipher suite supported"), strings.Contains(err.Error(), "signature algorithm"):
		return set(causeAlgorithm, "the client takes no certificate with a key of this kind, or no cipher that is still used: old ones want a certificate with an RSA key")
	}
	return f
}

// said explains an alert of the peer. Their type is crypto/tls's own; their
// text is that of its exported one.
func (f failure) said(text string, offered []uint16) failure {
	is := func(alerts ...tls.AlertError) bool {
		return slices.ContainsFunc(alerts, func(a tls.AlertError) bool { return a.Error() == text })
	}
	switch {
	case is(alertUnknownCA, alertBadCertificate, alertCertificateUnknown, alertUnsupported, alertCertificateRevoked):
		f.cause, f.why = causeUntrusted, "the client does not trust our certificate: give it the authority's"
	case is(alertCertificateExpired):
		f.cause, f.why = causeClock, "the client takes our certificate for ended or not begun: look at its end, and at the client's clock"
	case is(alertProtocolVersion):
		f.cause, f.why = causeVersion, versionWhy(offered)
	default:
		f.cause, f.why = causeRefused, "the client refused the handshake"
	}
	return f
}

func versionWhy(offered []uint16) string {
	highest := uint16(0)
	for _, v := range offered {
		if v <= tls.VersionTLS13 { // beyond it there are only values that test a server's patience (RFC 8701)
			highest = max(highest, v)
		}
	}
	if highest < tls.VersionTLS10 {
		return "the client speaks no version of TLS that is let in"
	}
	return fmt.Sprintf("the client speaks only up to %s, which is below the lowest version that is let in", tls.VersionName(highest))
}

// isHTTP reports whether five bytes can begin a request.
func isHTTP(begin []byte) bool {
	return slices.Contains([]string{"GET /", "HEAD ", "POST ", "PUT /", "OPTIO", "DELET", "PATCH"}, string(begin))
}
