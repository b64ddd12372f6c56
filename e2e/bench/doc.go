// Command bench measures `phoneacs serve` on the machine at hand, side by side
// with a bare net/http server that answers from a constant, and prints the
// figures beside the targets of the project as a Markdown table.
//
// Processor time and memory are those of the server's process alone; the
// phones are played by this one. Server and floor, or the two servers that are
// compared, take turns in rounds (A B A B), so that what else the machine does
// meets both.
//
// It refuses to judge: a missed target is a line in the table, never an exit
// status. It leaves nothing behind: children are ended and directories removed,
// also when it is interrupted.
//
// Usage, in the module's directory:
//
//	go run ./e2e/bench [-run REGEXP] [-server PATH] [-o FILE] [sizes, see -help]
//
// Exit status: 0 when everything chosen was measured, 1 when something could
// not be, 2 for wrong usage.
package main
