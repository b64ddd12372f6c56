//go:build race

package rehearsal

// small is how many phones the rehearsal has that is part of all tests; the race
// detector makes each cost five times as much.
const small = 60
