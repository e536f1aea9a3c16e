package answers_test

import (
	"bytes"
	"encoding/json"
	"reflect"
	"strings"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"github.com/goccy/go-yaml"

	"example.com/scaffold/internal/answers"
)

func TestParseFile(t *testing.T) {
	f, err := answers.ParseFile("a.yaml", []byte(`# comment
stack: python-fastapi
pack: "builtin:python-fastapi"
requirements:
  team: small
answers:
  name: shop
  replicas: 3
  mfa: true
  tags: [a, "b c"]
  description: |-
    block
`))
	if err != nil {
		t.Fatal(err)
	}
	want := answers.Values{"name": "shop", "replicas": 3, "mfa": true, "tags": []any{"a", "b c"}, "description": "block"}
	if !reflect.DeepEqual(f.Answers.Values, want) {
		t.Errorf("answers = %#v, want %#v", f.Answers.Values, want)
	}
	if f.Stack != "python-fastapi" || f.Pack != "builtin:python-fastapi" || f.Requirements.Values["team"] != "small" {
		t.Errorf("header = %+v, %v", f.Header, f.Requirements.Values)
	}
	for _, empty := range []string{"", "\n", "# only a comment\n", "---\n", "answers:\n", "answers: {}\n", "answers: null\n"} {
		if f, err := answers.ParseFile("a.yaml", []byte(empty)); err != nil || len(f.Answers.Values) != 0 {
			t.Errorf("%q: %v, %v", empty, f, err)
		}
	}
}

func TestParseFileErrors(t *testing.T) {
	for name, c := range map[string]struct{ text, want string }{
		"unknown key":     {"stack: x\nanswer:\n  name: a\n", `a.yaml:2:1: unknown key "answer" (did you mean "answers"?)`},
		"flat":            {"database: postgres\n", `a.yaml:1:1: unknown key "database" (answers to questions go below the key "answers"`},
		"not a mapping":   {"- a\n- b\n", "a.yaml:1:1: is not a mapping"},
		"scalar":          {"hello\n", "a.yaml:1:1: is not a mapping"},
		"syntax":          {"answers:\n  name: [a\n", "a.yaml:2"},
		"tab":             {"answers:\n\tname: a\n", "a.yaml:2"},
		"stack type":      {"stack: 3\n", `a.yaml:1:8: stack wants a text, not the number 3; write it in quotes: "3"`},
		"answers type":    {"answers: [a]\n", "a.yaml:1:10: answers is not a mapping"},
		"mapping value":   {"answers:\n  name: {a: b}\n", "a.yaml:2:"},
		"alias":           {"answers:\n  name: &x a\n  owner: *x\n", "is no answer"},
		"tag":             {"answers:\n  name: !!python/object a\n", "is no answer"},
		"nested list":     {"answers:\n  tags: [[a]]\n", "a list within a list"},
		"second document": {"stack: a\n---\nstack: b\n", "a.yaml:3:"},
		"duplicate":       {"answers:\n  name: a\n  name: b\n", "a.yaml:3:3"},
		"too large":       {"# " + strings.Repeat("x", 70_000), "larger than 64 KiB"},
	} {
		_, err := answers.ParseFile("a.yaml", []byte(c.text))
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: error = %v, want %q", name, err, c.want)
		}
		if err != nil && strings.Contains(err.Error(), "\n") {
			t.Errorf("%s: the error has several lines: %v", name, err)
		}
	}
}

func TestWrongValueNamesItsPlace(t *testing.T) {
	f, err := answers.ParseFile("a.yaml", []byte("answers:\n  name: shop\n  replicas: many\n  nam: x\n"))
	if err != nil {
		t.Fatal(err)
	}
	_, err = answers.Resolve(shop(), f.Answers)
	for _, want := range []string{"a.yaml:3:13: replicas wants a whole number", `a.yaml:4:8: unknown answer "nam" (did you mean "name"?)`} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("error %q\nlacks %q", err, want)
		}
	}
}

func TestEncodeRoundTrip(t *testing.T) {
	given := answers.Values{
		"name": "shop", "description": `yes: "quoted" # not a comment \ ünï`, "token": "hunter2hunter2",
		"tags": []string{"true", "- x", "it's: so"}, "replicas": 4, "mfa": true,
	}
	r, err := answers.Resolve(shop(), layer(answers.Prompt, "", given))
	if err != nil {
		t.Fatal(err)
	}
	h := answers.Header{Stack: "python-fastapi", Pack: "builtin:python-fastapi", Version: "0.1.0"}
	requirements := answers.Values{"team": "small", "months": 6, "needs": []any{"sockets", "yes", 3}, "regulated": false}
	text := answers.Encode(h, requirements, r)
	if bytes.Contains(text, []byte("hunter2")) {
		t.Fatal("a secret was written")
	}
	f, err := answers.ParseFile("answers.yaml", text)
	if err != nil {
		t.Fatalf("%v in\n%s", err, text)
	}
	if f.Header != h {
		t.Errorf("header = %+v, want %+v", f.Header, h)
	}
	if !reflect.DeepEqual(f.Requirements.Values, requirements) {
		t.Errorf("requirements = %#v, want %#v", f.Requirements.Values, requirements)
	}
	again, err := answers.Resolve(shop(), f.Answers)
	if err != nil {
		t.Fatal(err)
	}
	want := r.Values()
	want["token"] = ""
	if !reflect.DeepEqual(again.Values(), want) {
		t.Errorf("read back %v\nwant %v", again.Values(), want)
	}
	if !bytes.Equal(answers.Encode(h, requirements, r), text) {
		t.Error("not stable")
	}
}

func TestJSONSchemaTakesWhatEncodeWrites(t *testing.T) {
	schema, err := shop().JSONSchema()
	if err != nil {
		t.Fatal(err)
	}
	doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(schema))
	if err != nil {
		t.Fatal(err)
	}
	c := jsonschema.NewCompiler()
	if err := c.AddResource("answers.schema.json", doc); err != nil {
		t.Fatal(err)
	}
	compiled, err := c.Compile("answers.schema.json")
	if err != nil {
		t.Fatal(err)
	}
	validate := func(text string) error {
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
		return compiled.Validate(v)
	}
	r, err := answers.Resolve(shop(), layer(answers.Prompt, "", answers.Values{"name": "shop", "tags": []string{"a"}}))
	if err != nil {
		t.Fatal(err)
	}
	if err := validate(string(answers.Encode(answers.Header{Stack: "s"}, nil, r))); err != nil {
		t.Error(err)
	}
	for _, bad := range []string{"answers: {auth: nobody}", "answers: {replicas: 10}", "answers: {name: 'A B'}", "answers: {x: 1}", "y: 1", "answers: {tags: [a, b, c, d]}"} {
		if validate(bad) == nil {
			t.Errorf("%s: accepted", bad)
		}
	}
}

func TestParseSet(t *testing.T) {
	id, value, err := answers.ParseSet("node-version=a=b")
	if err != nil || id != "node_version" || value != "a=b" {
		t.Errorf("%q %q %v", id, value, err)
	}
	for _, bad := range []string{"", "x", "=x"} {
		if _, _, err := answers.ParseSet(bad); err == nil {
			t.Errorf("%q was taken", bad)
		}
	}
}

func FuzzParseFile(f *testing.F) {
	for _, s := range []string{
		"stack: a\nanswers:\n  name: shop\n  tags: [a, b]\n", "answers: {a: 1, b: true, c: ~}", "a: &x [*x]", "? a\n: b", "- - -", "\"", "answers:\n  x: |\n    y\n",
		"%YAML 1.2\n---\na: b", "answers: !!binary x", "[[[[[[", "answers:\n  1: 2\n", "\ufeffstack: x", "stack: 'it''s'",
	} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		file, err := answers.ParseFile("a.yaml", data)
		if err != nil {
			if !strings.HasPrefix(err.Error(), "a.yaml") {
				t.Fatalf("the error names no place: %v", err)
			}
			return
		}
		for id, v := range file.Answers.Values {
			switch v.(type) {
			case nil, string, int, int64, uint64, bool, float64, []any:
			default:
				t.Fatalf("%s has the type %T", id, v)
			}
		}
		if _, err := answers.Resolve(shop(), file.Answers); err != nil && err.Error() == "" {
			t.Fatal("an empty error")
		}
	})
}

// Whatever a person writes must come back from the answers file unchanged.
func FuzzEncode(f *testing.F) {
	for _, s := range []string{"a", "true", "1e3", "a: b", "- x", "#", "'", "\"", "@x", "0x1", "~", "é", "a #b", "?", "2026-11-23", "<<", "=", "a:", "1:30", ".inf"} {
		f.Add(s)
	}
	s := answers.Schema{Questions: []answers.Question{{ID: "x", Kind: answers.Text, Default: ""}, {ID: "y", Kind: answers.List, Optional: true}}}
	f.Fuzz(func(t *testing.T, text string) {
		r, err := answers.Resolve(s, layer(answers.Prompt, "", answers.Values{"x": text, "y": []string{text, "z"}}))
		if err != nil {
			return
		}
		file, err := answers.ParseFile("a.yaml", answers.Encode(answers.Header{}, nil, r))
		if err != nil {
			t.Fatalf("%q: %v", text, err)
		}
		again, err := answers.Resolve(s, file.Answers)
		if err != nil || !reflect.DeepEqual(again.Values(), r.Values()) {
			t.Fatalf("%q came back as %v (%v)", text, again.Values(), err)
		}
	})
}
