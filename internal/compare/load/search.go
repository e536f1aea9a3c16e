package load

import (
	"context"
	"fmt"
	"time"
)

// Search asks for the highest rate at which a server keeps a service level: a
// quantile of the latency at most Limit, and no failure.
type Search struct {
	Base      Options // Rate, Duration and GiveUp are the search's own
	Quantile  float64 // 0.99 if 0
	Limit     time.Duration
	Low, High float64       // rates; the answer lies between them, or is 0
	Step      time.Duration // of each trial, after Base.Warmup
	Precision float64       // the answer is this share below the truth at most; 0.05 if 0
}

// Found is the answer.
type Found struct {
	Rate    float64 // the highest that was kept twice; 0 if not even Low was
	Limited string  // what stands above it: one of the constants below
	Trials  []Trial // in the order they were made
}

// What ends a search.
const (
	LimitedByService   = "service"   // the next rate was not kept
	LimitedByGenerator = "generator" // nor could the generator have told
	LimitedByCeiling   = "ceiling"   // Search.High was kept
)

// Trial is one run of a search.
type Trial struct {
	Rate   float64
	Kept   bool
	Why    string // it was not kept; empty otherwise
	Result *Result

	generator bool // it was the generator that failed
}

// Highest searches by doubling the rate from Low and then halving the bracket. A
// rate counts as not kept when it failed twice, because a machine has other things
// to do now and then, and as the answer when it was kept twice.
func Highest(ctx context.Context, s Search) (Found, error) {
	if s.Quantile == 0 {
		s.Quantile = 0.99
	}
	if s.Precision == 0 {
		s.Precision = 0.05
	}
	if !(s.Low > 0) || s.High < s.Low || s.Limit <= 0 || s.Quantile < 0 || s.Quantile > 1 || s.Precision < 0.001 {
		return Found{}, fmt.Errorf("load: no search from %v to %v a second, to %v, for the quantile %v within %s", s.Low, s.High, s.Precision, s.Quantile, s.Limit)
	}
	return search(s.Low, s.High, s.Precision, func(rate float64) (Trial, error) { return s.try(ctx, rate) })
}

// try is one trial.
func (s *Search) try(ctx context.Context, rate float64) (Trial, error) {
	o := s.Base
	o.Rate, o.Duration, o.GiveUp = rate, s.Step, 1
	// A queue that only grows ends the trial soon, a single late answer does not.
	o.Timeout = max(20*s.Limit, time.Second)
	r, err := Run(ctx, o)
	if err != nil {
		return Trial{}, err
	}
	t := Trial{Rate: rate, Result: r}
	quantile := r.Latency.Quantile(s.Quantile)
	switch lag := r.Lag.Quantile(s.Quantile); {
	case lag > s.Limit/2:
		t.Why, t.generator = fmt.Sprintf("the generator itself was %s late", lag), true
	case r.Failed.Total()+r.Warmup.Total() > 0:
		t.Why = r.Example
	case quantile > s.Limit:
		t.Why = fmt.Sprintf("%v %% within %s only", 100*s.Quantile, quantile)
	default:
		t.Kept = true
	}
	return t, nil
}

// search needs no clock: try makes a trial.
func search(low, high, precision float64, try func(rate float64) (Trial, error)) (f Found, err error) {
	keeps := func(rate float64) bool {
		for range 2 {
			var t Trial
			if t, err = try(rate); err != nil {
				return false
			}
			f.Trials = append(f.Trials, t)
			if t.Kept {
				return true
			}
			f.Limited = LimitedByService
			if t.generator {
				f.Limited = LimitedByGenerator
			}
		}
		return false
	}
	kept, missed := 0.0, 0.0
	next := func() float64 {
		switch {
		case kept == 0:
			return low
		case missed == 0:
			return min(2*kept, high)
		default:
			return (kept + missed) / 2
		}
	}
	for missed != low && kept != high && (missed == 0 || missed > kept*(1+precision)) && err == nil {
		if rate := next(); keeps(rate) {
			kept = rate
		} else {
			missed = rate
		}
	}
	// Once more, and lower if it was kept by chance.
	for ; kept >= low && err == nil; kept /= 1 + precision {
		if keeps(kept) {
			f.Rate = kept
			if kept == high {
				f.Limited = LimitedByCeiling
			}
			break
		}
	}
	return f, err
}
