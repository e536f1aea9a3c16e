package guidance

import (
	"cmp"
	"errors"
	"fmt"
	"maps"
	"math"
	"slices"

	"example.com/scaffold/internal/answers"
)

// ErrNoAnswers means that nothing was said from which a stack could follow.
var ErrNoAnswers = errors.New("no requirement is given that tells the stacks apart")

// maxWeight bounds the weights that a user or a pack may give.
const maxWeight = 10

// even is the difference, of a weighted sum, below which two stacks are tied.
const even = 1e-9

// Options are what a recommendation depends on besides the answers.
type Options struct {
	// Rendered lists the stacks that this build can render; nil says nothing.
	Rendered []string
	// Weights overrides the matrix: criterion to weight, 0 to 10.
	Weights map[string]float64
	// Evidence is what a comparison measured, by rule; it changes what the rules weigh.
	Evidence map[string]Measured
	// Rules are the team's own.
	Rules []TeamRule
}

// Recommend ranks the stacks. It fails with *answers.Problems on wrong answers or
// evidence, and with ErrNoAnswers where the answers decide nothing.
func Recommend(a Answers, o Options) (*Result, error) {
	m, err := knowledge().with(o.Evidence)
	if err == nil {
		m, err = m.team(o.Rules)
	}
	if err != nil {
		return nil, err
	}
	return m.recommend(a, o)
}

func (m *model) recommend(given Answers, o Options) (*Result, error) {
	a, err := Parse(given)
	if err != nil {
		return nil, err
	}
	if err := m.checkWeights(o.Weights); err != nil {
		return nil, err
	}
	res := &Result{
		Confidence: Clear, Ranking: []Ranked{}, Reasons: []Reason{}, Flips: []Flip{},
		Practices: m.practices(a), Notes: []Note{}, Answers: a,
	}
	for _, c := range m.Constraints {
		if c.If.holds(a) {
			m.exclude(res, c)
			return res, nil
		}
	}
	effective := m.imply(a, res)
	sum := m.sum(effective, o.Weights)
	if len(sum.parts) == 0 {
		return nil, ErrNoAnswers
	}
	m.rank(res, sum, o)
	m.decide(res, effective, sum, o)
	return res, nil
}

func (m *model) checkWeights(weights map[string]float64) error {
	var ids []string
	for _, r := range m.rows {
		ids = append(ids, r.ID)
	}
	ids = slices.Compact(ids)
	for _, id := range slices.Sorted(maps.Keys(weights)) {
		if !slices.Contains(ids, id) {
			return answers.Problem{ID: id, Message: fmt.Sprintf("no criterion %q has a weight", id), Hint: answers.DidYouMean(id, ids)}
		}
		if w := weights[id]; !(w >= 0 && w <= maxWeight) { // refuses NaN as well
			return answers.Problem{ID: id, Message: fmt.Sprintf("weight of %s is %v", id, w), Hint: fmt.Sprintf("a weight is 0 to %d", maxWeight)}
		}
	}
	return nil
}

// exclude is the answer where none of the four stacks can be used.
func (m *model) exclude(res *Result, c constraint) {
	r := m.byID[c.Rule]
	use := c.Use
	if s, ok := m.stack(c.Use); ok {
		use = s.Title
		res.NotRendered = append(res.NotRendered, NotRendered{Stack: s.ID, Title: s.Title, Nearest: s.Nearest, Rule: r.ID, Section: r.Section})
	}
	res.Instead = &Instead{Use: use, Why: c.Why, Rule: r.ID, Section: r.Section}
	res.Reasons = append(res.Reasons, reasonOf(r, true))
	for _, s := range m.Stacks {
		res.Excluded = append(res.Excluded, Excluded{Stack: s.ID, Rule: r.ID, Why: c.Why})
	}
	if r.Caveat != "" {
		res.Notes = append(res.Notes, Note{Rule: r.ID, Verdict: r.Verdict, Text: r.Caveat})
	}
}

// imply applies what one answer does to others. The answers stay as given; a
// copy is what counts.
func (m *model) imply(a Answers, res *Result) Answers {
	out := maps.Clone(a)
	for _, i := range m.Implications {
		if !i.If.holds(a) {
			continue
		}
		delete(out, i.SetAside)
		for id, least := range i.Raise {
			before, _ := out[id].(int)
			out[id] = max(before, least)
		}
		if res != nil {
			res.Notes = append(res.Notes, Note{Text: i.Why})
		}
	}
	return out
}

// part is a row that counts, and how much.
type part struct {
	row    int
	weight float64 // of the row times the importance, 0 to 1, of the answer
	value  any
}

// sums is a weighted sum: its parts and a total for each stack.
type sums struct {
	parts  []part
	totals []float64
	weight float64 // of all parts
}

// sum adds up what the answers ask for. The order of the rows is fixed, so that
// the order of the answers cannot change the last digit.
func (m *model) sum(a Answers, weights map[string]float64) sums {
	s := sums{totals: make([]float64, len(m.Stacks))}
	for i := range m.rows {
		r := &m.rows[i]
		weight, ok := weights[r.ID]
		if !ok {
			weight = r.Weight
		}
		value, asked := a[r.ID]
		if r.team != nil {
			if _, asked = r.team.speaks(a); asked {
				value = "yes"
			}
		}
		if !asked {
			continue
		}
		switch v := value.(type) {
		case int:
			weight *= float64(v) / maxImportance
		case string:
			asked = v == r.Value || r.team != nil
		case []string:
			asked = slices.Contains(v, r.Value)
			value = r.Value
		}
		if !asked || weight == 0 {
			continue
		}
		s.parts = append(s.parts, part{row: i, weight: weight, value: value})
		s.weight += weight
		for k, c := range r.cells {
			s.totals[k] += weight * c.Score
		}
	}
	return s
}

// leader is the stack with the greatest total, the first of several.
func leader(totals []float64) int {
	best := 0
	for i, t := range totals {
		if t > totals[best]+even {
			best = i
		}
	}
	return best
}

// rank fills in the ranking.
func (m *model) rank(res *Result, s sums, o Options) {
	chance := m.sample(s)
	for k, stack := range m.Stacks {
		r := Ranked{
			Stack: stack.ID, Title: stack.Title, Score: round(100*s.totals[k]/(maxImportance*s.weight), 1),
			Probability: round(chance[k], 3), Rank: 1, Criteria: []Cell{},
		}
		if o.Rendered != nil {
			can := slices.Contains(o.Rendered, stack.ID)
			r.Rendered = &can
		}
		for _, t := range s.totals {
			if t > s.totals[k]+even {
				r.Rank++
			}
		}
		for _, p := range s.parts {
			c := m.rows[p.row].cells[k]
			r.Criteria = append(r.Criteria, Cell{
				Criterion: m.rows[p.row].ID, Value: p.value, Weight: round(p.weight, 2), Score: c.Score,
				Points: round(100*p.weight*c.Score/(maxImportance*s.weight), 1), Rules: c.Rules,
			})
		}
		slices.SortStableFunc(r.Criteria, func(x, y Cell) int { return cmp.Compare(y.Weight, x.Weight) })
		res.Ranking = append(res.Ranking, r)
	}
	slices.SortStableFunc(res.Ranking, func(x, y Ranked) int { return cmp.Compare(x.Rank, y.Rank) })
}

// decide turns the ranking into a recommendation, and says what goes with it.
func (m *model) decide(res *Result, a Answers, s sums, o Options) {
	first := res.Ranking[0]
	chosen := first.Stack
	both := m.Hybrid.If.holds(a)
	switch {
	case both:
		chosen = hybrid
		res.Notes = slices.Insert(res.Notes, 0, Note{Rule: m.Hybrid.Rule, Text: m.Hybrid.Why})
	case first.Probability < sure || res.Ranking[1].Rank == 1 || m.overturned(s):
		res.Confidence = Close
	}
	res.Recommended = &chosen
	for i := range res.Ranking {
		res.Ranking[i].Reasons = m.reasons(a, res.Ranking[i].Stack)
	}
	res.Reasons = res.Ranking[0].Reasons
	if both {
		res.Reasons = m.reasons(a, hybrid)
	}
	res.RunnerUp = m.runnerUp(res.Ranking, both)
	res.Flips = m.flips(res.Answers, chosen, o.Weights)
	res.NotRendered = m.namedOutside(a)
	m.addNotes(res, a, o)
}

// runnerUp says what the second stack would do better than the first.
// Behind a pair it is the best stack alone.
func (m *model) runnerUp(ranking []Ranked, both bool) *RunnerUp {
	first, second := ranking[0], ranking[1]
	if both {
		return &RunnerUp{
			Stack: first.Stack, Better: []string{},
			Text: first.Title + " alone would be the best single stack, with one toolchain instead of two.",
		}
	}
	gap := round(first.Score-second.Score, 1)
	up := &RunnerUp{Stack: second.Stack, Gap: gap, Better: []string{}}
	type lead struct {
		id string
		by float64
	}
	var leads []lead
	for i, c := range second.Criteria { // the same rows in the same order
		if by := (c.Score - first.Criteria[i].Score) * c.Weight; by > even {
			leads = append(leads, lead{c.Criterion, by})
		}
	}
	slices.SortStableFunc(leads, func(x, y lead) int { return cmp.Compare(y.by, x.by) })
	var titles []string
	for _, l := range leads {
		if !slices.Contains(up.Better, l.id) {
			up.Better = append(up.Better, l.id)
			titles = append(titles, m.criterionTitle(l.id))
		}
	}
	switch {
	case len(titles) == 0 && second.Rank == 1:
		up.Text = second.Title + " scores the same on everything you asked for."
	case len(titles) == 0:
		up.Text = second.Title + " does nothing better that you asked for."
	default:
		up.Text = fmt.Sprintf("%s would do better at: %s.", second.Title, join(titles[:min(len(titles), 3)]))
	}
	return up
}

func (m *model) criterionTitle(id string) string {
	for _, r := range m.importance {
		if r.ID == id {
			return r.Title
		}
	}
	for _, c := range m.choices {
		if c.ID == id {
			return c.Title
		}
	}
	return id
}

func round(x float64, digits int) float64 {
	scale := math.Pow10(digits)
	return math.Round(x*scale) / scale
}
