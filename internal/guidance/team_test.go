package guidance_test

import (
	"slices"
	"strings"
	"testing"

	"example.com/scaffold/internal/guidance"
)

// A team's rule tips the scale where its condition holds, and nowhere else, and
// stands among the reasons with the place it comes from.
func TestTeamRules(t *testing.T) {
	said := guidance.Answers{"microservices": 2, "team": "ts"}
	plain, err := guidance.Recommend(said, guidance.Options{})
	if err != nil {
		t.Fatal(err)
	}
	if strings.HasPrefix(*plain.Recommended, "python") {
		t.Fatalf("%s without a rule: the test wants a Node stack", *plain.Recommended)
	}
	rule := guidance.TeamRule{
		ID: "acme-1", Statement: "Services run on Python.", Favours: []string{"python-fastapi"}, If: map[string]any{"microservices": uint64(2)}, Weight: 5, From: "acme 1.0.0",
	}
	second := guidance.TeamRule{ID: "acme-2", Statement: "Python is what we hire for.", Favours: []string{"python"}, Weight: 5}
	got, err := guidance.Recommend(said, guidance.Options{Rules: []guidance.TeamRule{rule, second}})
	if err != nil {
		t.Fatal(err)
	}
	if *got.Recommended != "python-fastapi" {
		t.Errorf("%s with the team's rules", *got.Recommended)
	}
	i := slices.IndexFunc(got.Reasons, func(r guidance.Reason) bool { return r.Rule == "acme-1" })
	if i < 0 || !got.Reasons[i].For || got.Reasons[i].Section != "acme 1.0.0" {
		t.Errorf("the rule is not among the reasons: %+v", got.Reasons)
	}
	if text := got.Text(100) + got.Markdown(); strings.Count(text, "acme-1") < 2 {
		t.Error("the rule is not said")
	}
	other := guidance.Answers{"team": "ts"}
	with, err := guidance.Recommend(other, guidance.Options{Rules: []guidance.TeamRule{rule}})
	if err != nil {
		t.Fatal(err)
	}
	without, err := guidance.Recommend(other, guidance.Options{})
	if err != nil {
		t.Fatal(err)
	}
	if with.Text(100) != without.Text(100) {
		t.Error("the rule speaks where its condition does not hold")
	}
	if again, err := guidance.Recommend(said, guidance.Options{}); err != nil || again.Text(100) != plain.Text(100) {
		t.Error("the rules of one recommendation reached the next")
	}
}

func TestTeamRulesThatAreWrong(t *testing.T) {
	for want, r := range map[string]guidance.TeamRule{
		`there is no stack "fastapi-python"`:    {ID: "a", Statement: "S.", Favours: []string{"fastapi-python"}, Weight: 1},
		`there is no criterion "realtimes"`:     {ID: "a", Statement: "S.", If: map[string]any{"realtimes": 1}, Weight: 1},
		"wants a least importance, 1 to 5":      {ID: "a", Statement: "S.", If: map[string]any{"realtime": 9}, Weight: 1},
		`team "cobol" is not among the choices`: {ID: "a", Statement: "S.", If: map[string]any{"team": "cobol"}, Weight: 1},
		"wants one of its values":               {ID: "a", Statement: "S.", If: map[string]any{"team": []any{}}, Weight: 1},
		"two rules are called R01":              {ID: "R01", Statement: "S.", Weight: 1},
	} {
		r.From = "acme/scaffold.yaml"
		_, err := guidance.Recommend(guidance.Answers{"realtime": 3}, guidance.Options{Rules: []guidance.TeamRule{r}})
		if err == nil || !strings.Contains(err.Error(), want) || !strings.Contains(err.Error(), "acme/scaffold.yaml") {
			t.Errorf("%v, want %q", err, want)
		}
	}
}
