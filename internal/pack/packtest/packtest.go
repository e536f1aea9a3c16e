// Package packtest combines the answers of a pack for tests: few sets of answers
// in which every two that may stand together do so once.
package packtest

import (
	"fmt"
	"slices"
	"strings"

	"example.com/scaffold/internal/answers"
	"example.com/scaffold/internal/pack"
)

// samples are values for optional text questions; empty is the other value.
func samples() map[string]string {
	return map[string]string{"description": "Sells things.", "owner": "@acme/backend", "contact": "security@example.com"}
}

// Axis is one question and the values of it that are combined.
type Axis struct {
	ID     string
	Values []any
}

// Axes are the questions of a pack whose answers change what is rendered: every
// choice, every option, and texts that may be left out. A preset only fills in others.
func Axes(p *pack.Pack) []Axis {
	var axes []Axis
	for _, q := range p.Questions {
		switch {
		case q.ID == answers.PresetID:
		case q.Kind == answers.Select:
			axis := Axis{ID: q.ID}
			for _, c := range q.Choices {
				axis.Values = append(axis.Values, c.Value)
			}
			axes = append(axes, axis)
		case samples()[q.ID] != "":
			axes = append(axes, Axis{q.ID, []any{"", samples()[q.ID]}})
		}
	}
	for _, o := range p.Options {
		axes = append(axes, Axis{o.ID, []any{false, true}})
	}
	return axes
}

// Row is one set of answers, in the order of the axes.
type Row struct {
	axes   []Axis
	chosen []int // of Axis.Values
}

// Values are the answers by question.
func (r Row) Values() answers.Values {
	values := answers.Values{}
	for i, a := range r.axes {
		values[a.ID] = a.Values[r.chosen[i]]
	}
	return values
}

// Flags are the answers as flags of scaffold new.
func (r Row) Flags() []string {
	var flags []string
	for i, a := range r.axes {
		flags = append(flags, "--set", fmt.Sprintf("%s=%v", a.ID, a.Values[r.chosen[i]]))
	}
	return flags
}

func (r Row) String() string {
	var parts []string
	for i, a := range r.axes {
		parts = append(parts, fmt.Sprintf("%s=%v", a.ID, a.Values[r.chosen[i]]))
	}
	return strings.Join(parts, ",")
}

// pair is two values of two axes.
type pair struct{ a, x, b, y int }

func (r Row) pairs(yield func(pair) bool) {
	for a := range r.chosen {
		for b := a + 1; b < len(r.chosen); b++ {
			if !yield(pair{a, r.chosen[a], b, r.chosen[b]}) {
				return
			}
		}
	}
}

// All are the sets of answers that the pack accepts.
func All(p *pack.Pack) []Row {
	axes := Axes(p)
	rows := []Row{{axes: axes}}
	for _, a := range axes {
		var longer []Row
		for _, r := range rows {
			for v := range a.Values {
				longer = append(longer, Row{axes, append(slices.Clone(r.chosen), v)})
			}
		}
		rows = longer
	}
	return slices.DeleteFunc(rows, func(r Row) bool {
		values := r.Values()
		values["name"] = "shop"
		_, err := answers.Resolve(p.Answerable(), answers.Layer{Source: answers.Flag, Values: values})
		return err != nil
	})
}

// Pairwise returns few rows in which every two values that stand together in any
// of All do so at least once. Greedy, and the same every time.
func Pairwise(p *pack.Pack) []Row {
	all := All(p)
	open := map[pair]bool{}
	for _, r := range all {
		for one := range r.pairs {
			open[one] = true
		}
	}
	var rows []Row
	for len(open) > 0 {
		best, most := Row{}, 0
		for _, r := range all {
			gain := 0
			for one := range r.pairs {
				if open[one] {
					gain++
				}
			}
			if gain > most {
				best, most = r, gain
			}
		}
		for one := range best.pairs {
			delete(open, one)
		}
		rows = append(rows, best)
	}
	return rows
}
