package guidance

import (
	"fmt"
	"maps"
	"slices"

	"example.com/scaffold/internal/answers"
)

// What a comparison may say of a rule.
const (
	Supported    = "supported"
	Refuted      = "refuted"
	Inconclusive = "inconclusive"
)

// Measured is what a comparison found out about a rule.
type Measured struct {
	Outcome string   // Supported, Refuted or Inconclusive
	Because []string // the figures, one sentence each
}

// with is the model after a measurement. A claim that was supported is beyond doubt:
// scores that rest on it are no longer disturbed. One that was refuted tells no stacks
// apart: scores that rest on it become the mean of their row, and keep their doubt. One
// that stayed inconclusive changes nothing. Outcomes hold where they were measured, so
// the rule says that in its verdict.
func (m *model) with(evidence map[string]Measured) (*model, error) {
	if len(evidence) == 0 {
		return m, nil
	}
	out := *m
	out.rules = slices.Clone(m.rules)
	out.byID = make(map[string]*Rule, len(m.rules))
	for i := range out.rules {
		out.byID[out.rules[i].ID] = &out.rules[i]
	}
	for _, id := range slices.Sorted(maps.Keys(evidence)) {
		rule, ok := out.byID[id]
		if !ok {
			return nil, answers.Problem{ID: id, Message: fmt.Sprintf("the evidence speaks of rule %q, which there is not", id), Hint: "it may come from another version of scaffold: compare again"}
		}
		one := evidence[id]
		switch one.Outcome {
		case Supported, Refuted:
			rule.Verdict = one.Outcome + " (measured)"
			rule.Caveat = "" // it called for a measurement, or spoke of others'
			rule.Evidence = "Measured here: " + join(one.Because) + "."
		case Inconclusive:
		default:
			return nil, answers.Problem{ID: id, Message: fmt.Sprintf("the evidence for %s is %q", id, one.Outcome), Hint: "it is supported, refuted or inconclusive"}
		}
	}
	out.rows = slices.Clone(m.rows)
	for i := range out.rows {
		out.rows[i].cells = measuredCells(m.rows[i].cells, evidence)
	}
	return &out, nil
}

// measuredCells are the cells of a row after a measurement.
func measuredCells(cells []cell, evidence map[string]Measured) []cell {
	mean := 0.0
	for _, c := range cells {
		mean += c.Score / float64(len(cells))
	}
	out := slices.Clone(cells)
	for k := range out {
		switch evidence[out[k].Rules[0]].Outcome {
		case Supported:
			out[k].doubt = 0
		case Refuted:
			out[k].Score = mean
		}
	}
	return out
}
