package guidance

import "math/rand/v2"

// How confidence is sampled.
const (
	samples    = 2000
	seed       = 20250711
	weightPlay = 0.3  // weights are off by up to 30 %
	sure       = 0.9  // probability of rank 1 from which a winner is clear
	nudge      = 0.01 // a winner that a change of one percent overturns is none
)

// sample disturbs all weights, and all scores by the doubt of their evidence, and
// counts how often each stack comes first. Each row has a generator of its own,
// so that an answer more or less leaves the disturbance of the others as it was.
func (m *model) sample(s sums) []float64 {
	n := len(m.Stacks)
	acc := make([]float64, samples*n)
	for _, p := range s.parts {
		rng := rand.New(rand.NewPCG(seed, uint64(p.row))) //nolint:gosec // the same answers must give the same samples
		cells := m.rows[p.row].cells
		for i := range samples {
			weight := p.weight * (1 + weightPlay*either(rng))
			for k := range cells {
				score := cells[k].Score
				if cells[k].doubt > 0 {
					score += cells[k].doubt * either(rng)
				}
				acc[i*n+k] += weight * score
			}
		}
	}
	chance := make([]float64, n)
	for i := range samples {
		totals := acc[i*n : (i+1)*n]
		best := totals[leader(totals)]
		var first []int
		for k, t := range totals {
			if t >= best-even {
				first = append(first, k)
			}
		}
		for _, k := range first {
			chance[k] += 1 / float64(samples*len(first))
		}
	}
	return chance
}

// either is uniform between -1 and 1.
func either(rng *rand.Rand) float64 { return 2*rng.Float64() - 1 }

// overturned says whether one weight or one score, changed by one percent, gives
// another winner.
func (m *model) overturned(s sums) bool {
	winner := leader(s.totals)
	try := make([]float64, len(s.totals))
	changes := func(change func(k int) float64) bool {
		for k := range try {
			try[k] = s.totals[k] + change(k)
		}
		if leader(try) != winner {
			return true
		}
		for k := range try {
			try[k] = s.totals[k] - change(k)
		}
		return leader(try) != winner
	}
	for _, p := range s.parts {
		cells := m.rows[p.row].cells
		if changes(func(k int) float64 { return nudge * p.weight * cells[k].Score }) {
			return true
		}
		for one := range cells {
			if changes(func(k int) float64 {
				if k != one {
					return 0
				}
				return nudge * p.weight * cells[k].Score
			}) {
				return true
			}
		}
	}
	return false
}
