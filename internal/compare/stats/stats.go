// Package stats says what rounds of measurements show about stacks, and what they do
// not. It is pure: the caller brings the numbers and the random generator.
//
// A round measures every stack once, one after the other, in an order of Orders. What
// changes from round to round (a warm machine, another tenant) is the same for all of
// a round and falls out of the ratios within it; what the place in the round does is
// estimated from all stacks and taken out. The logarithms of the ratios that are left
// are summed up by the Hodges–Lehmann estimator, which a few wild rounds cannot carry
// away, and its spread comes from drawing rounds again (bootstrap), with Student's t
// for the few rounds there are. So rounds are never dropped for their value; they are
// rejected only for what was wrong with the machine or the load then (Reasons).
package stats

import (
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
)

// Cell is one measurement: of one stack in one round.
type Cell struct {
	Value    float64  // in any unit, above 0
	Place    int      // in the order of its round, from 0; one may stay empty
	Rejected []string // why it does not count; empty if it does
}

// Rounds are all measurements of one quantity: [round][stack].
type Rounds [][]Cell

// Options of an interval. The zero value is that of a report.
type Options struct {
	Level     float64 // the chance that an interval covers the truth; 0.95 if 0
	Family    int     // so many intervals shall cover their truths together with that chance; 1 if 0
	Resamples int     // 2000 if 0
	MinRounds int     // in which both stacks count; 4 if 0, and at least
}

// Interval is an estimate with what it may as well be.
type Interval struct {
	Ratio     float64 // or a value, from Typical
	Low, High float64
	Level     float64 // of the family
	Rounds    int     // that it rests on
}

// Excludes says whether a value lies outside.
func (i Interval) Excludes(value float64) bool { return value < i.Low || value > i.High }

// ErrTooFew says that too many rounds were rejected, or too few were made.
var ErrTooFew = errors.New("too few rounds")

// Ratio is the value of stack a as a multiple of stack b's.
func Ratio(rng *rand.Rand, rounds Rounds, a, b int, o Options) (Interval, error) {
	logs, err := rounds.adjusted()
	if err != nil {
		return Interval{}, err
	}
	var differences []float64
	for _, round := range logs {
		if d := round[a] - round[b]; !math.IsNaN(d) {
			differences = append(differences, d)
		}
	}
	return o.interval(rng, differences)
}

// Typical is the value of one stack with what it may as well be in other rounds
// on this machine. It knows nothing of what rounds have in common, so compare stacks
// by Ratio and not by whether these overlap.
func Typical(rng *rand.Rand, rounds Rounds, stack int, o Options) (Interval, error) {
	logs, err := rounds.adjusted()
	if err != nil {
		return Interval{}, err
	}
	var values []float64
	for _, round := range logs {
		if !math.IsNaN(round[stack]) {
			values = append(values, round[stack])
		}
	}
	return o.interval(rng, values)
}

// interval is that of the exponential of what logs scatter around.
func (o Options) interval(rng *rand.Rand, logs []float64) (Interval, error) {
	if o.Level == 0 {
		o.Level = 0.95
	}
	if o.Resamples == 0 {
		o.Resamples = 2000
	}
	if o.MinRounds == 0 {
		o.MinRounds = 4
	}
	if !(o.Level > 0 && o.Level < 1) || o.Family < 0 || o.Resamples < 100 || o.MinRounds < 4 {
		return Interval{}, fmt.Errorf("stats: no interval with the options %+v", o)
	}
	n := len(logs)
	if n < o.MinRounds {
		return Interval{Rounds: n}, fmt.Errorf("stats: %w: %d count, %d are needed", ErrTooFew, n, o.MinRounds)
	}
	center := location(logs, make([]float64, 0, n*(n+1)/2))
	// Two numbers were estimated from the rounds, the ratio and the places' effect, so
	// n rounds scatter less around them than around the truth.
	freedom := n - 2
	spread := bootstrap(rng, logs, o.Resamples) * math.Sqrt(float64(n)/float64(freedom))
	alpha := (1 - o.Level) / float64(max(o.Family, 1))
	reach := studentQuantile(1-alpha/2, freedom) * spread
	return Interval{math.Exp(center), math.Exp(center - reach), math.Exp(center + reach), o.Level, n}, nil
}

// bootstrap is the standard deviation of the location of rounds drawn again.
func bootstrap(rng *rand.Rand, values []float64, resamples int) float64 {
	n := len(values)
	drawn, scratch := make([]float64, n), make([]float64, 0, n*(n+1)/2)
	var mean, squares float64 // Welford's
	for i := range resamples {
		for k := range drawn {
			drawn[k] = values[rng.IntN(n)]
		}
		at := location(drawn, scratch)
		d := at - mean
		mean += d / float64(i+1)
		squares += d * (at - mean)
	}
	return math.Sqrt(squares / float64(resamples-1))
}

// location is the median of the means of all pairs, each value with itself too
// (Hodges and Lehmann, 1963).
func location(values, scratch []float64) float64 {
	scratch = scratch[:0]
	for i, v := range values {
		for _, w := range values[:i+1] {
			scratch = append(scratch, (v+w)/2)
		}
	}
	slices.Sort(scratch)
	return (scratch[(len(scratch)-1)/2] + scratch[len(scratch)/2]) / 2
}
