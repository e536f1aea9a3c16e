package compare

import (
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"
)

// TestFit holds plans against random budgets: what is said to fit does, and nothing
// is given up that need not be.
func TestFit(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	for range 2000 {
		e := effort{
			services: 2 + rng.IntN(5), rounds: fewestRounds + rng.IntN(10), rates: 1 + rng.IntN(3), workloads: 1 + rng.IntN(10),
			seconds: 0.2 + 5*rng.Float64(), own: rng.IntN(2), ownRates: rng.IntN(4), restarts: rng.IntN(2) == 0, searches: rng.IntN(2) == 0, given: rng.IntN(2) == 0,
		}
		budget := time.Duration(rng.IntN(7200)) * time.Second
		fitted, ok := e.fit(budget)
		switch {
		case ok && fitted.takes() > budget:
			t.Fatalf("%+v takes %s of %s", fitted, fitted.takes(), budget)
		case !ok && (fitted.workloads > 1 || fitted.rounds > fewestRounds || fitted.restarts || fitted.searches || fitted.seconds > shortest):
			t.Fatalf("%+v could give up more to fit into %s", fitted, budget)
		case e.takes() <= budget && fitted != e:
			t.Fatalf("%+v fits and became %+v", e, fitted)
		case e.given && fitted.rates != e.rates:
			t.Fatalf("rates that were asked for were dropped: %+v", fitted)
		case fitted != e && len(e.less(fitted)) == 0:
			t.Fatalf("%+v became %+v and nothing is said", e, fitted)
		}
	}
}

func TestKeepDropsWhatMattersLeast(t *testing.T) {
	all := []string{"slow", "read", "cpu", "health"}
	if got := keep(all, 2); !slices.Equal(got, []string{"read", "health"}) {
		t.Errorf("kept %v", got)
	}
	if got := keep(all, 4); !slices.Equal(got, all) {
		t.Errorf("kept %v of all", got)
	}
}

func TestRound2(t *testing.T) {
	for rate, want := range map[float64]float64{287.3: 290, 1234: 1200, 4.449: 4.4, 0.0777: 0.078} {
		if got := round2(rate); got < want*0.999 || got > want*1.001 {
			t.Errorf("round2(%v) is %v, want %v", rate, got, want)
		}
	}
}

func TestEveryWorkloadIsDescribed(t *testing.T) {
	for _, id := range Workloads() {
		if w := byID(id); w.gentle <= 0 || !strings.HasPrefix(w.target, "/") {
			t.Errorf("%s: %+v", id, w)
		}
	}
	for _, id := range quickWorkloads() {
		if !slices.Contains(Workloads(), id) {
			t.Errorf("%s is no workload", id)
		}
	}
}
