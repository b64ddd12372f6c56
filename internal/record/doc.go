// Package record keeps what was said in sessions, for an operator to read:
// whole sessions of chosen phones and of those that failed, and messages that
// were not understood.
//
// What is secret is masked at the door, before anything is kept, in memory too
// ([Masker]). What is kept is bounded, by message, session and all that is open,
// and written after the session has ended: a phone never waits for it, and what
// there is no room for is dropped and counted ([Recorder]).
//
// It refuses to decide anything about a session, and to read a message for
// what it means: it works on bytes, which may be no XML at all, and where it
// cannot tell whether something is secret it takes it to be so.
package record
