package answers_test

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"

	"github.com/goccy/go-yaml"
	"github.com/santhosh-tekuri/jsonschema/v6"

	"example.com/scaffold/internal/answers"
)

// The published schemas take what the parsers take, and refuse what they refuse.
func TestSchemasOfConfiguration(t *testing.T) {
	for name, c := range map[string]struct {
		schema    []byte
		parse     func(data []byte) error
		good, bad []string
	}{
		"team": {
			answers.TeamSchema(), func(data []byte) error { _, err := answers.ParseTeam("team.yaml", data); return err },
			[]string{
				"defaults: {license: none, workers: 2, native: true, tags: [a]}\nrequired: {idempotency: true}\n",
				"name: {pattern: '[a-z]+', help: letters}\n",
				"packs: {service: {source: ./x, title: X, commit: '" + strings.Repeat("0a", 20) + "', digest: ab}}\n",
			},
			[]string{"require: {a: 1}\n", "name: {patern: x}\n", "packs: {service: {title: X}}\n", "packs: {Service: {source: ./x}}\n", "packs: {service: {sauce: ./x}}\n", "defaults: [a]\n"},
		},
		"config": {
			answers.ConfigSchema(), func(data []byte) error { _, err := answers.ParseConfig("config.yaml", data); return err },
			[]string{"defaults: {stack: python-fastapi, native: true}\nteam: ../team\n"},
			[]string{"teams: x\n", "defaults: 3\n", "team: [a]\n"},
		},
	} {
		doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(c.schema))
		if err != nil {
			t.Fatal(err)
		}
		compiler := jsonschema.NewCompiler()
		if err := compiler.AddResource(name, doc); err != nil {
			t.Fatal(err)
		}
		schema, err := compiler.Compile(name)
		if err != nil {
			t.Fatal(err)
		}
		check := func(text string) (fromSchema, fromParser error) {
			var v any
			if err := yaml.Unmarshal([]byte(text), &v); err != nil {
				t.Fatal(err)
			}
			asJSON, err := json.Marshal(v)
			if err != nil {
				t.Fatal(err)
			}
			v, err = jsonschema.UnmarshalJSON(bytes.NewReader(asJSON))
			if err != nil {
				t.Fatal(err)
			}
			return schema.Validate(v), c.parse([]byte(text))
		}
		for _, text := range c.good {
			if a, b := check(text); a != nil || b != nil {
				t.Errorf("%s: %q\nschema: %v\nparser: %v", name, text, a, b)
			}
		}
		for _, text := range c.bad {
			a, b := check(text)
			if a == nil || b == nil {
				t.Errorf("%s: %q\nschema: %v\nparser: %v", name, text, a, b)
			}
			if b != nil && !strings.Contains(b.Error(), name+".yaml:1:") {
				t.Errorf("%s: %q: %v names no line", name, text, b)
			}
		}
	}
}
