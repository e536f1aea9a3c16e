package contract

import (
	"fmt"
	"slices"
	"time"
)

const (
	timingRounds  = 3  // a difference must show in each
	timingSamples = 30 // of each case, after the warm-up
	timingWarmUp  = 5  // first samples of each case, thrown away
)

// timingAccounts share the samples of a known address: each gets five mails an
// hour, one of them for its verification, and a call that sends none is no sample.
const timingAccounts = (timingRounds*(timingSamples+timingWarmUp) + 3) / 4

// sameTime asserts that two calls cannot be told apart by how long they take:
// the cases take turns, the first samples of each are dropped, medians are
// compared, and a difference is only believed when every round shows it.
func (t *T) sameTime(what string, a, b func(i int) time.Duration) {
	var last string
	for round := range timingRounds {
		left, right := interleave(round, a, b)
		if t.ctx.Err() != nil {
			t.Fatalf("%s: the test's time was over", what)
		}
		if timesAlike(left, right, t.tolerance()) {
			t.Check(true, "")
			return
		}
		last = fmt.Sprintf("medians %v and %v of %d samples each", left, right, timingSamples)
	}
	t.Check(false, "%s can be told apart by time, %d times: %s; tolerance %v or a quarter", what, timingRounds, last, t.tolerance())
}

// tolerance is how far two medians may be apart at least. The contract allows
// 50 ms, for a network; on loopback that would hide a whole password hash.
func (t *T) tolerance() time.Duration {
	if t.run.target.Loopback() {
		return 8 * time.Millisecond
	}
	return 50 * time.Millisecond
}

// interleave takes the samples of one round and returns the medians. The order
// within a pair changes from pair to pair, so that neither case always comes
// after the other.
func interleave(round int, a, b func(i int) time.Duration) (medianA, medianB time.Duration) {
	var as, bs []time.Duration
	for i := range timingWarmUp + timingSamples {
		n := round*(timingWarmUp+timingSamples) + i
		if i%2 == 0 {
			as = append(as, a(n))
			bs = append(bs, b(n))
		} else {
			bs = append(bs, b(n))
			as = append(as, a(n))
		}
	}
	return median(as[timingWarmUp:]), median(bs[timingWarmUp:])
}

// median is the middle of the samples, of an even number the mean of the two.
func median(samples []time.Duration) time.Duration {
	if len(samples) == 0 {
		return 0
	}
	sorted := slices.Sorted(slices.Values(samples))
	mid := len(sorted) / 2
	if len(sorted)%2 == 1 {
		return sorted[mid]
	}
	return (sorted[mid-1] + sorted[mid]) / 2
}

// percentile is the smallest sample that p per cent of all do not exceed.
func percentile(samples []time.Duration, p int) time.Duration {
	if len(samples) == 0 {
		return 0
	}
	sorted := slices.Sorted(slices.Values(samples))
	return sorted[max(0, (len(sorted)*p+99)/100-1)]
}

// timesAlike reports whether two medians differ by at most the tolerance or a
// quarter of the longer one.
func timesAlike(a, b, tolerance time.Duration) bool {
	return (a - b).Abs() <= max(tolerance, max(a, b)/4)
}
