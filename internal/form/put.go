package form

import (
	"strings"
)

// ask puts the question of the step where the session stands.
func (s *session) ask() ask {
	var a ask
	switch s.at.name {
	case stepResume:
		a = s.saved.ask()
	case stepMode:
		a = ask{
			kind: one, value: s.mode, flag: "--stack",
			title: "How do you want to choose the stack?",
			choices: []choice{
				{modeHelp, "Help me choose", "A few questions in plain words, and a recommendation with its reasons."},
				{modeKnow, "I know my stack", "Straight to the list."},
			},
		}
	case stepGuide:
		q := s.guideQuestion(s.at.id)
		a = askOf(q, s.picked[q.ID])
		a.flag = "--stack"
	case stepMore:
		a = s.askMore()
	case stepStack:
		a = s.askStack()
	case stepQuestion:
		a = s.askQuestion()
	case stepOptions:
		a = s.askOptions()
	default:
		a = ask{
			title: "Write it?", kind: one, value: yes, flag: "--yes",
			choices: []choice{
				{yes, "Yes, write it", ""},
				{no, "No, stop here", "Nothing is written; your answers are kept for the next time."},
			},
		}
	}
	a.part = s.partOf(s.at)
	return a.cleaned()
}

func (s *session) askQuestion() ask {
	q, _ := s.pack.Answerable().Question(s.at.id)
	value, _ := s.resolved.Value(q.ID)
	if said, ok := s.answers[q.ID]; ok {
		value = said
	}
	a := askOf(q, value)
	a.warning = s.problem(q.ID)
	return a
}

func (s *session) askOptions() ask {
	a := ask{
		kind: many, optional: true, flag: "--yes",
		title: "What should come with it?", help: "Nothing of what you leave out appears in the code.",
	}
	on := []string{}
	for _, o := range s.pack.Answerable().Options {
		if s.given(o.ID) {
			continue
		}
		c := choice{value: o.ID, label: o.Title, help: o.Help}
		if len(o.Needs) > 0 {
			c.help = strings.TrimSpace(c.help + " Needs " + strings.Join(o.Needs, ", ") + ".")
		}
		a.choices = append(a.choices, c)
		if value, _ := s.resolved.Value(o.ID); value == true {
			on = append(on, o.ID)
		}
		if p := s.problem(o.ID); p != "" && a.warning == "" {
			a.warning = p
		}
	}
	a.value = on
	return a
}
