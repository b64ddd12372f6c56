// Package schemas holds the documents that say what phoneacs takes and gives,
// embedded: the OpenAPI document of the admin API, and XML schemas of the
// messages of CWMP.
//
// It loads them and nothing more: no socket, no store, no opinion about a
// message beyond what its schema says.
package schemas
