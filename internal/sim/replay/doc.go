// Package replay plays recorded CWMP sessions again: the phone's side against a
// server ([Play]), or the server's side against a phone ([Server]), and says
// where the other side does something else than it did.
//
// A recording is the JSON that the admin API gives of one, read by what the
// OpenAPI document says of it. Like the simulated phones, the package shares
// nothing with the server. It refuses to understand a session: it knows of a
// message no more than what kind it is, and of what it plays no more than has to be
// adapted (cookies, ids of messages, CommandKeys).
package replay
