package compare

import "fmt"

// orders is an interim of stats.Orders: who comes first wanders on.
func orders(services, rounds int) [][]int {
	all := make([][]int, rounds)
	for round := range all {
		for place := range services {
			all[round] = append(all[round], (place+round)%services)
		}
	}
	return all
}

// reasons are those for which a measurement does not count. None looks at how fast
// the service was.
func (r *run) reasons(o *outcome) []string {
	var all []string
	if o.Share() > 0.7 {
		all = append(all, fmt.Sprintf("the generator used %.0f %% of its core", 100*o.Share()))
	}
	return all
}
