//go:build !race

package rehearsal

// small is how many phones the rehearsal has that is part of all tests.
const small = 120
