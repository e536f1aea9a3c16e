package contract

import (
	"fmt"
	"slices"
	"time"
)

const (
	timingSamples = 30 // of each case, after the warm-up
	timingWarmUp  = 5  // first samples of each case, thrown away
)

// sameTime asserts that two calls cannot be told apart by how long they take:
// the cases take turns, the first samples of each are dropped, medians are
// compared, and a difference is only believed when a second round shows it too.
func (t *T) sameTime(what string, a, b func(i int) time.Duration) {
	var last string
	for round := range 2 {
		left, right := interleave(round, a, b)
		if t.ctx.Err() != nil {
			t.Fatalf("%s: the test's time was over", what)
		}
		if timesAlike(left, right) {
			t.Check(true, "")
			return
		}
		last = fmt.Sprintf("medians %v and %v of %d samples each", left, right, timingSamples)
	}
	t.Check(false, "%s can be told apart by time, twice: %s; tolerance %v", what, last, timeTolerance)
}

const timeTolerance = "max(50ms, 25 %)"

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

// timesAlike reports whether two medians differ by at most 50 ms or a quarter
// of the longer one.
func timesAlike(a, b time.Duration) bool {
	return (a - b).Abs() <= max(50*time.Millisecond, max(a, b)/4)
}
