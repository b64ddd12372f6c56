// Package certs keeps the certificates that a server shows: pairs of files
// that may change while it serves, and a certificate authority of its own for
// those who have no certificate.
//
// A [Server] looks at its files when a peer connects, and goes on with what it
// had if the new ones cannot be used. An [Authority] lives in a directory and
// signs one server certificate, which it renews before it ends.
//
// The package opens no socket and reads and writes no file but those that it
// is given. It refuses to judge who a peer is: a client's certificate is held
// against the given authorities and means nothing beyond that.
package certs
