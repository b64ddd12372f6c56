// Package backup writes and reads archives: a copy of the store and the bytes
// that it refers to, with a manifest that tells each of them by its digest.
//
// An archive is a tar, packed by gzip: manifest.json first, then phoneacs.db,
// then blobs/ab/abcd… in the order of their names. What is read is written
// below one directory, under names made here and never taken from the archive,
// and counts only once everything was there and as the manifest says. The
// package refuses to know what is in a store, and to replace anything.
package backup
