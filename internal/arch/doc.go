// Package arch holds the house rules that no linter knows, as tests: which
// package may import which, where the clock and the network stay out, how long
// a file may be, and that the documents name things that exist.
//
// It reads the tree as text and judges its shape. It runs nothing of the
// program, imports none of it, and says nothing about what the code does.
package arch
