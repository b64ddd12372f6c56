// Package rehearsal runs the whole server and a fleet of simulated phones
// through nights of work in minutes, and holds what the phones say of it
// against a plan.
//
// Server and phones live in one bubble of testing/synctest and speak over
// connections in memory: all clocks in it are one, which stands still while
// anybody has something to do. So a window of hours is as long as its work, and
// what happens in it happens at a time that is known exactly. The store is the
// real one, on a disk.
//
// The verdict is the phones' alone: when they were asked, when they restarted
// and who was on the line then. What the server has on record is a column
// beside it. The package is tests only; nothing of it is in a program.
package rehearsal
