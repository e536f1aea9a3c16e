package stats

import (
	"errors"
	"fmt"
	"math"
	"slices"
)

// ErrConfounded says that in the rounds that count, stacks kept their places, so that
// the stack cannot be told from the place.
var ErrConfounded = errors.New("the rounds that count do not tell the stacks from their places")

// adjusted are the logarithms of the values, [round][stack], without what their places
// add; NaN where a cell does not count.
func (rounds Rounds) adjusted() ([][]float64, error) {
	logs := make([][]float64, len(rounds))
	stacks := 0
	places := map[int]int{} // those that occur, numbered in the order of their occurrence
	for r, round := range rounds {
		if r > 0 && len(round) != stacks {
			return nil, fmt.Errorf("stats: round %d has %d stacks, those before have %d", r, len(round), stacks)
		}
		stacks = len(round)
		logs[r] = make([]float64, stacks)
		for s, cell := range round {
			switch {
			case len(cell.Rejected) > 0:
				logs[r][s] = math.NaN()
			case !(cell.Value > 0) || math.IsInf(cell.Value, 0) || cell.Place < 0:
				return nil, fmt.Errorf("stats: round %d, stack %d: the value %v at place %d", r, s, cell.Value, cell.Place)
			default:
				logs[r][s] = math.Log(cell.Value)
				if _, known := places[cell.Place]; !known {
					places[cell.Place] = len(places)
				}
			}
		}
	}
	if len(places) == 0 {
		return logs, nil // nothing counts
	}
	effects, err := rounds.placeEffects(logs, stacks, places)
	if err != nil {
		return nil, err
	}
	for r, round := range rounds {
		for s, cell := range round {
			if !math.IsNaN(logs[r][s]) {
				logs[r][s] -= effects[places[cell.Place]]
			}
		}
	}
	return logs, nil
}

// placeEffects are those of log value = round + stack + place, as departures from the
// mean place. They are least squares in which cells far from the fit pull no harder
// than those at its edge (Huber's weights), so that a wild cell spoils only its round.
func (rounds Rounds) placeEffects(logs [][]float64, stacks int, numbers map[int]int) ([]float64, error) {
	places := len(numbers)
	var cells []*cell
	for r, round := range rounds {
		for s, c := range round {
			if !math.IsNaN(logs[r][s]) {
				cells = append(cells, &cell{round: r, row: indicators(s, numbers[c.Place], stacks, places, logs[r][s]), weight: 1})
			}
		}
	}
	unknowns := stacks - 1 + places - 1
	var solution []float64
	for range 10 { // enough to come to rest
		var ok bool // declared apart, for solution is the one outside
		if solution, ok = solve(normal(cells, unknowns, len(rounds))); !ok {
			return nil, fmt.Errorf("stats: %w", ErrConfounded)
		}
		weigh(cells, solution)
	}
	effects := append([]float64{0}, solution[stacks-1:]...)
	sum := 0.0
	for _, e := range effects {
		sum += e
	}
	for p := range effects {
		effects[p] -= sum / float64(places)
	}
	return effects, nil
}

// cell is a measurement as one equation of the fit.
type cell struct {
	round    int
	row      []float64 // of the unknowns, and last the value
	centered []float64 // as departures from the mean of the round
	weight   float64
}

// indicators is the row of a cell. The first stack and the first place are the origin.
func indicators(stack, place, stacks, places int, value float64) []float64 {
	row := make([]float64, stacks-1+places-1+1)
	if stack > 0 {
		row[stack-1] = 1
	}
	if place > 0 {
		row[stacks-1+place-1] = 1
	}
	row[len(row)-1] = value
	return row
}

// normal are the equations of the least squares, the right side as the last column.
// What a round adds to all its cells drops out with its mean.
func normal(cells []*cell, unknowns, rounds int) [][]float64 {
	means, weights := make([][]float64, rounds), make([]float64, rounds)
	for _, c := range cells {
		if means[c.round] == nil {
			means[c.round] = make([]float64, unknowns+1)
		}
		weights[c.round] += c.weight
		for i, v := range c.row {
			means[c.round][i] += c.weight * v
		}
	}
	equations := make([][]float64, unknowns)
	for i := range equations {
		equations[i] = make([]float64, unknowns+1)
	}
	for _, c := range cells {
		c.centered = make([]float64, unknowns+1)
		for i, v := range c.row {
			c.centered[i] = v - means[c.round][i]/weights[c.round]
		}
		for i := range equations {
			for k := range equations[i] {
				equations[i][k] += c.weight * c.centered[i] * c.centered[k]
			}
		}
	}
	return equations
}

// weigh gives each cell the weight that its distance from the fit leaves it.
func weigh(cells []*cell, solution []float64) {
	distances := make([]float64, len(cells))
	for n, c := range cells {
		rest := c.centered[len(solution)]
		for i, v := range solution {
			rest -= v * c.centered[i]
		}
		distances[n] = math.Abs(rest)
	}
	sorted := slices.Sorted(slices.Values(distances))
	// 1.345 standard deviations, the deviation from the median as of normal noise.
	edge := 1.345 * 1.4826 * sorted[len(sorted)/2]
	for n, c := range cells {
		if c.weight = 1; distances[n] > edge && edge > 0 {
			c.weight = edge / distances[n]
		}
	}
}

// solve is Gauss's elimination with partial pivots; false if the equations leave
// something open.
func solve(equations [][]float64) ([]float64, bool) {
	n := len(equations)
	for c := range n {
		pivot := c
		for r := c; r < n; r++ {
			if math.Abs(equations[r][c]) > math.Abs(equations[pivot][c]) {
				pivot = r
			}
		}
		if math.Abs(equations[pivot][c]) < 1e-9 {
			return nil, false
		}
		equations[c], equations[pivot] = equations[pivot], equations[c]
		for r := range equations {
			if r == c {
				continue
			}
			factor := equations[r][c] / equations[c][c]
			for k := c; k <= n; k++ {
				equations[r][k] -= factor * equations[c][k]
			}
		}
	}
	solution := make([]float64, n)
	for i := range solution {
		solution[i] = equations[i][n] / equations[i][i]
	}
	return solution, true
}
