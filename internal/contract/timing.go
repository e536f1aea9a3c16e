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

// How far apart two calls may be on loopback before one is said to take longer. The
// contract allows 50 ms, for a network, which would hide a whole password hash.
const (
	networkFloor = 50 * time.Millisecond
	// A hash of the contract's least cost takes 8 ms on a fast machine: calls that both
	// pay for one are compared more sharply than that, as a share of what they take.
	hashFloor = 4 * time.Millisecond
	// A call that leaves a mail to be sent later still writes a row more than one that
	// does not.
	rowFloor = 8 * time.Millisecond
)

// sameTime asserts that two calls cannot be told apart by how long they take: the
// cases take turns, the first samples of each are dropped, lower quartiles are compared
// (whatever else the machine does only ever adds to a sample), and a difference is only
// believed when every round shows it, the same call being the slower one. On loopback
// the floor is the least difference that counts.
func (t *T) sameTime(what string, floor time.Duration, a, b func(i int) time.Duration) {
	if !t.run.target.Loopback() {
		floor = networkFloor
	}
	var last string
	var first time.Duration // by how much a was slower in the first round
	for round := range timingRounds {
		left, right := interleave(round, a, b)
		if t.ctx.Err() != nil {
			t.Fatalf("%s: the test's time was over", what)
		}
		if round == 0 {
			first = left - right
		}
		if timesAlike(left, right, floor) || (left > right) != (first > 0) {
			t.Check(true, "")
			return
		}
		last = fmt.Sprintf("lower quartiles %v and %v of %d samples each", left, right, timingSamples)
	}
	t.Check(false, "%s can be told apart by time, %d times: %s; tolerance %v or a quarter", what, timingRounds, last, floor)
}

// interleave takes the samples of one round and returns their lower quartiles. The order
// within a pair changes from pair to pair, so that neither case always comes
// after the other.
func interleave(round int, a, b func(i int) time.Duration) (quartileA, quartileB time.Duration) {
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
	return percentile(as[timingWarmUp:], 25), percentile(bs[timingWarmUp:], 25)
}

// percentile is the smallest sample that p per cent of all do not exceed.
func percentile(samples []time.Duration, p int) time.Duration {
	if len(samples) == 0 {
		return 0
	}
	sorted := slices.Sorted(slices.Values(samples))
	return sorted[max(0, (len(sorted)*p+99)/100-1)]
}

// timesAlike reports whether two times differ by at most the tolerance or a quarter of
// the longer one.
func timesAlike(a, b, tolerance time.Duration) bool {
	return (a - b).Abs() <= max(tolerance, max(a, b)/4)
}
