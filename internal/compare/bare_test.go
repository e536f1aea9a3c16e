package compare

import (
	"math"
	"slices"
	"strings"
	"testing"

	"example.com/scaffold/internal/compare/result"
)

// TestProtections finds the multiples that were put in, for each service its own, and
// none where too few rounds count.
func TestProtections(t *testing.T) {
	c := &result.Comparison{
		Plan: result.Plan{Rounds: 6, Control: "a", WorkloadRates: map[string][]float64{readID: {50, 100}, bareID: {50, 100}}, Seed: 1},
		Services: []result.Service{
			{ID: "a"}, {ID: "b"}, {ID: "gone", Excluded: "it does not keep the contract"}, {ID: "a-control", Control: true},
		},
	}
	bare := map[string]float64{"a": 400, "b": 90}
	for round := 1; round <= c.Plan.Rounds; round++ {
		for _, rate := range c.Plan.WorkloadRates[readID] {
			for i, id := range []string{"a", "b"} {
				place := (i + round) % 2
				noise := 1 + 0.01*math.Sin(float64(7*round+3*place))
				read := result.Round{Service: id, Workload: readID, Rate: rate, Round: round, Place: place, CPU: 1.25 * bare[id] * noise}
				if rate == 100 && id == "b" && round > 3 {
					read.Rejected = "others used the processors"
				}
				c.Rounds = append(c.Rounds, read,
					result.Round{Service: id, Workload: bareID, Rate: rate, Round: round, Place: place, CPU: bare[id] / noise})
			}
		}
	}
	var seen []string
	for _, p := range protections(c) {
		seen = append(seen, p.Service)
		if math.Abs(p.Ratio-1.25) > 0.03 || p.Low > 1.25 || p.High < 1.25 || p.Rounds != 6 {
			t.Errorf("%s at %g: %+v, want 1.25 from 6 rounds", p.Service, p.Rate, p)
		}
	}
	if want := []string{"a", "b", "a"}; !slices.Equal(seen, want) {
		t.Errorf("protections of %v, want %v", seen, want)
	}
	delete(c.Plan.WorkloadRates, bareID)
	if got := protections(c); len(got) > 0 {
		t.Errorf("without bare applications: %v", got)
	}
}

// TestNoBareApplication: an address says nothing of one, and who asks for it is told.
func TestNoBareApplication(t *testing.T) {
	t.Parallel()
	o := small(t, healthy(t, nil), healthy(t, nil))
	o.Workloads = []string{"health", bareID}
	if _, err := Run(t.Context(), o); err == nil || !strings.Contains(err.Error(), "has no bare application") {
		t.Errorf("asked for by name: %v", err)
	}
}
