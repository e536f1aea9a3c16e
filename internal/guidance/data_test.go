package guidance

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io/fs"
	"maps"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/goccy/go-yaml"
	"github.com/santhosh-tekuri/jsonschema/v6"

	"example.com/scaffold/internal/answers"
	"example.com/scaffold/internal/expr"
)

func TestRulesMatchTheirSchema(t *testing.T) {
	text, err := data.ReadFile("data/rules.schema.json")
	if err != nil {
		t.Fatal(err)
	}
	doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	c := jsonschema.NewCompiler()
	if err := c.AddResource("rules.json", doc); err != nil {
		t.Fatal(err)
	}
	schema, err := c.Compile("rules.json")
	if err != nil {
		t.Fatal(err)
	}
	check := func(rules []byte) error {
		asJSON, err := yaml.YAMLToJSON(rules)
		if err != nil {
			return err
		}
		value, err := jsonschema.UnmarshalJSON(bytes.NewReader(asJSON))
		if err != nil {
			return err
		}
		return schema.Validate(value)
	}
	files, err := fs.Glob(data, "data/rules/*.yaml")
	if err != nil || len(files) == 0 {
		t.Fatal(files, err)
	}
	for _, name := range files {
		text, err := data.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		if err := check(text); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		for _, fault := range [][2]string{{"kind: claim", "kind: rumour"}, {"verdict: contested", "verdict: perhaps"}, {"weight: ", "weight: 1"}, {"section:", "chapter:"}} {
			if broken := bytes.Replace(text, []byte(fault[0]), []byte(fault[1]+" "), 1); check(broken) == nil {
				t.Errorf("%s: the schema takes %q", name, fault[1])
			}
		}
	}
}

// faults lists what is wrong with a model beyond the shape of its files.
func faults(m *model, headings []string) []string {
	var out []string
	fault := func(format string, args ...any) { out = append(out, fmt.Sprintf(format, args...)) }
	condition := func(where string, c Condition) {
		for id, bound := range c {
			i := slices.IndexFunc(m.choices, func(c choice) bool { return c.ID == id })
			important := slices.ContainsFunc(m.importance, func(r row) bool { return r.ID == id })
			switch {
			case i < 0 && !important:
				fault("%s: no criterion %q", where, id)
			case important && (bound.Min < 1 || bound.Min > maxImportance || bound.In != nil):
				fault("%s: %s is an importance", where, id)
			case i >= 0:
				for _, v := range bound.In {
					if !slices.Contains(m.choices[i].Values, v) {
						fault("%s: %s has no value %q", where, id, v)
					}
				}
				if len(bound.In) == 0 {
					fault("%s: %s wants values", where, id)
				}
			}
		}
	}
	known := func(where string, stacks []string) {
		for _, id := range stacks {
			if _, ok := m.stack(id); !ok && id != hybrid {
				fault("%s: no stack %q", where, id)
			}
		}
	}
	for i, r := range m.rules {
		if want := fmt.Sprintf("R%02d", i+1); r.ID != want {
			fault("%s stands where %s belongs", r.ID, want)
		}
		for _, s := range append([]string{r.Section}, r.Also...) {
			if !slices.Contains(headings, s) {
				fault("%s: the article has no section %q", r.ID, s)
			}
		}
		known(r.ID, r.Favours)
		for _, c := range r.When {
			known(r.ID, c.Favours)
			condition(r.ID, c.If)
		}
		if r.Criterion != "" {
			condition(r.ID, Condition{r.Criterion: anyBound(m, r.Criterion)})
		}
		if len(r.When) == 0 && (r.Kind == "guidance" || r.Kind == "practice") {
			fault("%s: no answer makes it speak", r.ID)
		}
		holds := r.Verdict == "true" || r.Verdict == "plausible"
		if len(r.When) > 0 && !holds && r.Caveat == "" {
			fault("%s is %s, and says nothing beside it", r.ID, r.Verdict)
		}
	}
	for _, r := range m.rows {
		for stack, c := range r.Cells {
			for _, id := range c.Rules {
				if !m.byID[id].isAbout(r.ID) {
					fault("%s %s, %s: %s is not about it", r.ID, r.Value, stack, id)
				}
			}
			if c.Score < 0 || c.Score > maxImportance {
				fault("%s %s, %s: score %v", r.ID, r.Value, stack, c.Score)
			}
		}
		if r.Weight <= 0 || r.Weight > maxWeight {
			fault("%s %s: weight %v", r.ID, r.Value, r.Weight)
		}
		if r.Value != "" {
			condition("row", Condition{r.ID: {In: []string{r.Value}}})
		}
	}
	for _, c := range m.Constraints {
		condition("constraint", c.If)
	}
	condition("hybrid", m.Hybrid.If)
	known("hybrid", m.Hybrid.Stacks)
	for _, s := range m.Stacks {
		condition(s.ID, s.NoteWhen)
	}
	for _, s := range m.Outside {
		known(s.ID, []string{s.Nearest})
	}
	for _, i := range m.Implications {
		condition("implication", i.If)
	}
	return out
}

func anyBound(m *model, id string) Bound {
	for _, c := range m.choices {
		if c.ID == id {
			return Bound{In: c.Values}
		}
	}
	return Bound{Min: 1}
}

// isAbout says whether the rule rests on a criterion.
func (r *Rule) isAbout(id string) bool {
	return r.Criterion == id || slices.ContainsFunc(r.When, func(c Case) bool { _, ok := c.If[id]; return ok })
}

func readHeadings(t *testing.T) []string {
	t.Helper()
	text, err := testdata.ReadFile("testdata/headings.txt")
	if err != nil {
		t.Fatal(err)
	}
	return strings.Split(strings.TrimSpace(string(text)), "\n")
}

func TestDataIsSound(t *testing.T) {
	m := knowledge()
	if len(m.rules) != 103 {
		t.Errorf("%d rules, want 103", len(m.rules))
	}
	for _, f := range faults(m, readHeadings(t)) {
		t.Error(f)
	}
}

// TestFaultsAreFound breaks the data, one file at a time.
func TestFaultsAreFound(t *testing.T) {
	headings := readHeadings(t)
	for _, c := range []struct{ file, find, replace, want string }{
		{"rules/1-overview.yaml", "favours: [python]", "favours: [cobol]", `no stack "cobol"`},
		{"rules/1-overview.yaml", "{ai_ml: 1}", "{ai_mll: 1}", `no criterion "ai_mll"`},
		{"rules/1-overview.yaml", "[ecommerce]", "[shop]", `domain has no value "shop"`},
		{"rules/1-overview.yaml", "section: What is Backend Development?", "section: What is a backend?", "no section"},
		{"rules/1-overview.yaml", "criterion: realtime\n", "criterion: speed\n", `no criterion "speed"`},
		{"rules/1-overview.yaml", "  when: [{if: {realtime: 1}}]\n", "", "no answer makes it speak"},
		{"rules/1-overview.yaml", "- id: R02", "- id: R01", "R01 is there twice"},
		{"rules/1-overview.yaml", "kind: meta", "sort: meta", "unknown field"},
		{"matrix.yaml", "rules: [R01, R57, R92]", "rules: [R88]", "R88 is not about it"},
		{"matrix.yaml", "rules: [R01, R57, R92]", "rules: [R999]", "no rule R999"},
		{"matrix.yaml", "rules: [R01, R57, R92]", "rules: []", "no rule in it"},
		{"matrix.yaml", "      node-nest: {score: 1, rules: [R01]}\n", "", "has 3 cells"},
		{"choices.yaml", "- value: prototype", "- value: sketch", `no value "sketch"`},
		{"stacks.yaml", "nearest: node-nest", "nearest: node-net", `no stack "node-net"`},
		{"stacks.yaml", "if: {edge: [must]}", "if: {edge: [yes]}", `edge has no value "yes"`},
	} {
		t.Run(c.file+" "+c.replace, func(t *testing.T) {
			files := copyData(t)
			f := files["data/"+c.file]
			broken := strings.Replace(string(f.Data), c.find, c.replace, 1)
			if broken == string(f.Data) {
				t.Fatalf("%q is not in the file", c.find)
			}
			f.Data = []byte(broken)
			var found []string
			if m, err := load(files); err != nil {
				found = []string{err.Error()}
			} else {
				found = faults(m, headings)
			}
			if !strings.Contains(strings.Join(found, "\n"), c.want) {
				t.Errorf("want %q, found %q", c.want, found)
			}
		})
	}
}

func copyData(t *testing.T) fstest.MapFS {
	t.Helper()
	files := fstest.MapFS{}
	err := fs.WalkDir(data, "data", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		text, err := data.ReadFile(name)
		files[name] = &fstest.MapFile{Data: text}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return files
}

// TestEveryRuleIsReachable gives, for each case of each rule, the least answers
// that make it speak, and wants the rule in the result.
func TestEveryRuleIsReachable(t *testing.T) {
	for _, r := range Rules() {
		for _, c := range r.When {
			a := Answers{}
			for id, bound := range c.If {
				if bound.In != nil {
					a[id] = bound.In[0]
				} else {
					a[id] = bound.Min
				}
			}
			if c.Always {
				a["team"] = "python"
			}
			res, err := Recommend(a, Options{})
			if err != nil && len(a) == 1 { // alone it tells no stacks apart; it may still speak beside others
				a["growth"] = 1
				res, err = Recommend(a, Options{})
			}
			if err != nil {
				t.Errorf("%s: %v: %v", r.ID, a, err)
				continue
			}
			cited := slices.ContainsFunc(res.Reasons, func(x Reason) bool { return x.Rule == r.ID }) ||
				slices.ContainsFunc(res.Practices, func(x Practice) bool { return x.Rule == r.ID })
			if !cited && len(r.Favours) > 0 || !cited && r.Kind == "practice" {
				t.Errorf("%s does not appear with %v", r.ID, a)
			}
		}
	}
}

func TestRulesAreServedAsJSON(t *testing.T) {
	text, err := json.Marshal(Rules())
	if err != nil {
		t.Fatal(err)
	}
	var back []map[string]any
	if err := json.Unmarshal(text, &back); err != nil || len(back) != 103 {
		t.Fatal(len(back), err)
	}
	if got := fmt.Sprint(back[87]["when"]); got != "[map[if:map[team:[js ts]]] map[favours:[python-fastapi python-django] if:map[team:[python]]] map[favours:[python-fastapi python-django node-express node-nest] if:map[team:[mixed]]]]" {
		t.Error(got)
	}
}

// TestQuestionsAreSound picks every choice of every question of the form.
func TestQuestionsAreSound(t *testing.T) {
	first := 0
	seen := map[string]any{}
	for _, q := range Questions() {
		if q.Group == "project" {
			first++
		}
		if _, err := expr.Holds(q.When, seen); err != nil {
			t.Errorf("%s: %v", q.ID, err)
		}
		seen[q.ID] = q.Kind.Zero()
		if strings.ContainsAny(q.Title, "0123456789") {
			t.Errorf("%s shows a scale: %s", q.ID, q.Title)
		}
		for _, c := range q.Choices {
			picked := answers.Values{q.ID: c.Value}
			if q.ID == "change_language" {
				picked["builders"] = "php"
			}
			if _, err := FromForm(picked); err != nil {
				t.Errorf("%s=%s: %v", q.ID, c.Value, err)
			}
			if c.Label == "" {
				t.Errorf("%s=%s has no label", q.ID, c.Value)
			}
		}
	}
	if first > 6 {
		t.Errorf("%d questions on the first page are more than a minute", first)
	}
}

// TestFormSpeaksOfWhatMatters holds that no importance is out of the form's reach
// unless it is named here, for flags and files alone.
func TestFormSpeaksOfWhatMatters(t *testing.T) {
	asked := map[string]bool{}
	for _, q := range knowledge().questions {
		for _, c := range q.Choices {
			for id := range maps.Keys(c.Set) {
				asked[id] = true
			}
		}
	}
	for _, c := range Vocabulary() {
		if !asked[c.ID] {
			t.Errorf("no question speaks of %s", c.ID)
		}
	}
}
