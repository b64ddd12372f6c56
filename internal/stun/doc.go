// Package stun is the service by which phones behind a NAT keep a way open for
// connection requests (TR-069 Annex G): one UDP socket that answers STUN
// Binding Requests, remembers from where they came, and sends requests back
// through the same mapping of the NAT.
//
// Messages are read and written by pion/stun, with what that does not know
// around it: Annex G is written for classic STUN (RFC 3489), whose headers have
// no magic cookie and whose MESSAGE-INTEGRITY is padded.
//
// The source of a datagram can be forged, so nothing is believed of it. A
// [Binding] belongs to a phone only once a request from there was signed with
// the phone's password; what else was seen is only said to have been seen. It
// sends to nobody from whom it has heard nothing, answers one datagram with at
// most one, not much larger, and keeps a bounded number of everything. What a
// request over UDP says is not its business, nor which phones are woken.
package stun
