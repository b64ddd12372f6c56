// Package jobs says what a phone is to do next, and what became of it: the
// life of jobs and their tasks, from the order to the proof, and the scheduler
// that makes tasks due.
//
// A job is accepted when the store has it; its tasks are made in chunks behind
// a durable cursor. A task is marked sent before its RPC leaves, leaves at most
// once for an attempt, and has succeeded only when the phone has shown the
// effect. What each kind of job sends, and takes for its proof, is one file and
// one row of the table of kinds.
//
// The package speaks to no phone, parses no message, serves no file and keeps
// nothing of its own: what must survive is in the store. Waking phones and
// making links are asked of others through [Waker] and [Files].
package jobs
