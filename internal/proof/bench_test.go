package proof

import "testing"

// BenchmarkCheck is one Digest answer, read, looked up by name and judged
// against two logins, of which the second is right.
func BenchmarkCheck(b *testing.B) {
	for _, alg := range []Algorithm{MD5, SHA256} {
		b.Run(alg.String(), func(b *testing.B) {
			c, _ := newChecker(b, Options{Algorithm: alg})
			head := []string{client{login: next}.to(c.Challenge(Verdict{})).header()}
			logins := []Login{own, next}
			b.ReportAllocs()
			for b.Loop() {
				if v := c.CheckHeader("POST", "/acs", head, false, logins, Leniency{}); v.Login != 1 {
					b.Fatal(v)
				}
			}
		})
	}
	b.Run("challenge", func(b *testing.B) {
		c, _ := newChecker(b, Options{})
		b.ReportAllocs()
		for b.Loop() {
			_ = c.Challenge(Verdict{})
		}
	})
	b.Run("failed", func(b *testing.B) {
		th, _ := newThrottle(b, ThrottleOptions{})
		b.ReportAllocs()
		for b.Loop() {
			th.Failed(here, own.User)
		}
	})
}
