//go:build unix

package load

import (
	"errors"
	"math"
	"math/rand/v2"
	"net/http"
	"testing"
	"time"
)

// capacity is a server of the mind: it keeps every rate up to a limit, except for
// trials that chance spoils or saves.
func capacity(limit float64, spoil, save float64, rng *rand.Rand) func(float64) (Trial, error) {
	return func(rate float64) (Trial, error) {
		kept := rate <= limit
		if kept && rng.Float64() < spoil || !kept && rate < limit*1.1 && rng.Float64() < save {
			kept = !kept
		}
		return Trial{Rate: rate, Kept: kept}, nil
	}
}

func TestSearchFindsTheCapacity(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	for _, limit := range []float64{10, 11, 99, 100, 1234, 9999, 16000} {
		f, err := search(10, 16000, 0.05, capacity(limit, 0, 0, rng))
		if err != nil {
			t.Fatal(err)
		}
		if f.Rate > limit || f.Rate < limit/1.05 {
			t.Errorf("a capacity of %v was found as %v", limit, f.Rate)
		}
		if want := map[bool]string{true: LimitedByCeiling, false: LimitedByService}[limit == 16000]; f.Limited != want {
			t.Errorf("a capacity of %v was limited by %q, want %q", limit, f.Limited, want)
		}
		if len(f.Trials) > 40 {
			t.Errorf("a capacity of %v took %d trials", limit, len(f.Trials))
		}
	}
}

// TestSearchBearsChance: a trial in ten spoilt by the machine, and rates just above
// the capacity kept by luck every third time.
func TestSearchBearsChance(t *testing.T) {
	rng := rand.New(rand.NewPCG(3, 4))
	var off, worst float64
	const searches = 300
	for range searches {
		f, err := search(10, 16000, 0.05, capacity(1000, 0.1, 1.0/3, rng))
		if err != nil {
			t.Fatal(err)
		}
		d := math.Abs(math.Log(f.Rate / 1000))
		if d > math.Log(1.12) {
			off++
		}
		worst = max(worst, d)
	}
	// Spoilt twice at one rate has the chance of 1 in 100 at each of a dozen rates.
	if off > searches/5 {
		t.Errorf("%v of %d searches missed the capacity by more than 12 %% (at worst by a factor of %.2f)", off, searches, math.Exp(worst))
	}
}

func TestSearchEnds(t *testing.T) {
	never := func(rate float64) (Trial, error) { return Trial{Rate: rate}, nil }
	f, err := search(10, 1000, 0.05, never)
	if err != nil || f.Rate != 0 || f.Limited != LimitedByService || len(f.Trials) != 2 {
		t.Errorf("a server that keeps nothing: %+v, %v", f, err)
	}
	late := func(rate float64) (Trial, error) { return Trial{Rate: rate, Kept: rate < 100, generator: true}, nil }
	if f, err = search(10, 1000, 0.05, late); err != nil || f.Limited != LimitedByGenerator {
		t.Errorf("a generator that is late: limited by %q, %v", f.Limited, err)
	}
	broken := errors.New("broken")
	calls := 0
	f, err = search(10, 1000, 0.05, func(rate float64) (Trial, error) {
		if calls++; calls == 3 {
			return Trial{}, broken
		}
		return Trial{Rate: rate, Kept: true}, nil
	})
	if !errors.Is(err, broken) || len(f.Trials) != 2 {
		t.Errorf("a search that breaks off after two trials: %d trials, %v", len(f.Trials), err)
	}
}

// TestHighest finds the capacity of a server that is real: it sleeps 20 ms for each
// request and serves eight at a time, 400 a second. On a busy machine it does less,
// never more, and it does nothing within 15 ms.
func TestHighest(t *testing.T) {
	t.Parallel()
	addr := serveHTTP(t, slots(8, 20*time.Millisecond))
	req := get(t, addr, "/", Expect{Status: http.StatusOK})
	s := Search{
		Base:     Options{Addr: addr, Connections: 64, Next: func(int) *Request { return req }},
		Quantile: 0.5, Limit: 200 * time.Millisecond, Low: 20, High: 3000, Step: 1500 * time.Millisecond, Precision: 0.3,
	}
	f, err := Highest(t.Context(), s)
	if err != nil {
		t.Fatal(err)
	}
	// A queue of 200 ms in the middle of a trial of 1.5 s lets it go 27 % above.
	if f.Rate <= 20 || f.Rate > 400*1.35 || f.Limited == LimitedByCeiling {
		t.Errorf("found %.0f a second (limited by %q) of at most 400", f.Rate, f.Limited)
		for _, trial := range f.Trials {
			t.Logf("%.0f a second: kept %v %s", trial.Rate, trial.Kept, trial.Why)
		}
	}
	s.Limit, s.Step = 15*time.Millisecond, 300*time.Millisecond
	if f, err = Highest(t.Context(), s); err != nil || f.Rate != 0 || len(f.Trials) != 2 {
		t.Errorf("a limit below what an answer takes: %.0f a second after %d trials, %v", f.Rate, len(f.Trials), err)
	}
}
