package guidance

import (
	"reflect"
	"strings"
	"testing"
)

func recommendWith(t *testing.T, said Answers, evidence map[string]Measured) *Result {
	t.Helper()
	r, err := Recommend(said, Options{Evidence: evidence})
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func scores(r *Result) map[string]float64 {
	out := map[string]float64{}
	for _, s := range r.Ranking {
		out[s.Stack] = s.Score
	}
	return out
}

// The Node stacks score on throughput by R03, FastAPI by R51, Django by R09.
func TestEvidenceChangesWhatRulesWeigh(t *testing.T) {
	said := Answers{"api_throughput": 5}
	before := recommendWith(t, said, nil)
	if again := recommendWith(t, said, map[string]Measured{"R03": {Outcome: Inconclusive, Because: []string{"too few rounds"}}}); !reflect.DeepEqual(before, again) {
		t.Error("an inconclusive measurement changed the recommendation")
	}

	refuted := recommendWith(t, said, map[string]Measured{"R03": {Outcome: Refuted, Because: []string{"1.01× [0.97, 1.05]"}}})
	was, is := scores(before), scores(refuted)
	if is["node-express"] >= was["node-express"] || is["node-express"] != is["node-nest"] {
		t.Errorf("R03 refuted: Express scores %v, Nest %v, before %v", is["node-express"], is["node-nest"], was["node-express"])
	}
	if is["python-fastapi"] != was["python-fastapi"] {
		t.Errorf("FastAPI's score rests on another rule, and went from %v to %v", was["python-fastapi"], is["python-fastapi"])
	}

	supported := recommendWith(t, said, map[string]Measured{
		"R03": {Outcome: Supported, Because: []string{"0.5×"}}, "R51": {Outcome: Supported}, "R09": {Outcome: Supported},
	})
	if !reflect.DeepEqual(scores(supported), was) {
		t.Errorf("a supported claim changed scores: %v, before %v", scores(supported), was)
	}
	chance := func(r *Result, stack string) float64 {
		for _, s := range r.Ranking {
			if s.Stack == stack {
				return s.Probability
			}
		}
		return 0
	}
	if chance(supported, "python-django") > chance(before, "python-django") || chance(supported, "python-fastapi") > 0 {
		t.Errorf("without doubt the stack behind comes first in %v of the samples", chance(supported, "python-fastapi"))
	}
}

func TestEvidenceIsCited(t *testing.T) {
	r := recommendWith(t, Answers{"api_throughput": 5}, map[string]Measured{"R03": {Outcome: Refuted, Because: []string{"level"}}})
	var verdict string
	for _, reason := range r.Reasons {
		if reason.Rule == "R03" {
			verdict = reason.Verdict
		}
	}
	if verdict != "refuted (measured)" {
		t.Errorf("R03 is cited as %q", verdict)
	}
	for _, n := range r.Notes {
		if n.Rule == "R03" {
			t.Errorf("a measured rule keeps its caveat: %s", n.Text)
		}
	}
	for _, rule := range Rules() {
		if strings.Contains(rule.Verdict, "measured") {
			t.Errorf("the evidence stayed in %s", rule.ID)
		}
	}
}

func TestBadEvidence(t *testing.T) {
	for id, m := range map[string]Measured{"R999": {Outcome: Supported}, "R03": {Outcome: "perhaps"}} {
		if _, err := Recommend(Answers{"api_throughput": 5}, Options{Evidence: map[string]Measured{id: m}}); err == nil || !strings.Contains(err.Error(), id) {
			t.Errorf("evidence %s %q: %v", id, m.Outcome, err)
		}
	}
}
