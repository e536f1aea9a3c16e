package contract

import (
	"context"
	"testing"
	"time"
)

const ms = time.Millisecond

func TestPercentile(t *testing.T) {
	samples := []time.Duration{9 * ms, 1 * ms, 5 * ms, 3 * ms}
	if percentile(nil, 95) != 0 {
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
		{33 * ms, 34 * ms, true},
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
		"apart once":          {steady(10 * ms), func(i int) time.Duration { return map[bool]time.Duration{true: time.Second, false: 10 * ms}[i < 35] }, 2, false},
		"a few slow samples":  {steady(10 * ms), func(i int) time.Duration { return map[bool]time.Duration{true: time.Second, false: 10 * ms}[i%3 == 0] }, 1, false},
		"mostly slow samples": {steady(10 * ms), func(i int) time.Duration { return map[bool]time.Duration{true: time.Second, false: 10 * ms}[i%3 != 0] }, 1, false},
		"each slower in turn": {
			func(i int) time.Duration { return map[bool]time.Duration{true: time.Second, false: 10 * ms}[i < 35] },
			func(i int) time.Duration { return map[bool]time.Duration{true: time.Second, false: 10 * ms}[i >= 35] }, 2, false,
		},
	} {
		t.Run(name, func(t *testing.T) {
			var order string
			test := &T{ctx: context.Background(), test: &Test{}, run: &run{target: &Target{Base: "https://remote.example.test"}}}
			test.sameTime("x", hashFloor, timed(&order, "a", c.a), timed(&order, "b", c.b))
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

// On loopback a missing password hash shows, and a slow machine does not: a hash of the
// least cost takes 8 ms, and every call takes longer beside others.
func TestSameTimeOnLoopback(t *testing.T) {
	for name, c := range map[string]struct {
		a, b  time.Duration
		floor time.Duration
		fails bool
	}{
		"no hash":             {ms, 8 * ms, hashFloor, true},
		"no hash, slow":       {6 * ms, 30 * ms, hashFloor, true},
		"both with a hash":    {11 * ms, 8 * ms, hashFloor, false},
		"both, slow":          {80 * ms, 61 * ms, hashFloor, false},
		"one row more":        {6 * ms, 2 * ms, rowFloor, false},
		"mails at once":       {60 * ms, 2 * ms, rowFloor, true},
		"a row more, sharply": {7 * ms, 2 * ms, hashFloor, true},
	} {
		t.Run(name, func(t *testing.T) {
			test := &T{ctx: context.Background(), test: &Test{}, run: &run{target: &Target{Base: "http://127.0.0.1:1"}}}
			test.sameTime("x", c.floor, func(int) time.Duration { return c.a }, func(int) time.Duration { return c.b })
			if failed := len(test.failures) > 0; failed != c.fails {
				t.Errorf("failed %t, want %t: %v", failed, c.fails, test.failures)
			}
		})
	}
}
