package guidance

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
)

// maxFlips is how many changes a result names.
const maxFlips = 5

// What a change of a choice counts for, in steps of an importance.
const (
	choiceSteps    = 3 // another value
	neighbourSteps = 2 // the next value, or one where there was none, of an ordered choice
)

// flips finds, for each criterion, the smallest change of its answer that changes
// the winner, and lists them from the smallest. Changes that only trip a
// constraint are left out: they would flip any result.
func (m *model) flips(a Answers, winner string, weights map[string]float64) []Flip {
	type found struct {
		Flip
		steps int
		fresh bool // the criterion had no answer yet
	}
	var all []found
	for _, c := range Vocabulary() {
		best := found{steps: -1}
		for _, change := range m.changes(c, a[c.ID]) {
			if best.steps >= 0 && change.steps >= best.steps {
				continue
			}
			then, ok := m.winner(change.apply(a, c.ID), weights)
			if !ok || then == winner {
				continue
			}
			best = found{steps: change.steps, fresh: a[c.ID] == nil, Flip: Flip{
				Change: map[string]any{c.ID: change.to},
				Then:   then,
				Text:   flipText(c, a[c.ID], change.to, m.title(then)),
			}}
		}
		if best.steps >= 0 {
			all = append(all, best)
		}
	}
	slices.SortStableFunc(all, func(x, y found) int {
		switch {
		case x.steps != y.steps:
			return cmp.Compare(x.steps, y.steps)
		case x.fresh == y.fresh:
			return 0
		case x.fresh:
			return 1
		default:
			return -1
		}
	})
	out := []Flip{}
	for _, f := range all[:min(len(all), maxFlips)] {
		out = append(out, f.Flip)
	}
	return out
}

type change struct {
	to    any
	steps int
}

func (c change) apply(a Answers, id string) Answers {
	out := maps.Clone(a)
	if c.to == 0 {
		delete(out, id)
	} else {
		out[id] = c.to
	}
	return out
}

// changes lists the other answers a criterion could have.
func (m *model) changes(c Criterion, now any) []change {
	var out []change
	if c.Kind == Importance {
		from, _ := now.(int)
		for to := range maxImportance + 1 {
			if to != from {
				out = append(out, change{to, max(to-from, from-to)})
			}
		}
		return out
	}
	i := slices.IndexFunc(m.choices, func(x choice) bool { return x.ID == c.ID })
	if len(m.choices[i].Rows) == 0 {
		return nil // a switch of the engine, not a matter of degree
	}
	if list, ok := now.([]string); ok && len(list) == 1 {
		now = list[0]
	}
	for at, value := range c.Values {
		if value == now {
			continue
		}
		steps := choiceSteps
		if was := slices.Index(c.Values, show(now)); m.choices[i].Ordered && (was < 0 || max(at-was, was-at) == 1) {
			steps = neighbourSteps
		}
		out = append(out, change{value, steps})
	}
	return out
}

// winner is what the answers would be answered with, without the confidence.
func (m *model) winner(a Answers, weights map[string]float64) (string, bool) {
	if id, ok := a["domain"].(string); ok {
		a["domain"] = []string{id}
	}
	if slices.ContainsFunc(m.Constraints, func(c constraint) bool { return c.If.holds(a) }) {
		return "", false
	}
	effective := m.imply(a, nil)
	if m.Hybrid.If.holds(effective) {
		return hybrid, true
	}
	s := m.sum(effective, weights)
	if len(s.parts) == 0 {
		return "", false
	}
	return m.Stacks[leader(s.totals)].ID, true
}

// flipText says a change in words and as it is typed.
func flipText(c Criterion, from, to any, then string) string {
	typed := fmt.Sprintf("%s=%s", c.ID, show(to))
	switch {
	case c.Kind == Choice && from == nil:
		return fmt.Sprintf("%s %s (%s): %s", c.Title, show(to), typed, then)
	case c.Kind == Choice:
		return fmt.Sprintf("%s %s instead of %s (%s): %s", c.Title, show(to), show(from), typed, then)
	case from == nil:
		return fmt.Sprintf("%s, at least %s of %d (%s): %s", c.Title, show(to), maxImportance, typed, then)
	default:
		return fmt.Sprintf("%s at %s instead of %s (%s): %s", c.Title, show(to), show(from), typed, then)
	}
}
