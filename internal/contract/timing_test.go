package contract

import (
	"context"
	"testing"
	"time"
)

const ms = time.Millisecond

func TestMedianAndPercentile(t *testing.T) {
	samples := []time.Duration{9 * ms, 1 * ms, 5 * ms, 3 * ms}
	if got := median(samples); got != 4*ms {
		t.Errorf("median of an even number: %v", got)
	}
	if got := median(samples[:3]); got != 5*ms {
		t.Errorf("median of an odd number: %v", got)
	}
	if median(nil) != 0 || percentile(nil, 95) != 0 {
		t.Error("no samples are not zero")
	}
	for p, want := range map[int]time.Duration{1: ms, 25: ms, 26: 3 * ms, 50: 3 * ms, 95: 9 * ms, 100: 9 * ms} {
		if got := percentile(samples, p); got != want {
			t.Errorf("percentile %d: %v, want %v", p, got, want)
		}
	}
}

func TestTimesAlike(t *testing.T) {
	for _, c := range []struct {
		a, b time.Duration
		want bool
	}{
		{10 * ms, 60 * ms, true},
		{10 * ms, 61 * ms, false},
		{60 * ms, 10 * ms, true},
		{300 * ms, 400 * ms, true},
		{300 * ms, 401 * ms, false},
		{2 * ms, 45 * ms, true},
	} {
		if got := timesAlike(c.a, c.b, 50*ms); got != c.want {
			t.Errorf("%v and %v: %t", c.a, c.b, got)
		}
	}
}

// timed answers with fixed times and keeps the order of the calls.
func timed(order *string, name string, times func(i int) time.Duration) func(int) time.Duration {
	return func(i int) time.Duration {
		*order += name
		return times(i)
	}
}

func TestSameTime(t *testing.T) {
	steady := func(d time.Duration) func(int) time.Duration { return func(int) time.Duration { return d } }
	for name, c := range map[string]struct {
		a, b   func(int) time.Duration
		rounds int
		fails  bool
	}{
		"alike": {steady(100 * ms), steady(110 * ms), 1, false},
		"apart": {steady(10 * ms), steady(90 * ms), timingRounds, true},
		"apart in warm-up": {steady(10 * ms), func(i int) time.Duration {
			return map[bool]time.Duration{true: time.Second, false: 10 * ms}[i < timingWarmUp]
		}, 1, false},
		"apart once":         {steady(10 * ms), func(i int) time.Duration { return map[bool]time.Duration{true: time.Second, false: 10 * ms}[i < 35] }, 2, false},
		"a few slow samples": {steady(10 * ms), func(i int) time.Duration { return map[bool]time.Duration{true: time.Second, false: 10 * ms}[i%3 == 0] }, 1, false},
	} {
		t.Run(name, func(t *testing.T) {
			var order string
			test := &T{ctx: context.Background(), test: &Test{}, run: &run{target: &Target{Base: "https://remote.example.test"}}}
			test.sameTime("x", timed(&order, "a", c.a), timed(&order, "b", c.b))
			if failed := len(test.failures) > 0; failed != c.fails {
				t.Errorf("failed %t, want %t: %v", failed, c.fails, test.failures)
			}
			if want := c.rounds * 2 * (timingSamples + timingWarmUp); len(order) != want {
				t.Errorf("%d calls, want %d", len(order), want)
			}
			if order[:4] != "abba" {
				t.Errorf("the cases did not take turns: %s…", order[:4])
			}
		})
	}
}
