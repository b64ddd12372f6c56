// Package e2e runs the program as its users do: a real process on a real
// store, real sockets, and phones that are simulated in the test's process.
//
// It holds what no package can hold alone: that a server killed at any instant
// loses and repeats nothing, that thousands of tasks reach their phones once
// each, and that no promise leaves before the disk has it. It has no code but
// its tests and refuses to reach into the server: what it knows comes from the
// admin API, from the phones' own ledgers and from the store of a server that
// has ended.
//
// PHONEACS_SOAK=1 makes the tests that are random run longer.
// PHONEACS_REQUIRE_PEERS=1 turns a program that is needed and missing, such as
// strace, from a skipped test into a failure. With -short the tests do less,
// which makes -race bearable; the server is then built with -race too.
package e2e
