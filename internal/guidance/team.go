package guidance

import (
	"cmp"
	"errors"
	"fmt"
	"maps"
	"slices"

	"example.com/scaffold/internal/answers"
)

// TeamRule is a rule of a team's own, beside those of the article. Where it holds
// it counts like a criterion that the stacks it favours meet in full and the others
// not at all, and it stands among the reasons.
type TeamRule struct {
	ID        string         `json:"id"`
	Statement string         `json:"statement"`    // one sentence
	Favours   []string       `json:"favours"`      // ids of stacks, or "python", "node"
	If        map[string]any `json:"if,omitempty"` // criterion -> least importance, value or values; empty: always
	Weight    int            `json:"weight"`       // 1 to 5, as of a criterion
	From      string         `json:"from"`         // the pack or file it comes from
}

// team is a model that knows a team's rules as well.
func (m *model) team(rules []TeamRule) (*model, error) {
	if len(rules) == 0 {
		return m, nil
	}
	out := *m
	out.rows = slices.Clone(m.rows)
	out.rules = slices.Clone(m.rules)
	for _, r := range rules {
		rule, err := r.rule(m)
		if err != nil {
			return nil, err
		}
		out.rules = append(out.rules, rule)
		row := row{ID: r.ID, Title: r.Statement, Weight: float64(r.Weight), team: &rule, cells: make([]cell, len(m.Stacks))}
		for k, s := range m.Stacks {
			row.cells[k].Rules = []string{r.ID}
			if slices.Contains(rule.Favours, s.ID) {
				row.cells[k].Score = maxImportance
			}
		}
		out.rows = append(out.rows, row)
	}
	out.byID = make(map[string]*Rule, len(out.rules))
	for i := range out.rules {
		r := &out.rules[i]
		if out.byID[r.ID] != nil {
			return nil, answers.Problem{ID: r.ID, Place: r.Section, Message: fmt.Sprintf("two rules are called %s", r.ID)}
		}
		out.byID[r.ID] = r
	}
	return &out, nil
}

// CheckTeam says what is wrong with rules of a team, or nil.
func CheckTeam(rules []TeamRule) error {
	_, err := knowledge().team(rules)
	return err
}

// rule checks what the team wrote.
func (t TeamRule) rule(m *model) (Rule, error) {
	wrong := func(hint, format string, args ...any) (Rule, error) {
		return Rule{}, answers.Problem{ID: t.ID, Place: t.From, Message: fmt.Sprintf("rule %s: ", t.ID) + fmt.Sprintf(format, args...), Hint: hint}
	}
	favours := m.spellOut(t.Favours)
	var known []string
	for _, s := range m.Stacks {
		known = append(known, s.ID)
	}
	for _, id := range favours {
		if !slices.Contains(known, id) {
			return wrong(answers.DidYouMean(id, append(known, "python", "node")), "there is no stack %q", id)
		}
	}
	when := Case{Always: len(t.If) == 0, If: Condition{}}
	for _, id := range slices.Sorted(maps.Keys(t.If)) {
		q, ok := Schema().Question(id)
		if !ok {
			return wrong(answers.DidYouMean(id, Schema().IDs()), "there is no criterion %q", id)
		}
		bound, err := readBound(q, t.If[id])
		if err != nil {
			return wrong("", "%s %v", id, err)
		}
		when.If[id] = bound
	}
	return Rule{
		ID: t.ID, Section: cmp.Or(t.From, "your team"), Kind: "guidance", Statement: t.Statement, Favours: favours,
		When: []Case{when}, Weight: t.Weight, Verdict: "true", Evidence: "Your team says so.", Measure: "no",
	}, nil
}

// readBound reads a least importance, a value or a list of values.
func readBound(q answers.Question, value any) (Bound, error) {
	schema := answers.Schema{Questions: []answers.Question{q}}
	if q.Kind == answers.Int {
		n, ok := asInt(value)
		if !ok || n < 1 || n > maxImportance {
			return Bound{}, fmt.Errorf("wants a least importance, 1 to %d", maxImportance)
		}
		return Bound{Min: n}, nil
	}
	var in []string
	switch v := value.(type) {
	case string:
		in = []string{v}
	case []string:
		in = v
	case []any:
		for _, one := range v {
			in = append(in, fmt.Sprint(one))
		}
	}
	for _, one := range in {
		if err := schema.Check(q.ID, one); err != nil {
			return Bound{}, err
		}
	}
	if len(in) == 0 {
		return Bound{}, errors.New("wants one of its values, or a list of them")
	}
	return Bound{In: in}, nil
}
