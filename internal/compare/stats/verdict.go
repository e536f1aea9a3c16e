package stats

import (
	"fmt"
	"math"
)

// Direction says which values are good.
type Direction int

// Directions.
const (
	Lower  Direction = iota // latencies, costs
	Higher                  // rates
)

// Verdict is what may be said of one stack against another.
type Verdict int

// Verdicts, of the first stack of a ratio.
const (
	NoRanking    Verdict = iota // the control failed, or too few rounds count
	NoDifference                // none was shown; that is not the same as none
	Faster                      // or cheaper, or more
	Slower
)

func (v Verdict) String() string {
	switch v {
	case Faster:
		return "faster"
	case Slower:
		return "slower"
	case NoDifference:
		return "no difference shown"
	default:
		return "no ranking"
	}
}

// Control judges a stack's ratio to itself, measured as one more entrant of the same
// rounds: whether differences may be ranked at all, and why not.
func Control(aa Interval) (rank bool, why string) {
	if !valid(aa) {
		return false, "the stack that was measured against itself has too few rounds"
	}
	if aa.Excludes(1) {
		return false, fmt.Sprintf("the same stack differed from itself: %.2f× [%.2f, %.2f]", aa.Ratio, aa.Low, aa.High)
	}
	return true, ""
}

// Judge says what a ratio shows, given the control's. A difference no larger than the
// one that a stack had to itself is not shown, whatever its interval.
func Judge(ratio, control Interval, better Direction) Verdict {
	if rank, _ := Control(control); !rank || !valid(ratio) {
		return NoRanking
	}
	if !ratio.Excludes(1) || math.Abs(math.Log(ratio.Ratio)) <= math.Abs(math.Log(control.Ratio)) {
		return NoDifference
	}
	if (ratio.Ratio < 1) == (better == Lower) {
		return Faster
	}
	return Slower
}

// valid says whether an interval was estimated at all.
func valid(i Interval) bool { return i.Low > 0 && i.Low <= i.Ratio && i.Ratio <= i.High && i.Level > 0 }

// Observed is what was seen of the machine and the load while a cell was measured.
type Observed struct {
	Lag       float64 // seconds that the generator was late, the 99th percentile
	Generator float64 // CPU of the generator, in cores
	Foreign   float64 // CPU of everything that is neither generator nor server, in cores
	Asked     float64 // requests a second
	Achieved  float64
	Failed    int    // requests without a right answer
	Why       string // the first of them in words
}

// Gates are the bounds beyond which a cell does not count.
type Gates struct {
	Lag, Generator, Foreign float64 // at most
	Achieved                float64 // at least this share of what was asked for
}

// DefaultGates are those of a report. Where generator and server cannot be kept on
// cores of their own, more is borne, and the report says so.
func DefaultGates(pinned bool) Gates {
	if pinned {
		return Gates{Lag: 0.002, Generator: 0.7, Foreign: 0.25, Achieved: 0.98}
	}
	return Gates{Lag: 0.005, Generator: 0.7, Foreign: 0.5, Achieved: 0.98}
}

// Reasons says in words why a cell does not count; none if it does. What it measured
// is not among them.
func Reasons(o Observed, g Gates) []string {
	var reasons []string
	reject := func(format string, args ...any) { reasons = append(reasons, fmt.Sprintf(format, args...)) }
	if o.Failed > 0 {
		reject("%d requests failed: %s", o.Failed, o.Why)
	}
	if o.Achieved < g.Achieved*o.Asked {
		reject("%.0f of %.0f requests a second were answered", o.Achieved, o.Asked)
	}
	if o.Lag > g.Lag {
		reject("the generator was late by %.1f ms (at most %.1f)", 1000*o.Lag, 1000*g.Lag)
	}
	if o.Generator > g.Generator {
		reject("the generator used %.0f %% of a core (at most %.0f)", 100*o.Generator, 100*g.Generator)
	}
	if o.Foreign > g.Foreign {
		reject("other programs used %.0f %% of a core (at most %.0f)", 100*o.Foreign, 100*g.Foreign)
	}
	return reasons
}
