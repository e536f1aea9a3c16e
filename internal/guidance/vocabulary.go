package guidance

import (
	"maps"
	"slices"
	"strings"

	"example.com/scaffold/internal/answers"
)

// Answers maps a criterion to its answer: int 1 to 5 for an importance, string
// for a choice, []string for the domain (there may be several).
type Answers = answers.Values

// Criterion is something a project may ask of its stack.
type Criterion struct {
	ID     string   `json:"id"`
	Kind   string   `json:"kind"` // "importance" (0 to 5) or "choice"
	Title  string   `json:"title"`
	Values []string `json:"values,omitempty"`
}

// The kinds of criterion.
const (
	Importance = "importance"
	Choice     = "choice"
)

// maxImportance is the greatest importance; the least, 0, is no requirement.
const maxImportance = 5

// Vocabulary lists the criteria: importances, then choices.
func Vocabulary() []Criterion {
	m := knowledge()
	var out []Criterion
	for _, r := range m.importance {
		out = append(out, Criterion{ID: r.ID, Kind: Importance, Title: r.Title})
	}
	for _, c := range m.choices {
		out = append(out, Criterion{ID: c.ID, Kind: Choice, Title: c.Title, Values: c.Values})
	}
	return out
}

// Schema is the vocabulary as questions: what `recommend --set` and the
// requirements of an answers file may say. All are optional.
func Schema() answers.Schema {
	m := knowledge()
	least, most := 0, maxImportance
	var s answers.Schema
	for _, r := range m.importance {
		s.Questions = append(s.Questions, answers.Question{ID: r.ID, Kind: answers.Int, Title: r.Title, Min: &least, Max: &most, Optional: true})
	}
	for _, c := range m.choices {
		q := answers.Question{ID: c.ID, Kind: answers.Select, Title: c.Title, Optional: true}
		if c.Several {
			q.Kind = answers.MultiSelect
		}
		for _, v := range c.Values {
			q.Choices = append(q.Choices, answers.Choice{Value: v})
		}
		s.Questions = append(s.Questions, q)
	}
	return s
}

// Parse reads answers as flags and prompts give them: numbers and lists may be
// texts. The error is a *answers.Problems that names each wrong one.
func Parse(raw map[string]any) (Answers, error) {
	return ParseLayers(answers.Layer{Source: answers.Set, Values: raw})
}

// ParseLayers makes answers of several sources, as answers.Resolve does, and
// leaves out what was not said.
func ParseLayers(layers ...answers.Layer) (Answers, error) {
	schema := Schema()
	layers = slices.Clone(layers) // the caller's stay as they are
	for i := range layers {
		layers[i].Values = widen(schema, layers[i].Values)
	}
	resolved, err := answers.Resolve(schema, layers...)
	if err != nil {
		return nil, err
	}
	out := Answers{}
	for _, e := range resolved.Entries() {
		switch v := e.Value.(type) {
		case int:
			if v > 0 {
				out[e.Question.ID] = v
			}
		case string:
			if v != "" {
				out[e.Question.ID] = v
			}
		case []string:
			if len(v) > 0 {
				slices.Sort(v)
				out[e.Question.ID] = slices.Compact(v)
			}
		}
	}
	return out, nil
}

// widen accepts from a file what --set accepts: one domain for a list of one, and
// true or false for yes or no, because YAML writes them either way.
func widen(schema answers.Schema, given answers.Values) answers.Values {
	out := maps.Clone(given)
	for id, value := range given {
		q, _ := schema.Question(id)
		switch v := value.(type) {
		case string:
			if q.Kind == answers.MultiSelect {
				var items []string
				for item := range strings.SplitSeq(v, ",") {
					items = append(items, strings.TrimSpace(item))
				}
				out[id] = items
			}
		case bool:
			word := map[bool]string{true: "yes", false: "no"}[v]
			if slices.ContainsFunc(q.Choices, func(c answers.Choice) bool { return c.Value == word }) {
				out[id] = word
			}
		}
	}
	return out
}
