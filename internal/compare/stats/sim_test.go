package stats

import (
	"math"
	"math/rand/v2"
)

// world is where simulated rounds come from. All its numbers are logarithms.
type world struct {
	truth  []float64 // of each stack
	place  []float64 // what each place adds
	drift  float64   // step of the random walk from cell to cell that all stacks share
	trend  float64   // that all share too, each cell
	noise  float64   // of each cell
	spikes float64   // share of cells that are slower by up to a factor of e
	reject float64   // share of cells rejected, whatever they measured
}

func (w world) rounds(rng *rand.Rand, n int) Rounds {
	var rounds Rounds
	walk := 0.0
	for _, order := range Orders(len(w.truth), n) {
		round := make([]Cell, len(order))
		for place, stack := range order {
			walk += w.drift*rng.NormFloat64() + w.trend
			log := w.truth[stack] + walk + w.noise*rng.NormFloat64()
			if len(w.place) > 0 {
				log += w.place[place]
			}
			if rng.Float64() < w.spikes {
				log += rng.Float64()
			}
			round[stack] = Cell{Value: math.Exp(log), Place: place}
			if rng.Float64() < w.reject {
				round[stack].Rejected = []string{"the machine"}
			}
		}
		rounds = append(rounds, round)
	}
	return rounds
}
