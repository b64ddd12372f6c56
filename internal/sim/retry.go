package sim

import (
	"math"
	"strconv"
	"time"
)

// retryWait draws the wait before the next attempt: uniform between
// m(k/1000)^(n-1) and m(k/1000)^n seconds for the n-th retry, n at most 10
// (TR-069 3.2.1.1). The phone is locked.
func (p *Phone) retryWait() time.Duration {
	lo, hi := retryRange(p.retry,
		atoiOr(p.setting("ManagementServer.CWMPRetryMinimumWaitInterval"), 5),
		atoiOr(p.setting("ManagementServer.CWMPRetryIntervalMultiplier"), 2000))
	wait := lo + p.random()*(hi-lo)
	return time.Duration(wait * p.fleet.opts.RetryScale * float64(time.Second))
}

// retryRange gives the bounds of the n-th wait in seconds, for a minimum of m
// seconds and a multiplier of k thousandths.
func retryRange(n, m, k int) (lo, hi float64) {
	n = min(max(n, 1), 10)
	factor := float64(k) / 1000
	lo = float64(m) * math.Pow(factor, float64(n-1))
	return lo, lo * factor
}

// atoiOr reads a number, or gives def for what is none or not positive.
func atoiOr(s string, def int) int {
	if n, err := strconv.Atoi(s); err == nil && n > 0 {
		return n
	}
	return def
}
