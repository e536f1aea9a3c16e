package guidance

import (
	"embed"
	"slices"
	"strings"
	"testing"
)

//go:embed testdata
var testdata embed.FS

// labelled is a project with the answer a person would accept for it.
type labelled struct {
	id, expected        string
	answers             Answers
	acceptable, mustNot []string
	confidence          string // empty: either
	rules               []string
	notes               []string // texts that must be said
}

func readCases(t testing.TB) []labelled {
	t.Helper()
	content, err := testdata.ReadFile("testdata/cases.tsv")
	if err != nil {
		t.Fatal(err)
	}
	var out []labelled
	rows := strings.Split(strings.TrimSpace(string(content)), "\n")
	for _, line := range rows[1:] {
		f := strings.Split(line, "\t")
		if len(f) != 9 {
			t.Fatalf("%d columns, not 9: %s", len(f), line)
		}
		list := func(text, sep string) []string {
			if text == "-" {
				return nil
			}
			return strings.Split(text, sep)
		}
		raw := map[string]any{}
		for _, pair := range list(f[2], ";") {
			id, value, _ := strings.Cut(pair, "=")
			raw[id] = value
		}
		given, err := Parse(raw)
		if err != nil {
			t.Fatalf("%s: %v", f[0], err)
		}
		out = append(out, labelled{
			id: f[0], answers: given, expected: stackNamed(t, f[3]),
			acceptable: stacksNamed(t, list(f[4], ",")), mustNot: stacksNamed(t, list(f[5], ",")),
			confidence: strings.Trim(f[6], "-"), rules: list(f[7], ","), notes: list(f[8], "|"),
		})
	}
	return out
}

func stackNamed(t testing.TB, short string) string {
	t.Helper()
	if short == hybrid || short == "none" {
		return short
	}
	id, ok := ResolveStack(short)
	if !ok {
		t.Fatalf("no stack %q", short)
	}
	return id
}

func stacksNamed(t testing.TB, short []string) []string {
	t.Helper()
	var out []string
	for _, s := range short {
		out = append(out, stackNamed(t, s))
	}
	return out
}

func recommended(r *Result) string {
	if r.Recommended == nil {
		return "none"
	}
	return *r.Recommended
}

func TestLabelledCases(t *testing.T) {
	cases := readCases(t)
	if len(cases) < 40 {
		t.Fatalf("%d cases, want the 20 of the design and 20 of ours", len(cases))
	}
	asExpected := 0
	for _, c := range cases {
		t.Run(c.id, func(t *testing.T) {
			r, err := Recommend(c.answers, Options{})
			if err != nil {
				t.Fatal(err)
			}
			got := recommended(r)
			if !slices.Contains(c.acceptable, got) || slices.Contains(c.mustNot, got) {
				t.Errorf("recommended %s, acceptable is %v and not %v", got, c.acceptable, c.mustNot)
			}
			if got == c.expected {
				asExpected++
			}
			if c.confidence != "" && r.Confidence != c.confidence {
				t.Errorf("confidence %s, want %s; %v", r.Confidence, c.confidence, r.Ranking)
			}
			for _, rule := range c.rules {
				if !slices.ContainsFunc(r.Reasons, func(x Reason) bool { return x.Rule == rule }) {
					t.Errorf("%s is not among the reasons", rule)
				}
			}
			said := strings.Join(lines(r.Notes, Note.text), "\n")
			for _, note := range c.notes {
				if !strings.Contains(said, note) {
					t.Errorf("%q is not said in:\n%s", note, said)
				}
			}
			if (r.Instead != nil) != (got == "none") || (len(r.Ranking) == 0) != (got == "none") {
				t.Errorf("recommended %s, instead %v, %d ranked", got, r.Instead, len(r.Ranking))
			}
		})
	}
	if least := len(cases) - 1; asExpected < least {
		t.Errorf("%d of %d as expected, want %d", asExpected, len(cases), least)
	}
}

// TestTeamFlipsTheThroughputCase holds the one flip the design spells out: the
// Python team's fast API turns to Node with a team that knows JavaScript.
func TestTeamFlipsTheThroughputCase(t *testing.T) {
	r, err := Recommend(Answers{"api_throughput": 5, "latency_slo": 4, "openapi_docs": 2, "team": "python"}, Options{})
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range r.Flips {
		if to, ok := f.Change["team"]; ok {
			if s, _ := knowledge().stack(f.Then); s.Language != "node" || to == "python" {
				t.Errorf("team=%v gives %s", to, f.Then)
			}
			return
		}
	}
	t.Errorf("no flip by team: %v", r.Flips)
}
