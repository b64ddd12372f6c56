// Package provision keeps the catalogue of files and hands them to phones over
// HTTP by capability links.
//
// A link is a URL with a random secret, made for one attempt of one task. The
// secret is kept as its hash only, and the link ends with the attempt, with its
// expiry or with its budget of bytes. Whoever has no link gets the same 404
// whatever the reason. Some links are to send a file to, and some to a small
// config, written anew for each request, that names another link.
//
// The package refuses to decide who gets a file and when, to speak TR-069, to
// show what it stores without a link, to list it, and to take a file from a
// phone that was not asked for one. It never logs a URL or a secret: log lines
// name attempt and phone.
package provision
