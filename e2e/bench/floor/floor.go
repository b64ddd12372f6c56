// Package floor is the cheapest CWMP server that net/http allows: the price
// below which no server in Go can go, and so the measure of ours.
//
// It answers a POST that has a body with one constant InformResponse, and an
// empty one with 204. It refuses to understand: it parses nothing, keeps
// nothing, sets no cookie and knows no phone.
package floor

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"time"
)

// informResponse is the whole answer to an Inform (TR-069 A.3.3.1).
const informResponse = `<?xml version="1.0" encoding="UTF-8"?>
<soapenv:Envelope xmlns:soapenv="http://schemas.xmlsoap.org/soap/envelope/"` +
	` xmlns:cwmp="urn:dslforum-org:cwmp-1-0"><soapenv:Header>` +
	`<cwmp:ID soapenv:mustUnderstand="1">1</cwmp:ID></soapenv:Header><soapenv:Body>` +
	`<cwmp:InformResponse><MaxEnvelopes>1</MaxEnvelopes></cwmp:InformResponse>` +
	`</soapenv:Body></soapenv:Envelope>`

// Handler answers every POST, at any path.
func Handler() http.Handler {
	answer := []byte(informResponse)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method != http.MethodPost {
			http.Error(w, "POST only", http.StatusMethodNotAllowed)
			return
		}
		// Read as any server must, so that the price of reading is in the floor.
		n, err := io.Copy(io.Discard, r.Body)
		if err != nil {
			return // the peer is gone; there is nobody to answer
		}
		if n == 0 {
			w.WriteHeader(http.StatusNoContent)
			return
		}
		w.Header().Set("Content-Type", `text/xml; charset="utf-8"`)
		w.Write(answer)
	})
}

// Serve answers on ln until ctx ends, then closes ln and all connections. It
// returns nil when ctx ended it.
func Serve(ctx context.Context, ln net.Listener) error {
	srv := &http.Server{Handler: Handler(), ReadHeaderTimeout: time.Minute}
	stop := context.AfterFunc(ctx, func() { srv.Close() })
	defer stop()
	if err := srv.Serve(ln); !errors.Is(err, http.ErrServerClosed) {
		return fmt.Errorf("serve the floor: %w", err)
	}
	return nil
}
