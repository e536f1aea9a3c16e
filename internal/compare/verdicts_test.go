package compare

import (
	"math"
	"math/rand/v2"
	"testing"

	"example.com/scaffold/internal/compare/result"
	"example.com/scaffold/internal/compare/stats"
)

// simulated is a comparison of services a, b (twice the cost of a) and a's control,
// which costs as much as a times off.
func simulated(rounds int, off float64) *result.Comparison {
	rng := rand.New(rand.NewPCG(7, 7))
	c := &result.Comparison{
		Plan: result.Plan{
			Workloads: []string{"read"}, WorkloadRates: map[string][]float64{"read": {100}}, Rounds: rounds, Control: "a", Seed: 1,
		},
		Services: []result.Service{{ID: "a"}, {ID: "b"}, {ID: "a-control", Control: true}},
	}
	costs := []float64{100, 200, 100 * off}
	for round, order := range stats.Orders(3, rounds) {
		drift := math.Exp(0.2 * rng.NormFloat64()) // the same for all of a round
		for place, i := range order {
			value := costs[i] * drift * math.Exp(0.02*rng.NormFloat64())
			c.Rounds = append(c.Rounds, result.Round{
				Service: c.Services[i].ID, Workload: "read", Rate: 100, Round: round + 1, Place: place,
				CPU: value, Latency: result.Percentiles{P50: value, P99: 2 * value},
			})
		}
	}
	return c
}

func TestVerdicts(t *testing.T) {
	all := verdicts(simulated(12, 1))
	if len(all) != 3 { // one pair by cpu, p50 and p99
		t.Fatalf("%d verdicts: %+v", len(all), all)
	}
	for _, v := range all {
		if v.A != "a" || v.B != "b" || v.Outcome != result.Better || v.Low > 0.5 || v.High < 0.5 || v.Control == nil {
			t.Errorf("%+v", v)
		}
	}
}

func TestControlThatDiffersBarsRanking(t *testing.T) {
	for _, v := range verdicts(simulated(12, 1.3)) {
		if v.Outcome != result.Unranked || v.Control == nil {
			t.Errorf("%+v", v)
		}
	}
}

func TestTooFewRoundsAreNotRanked(t *testing.T) {
	for _, v := range verdicts(simulated(3, 1)) {
		if v.Outcome != result.Unranked || v.Control != nil {
			t.Errorf("%+v", v)
		}
	}
}

// TestRejectedRoundsDoNotCount gives b wild values in rounds that are rejected.
func TestRejectedRoundsDoNotCount(t *testing.T) {
	c := simulated(18, 1)
	for i := range c.Rounds {
		if row := &c.Rounds[i]; row.Service == "b" && row.Round%3 == 0 {
			row.CPU, row.Rejected = 1e6, "other programs were busy"
		}
	}
	v := verdicts(c)[0]
	if v.Rounds != 12 || v.Ratio < 0.45 || v.Ratio > 0.55 {
		t.Errorf("%+v", v)
	}
}
