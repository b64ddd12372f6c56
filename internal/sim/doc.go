// Package sim is a fleet of simulated IP phones that speak TR-069 over real
// sockets: thousands in one process, each with an identity, a data model, a
// flash memory that survives restarts and a ledger of what was done to it.
//
// It refuses to share anything with the server it is pointed at. SOAP, HTTP,
// Digest and the data model are written here a second time, from the standard,
// so that one misreading in the server cannot hide behind the same misreading
// in its test. It is also a stern reader: what the server breaks without the
// session failing is kept as a [Breach] under a stable token.
//
// A [Fleet] is made by [New] and lives while [Fleet.Run] does. A phone that is
// idle is a struct of a few hundred bytes and an entry in one timer heap; it
// has a goroutine only while it is in a session or fetching a file. All time
// comes from package time and all connections from [Options.Dial], so a fleet
// also runs inside a testing/synctest bubble over in-memory connections.
package sim
