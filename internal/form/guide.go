package form

import (
	"cmp"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"example.com/scaffold/internal/answers"
	"example.com/scaffold/internal/guidance"
)

// guideSteps are the steps of one page of the guidance that apply now.
func (s *session) guideSteps(page string) []step {
	resolved, _ := answers.Resolve(answers.Schema{Questions: s.guide}, answers.Layer{Source: answers.Prompt, Values: s.picked})
	var list []step
	for _, q := range resolved.Visible() {
		if q.Group == page {
			list = append(list, step{stepGuide, q.ID})
		}
	}
	return list
}

func (s *session) guideQuestion(id string) answers.Question {
	i := slices.IndexFunc(s.guide, func(q answers.Question) bool { return q.ID == id })
	if i < 0 {
		return answers.Question{ID: id}
	}
	return s.guide[i]
}

// requirements is what was picked in the vocabulary of the guidance; tentative
// takes the place of what was picked for the step where the session stands.
func (s *session) requirements(tentative any) guidance.Answers {
	if s.mode != modeHelp || s.in.Stack != "" {
		return guidance.Answers{}
	}
	picked := maps.Clone(s.picked)
	if tentative != nil && s.at.name == stepGuide {
		picked[s.at.id] = tentative
	}
	if s.more != yes && s.at.name != stepGuide {
		for _, st := range s.guideSteps("details") {
			delete(picked, st.id)
		}
	}
	said, err := guidance.FromForm(picked)
	if err != nil { // answers of an earlier version's questions
		return guidance.Answers{}
	}
	return said
}

// recommend ranks the stacks for what was said so far; nil if that decides nothing.
func (s *session) recommend(tentative any) *guidance.Result {
	mine := answers.Layer{Source: answers.Prompt, Values: s.requirements(tentative)}
	all, err := guidance.ParseLayers(append(slices.Clone(s.in.Requirements), mine)...)
	if err != nil {
		return nil
	}
	result, err := guidance.Recommend(all, guidance.Options{Rendered: s.in.Stacks, Rules: s.in.Rules})
	if err != nil {
		return nil
	}
	return result
}

// askMore offers the second page, and proposes it where the first left it close.
func (s *session) askMore() ask {
	n := len(s.guideSteps("details"))
	a := ask{
		kind: one, value: s.more, flag: "--stack", title: "Answer a few more questions?",
		choices: []choice{
			{no, "No, this is enough", "Straight to the recommendation."},
			{yes, fmt.Sprintf("Yes, %d more", n), "Short ones; each may be skipped."},
		},
	}
	r := s.recommend(nil)
	near := r == nil || r.Confidence == guidance.Close
	switch {
	case r == nil:
		a.help = "Nothing was said yet that tells the stacks apart."
	case near:
		a.help = "It is close so far; a few more answers would make it clearer."
	default:
		a.help = "The recommendation is clear already."
	}
	if s.more == "" && near {
		a.value = yes
	}
	return a
}

// askStack shows the ranking, or the list, and what can be generated of it.
func (s *session) askStack() ask {
	a := ask{kind: one, flag: "--stack", title: "Which stack?"}
	stacks := guidance.Stacks()
	var r *guidance.Result
	if s.mode == modeHelp {
		r = s.recommend(nil)
	}
	if r != nil {
		a.title = "Take the recommendation?"
		if r.Recommended != nil && *r.Recommended == guidance.Hybrid().ID {
			a.choices = append(a.choices, s.stackChoice(guidance.Hybrid(), r))
		}
		for _, ranked := range r.Ranking {
			a.choices = append(a.choices, s.stackChoice(stackOf(ranked.Stack), r))
		}
		a.help = s.verdict(r)
	}
	if len(a.choices) == 0 {
		for _, st := range stacks {
			if !st.Outside {
				a.choices = append(a.choices, s.stackChoice(st, nil))
			}
		}
		hybrid := guidance.Hybrid().ID
		for _, id := range s.in.Stacks { // those that no rule knows, and last the pair
			if id != hybrid && stackOf(id).ID == "" {
				a.choices = append(a.choices, s.stackChoice(s.known(id), nil))
			}
		}
		if slices.Contains(s.in.Stacks, hybrid) {
			a.choices = append(a.choices, s.stackChoice(stackOf(hybrid), nil))
		}
	}
	a.value = s.proposed(r)
	if a.value == "" {
		if i := slices.IndexFunc(a.choices, func(c choice) bool { return slices.Contains(s.in.Stacks, c.value) }); i >= 0 {
			a.value = a.choices[i].value
		}
	}
	return a
}

// verdict is the recommendation in a sentence or two; the panel says why.
func (s *session) verdict(r *guidance.Result) string {
	switch {
	case r.Recommended == nil && r.Instead != nil:
		return fmt.Sprintf("None of these fits: use %s (%s). You may still take one of them.", r.Instead.Use, r.Instead.Rule)
	case r.Recommended == nil:
		return "None of these fits. You may still take one of them."
	case *r.Recommended == guidance.Hybrid().ID:
		rule := ""
		if len(r.Notes) > 0 && r.Notes[0].Rule != "" {
			rule = " (" + r.Notes[0].Rule + ")"
		}
		text := "Recommended: two stacks together" + rule + ", in one repository."
		if !slices.Contains(s.in.Stacks, *r.Recommended) {
			text = "Recommended: two stacks together" + rule + ". They are not generated at once yet; begin with one."
		}
		return text
	case r.Confidence == guidance.Close:
		return fmt.Sprintf("Recommended: %s, but it is close: %s is near.", r.Ranking[0].Title, r.Ranking[1].Title)
	default:
		return fmt.Sprintf("Recommended: %s. The answer is clear.", r.Ranking[0].Title)
	}
}

// stackChoice is one stack of the list, with what must be known before it is taken.
func (s *session) stackChoice(st guidance.Stack, r *guidance.Result) choice {
	c := choice{value: st.ID, label: st.Title, help: sentence(st.Summary) + "."}
	var marks []string
	if r != nil && r.Recommended != nil && *r.Recommended == st.ID {
		marks = append(marks, "recommended")
	}
	if !slices.Contains(s.in.Stacks, st.ID) {
		mark := "not yet"
		if near := s.nearest(st, r); near.ID != "" {
			mark += ", nearest: " + near.Title
		}
		c.help += " This version cannot generate it yet."
		marks = append(marks, mark)
	}
	if len(marks) > 0 {
		c.label += " (" + strings.Join(marks, "; ") + ")"
	}
	return c
}

// nearest is the stack to take for one that cannot be generated: of the same
// language if there is one, then the best ranked.
func (s *session) nearest(st guidance.Stack, r *guidance.Result) guidance.Stack {
	ids := slices.Clone(s.in.Stacks)
	if r != nil && len(r.Ranking) > 0 {
		ids = nil
		for _, ranked := range r.Ranking {
			if slices.Contains(s.in.Stacks, ranked.Stack) {
				ids = append(ids, ranked.Stack)
			}
		}
	}
	for _, id := range ids {
		if near := stackOf(id); near.Language == st.Language {
			return near
		}
	}
	if len(ids) == 0 {
		return guidance.Stack{}
	}
	return stackOf(ids[0])
}

// proposed is the stack the cursor stands on: the one taken before, the
// recommended one, the nearest to it that can be generated, or the usual one.
func (s *session) proposed(r *guidance.Result) string {
	switch {
	case s.stack != "":
		return s.stack
	case r != nil && r.Recommended != nil && slices.Contains(s.in.Stacks, *r.Recommended):
		return *r.Recommended
	case r != nil && len(r.Ranking) > 0:
		return s.nearest(stackOf(r.Ranking[0].Stack), r).ID
	}
	return s.in.Usual
}

// choose takes a stack.
func (s *session) choose(id string) error {
	if slices.Contains(s.in.Stacks, id) {
		if s.pack != nil && s.stack == id {
			return nil
		}
		return s.load(id)
	}
	st := stackOf(id)
	if st.ID == "" {
		return errors.New("choose a stack")
	}
	msg := st.Title + " cannot be generated by this version yet"
	if near := s.nearest(st, s.recommend(nil)); near.ID != "" {
		msg += "; the nearest that can is " + near.Title
	}
	return errors.New(msg)
}

// known is a stack that can be generated: as the guidance has it, or else its pack.
func (s *session) known(id string) guidance.Stack {
	st := stackOf(id)
	if st.ID == "" {
		st.ID, st.Title = id, id
		if p, err := s.in.Load(id); err == nil {
			st.Title, st.Summary = clean(cmp.Or(p.Title, id)), clean(strings.TrimSuffix(p.Description, "."))
		}
	}
	return st
}

// stackOf finds a stack of the guidance, or the pair of two; the zero Stack if
// there is none.
func stackOf(id string) guidance.Stack {
	for _, st := range append(guidance.Stacks(), guidance.Hybrid()) {
		if st.ID == id {
			return st
		}
	}
	return guidance.Stack{}
}
