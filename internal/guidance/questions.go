package guidance

import (
	"fmt"
	"slices"

	"example.com/scaffold/internal/answers"
)

// formQuestion is a question in plain words.
type formQuestion struct {
	ID      string       `yaml:"id"`
	Title   string       `yaml:"title"`
	Help    string       `yaml:"help"`
	Group   string       `yaml:"group"` // "project" (first page), "details"
	When    string       `yaml:"when"`
	Many    bool         `yaml:"many"`
	Choices []formChoice `yaml:"choices"`
}

// formChoice is an answer to it and what that says in the vocabulary.
type formChoice struct {
	Value string         `yaml:"value"`
	Label string         `yaml:"label"`
	Set   map[string]any `yaml:"set"`
}

// Questions is what a person is asked, in order. All are optional; the group is
// the page.
func Questions() []answers.Question {
	var out []answers.Question
	for _, f := range knowledge().questions {
		q := answers.Question{
			ID: f.ID, Kind: answers.Select, Title: f.Title, Help: f.Help, Group: f.Group, When: f.When, Optional: true,
		}
		if f.Many {
			q.Kind = answers.MultiSelect
		}
		for _, c := range f.Choices {
			q.Choices = append(q.Choices, answers.Choice{Value: c.Value, Label: c.Label})
		}
		out = append(out, q)
	}
	return out
}

// FromForm turns what was picked (question id to value or values) into answers.
// Questions that were not asked may be missing.
func FromForm(picked answers.Values) (Answers, error) {
	m := knowledge()
	resolved, err := answers.Resolve(answers.Schema{Questions: Questions()}, answers.Layer{Source: answers.Prompt, Values: picked})
	if err != nil {
		return nil, err
	}
	said := Answers{}
	for _, f := range m.questions {
		value, _ := resolved.Value(f.ID)
		for _, c := range f.Choices {
			if value == c.Value || f.Many && slices.Contains(asList(value), c.Value) {
				m.merge(said, c.Set)
			}
		}
	}
	// Who runs a model in-process and calls a hosted one as well has the former's
	// requirements: the hosted one must not set them aside.
	for _, i := range m.Implications {
		if i.If.holds(said) && said[i.SetAside] != nil {
			for id := range i.If {
				delete(said, id)
			}
		}
	}
	out, err := Parse(said)
	if err != nil {
		return nil, fmt.Errorf("the form's own data: %w", err)
	}
	return out, nil
}

func asList(value any) []string {
	list, _ := value.([]string)
	return list
}

// merge adds what one choice says: the highest importance counts, lists add up,
// and of other values the first in the vocabulary's order.
func (m *model) merge(into Answers, set map[string]any) {
	for id, value := range set {
		number, isNumber := asInt(value)
		text, _ := value.(string)
		i := slices.IndexFunc(m.choices, func(c choice) bool { return c.ID == id })
		switch {
		case isNumber:
			before, _ := into[id].(int)
			into[id] = max(before, number)
		case i >= 0 && m.choices[i].Several:
			into[id] = append(asList(into[id]), text)
		case i >= 0:
			before, ok := into[id].(string)
			if order := m.choices[i].Values; !ok || slices.Index(order, text) < slices.Index(order, before) {
				into[id] = text
			}
		}
	}
}

// asInt reads the integers a YAML decoder makes.
func asInt(value any) (int, bool) {
	switch v := value.(type) {
	case int:
		return v, true
	case int64:
		return int(v), true
	case uint64:
		return int(min(v, maxImportance+1)), true
	default:
		return 0, false
	}
}
