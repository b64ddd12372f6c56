// Package cli is the commands in the operator's hand: each asks a server's
// admin API through package admin/client and shows what it says, as tables for
// people or JSON for programs. One command a file; what they share is in
// command.go, connect.go, output.go, table.go, list.go and complete.go.
//
// It refuses to know the store, or to decide what the server decides: it takes
// words apart, asks, and tells what was answered and what to do next.
package cli
