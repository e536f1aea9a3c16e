package stats

import "slices"

// Orders gives for each round the stacks in the order they are to be measured in:
// [round][place] is a stack. Over a multiple of Block rounds each stack stands at
// each place equally often and comes after each other stack equally often (a design
// of E. J. Williams, 1949; for two stacks it is ABBA). Over other numbers of rounds
// the places differ by one at most.
func Orders(stacks, rounds int) [][]int {
	if stacks <= 0 {
		return nil
	}
	var orders [][]int
	for round := range rounds {
		row := round % Block(stacks)
		order := make([]int, stacks)
		for place := range order {
			order[place] = (zigzag(place, stacks) + row) % stacks
		}
		if row >= stacks { // an odd number needs the mirrored square too
			slices.Reverse(order)
		}
		orders = append(orders, order)
	}
	return orders
}

// Block is the number of rounds after which an order is balanced.
func Block(stacks int) int {
	if stacks%2 == 1 && stacks > 1 {
		return 2 * stacks
	}
	return max(stacks, 1)
}

// zigzag is 0, 1, n−1, 2, n−2, …: each difference between neighbours occurs once.
func zigzag(place, n int) int {
	if place%2 == 1 {
		return (place + 1) / 2
	}
	return (n - place/2) % n
}
