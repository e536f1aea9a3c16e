package form

import (
	"errors"
	"maps"
	"reflect"
	"slices"

	"example.com/scaffold/internal/answers"
)

// answer takes the answer to the step where the session stands: a string for
// one, text and secret, []string for many, nil for none. An error changes
// nothing; it says in one line what to do.
func (s *session) answer(value any) error {
	picked, _ := value.(string)
	switch s.at.name {
	case stepResume:
		return s.resume(picked == resumeOn)
	case stepMode:
		s.mode = picked
	case stepGuide:
		delete(s.picked, s.at.id)
		if list, ok := value.([]string); value != nil && value != "" && (!ok || len(list) > 0) {
			s.picked[s.at.id] = value
		}
	case stepMore:
		s.more = picked
	case stepStack:
		if err := s.choose(picked); err != nil {
			return err
		}
	case stepQuestion:
		if err := s.answerQuestion(value); err != nil {
			return err
		}
	case stepOptions:
		if err := s.answerOptions(value); err != nil {
			return err
		}
	case stepSummary:
		if picked != yes {
			return errStopped
		}
	}
	s.settled = true
	return nil
}

func (s *session) answerQuestion(value any) error {
	q, _ := s.pack.Answerable().Question(s.at.id)
	if value == nil {
		value = ""
	}
	if err := s.pack.Answerable().Check(q.ID, value); err != nil {
		return err
	}
	if name, ok := value.(string); ok && q.Format == answers.FormatName && s.in.CheckName != nil {
		if err := s.in.CheckName(name); err != nil {
			return err
		}
	}
	s.say(map[string]any{q.ID: value})
	return nil
}

// say stores answers, but those that are proposed anyway: they then follow a
// preset or an answer that is changed later.
func (s *session) say(values map[string]any) {
	without := maps.Clone(s.answers)
	for id := range values {
		delete(without, id)
	}
	proposed, _ := s.resolveWith(without)
	with := maps.Clone(without)
	maps.Copy(with, values)
	wanted, _ := s.resolveWith(with)
	for id, value := range values {
		before, had := proposed.Value(id)
		after, _ := wanted.Value(id)
		if !had || !reflect.DeepEqual(before, after) {
			without[id] = value
		}
	}
	s.answers = without
	s.resolve()
}

func (s *session) answerOptions(value any) error {
	on, _ := value.([]string)
	before := s.answers
	values := map[string]any{}
	for _, o := range s.pack.Answerable().Options {
		if !s.given(o.ID) {
			values[o.ID] = slices.Contains(on, o.ID)
		}
	}
	s.say(values)
	for id := range values {
		if p := s.problem(id); p != "" {
			s.answers = before
			s.resolve()
			return errors.New(p)
		}
	}
	return nil
}
