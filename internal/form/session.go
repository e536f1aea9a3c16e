package form

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"example.com/scaffold/internal/answers"
	"example.com/scaffold/internal/guidance"
	"example.com/scaffold/internal/pack"
)

// step is a place in the form. Those of the guidance and of the pack carry the
// question's id.
type step struct{ name, id string }

// The steps, in their order.
const (
	stepResume   = "resume"   // go on with an earlier run's answers?
	stepMode     = "mode"     // help me choose, or I know my stack
	stepGuide    = "guide"    // a question of the guidance
	stepMore     = "more"     // the guidance's second page?
	stepStack    = "stack"    // take the recommendation or overrule it
	stepQuestion = "question" // a question of the pack
	stepOptions  = "options"  // the pack's options, at once
	stepSummary  = "summary"  // write it?
)

// The values of steps that are the form's own.
const (
	modeHelp, modeKnow     = "help", "know"
	yes, no                = "yes", "no"
	resumeOn, resumeAfresh = "resume", "afresh"
)

// session is the form without a terminal: where it stands, what was said, and
// what follows from that.
type session struct {
	in      Input
	at      step
	far     step   // the furthest step that was reached
	saved   *state // an earlier run's answers, until it is settled what to do with them
	settled bool   // something was answered in this run
	done    bool   // the person confirmed

	mode, more string
	picked     answers.Values // question of the guidance to what was picked
	stack      string         // chosen, or in.Stack
	answers    answers.Values // of the pack's questions, what was said that differs from what is proposed

	guide    []answers.Question
	pack     *pack.Pack
	resolved answers.Resolved
	problems []answers.Problem
}

func newSession(in Input) (*session, error) {
	s := &session{in: in, picked: answers.Values{}, answers: answers.Values{}, guide: guidance.Questions()}
	if slices.ContainsFunc(in.Requirements, func(l answers.Layer) bool { return len(l.Values) > 0 }) {
		s.mode = modeHelp
	}
	if in.Stack != "" {
		if err := s.load(in.Stack); err != nil {
			return nil, err
		}
	}
	var err error
	if s.saved, err = readState(in.State); err != nil {
		return nil, err
	}
	s.at = s.steps()[0]
	s.far = s.at
	return s, nil
}

// load takes a stack's pack and resolves the answers that are there for it.
func (s *session) load(stack string) error {
	p, err := s.in.Load(stack)
	if err != nil {
		return err
	}
	s.stack, s.pack = stack, p
	s.resolve()
	for _, problem := range s.problems {
		if _, known := p.Answerable().Question(problem.ID); !known {
			return &answers.Problems{List: []answers.Problem{problem}}
		}
	}
	return nil
}

// resolve works out all answers anew.
func (s *session) resolve() {
	s.resolved, s.problems = s.resolveWith(s.answers)
}

func (s *session) resolveWith(said answers.Values) (answers.Resolved, []answers.Problem) {
	schema := s.pack.Answerable()
	mine := answers.Layer{Source: answers.Prompt, Values: answers.Values{}}
	for id, value := range said {
		if _, known := schema.Question(id); known { // of another stack, perhaps
			mine.Values[id] = value
		}
	}
	resolved, err := answers.Resolve(schema, append(slices.Clone(s.in.Layers), mine)...)
	var all *answers.Problems
	if errors.As(err, &all) {
		return resolved, all.Wrong()
	}
	return resolved, nil
}

// problem is what is wrong with the answer to a question, "" if nothing.
func (s *session) problem(id string) string {
	for _, p := range s.problems {
		if p.ID == id {
			return strings.TrimPrefix(p.Error(), answers.Prompt.String()+": ")
		}
	}
	return ""
}

// given says whether a file or a flag answers a question already, and well. One
// that had to be asked because it does not stays in the form.
func (s *session) given(id string) bool {
	_, said := s.answers[id]
	return !said && s.fixed(id) && s.problem(id) == ""
}

// fixed says whether a file or a flag has a value for the question.
func (s *session) fixed(id string) bool {
	return slices.ContainsFunc(s.in.Layers, func(l answers.Layer) bool {
		return l.Values[id] != nil && l.Source >= answers.FromFile
	})
}

// steps lists the steps that apply now, from the first to the last that can be
// known. A step's answer only changes what comes after it.
func (s *session) steps() []step {
	if s.saved != nil {
		return []step{{name: stepResume}}
	}
	var list []step
	if s.in.Stack == "" {
		list = append(list, step{name: stepMode})
		if s.mode == "" {
			return list
		}
		if s.mode == modeHelp {
			list = append(list, s.guideSteps("project")...)
			list = append(list, step{name: stepMore})
			if s.more == yes {
				list = append(list, s.guideSteps("details")...)
			}
		}
		list = append(list, step{name: stepStack})
	}
	if s.pack == nil {
		return list
	}
	options := false
	for _, q := range s.resolved.Visible() {
		_, option := s.pack.Answerable().Option(q.ID)
		switch {
		case s.given(q.ID), q.Settled():
		case option:
			options = true
		default:
			list = append(list, step{stepQuestion, q.ID})
		}
	}
	if options {
		list = append(list, step{name: stepOptions})
	}
	return append(list, step{name: stepSummary})
}

// forward goes to the step after this one.
func (s *session) forward() {
	list := s.steps()
	i := slices.Index(list, s.at) + 1 // a step that is gone counts as before the first
	s.at = list[min(i, len(list)-1)]
	if slices.Index(list, s.at) > slices.Index(list, s.far) {
		s.far = s.at
	}
}

// back goes to the step before this one, and says whether there is one.
func (s *session) back() bool {
	list := s.steps()
	i := slices.Index(list, s.at)
	if i <= 0 {
		return false
	}
	s.at = list[i-1]
	return true
}

// submit takes the answer to the step where the session stands and goes on.
func (s *session) submit(value any) error {
	was := s.at
	if err := s.answer(value); err != nil {
		return err
	}
	switch was.name {
	case stepSummary:
		s.done = true
	case stepResume: // went to where the earlier run stopped
	default:
		s.forward()
	}
	return nil
}

// jump goes on to the furthest step that was reached, or to the first on the way
// there that lacks an answer or has a wrong one.
func (s *session) jump() {
	for list := s.steps(); s.at != s.far && s.at != list[len(list)-1]; list = s.steps() {
		if s.at.name == stepQuestion {
			if _, answered := s.resolved.Value(s.at.id); !answered {
				return
			}
		}
		if s.ask().warning != "" {
			return
		}
		s.forward()
	}
}

// draft is what was said so far.
func (s *session) draft() Output {
	out := Output{Stack: s.stack, Answers: answers.Layer{Source: answers.Prompt, Values: answers.Values{}}}
	if s.pack != nil {
		schema := s.pack.Answerable()
		for id, value := range s.answers {
			if _, known := schema.Question(id); known && s.applies(id) {
				out.Answers.Values[id] = value
			}
		}
	}
	out.Requirements = answers.Layer{Source: answers.Prompt, Values: s.requirements(nil)}
	return out
}

// applies says whether the question is asked with these answers; an answer to
// one that is not stays in the session, in case it is asked again.
func (s *session) applies(id string) bool {
	return slices.ContainsFunc(s.resolved.Visible(), func(q answers.Question) bool { return q.ID == id })
}

// progress says which part the step belongs to and how far in it the person is.
func (s *session) progress(part string) string {
	var at, of int
	for _, st := range s.steps() {
		if s.partOf(st) == part {
			of++
			if st == s.at {
				at = of
			}
		}
	}
	if of < 2 {
		return part
	}
	return fmt.Sprintf("%s %d of %d", part, at, of)
}

func (s *session) partOf(st step) string {
	switch st.name {
	case stepResume, stepMode:
		return "Start"
	case stepGuide, stepMore:
		return "Requirements"
	case stepQuestion:
		q, _ := s.pack.Answerable().Question(st.id)
		return sentence(clean(q.Group))
	default:
		return sentence(st.name)
	}
}

// sentence begins a text with a capital letter.
func sentence(text string) string {
	if text == "" {
		return "Project"
	}
	return strings.ToUpper(text[:1]) + text[1:]
}
