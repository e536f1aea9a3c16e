// Package claims holds the article's measurable statements against a comparison:
// each is a function from what was measured to supported, refuted or inconclusive,
// with the threshold it applies written beside it.
//
// It is pure, and careful by construction: what was not measured, was rejected, or
// could not be ranked because the control differed, is inconclusive.
package claims

import (
	"fmt"

	"example.com/scaffold/internal/compare/result"
)

// Outcome is what a comparison says of a claim.
type Outcome string

// The outcomes. They hold for the machine, the services and the run that were measured.
const (
	Supported    Outcome = "supported"
	Refuted      Outcome = "refuted"
	Inconclusive Outcome = "inconclusive"
)

// Finding is one claim, judged.
type Finding struct {
	Rule      string   `json:"rule"` // R01 to R103 of the guidance
	Outcome   Outcome  `json:"outcome"`
	Threshold string   `json:"threshold"` // what would support it, and what refute it
	Because   []string `json:"because"`   // the figures, or what is missing
}

// claim is one statement and how it is judged.
type claim struct {
	rule      string
	threshold string
	judge     func(*measured) ruling
}

// ruling is the outcome of one test of a claim.
type ruling struct {
	outcome Outcome
	because []string
}

// Judge holds every measurable rule against a comparison, in the order of the rules.
func Judge(c *result.Comparison) []Finding {
	m := newMeasured(c)
	var all []Finding
	for _, one := range table() {
		r := one.judge(m)
		all = append(all, Finding{Rule: one.rule, Outcome: r.outcome, Threshold: one.threshold, Because: r.because})
	}
	return all
}

// Rules are the ids of the claims that Judge decides on.
func Rules() []string {
	var ids []string
	for _, c := range table() {
		ids = append(ids, c.rule)
	}
	return ids
}

// both asks for all of several tests: supported when each is, refuted when one is.
func both(tests ...func(*measured) ruling) func(*measured) ruling {
	return func(m *measured) ruling {
		all := ruling{outcome: Supported}
		for _, test := range tests {
			r := test(m)
			all.because = append(all.because, r.because...)
			switch {
			case r.outcome == Refuted:
				all.outcome = Refuted
			case r.outcome == Inconclusive && all.outcome == Supported:
				all.outcome = Inconclusive
			}
		}
		return all
	}
}

// unless turns an outcome that a measurement like this cannot show into inconclusive.
func unless(outcome Outcome, why string, test func(*measured) ruling) func(*measured) ruling {
	return func(m *measured) ruling {
		r := test(m)
		if r.outcome == outcome {
			r.outcome = Inconclusive
			r.because = append(r.because, why)
		}
		return r
	}
}

// missing is a claim that needs what this comparison does not have.
func missing(what string) func(*measured) ruling {
	return func(*measured) ruling { return inconclusive("not measured: %s", what) }
}

func inconclusive(format string, args ...any) ruling {
	return ruling{outcome: Inconclusive, because: []string{fmt.Sprintf(format, args...)}}
}
