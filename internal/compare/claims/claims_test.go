package claims_test

import (
	"slices"
	"strings"
	"testing"

	"example.com/scaffold/internal/compare/claims"
	"example.com/scaffold/internal/compare/result"
	"example.com/scaffold/internal/guidance"
)

// Each rule that the guidance calls measurable has one claim, in the rules' order.
func TestEveryMeasurableRuleIsAClaim(t *testing.T) {
	var measurable []string
	for _, r := range guidance.Rules() {
		if r.Measure == "yes" || r.Measure == "partly" {
			measurable = append(measurable, r.ID)
		}
	}
	if got := claims.Rules(); !slices.Equal(got, measurable) {
		t.Errorf("claims\n%v\nmeasurable rules\n%v", got, measurable)
	}
	for _, f := range claims.Judge(&result.Comparison{}) {
		if f.Outcome != claims.Inconclusive || f.Threshold == "" || len(f.Because) == 0 {
			t.Errorf("%s of an empty comparison: %+v", f.Rule, f)
		}
	}
}

func services() []result.Service {
	service := func(id, language string, lines int, start float64, failing ...string) result.Service {
		tests := map[string]string{}
		for _, id := range []string{"GEN-03", "GEN-12", "GEN-14", "GEN-16", "OBJ-02", "CSRF-01", "CSRF-03", "HDR-01", "HDR-05"} {
			tests[id] = "passed"
		}
		for _, id := range failing {
			tests[id] = "failed"
		}
		return result.Service{
			ID: id, Stack: id, Language: language, Contract: result.Contract{Tests: tests},
			Costs: result.Costs{SourceLines: &lines, ColdStartCPU: []float64{start, start * 2, start}},
		}
	}
	return []result.Service{
		service("python-fastapi", "python", 4000, 600), service("python-django", "python", 4100, 500),
		service("node-express", "node", 5000, 350), service("node-nest", "node", 5200, 420),
	}
}

// versus are verdicts of each Node stack against each Python stack.
func versus(workload, metric string, low, ratio, high float64) []result.Verdict {
	var all []result.Verdict
	for _, n := range []string{"node-express", "node-nest"} {
		for _, p := range []string{"python-fastapi", "python-django"} {
			all = append(all, result.Verdict{
				Workload: workload, Metric: metric, Better: result.Lower, A: p, B: n,
				Ratio: 1 / ratio, Low: 1 / high, High: 1 / low, Outcome: result.None,
			})
		}
	}
	return all
}

func find(t *testing.T, c *result.Comparison, rule string) claims.Finding {
	t.Helper()
	all := claims.Judge(c)
	i := slices.IndexFunc(all, func(f claims.Finding) bool { return f.Rule == rule })
	if i < 0 {
		t.Fatalf("no finding %s", rule)
	}
	return all[i]
}

func TestThresholds(t *testing.T) {
	unranked := versus("cpu", "cpu", 0.2, 0.25, 0.3)
	for i := range unranked {
		unranked[i].Outcome = result.Unranked
	}
	// Nest as good as Python, Express better: the language is not what makes the difference.
	mixed := versus("cpu", "cpu", 0.2, 0.25, 0.3)
	for i := range mixed {
		if mixed[i].B == "node-nest" {
			mixed[i].Ratio, mixed[i].Low, mixed[i].High = 1, 0.98, 1.02
		}
	}
	higher := versus("read", "highest", 2, 2.2, 2.4)
	for i := range higher {
		higher[i].Better = result.Higher
	}
	failing := services()
	failing[2].Contract.Tests["CSRF-01"] = "failed"
	cases := []struct {
		name     string
		rule     string
		services []result.Service
		verdicts []result.Verdict
		want     claims.Outcome
	}{
		{"far better", "R08", services(), versus("cpu", "cpu", 0.2, 0.25, 0.3), claims.Supported},
		{"a little better", "R08", services(), versus("cpu", "cpu", 0.92, 0.94, 0.97), claims.Refuted},
		{"the margin lies in the interval", "R08", services(), versus("cpu", "cpu", 0.85, 0.9, 0.95), claims.Inconclusive},
		{"worse", "R08", services(), versus("cpu", "cpu", 1.5, 2, 2.5), claims.Refuted},
		{"not ranked", "R08", services(), unranked, claims.Inconclusive},
		{"one stack of the side only", "R08", services(), mixed, claims.Inconclusive},
		{"another workload", "R08", services(), versus("read", "cpu", 0.2, 0.25, 0.3), claims.Inconclusive},
		{"higher is better", "R03", services(), higher, claims.Supported},
		{"what the language cannot show", "R06", services(), versus("cpu", "cpu", 0.2, 0.25, 0.3), claims.Inconclusive},
		{"what the language can show", "R06", services(), versus("cpu", "cpu", 2, 3, 4), claims.Supported},
		{"fewer lines", "R24", services(), nil, claims.Supported},
		{"colder start", "R93", services(), nil, claims.Refuted},
		{"start not a quarter apart", "R55", services(), nil, claims.Inconclusive},
		{"every probe passed", "R15", services(), nil, claims.Inconclusive},
		{"a probe failed on the other side", "R15", failing, nil, claims.Supported},
		{"a practice kept", "R71", services(), nil, claims.Supported},
		{"tests that did not run", "R66", services(), nil, claims.Inconclusive},
		{"one of two figures is missing", "R14", services(), versus("read", "cpu", 0.2, 0.25, 0.3), claims.Inconclusive},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			f := find(t, &result.Comparison{Services: c.services, Verdicts: c.verdicts}, c.rule)
			if f.Outcome != c.want {
				t.Errorf("%s is %s, want %s: %s", c.rule, f.Outcome, c.want, strings.Join(f.Because, "; "))
			}
		})
	}
}

// A service that is excluded has no say, and a control stands for nobody.
func TestOnlyServicesWithNumbersCount(t *testing.T) {
	all := services()
	all[3].Excluded = "the contract: TOK-02 failed"
	verdicts := slices.DeleteFunc(versus("cpu", "cpu", 0.2, 0.25, 0.3), func(v result.Verdict) bool { return v.B == "node-nest" })
	all = append(all, result.Service{ID: "control", Stack: "node-express", Language: "node", Control: true})
	if f := find(t, &result.Comparison{Services: all, Verdicts: verdicts}, "R08"); f.Outcome != claims.Supported {
		t.Errorf("R08 is %s: %v", f.Outcome, f.Because)
	}
}

// The highest rate at which both were measured decides: latency matters under load.
func TestTheHighestRateCounts(t *testing.T) {
	var verdicts []result.Verdict
	for _, v := range versus("read", "p99", 0.95, 1, 1.05) {
		v.Rate = 50
		verdicts = append(verdicts, v)
	}
	for _, v := range versus("read", "p99", 0.2, 0.25, 0.3) {
		v.Rate = 150
		verdicts = append(verdicts, v)
	}
	if f := find(t, &result.Comparison{Services: services(), Verdicts: verdicts}, "R10"); f.Outcome != claims.Supported {
		t.Errorf("R10 is %s: %v", f.Outcome, f.Because)
	}
}

func TestChangingPlaces(t *testing.T) {
	verdict := func(workload string, low, high float64) result.Verdict {
		return result.Verdict{Workload: workload, Metric: "cpu", A: "python-fastapi", B: "node-express", Low: low, Ratio: (low + high) / 2, High: high}
	}
	cases := []struct {
		name     string
		verdicts []result.Verdict
		want     claims.Outcome
	}{
		{"both lead somewhere", []result.Verdict{verdict("read", 1.2, 1.4), verdict("login", 0.7, 0.8)}, claims.Supported},
		{"one leads everywhere", []result.Verdict{verdict("read", 1.2, 1.4), verdict("cpu", 4, 5), verdict("slow", 1.1, 1.2)}, claims.Refuted},
		{"too little to say", []result.Verdict{verdict("read", 1.2, 1.4)}, claims.Inconclusive},
	}
	for _, c := range cases {
		if f := find(t, &result.Comparison{Verdicts: c.verdicts}, "R47"); f.Outcome != c.want {
			t.Errorf("%s: R47 is %s, want %s: %v", c.name, f.Outcome, c.want, f.Because)
		}
	}
}
