package guidance

import (
	"encoding/json"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"example.com/scaffold/internal/answers"
)

func lineCount(text string) int { return strings.Count(strings.TrimSuffix(text, "\n"), "\n") + 1 }

func replaceOnce(t *testing.T, text, from, to string) string {
	t.Helper()
	if !strings.Contains(text, from) {
		t.Fatalf("%q is not there", from)
	}
	return strings.Replace(text, from, to, 1)
}

func TestTextKeepsToItsWidth(t *testing.T) {
	rng := rand.New(rand.NewPCG(5, 5))
	for range 80 {
		r := try(t, someAnswers(rng), Options{Rendered: []string{"python-fastapi"}})
		if r == nil {
			continue
		}
		for _, width := range []int{40, 80, 200} {
			for line := range strings.Lines(r.Text(width)) {
				if n := utf8.RuneCountInString(strings.TrimRight(line, "\n")); n > width {
					t.Fatalf("%d columns in %d: %q", n, width, line)
				}
			}
		}
	}
}

func TestTextExplains(t *testing.T) {
	r := try(t, Answers{"ai_ml": 5, "sensitive_data": 4, "latency_slo": 3, "team": "python"}, Options{Rendered: []string{"python-fastapi"}})
	for name, text := range map[string]string{"text": r.Text(200), "Markdown": r.Markdown()} {
		for _, want := range []string{
			"Recommended: FastAPI, but it is close: Django is near.",
			"runs its own models (5)",
			"R01: A product built around its own AI or machine learning belongs in Python. (Python or JavaScript for Backend: Which One to Choose in 2025?)",
			"R10: Where response times must be short, use JavaScript. (Performance: Which One is Faster?; contested)",
			"Django would do better at: regulated or confidential data.",
			"regulated or confidential data at 5 instead of 4 (sensitive_data=5): Django",
			"`scaffold compare --stacks python-fastapi,python-django` would settle it by measuring both.",
			"not rendered yet",
		} {
			if !strings.Contains(text, want) {
				t.Errorf("%s lacks %q:\n%s", name, want, text)
			}
		}
	}
}

func TestOutsideStacksAreNamed(t *testing.T) {
	for id, a := range map[string]Answers{
		"flask": {"size": "small"}, "fastify": {"structure": 4}, "nextjs": {"ssr": "must"}, "laravel": {"team": "php"},
		"spring-boot": {"team": "java"}, "deno": {"supply_chain": 4, "team": "ts"}, "bun": {"serverless": 4, "team": "js"},
	} {
		r := try(t, a, Options{})
		i := slices.IndexFunc(r.NotRendered, func(s NotRendered) bool { return s.Stack == id })
		if i < 0 {
			t.Errorf("%v does not name %s", a, id)
			continue
		}
		if _, ok := ResolveStack(r.NotRendered[i].Nearest); !ok {
			t.Errorf("%s has no nearest", id)
		}
		if _, ok := ResolveStack(id); ok {
			t.Errorf("%s passes for one of the four", id)
		}
	}
}

func TestRenderedIsSaid(t *testing.T) {
	a := Answers{"realtime": 5, "team": "ts", "structure": 4}
	has := func(o Options, want string) bool {
		return slices.ContainsFunc(try(t, a, o).Notes, func(n Note) bool { return strings.Contains(n.Text, want) })
	}
	if !has(Options{Rendered: []string{"python-fastapi"}}, "NestJS is not rendered by this version yet; the nearest that is: FastAPI (rank 3 of 4).") {
		t.Error("not said")
	}
	if has(Options{Rendered: []string{"node-nest"}}, "not rendered") || has(Options{}, "not rendered") {
		t.Error("said without need")
	}
}

func TestResultAsJSON(t *testing.T) {
	text, err := json.Marshal(try(t, Answers{"edge": "must"}, Options{}))
	if err != nil {
		t.Fatal(err)
	}
	var got map[string]any
	if err := json.Unmarshal(text, &got); err != nil {
		t.Fatal(err)
	}
	if v, ok := got["recommended"]; !ok || v != nil {
		t.Errorf("recommended is %v, want null", v)
	}
	for _, key := range []string{"ranking", "flips", "notes", "practices", "reasons"} {
		if _, ok := got[key].([]any); !ok {
			t.Errorf("%s is %v, want a list", key, got[key])
		}
	}
	if got["confidence"] != "clear" || got["instead"] == nil || got["runner_up"] != nil {
		t.Errorf("%s", text)
	}
}

func TestDecisionRecords(t *testing.T) {
	rng := rand.New(rand.NewPCG(6, 6))
	for range 200 {
		a := someAnswers(rng)
		r := try(t, a, Options{Rendered: []string{"python-fastapi"}})
		if r == nil {
			continue
		}
		for _, s := range knowledge().Stacks {
			text := MADR(Decision{"shop", s.ID, r})
			if n := lineCount(text); n > 60 {
				t.Fatalf("%d lines:\n%s", n, text)
			}
			for _, want := range []string{"status: accepted", "# Build shop with " + s.Title, "## Considered Options", "## Decision Outcome", `Chosen option: "` + s.Title + `"`} {
				if !strings.Contains(text, want) {
					t.Fatalf("lacks %q:\n%s", want, text)
				}
			}
			if by := strings.Contains(text, "as the guidance recommended"); by != (recommended(r) == s.ID) {
				t.Fatalf("recommended %s, and the record says:\n%s", recommended(r), text)
			}
			if strings.Contains(text, "\n\n\n") || strings.Contains(text, " \n") {
				t.Fatalf("untidy:\n%q", text)
			}
		}
	}
}

func TestDecisionByHandInventsNoReasons(t *testing.T) {
	text := MADR(Decision{Project: "shop", Stack: "python-fastapi"})
	if !strings.Contains(text, "guidance was not\nasked") || strings.Contains(text, "Good, because") || lineCount(text) > 60 {
		t.Error(text)
	}
}

func TestFormAnswers(t *testing.T) {
	for _, c := range []struct {
		picked answers.Values
		want   Answers
	}{
		{answers.Values{}, Answers{}},
		{answers.Values{"building": []string{"ai", "finance"}, "builders": "python"}, Answers{"ai_ml": 5, "domain": []string{"fintech"}, "sensitive_data": 4, "team": "python"}},
		{answers.Values{"building": []string{"health", "finance"}, "confidential": "regulated"}, Answers{"domain": []string{"fintech", "health"}, "sensitive_data": 5, "security_builtin": 3}},
		{answers.Values{"building": []string{"llm"}}, Answers{"llm_hosted": "yes"}},
		{answers.Values{"building": []string{"llm", "ai"}}, Answers{"ai_ml": 5}},
		{answers.Values{"priorities": []string{"speed"}, "stage": "prototype"}, Answers{"time_to_market": "prototype", "size": "small"}},
		{answers.Values{"builders": "php", "change_language": "no"}, Answers{"team": "php", "language_change": "no"}},
		{answers.Values{"builders": "ts", "change_language": "no"}, nil},
		{answers.Values{"building": []string{"spaceship"}}, nil},
		{answers.Values{"bilding": []string{"ai"}}, nil},
	} {
		got, err := FromForm(c.picked)
		if c.want == nil {
			if err == nil {
				t.Errorf("%v is taken: %v", c.picked, got)
			}
			continue
		}
		gotText, _ := json.Marshal(got)
		wantText, _ := json.Marshal(c.want)
		if err != nil || string(gotText) != string(wantText) {
			t.Errorf("%v: %s, %v; want %s", c.picked, gotText, err, wantText)
		}
	}
}

func TestWrongAnswersAreExplained(t *testing.T) {
	for text, raw := range map[string]map[string]any{
		`did you mean "ai_ml"?`:  {"ai_mll": 3},
		`did you mean "python"?`: {"team": "pyton"},
		"greatest value, 5":      {"growth": 6},
		"least value, 0":         {"growth": -1},
		"whole number":           {"growth": "much"},
		"is not among":           {"domain": "space"},
	} {
		if _, err := Parse(raw); err == nil || !strings.Contains(err.Error(), text) {
			t.Errorf("%v: %v, want %q", raw, err, text)
		}
	}
	file, err := answers.ParseFile("needs.yaml", []byte("requirements:\n  ai_ml: 5\n  language_change: yes\n  domain: health\n"))
	if err != nil {
		t.Fatal(err)
	}
	got, err := ParseLayers(file.Requirements, answers.Layer{Source: answers.Set, Values: answers.Values{"ai_ml": "2"}})
	if text, _ := json.Marshal(got); err != nil || string(text) != `{"ai_ml":2,"domain":["health"],"language_change":"yes"}` {
		t.Errorf("%s, %v", text, err)
	}
	file, err = answers.ParseFile("needs.yaml", []byte("requirements:\n  ai_ml: 5\n  team: pyton\n"))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := ParseLayers(file.Requirements); err == nil || !strings.Contains(err.Error(), "needs.yaml:3:9") {
		t.Error(err)
	}
}
