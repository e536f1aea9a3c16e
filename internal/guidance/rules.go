package guidance

import (
	"encoding/json"
	"slices"
)

// Rule is one thing the article says, in our words, with what is known about it.
type Rule struct {
	ID        string   `yaml:"id" json:"id"`                           // "R01" to "R103"
	Section   string   `yaml:"section" json:"section"`                 // heading of the article
	Also      []string `yaml:"also" json:"also,omitempty"`             // other headings that say the same
	Kind      string   `yaml:"kind" json:"kind"`                       // guidance, claim, fact, example, practice, meta
	Statement string   `yaml:"statement" json:"statement"`             // what it says, one sentence
	Favours   []string `yaml:"favours" json:"favours"`                 // stack ids, "hybrid", or ids of outside stacks
	Criterion string   `yaml:"criterion" json:"criterion,omitempty"`   // the criterion it is about
	When      []Case   `yaml:"when" json:"when,omitempty"`             // any of them makes it speak; none: it never does
	Weight    int      `yaml:"weight" json:"weight"`                   // 0 (an aside) to 5 (decides alone)
	Verdict   string   `yaml:"verdict" json:"verdict"`                 // how it holds up today: true, contested, outdated …
	Evidence  string   `yaml:"evidence" json:"evidence"`               // what the verdict rests on
	Caveat    string   `yaml:"caveat" json:"caveat,omitempty"`         // what must be said beside it
	Measure   string   `yaml:"measurable" json:"measurable"`           // yes, partly, no
	Metric    string   `yaml:"metric" json:"compare_metric,omitempty"` // what a comparison would measure
}

// Case is one set of answers that makes a rule speak.
type Case struct {
	Always  bool      `yaml:"always" json:"always,omitempty"`
	If      Condition `yaml:"if" json:"if,omitempty"`
	Favours []string  `yaml:"favours" json:"favours,omitempty"` // instead of the rule's own
}

// Condition holds when each of its criteria is within its bound.
type Condition map[string]Bound

// Bound is a least importance (1 to 5) or a set of values.
type Bound struct {
	Min int
	In  []string
}

// UnmarshalYAML reads a number as a least importance and a list as values.
func (b *Bound) UnmarshalYAML(decode func(any) error) error {
	if err := decode(&b.Min); err == nil {
		return nil
	}
	return decode(&b.In)
}

// MarshalJSON writes what UnmarshalYAML reads.
func (b Bound) MarshalJSON() ([]byte, error) {
	if b.In != nil {
		return json.Marshal(b.In)
	}
	return json.Marshal(b.Min)
}

// holds says whether the answers meet the condition. An empty one never holds.
func (c Condition) holds(a Answers) bool {
	for id, bound := range c {
		if !bound.holds(a[id]) {
			return false
		}
	}
	return len(c) > 0
}

func (b Bound) holds(value any) bool {
	switch v := value.(type) {
	case int:
		return b.Min > 0 && v >= b.Min
	case string:
		return slices.Contains(b.In, v)
	case []string:
		return slices.ContainsFunc(v, func(one string) bool { return slices.Contains(b.In, one) })
	default:
		return false
	}
}

// speaks says whether the answers make the rule speak, and for which stacks.
func (r *Rule) speaks(a Answers) (favours []string, ok bool) {
	for _, c := range r.When {
		if !c.Always && !c.If.holds(a) {
			continue
		}
		if c.Favours != nil {
			return c.Favours, true
		}
		return r.Favours, true
	}
	return nil, false
}

// strength is how much the rule counts for the answers, to put reasons in order:
// its weight times the importance, 1 to 5, of what it is about.
func (r *Rule) strength(a Answers) int {
	importance := 3 // a choice
	if v, ok := a[r.Criterion].(int); ok {
		importance = v
	}
	return r.Weight * importance
}

// doubt is how far, in points of the 0 to 5 scale, a score may be off that rests
// on a claim with this verdict.
func doubt(verdict string) float64 {
	switch verdict {
	case "true":
		return 0
	case "half-true":
		return 0.5
	default:
		return 1
	}
}
