// Package cwmp encodes and decodes the SOAP messages of TR-069 (CWMP 1.0 to 1.4).
//
// It knows the wire and nothing else: no socket, store, clock or logger, and no
// opinion on what a message should lead to. [Decode] turns one HTTP body into an
// [Envelope], [Envelope.Encode] turns one back into bytes; every RPC of the
// schemas does both, because an ACS under test needs the other side as well.
//
// Decoding forgives what devices really send (wrong encodings, control
// characters, stray ampersands, prefixes nobody declared, missing headers) as
// long as one meaning remains, and refuses the rest with a [ProtocolError] whose
// Rule is stable. Elements are matched by namespace URI and local name, never by
// prefix, because the prefix is the device's choice. A body element we do not
// know decodes to [*Unknown] instead of failing: a vendor RPC costs one fault,
// not the session. Document types and entities are always refused, and size,
// depth and number of elements are bounded before a tree is built.
//
// Encoding forgives nothing: a value that is too long, or holds a character
// XML 1.0 cannot carry, is a [FieldError] that names the field.
package cwmp
