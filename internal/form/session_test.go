package form

import (
	"reflect"
	"slices"
	"strings"
	"testing"

	"example.com/scaffold/internal/answers"
	"example.com/scaffold/internal/pack"
	"example.com/scaffold/templates"
)

// titles walks to the summary with what is proposed and lists what was asked.
func titles(t *testing.T, s *session, name string) (ids []string) {
	t.Helper()
	for s.at.name != stepSummary {
		ids = append(ids, s.at.name+":"+s.at.id)
		value := s.ask().value
		if s.at.id == "name" {
			value = name
		}
		if err := s.submit(value); err != nil {
			t.Fatalf("%v: %v", s.at, err)
		}
	}
	return ids
}

// What a flag or a file says is not asked; what the configuration says is
// proposed; what is wrong is asked, with the reason.
func TestGivenAnswers(t *testing.T) {
	in := input(
		answers.Layer{Source: answers.Config, Name: "config.yaml", Values: answers.Values{"author": "Ada", "ci": "gitlab"}},
		answers.Layer{Source: answers.FromFile, Name: "a.yaml", Values: answers.Values{"license": "mit", "database": "mysql"}},
		answers.Layer{Source: answers.Set, Values: answers.Values{"kubernetes": "true"}},
		answers.Layer{Source: answers.Flag, Values: answers.Values{"name": "shop"}},
	)
	in.Stack = fastapi
	s := open(t, in)
	for s.at.id != "database" {
		if s.at.id == "author" && s.ask().value != "Ada" {
			t.Errorf("author: %v is proposed", s.ask().value)
		}
		if err := s.submit(s.ask().value); err != nil {
			t.Fatal(err)
		}
	}
	if w := s.ask().warning; !strings.Contains(w, "mysql") || !strings.Contains(w, "a.yaml") {
		t.Errorf("warning %q", w)
	}
	answered(t, s, [2]any{"question:database", "postgres"})
	if !s.back() || s.at.id != "database" || s.ask().value != "postgres" {
		t.Errorf("%v: %v", s.at, s.ask().value)
	}
	answered(t, s, [2]any{"question:database", "postgres"})
	if s.at.id != "ci" || s.ask().value != "gitlab" {
		t.Errorf("%v: %v is proposed", s.at, s.ask().value)
	}
	answered(t, s, [2]any{"question:ci", "gitlab"})
	for _, c := range s.ask().choices {
		if c.value == "kubernetes" {
			t.Error("kubernetes is asked although --set says it")
		}
	}
	for _, st := range s.steps() {
		if st.id == "name" || st.id == "license" {
			t.Errorf("%s is asked", st.id)
		}
	}
	out := s.draft().Answers
	if out.Source != answers.Prompt || len(out.Values) != 1 || out.Values["database"] != "postgres" {
		t.Errorf("the draft has more than what was said: %v", out.Values)
	}
}

// Proposed answers are not stored, so that a preset that is changed later still
// decides them; what was said against it stays.
func TestPresetDecidesUntilSaid(t *testing.T) {
	in := input()
	in.Stack = fastapi
	s := open(t, in)
	titles(t, s, "shop")
	for s.at.id != "preset" {
		s.back()
	}
	answered(t, s, [2]any{"question:preset", "minimal"})
	if got := s.ask().value; s.at.id != "auth" || got != "none" {
		t.Fatalf("%v: %v", s.at, got)
	}
	answered(t, s, [2]any{"question:auth", "accounts"})
	for s.at.id != "preset" {
		s.back()
	}
	answered(t, s, [2]any{"question:preset", "service"}, [2]any{"question:auth", "accounts"})
	if _, said := s.answers["auth"]; said {
		t.Error("accounts is stored although the preset says the same")
	}
}

// An option whose need is not met is refused with the reason; one that loses it
// by a change further up stops the way to the summary.
func TestOptionNeeds(t *testing.T) {
	in := input()
	in.Stack = fastapi
	s := open(t, in)
	titles(t, s, "shop")
	s.back()
	answered(t, s, [2]any{"options:", []string{"native"}})
	for s.at.id != "auth" {
		s.back()
	}
	answered(t, s, [2]any{"question:auth", "none"})
	s.jump()
	if s.at.name != stepOptions || !strings.Contains(s.ask().warning, "native needs auth=accounts") {
		t.Fatalf("%v %q", s.at, s.ask().warning)
	}
	if err := s.submit([]string{"native", "idempotency"}); err == nil || !strings.Contains(err.Error(), "accounts") {
		t.Errorf("taken: %v", err)
	}
	if s.at.name != stepOptions {
		t.Errorf("went on to %v", s.at)
	}
	answered(t, s, [2]any{"options:", []string{"idempotency"}})
	if got := s.draft().Answers.Values; s.at.name != stepSummary || got["idempotency"] != true || got["native"] != nil {
		t.Errorf("%v %v", s.at, got)
	}
}

// The questions of the guidance: one follows from another, the second page is
// offered, and "I know my stack" asks none.
func TestGuide(t *testing.T) {
	s := open(t, input())
	answered(t, s, [2]any{"mode:", modeKnow})
	if s.at.name != stepStack {
		t.Error(s.at)
	}
	if s.recommend(nil) != nil || len(s.draft().Requirements.Values) > 0 {
		t.Error("a recommendation without requirements")
	}
	s.back()
	answered(t, s, [2]any{"mode:", modeHelp}, [2]any{"guide:building", []string{"api"}}, [2]any{"guide:builders", "php"})
	if s.at.id != "change_language" {
		t.Fatal(s.at)
	}
	s.back()
	answered(t, s, [2]any{"guide:builders", "python"})
	if s.at.id != "priorities" {
		t.Fatal(s.at)
	}
	answered(t, s, [2]any{"guide:priorities", []string{}}, [2]any{"guide:confidential", nil}, [2]any{"guide:front_end", nil}, [2]any{"more:", yes})
	if s.at.id != "stage" {
		t.Fatal(s.at)
	}
	answered(t, s, [2]any{"guide:stage", "prototype"})
	if s.draft().Requirements.Values["time_to_market"] != "prototype" {
		t.Error(s.draft().Requirements.Values)
	}
	for s.at.name != stepMore {
		s.back()
	}
	answered(t, s, [2]any{"more:", no})
	if got := s.draft().Requirements.Values; got["time_to_market"] != nil || got["team"] != "python" {
		t.Errorf("answers of the page that was left out count: %v", got)
	}
}

// What the recommendation cannot give is said, with what can be taken instead.
func TestStackChoices(t *testing.T) {
	for _, c := range []struct {
		name     string
		building []string
		team     string
		help     []string
		labels   []string
	}{
		{"clear", []string{"ai"}, "python", []string{"Recommended: FastAPI"}, []string{"FastAPI (recommended)", "Django (not yet, nearest: FastAPI)"}},
		{"not generated", []string{"live"}, "typescript", []string{"Recommended: NestJS"}, []string{"NestJS (recommended; not yet, nearest: FastAPI)", "FastAPI"}},
		{"both worlds", []string{"ai", "live"}, "both", []string{"two stacks together (R102)", "begin with one"}, []string{"FastAPI"}},
		{"none of ours", []string{"website"}, "typescript", []string{"None of these fits: use Next.js (R43)"}, []string{"FastAPI", "NestJS (not yet, nearest: FastAPI)"}},
	} {
		s := open(t, input())
		answered(t, s, [2]any{"mode:", modeHelp}, [2]any{"guide:building", c.building}, [2]any{"guide:builders", c.team},
			[2]any{"guide:priorities", nil}, [2]any{"guide:confidential", nil}, [2]any{"guide:front_end", nil}, [2]any{"more:", no})
		a := s.ask()
		for _, want := range c.help {
			if !strings.Contains(a.help, want) {
				t.Errorf("%s: no %q in %q", c.name, want, a.help)
			}
		}
		for _, want := range c.labels {
			if !slices.ContainsFunc(a.choices, func(c choice) bool { return c.label == want }) {
				t.Errorf("%s: no %q in %v", c.name, want, a.choices)
			}
		}
		if a.value != fastapi {
			t.Errorf("%s: the cursor is on %v", c.name, a.value)
		}
		if err := s.submit("node-express"); err == nil || !strings.Contains(err.Error(), "nearest") {
			t.Errorf("%s: Express was taken: %v", c.name, err)
		}
		answered(t, s, [2]any{"stack:", fastapi})
		if len(titles(t, s, "shop")) < 8 {
			t.Errorf("%s: hardly anything was asked", c.name)
		}
	}
}

// Where both worlds weigh heavily and the pair can be generated, it is offered
// first; who knows their stack finds it at the end.
func TestHybridIsOffered(t *testing.T) {
	in := input()
	in.Stacks = append(slices.Clone(in.Stacks), "hybrid")
	s := open(t, in)
	answered(t, s, [2]any{"mode:", modeHelp}, [2]any{"guide:building", []string{"ai", "live"}}, [2]any{"guide:builders", "both"},
		[2]any{"guide:priorities", nil}, [2]any{"guide:confidential", nil}, [2]any{"guide:front_end", nil}, [2]any{"more:", no})
	a := s.ask()
	if a.choices[0].label != "Express + FastAPI (recommended)" || a.value != "hybrid" || strings.Contains(a.help, "not generated") {
		t.Errorf("the choices are %v with the cursor on %v: %s", a.choices, a.value, a.help)
	}
	answered(t, s, [2]any{"stack:", "hybrid"})
	asked := titles(t, s, "shop")
	for _, title := range []string{"Who may call it?", "How much should it start with?"} { // one answer each
		if slices.Contains(asked, title) {
			t.Errorf("%q is asked", title)
		}
	}
	if len(asked) < 6 {
		t.Errorf("hardly anything was asked: %v", asked)
	}
	in.Stacks = []string{"common", "hybrid", "python-django", fastapi} // by name, as they are found; one is in no rule
	known := open(t, in)
	answered(t, known, [2]any{"mode:", modeKnow})
	list := known.ask().choices
	if n := len(list); list[n-1].value != "hybrid" || list[n-2].value != "common" || list[n-2].label == "" {
		t.Errorf("who knows their stack finds %v", list)
	}
	if at := known.ask().value; at != fastapi {
		t.Errorf("the cursor is on %v, not on the first of the list", at)
	}
}

// The panel names a pack that the recommendation does not know.
func TestPackIsNamed(t *testing.T) {
	in := input()
	in.Stacks, in.Stack = []string{"acme"}, "acme"
	in.Load = func(string) (*pack.Pack, error) {
		p, err := pack.Load("builtin:"+fastapi, pack.Builtin(templates.FS))
		if err == nil {
			p.Name, p.Title = "acme", "Acme service"
		}
		return p, err
	}
	if got := open(t, in).settledPairs()[0]; got != [2]string{"stack", "Acme service"} {
		t.Errorf("the panel says %q", got)
	}
}

// Requirements of the command line count from the first screen on.
func TestGivenRequirements(t *testing.T) {
	in := input()
	in.Requirements = []answers.Layer{{Source: answers.Set, Values: answers.Values{"team": "python", "ai_ml": "5"}}}
	s := open(t, in)
	if s.ask().value != modeHelp || s.recommend(nil) == nil {
		t.Error("they do not count")
	}
}

// Answers as lines: by number, by value, several, none, and what stays.
func TestParseLine(t *testing.T) {
	list := []choice{{"a", "A", ""}, {"b", "B", ""}}
	for _, c := range []struct {
		ask  ask
		line string
		want any
		bad  bool
	}{
		{ask{kind: one, choices: list}, "2", "b", false},
		{ask{kind: one, choices: list}, "a", "a", false},
		{ask{kind: one, choices: list}, "", nil, true},
		{ask{kind: one, choices: list}, "3", nil, true},
		{ask{kind: one, choices: list, value: "b"}, "", "b", false},
		{ask{kind: one, choices: list, optional: true}, "", nil, false},
		{ask{kind: one, choices: list, optional: true, value: "b"}, "", "b", false},
		{ask{kind: one, choices: list, optional: true, value: "b"}, "-", nil, false},
		{ask{kind: many, choices: list, value: []string{"a"}}, "", []string{"a"}, false},
		{ask{kind: many, choices: list, optional: true, value: []string{"a"}}, "-", []string{}, false},
		{ask{kind: many, choices: list}, "2, a,2", []string{"b", "a"}, false},
		{ask{kind: many, choices: list}, "1,x", nil, true},
		{ask{kind: text, value: "old"}, "", "old", false},
		{ask{kind: text, optional: true, value: "old"}, "-", "", false},
		{ask{kind: text}, "", "", false},
		{ask{kind: text, value: "old"}, "new", "new", false},
		{ask{kind: secret, value: "old"}, "", "", false},
	} {
		got, err := c.ask.parse(c.line)
		if (err != nil) != c.bad || !c.bad && !reflect.DeepEqual(got, c.want) {
			t.Errorf("%+v, %q: %v, %v", c.ask, c.line, got, err)
		}
	}
}
