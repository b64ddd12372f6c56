// Package client speaks the admin API as its OpenAPI document has it: a method
// for each operation, a type for each schema. The command line is built on it,
// and so may other programs be.
//
// It refuses to decide anything: no retry, no cache, no default that the server
// has already, and no redirect followed, which would carry the token elsewhere.
package client
