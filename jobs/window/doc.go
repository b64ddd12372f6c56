// Package window says when a maintenance window is open, and which instant in
// it is a phone's own: its slot.
//
// A window recurs, weekly or flexibly, in the words and ranges that the phones
// themselves have for their automatic provisioning. The package is pure: it
// keeps nothing, asks no clock, and the same question has the same answer after
// a restart and on another machine. It refuses to know jobs, phones or a store:
// who asks names the phone by a text (its MAC address) and the window by
// another (its id).
//
// # What the phones' documents say
//
//   - weekly: days of the week, begin and end, every N weeks (0 to 12, 0 and 1
//     being every week), inactivity 0 to 120 minutes; of several days one, at
//     random;
//   - flexible: an interval of 1 to 1000 days, begin and end; day and time come
//     from the MAC address, and are found anew when the phone was provided for
//     otherwise within the period;
//   - an end before the begin is on the next day; one that is missing or equal
//     means at the begin itself.
//
// # What they leave open, and is so here
//
//   - Weeks begin on Monday and are counted from 1970-01-05, in the window's
//     zone. Of N weeks the first is the one in which the window opens.
//   - Days of a flexible window are counted from 1970-01-01, or from its first
//     valid day. For a phone that had what the window is for by other means,
//     they are counted from the day after. A run at the slot itself leaves the
//     count as it is: else a period would on average last half as long as it says.
//   - One of several days is drawn for each phone and period anew, among those
//     that are valid and not blacked out.
//   - A slot after which the window is not open for longer than the idle time
//     that it asks for is passed over for that of the next period.
//   - A window belongs to the day on which it begins: so do its black-outs.
//   - A local time that a change of clocks skips is as much later as was
//     skipped. Of a time that comes twice the begin is the first and the end the
//     last. A span that would thereby end before it begins keeps its length on
//     the dial, from its begin.
//
// # The slot
//
// Another program finds the same slots so:
//
//	d = SHA-256("phoneacs.slot.v1" LF phone LF window LF first day of the period as YYYY-MM-DD)
//	day    = floor(big-endian(d[8:16]) * number of possible days / 2^64), the first being 0
//	second = floor(big-endian(d[0:8]) * whole seconds from begin to end / 2^64)
//
// The seconds are real ones: an hour that comes twice has room for twice as
// many phones. [Digest] is this digest; the tests have vectors.
package window
