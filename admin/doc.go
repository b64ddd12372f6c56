// Package admin serves the HTTP admin endpoints: what operators and their
// programs see of the fleet and order it to do. The OpenAPI document that
// package schemas holds is their contract, and is served with them.
//
// It translates and decides nothing. What phones are is the store's, what jobs
// may be is [Orders]', what a file may be is [Catalogue]'s; this package reads
// requests strictly, shows records in the form of version 1, and turns errors
// into problems (RFC 9457) in one place. It holds no state but the idempotency
// keys being worked on and the readers of the event stream. It refuses to
// speak to phones, to show a secret or an internal error, to answer a request
// under /api/v1 without a token, and to serve a Host it does not know.
package admin
