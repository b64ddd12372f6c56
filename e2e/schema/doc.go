// Package schema holds the messages that package cwmp writes against schemas,
// with xmllint as the judge: our own, and the official ones where PHONEACS_XSD
// names a directory of them (catalog.xml, drivers, samples).
//
// It has no code but its tests, and it judges the form of messages alone: what
// they do to a phone is for others to try.
package schema
