// Package db says what phoneacs remembers: its records, and the roles through
// which they change.
//
// A role's method is one atomic step with its precondition, never a table to
// edit: MarkSent either makes a ready task sent, for the session that owns the
// phone, with the attempt, its deadline and its link, or it does nothing and
// says why. No transaction leaves a store, and each method can be one short
// SQL transaction. A method that returns nil has made its change durable; the
// exceptions ([Informs.RecordInform] of a soft Inform, [Informs.Touch],
// [Links.RecordFetch]) say so and may be up to a second late.
//
// All methods are safe for concurrent use, return values that belong to the
// caller, and wrap the sentinels of this package. The package knows neither
// SOAP nor HTTP, does no I/O, and takes no decision about what to do next.
package db
