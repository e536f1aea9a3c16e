package answers

import (
	_ "embed" // the schemas lie beside
	"encoding/json"
	"fmt"
)

// The schemas are never changed; the functions hand out copies.
//
//go:embed team.schema.json
var teamSchema []byte

//go:embed config.schema.json
var configSchema []byte

// TeamSchema is the JSON Schema (draft 2020-12) of a team's file.
func TeamSchema() []byte { return append([]byte(nil), teamSchema...) }

// ConfigSchema is the JSON Schema (draft 2020-12) of a person's configuration.
func ConfigSchema() []byte { return append([]byte(nil), configSchema...) }

// JSONSchema describes .scaffold/answers.yaml for these questions, for editors
// that complete and check it. The bytes depend on the schema alone.
func (s Schema) JSONSchema() ([]byte, error) {
	properties := map[string]any{}
	for _, q := range s.All() {
		if q.Kind != Secret {
			properties[q.ID] = q.jsonSchema()
		}
	}
	text := map[string]any{"type": "string"}
	doc := map[string]any{
		"$schema": "https://json-schema.org/draft/2020-12/schema",
		"title":   "Answers that a repository was generated from",
		"type":    "object",
		"properties": map[string]any{
			"stack": text, "pack": text, "version": text,
			"requirements": map[string]any{"type": "object"},
			"answers":      map[string]any{"type": "object", "properties": properties, "additionalProperties": false},
		},
		"additionalProperties": false,
	}
	out, err := json.MarshalIndent(doc, "", "  ")
	if err != nil {
		return nil, fmt.Errorf("answers schema: %w", err)
	}
	return append(out, '\n'), nil
}

func (q Question) jsonSchema() map[string]any {
	out := map[string]any{}
	if q.Title != "" {
		out["title"] = q.Title
	}
	if q.Help != "" {
		out["description"] = q.Help
	}
	bounds := func(least, most string) {
		if q.Min != nil {
			out[least] = *q.Min
		}
		if q.Max != nil {
			out[most] = *q.Max
		}
	}
	item := map[string]any{"type": "string"}
	switch q.Kind {
	case Bool:
		out["type"] = "boolean"
	case Int:
		out["type"] = "integer"
		bounds("minimum", "maximum")
	case Select:
		out["enum"] = q.choiceValues()
	case MultiSelect:
		out["type"], out["items"] = "array", map[string]any{"enum": q.choiceValues()}
		bounds("minItems", "maxItems")
	case List:
		out["type"], out["items"] = "array", item
		bounds("minItems", "maxItems")
	default:
		out["type"] = "string"
		whole := ")$"
		if q.Optional {
			whole = ")?$"
		} else {
			bounds("minLength", "maxLength")
		}
		if q.Pattern != "" {
			out["pattern"] = "^(?:" + q.Pattern + whole
		}
		if q.Format == FormatName {
			out["pattern"] = nameForm.String()
		}
	}
	return out
}

func (q Question) choiceValues() []string {
	values := make([]string, len(q.Choices))
	for i, c := range q.Choices {
		values[i] = c.Value
	}
	return values
}
