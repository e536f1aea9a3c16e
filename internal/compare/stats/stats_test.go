package stats

import (
	"errors"
	"math"
	"math/rand/v2"
	"slices"
	"testing"
)

// worlds have what real machines do to measurements. The truths differ.
func worlds() map[string]world {
	truth := []float64{0, 0.1, 0.2, -0.3, 0}
	place := []float64{0, 0.1, 0.2, 0.3, -0.1}
	return map[string]world{
		"two stacks":      {truth: truth[:2], noise: 0.05},
		"five stacks":     {truth: truth, noise: 0.05},
		"places and walk": {truth: truth, place: place, noise: 0.05, drift: 0.03},
		"trend":           {truth: truth[:2], noise: 0.03, drift: 0.01, trend: 0.05},
		"spikes":          {truth: truth, place: place, noise: 0.03, drift: 0.03, spikes: 0.05},
		"two with spikes": {truth: truth[:2], noise: 0.03, spikes: 0.05},
		"rejections":      {truth: truth, place: place, noise: 0.03, drift: 0.03, spikes: 0.05, reject: 0.1},
	}
}

// TestCoverage: intervals of 95 % cover the truth in 95 % of simulated comparisons.
// With 600 of them the share itself varies by 0.9 %, so 92.5 % is three of those
// below. Above, only spikes may make them more careful than 99 %.
func TestCoverage(t *testing.T) {
	const comparisons = 600
	for name, w := range worlds() {
		for _, rounds := range []int{5, 10, 20} {
			rng := rand.New(rand.NewPCG(11, uint64(rounds)))
			covered, judged := 0, 0
			for range comparisons {
				interval, err := Ratio(rng, w.rounds(rng, rounds), 1, 0, Options{Resamples: 100, MinRounds: 4})
				if errors.Is(err, ErrTooFew) || errors.Is(err, ErrConfounded) {
					continue
				}
				if err != nil {
					t.Fatal(err)
				}
				judged++
				if !interval.Excludes(math.Exp(w.truth[1] - w.truth[0])) {
					covered++
				}
			}
			share, most := float64(covered)/float64(judged), 0.99
			if w.spikes > 0 {
				most = 1
			}
			if share < 0.925 || share > most || judged < comparisons/2 {
				t.Errorf("%s, %d rounds: %.3f of %d intervals cover the truth", name, rounds, share, judged)
			}
		}
	}
}

// TestIntervalsNarrow: more rounds tell more, and a few wild cells do not drown it.
func TestIntervalsNarrow(t *testing.T) {
	width := func(w world, rounds int) float64 {
		rng := rand.New(rand.NewPCG(12, 1))
		sum := 0.0
		for range 200 {
			interval, err := Ratio(rng, w.rounds(rng, rounds), 1, 0, Options{Resamples: 100})
			if err != nil {
				t.Fatal(err)
			}
			sum += math.Log(interval.High / interval.Low)
		}
		return sum / 200
	}
	all := worlds()
	five, ten, twenty := width(all["five stacks"], 5), width(all["five stacks"], 10), width(all["five stacks"], 20)
	if ten > 0.65*five || twenty > 0.75*ten {
		t.Errorf("intervals of 5, 10 and 20 rounds are %.3f, %.3f and %.3f wide", five, ten, twenty)
	}
	// Noise of 5 % in each of two cells over twenty rounds: 1.6 % times two t.
	if ideal := 2 * studentQuantile(0.975, 18) * 0.05 * math.Sqrt(2.0/20); twenty > 1.25*ideal {
		t.Errorf("intervals of 20 rounds are %.3f wide; %.3f would do", twenty, ideal)
	}
	calm := all["two with spikes"]
	calm.spikes = 0
	if spiky := width(all["two with spikes"], 20); spiky > 2*width(calm, 20) {
		t.Errorf("one cell in twenty that is wild makes intervals %.1f times as wide", spiky/width(calm, 20))
	}
}

// TestSameRanksNothing: four equal stacks and the control, and a verdict on each of
// the six pairs: in one of twenty runs at most any of them is called faster.
func TestSameRanksNothing(t *testing.T) {
	const runs, stacks = 600, 4
	for _, rounds := range []int{5, 10} {
		w := world{truth: make([]float64, stacks+1), place: []float64{0, 0.1, 0.2, 0.3, -0.1}, noise: 0.04, drift: 0.02, spikes: 0.02}
		rng := rand.New(rand.NewPCG(13, uint64(rounds)))
		ranked, barred := 0, 0
		for range runs {
			measured := w.rounds(rng, rounds)
			control, err := Ratio(rng, measured, stacks, 0, Options{Resamples: 100})
			if err != nil {
				t.Fatal(err)
			}
			if rank, _ := Control(control); !rank {
				barred++
			}
			if anyRanked(t, rng, measured, control, stacks) {
				ranked++
			}
		}
		if share := float64(ranked) / runs; share > 0.05 {
			t.Errorf("%d rounds: %.3f of the runs with equal stacks rank something", rounds, share)
		}
		if share := float64(barred) / runs; share > 0.07 {
			t.Errorf("%d rounds: %.3f of the controls bar a ranking", rounds, share)
		}
	}
}

func anyRanked(t *testing.T, rng *rand.Rand, measured Rounds, control Interval, stacks int) bool {
	t.Helper()
	for a := range stacks {
		for b := range a {
			interval, err := Ratio(rng, measured, a, b, Options{Resamples: 100, Family: stacks * (stacks - 1) / 2})
			if err != nil {
				t.Fatal(err)
			}
			if v := Judge(interval, control, Lower); v != NoDifference && v != NoRanking {
				return true
			}
		}
	}
	return false
}

// TestDifferencesAreShown: 20 % between stacks, 4 % of noise.
func TestDifferencesAreShown(t *testing.T) {
	w := world{truth: []float64{0, math.Log(1.2), 0}, noise: 0.04, drift: 0.05}
	rng := rand.New(rand.NewPCG(14, 1))
	shown, wrong := 0, 0
	for range 300 {
		rounds := w.rounds(rng, 10)
		ratio, err := Ratio(rng, rounds, 1, 0, Options{Resamples: 100})
		if err != nil {
			t.Fatal(err)
		}
		control, err := Ratio(rng, rounds, 2, 0, Options{Resamples: 100})
		if err != nil {
			t.Fatal(err)
		}
		switch Judge(ratio, control, Lower) {
		case Slower:
			shown++
		case Faster:
			wrong++
		default:
		}
	}
	if shown < 270 || wrong > 0 {
		t.Errorf("of 300 comparisons %d show the difference, %d the opposite", shown, wrong)
	}
}

// TestPlacesAreRemoved: an effect of places ten times the noise, which measuring in
// one order would take for a difference, changes no interval by more than rounding,
// whether the rounds are balanced or not.
func TestPlacesAreRemoved(t *testing.T) {
	for _, rounds := range []int{10, 13} {
		w := world{truth: []float64{0, 0.1, 0.2, -0.3, 0}, noise: 0.03}
		with := w
		with.place = []float64{0, 0.3, -0.2, 0.5, 0.1}
		plain, err := Ratio(rand.New(rand.NewPCG(15, 2)), w.rounds(rand.New(rand.NewPCG(15, 1)), rounds), 2, 3, Options{})
		if err != nil {
			t.Fatal(err)
		}
		placed, err := Ratio(rand.New(rand.NewPCG(15, 2)), with.rounds(rand.New(rand.NewPCG(15, 1)), rounds), 2, 3, Options{})
		if err != nil {
			t.Fatal(err)
		}
		for _, pair := range [][2]float64{{plain.Ratio, placed.Ratio}, {plain.Low, placed.Low}, {plain.High, placed.High}} {
			if math.Abs(pair[0]/pair[1]-1) > 1e-9 {
				t.Errorf("%d rounds: %+v became %+v", rounds, plain, placed)
				break
			}
		}
	}
}

// TestOneStackLess: a stack that was left out leaves gaps in the places, and a ratio
// of the others is what it was.
func TestOneStackLess(t *testing.T) {
	w := world{truth: []float64{0, 0.1, 0.2, -0.3, 0}, place: []float64{0, 0.3, -0.2, 0.5, 0.1}, noise: 0.001}
	rounds := w.rounds(rand.New(rand.NewPCG(18, 1)), 10)
	for r := range rounds {
		rounds[r] = slices.Delete(rounds[r], 2, 3)
	}
	interval, err := Ratio(rand.New(rand.NewPCG(18, 2)), rounds, 1, 0, Options{})
	if err != nil || math.Abs(math.Log(interval.Ratio)-0.1) > 0.005 {
		t.Errorf("%+v, %v", interval, err)
	}
	// A place at which nothing counts is none.
	for r := range rounds {
		for s := range rounds[r] {
			rounds[r][s].Place *= 3
		}
	}
	if again, err := Ratio(rand.New(rand.NewPCG(18, 2)), rounds, 1, 0, Options{}); err != nil || math.Abs(again.Ratio/interval.Ratio-1) > 1e-9 {
		t.Errorf("%+v became %+v, %v", interval, again, err)
	}
}

// TestOneWildRound: no round is dropped for its value, and none carries the estimate away.
func TestOneWildRound(t *testing.T) {
	w := world{truth: []float64{0, 0.1}, noise: 0.02}
	rounds := w.rounds(rand.New(rand.NewPCG(16, 1)), 10)
	before, err := Ratio(rand.New(rand.NewPCG(1, 1)), rounds, 1, 0, Options{})
	if err != nil {
		t.Fatal(err)
	}
	rounds[3][1].Value *= 1000
	after, err := Ratio(rand.New(rand.NewPCG(1, 1)), rounds, 1, 0, Options{})
	if err != nil {
		t.Fatal(err)
	}
	if after.Rounds != before.Rounds {
		t.Errorf("a wild cell left %d of %d rounds", after.Rounds, before.Rounds)
	}
	if math.Abs(after.Ratio/before.Ratio-1) > 0.05 || after.High/after.Low <= before.High/before.Low {
		t.Errorf("a cell a thousand times too large makes %+v of %+v", after, before)
	}
}

func TestTypical(t *testing.T) {
	w := world{truth: []float64{math.Log(40), math.Log(50)}, place: []float64{-0.2, 0.2}, noise: 0.05}
	covered := 0
	rng := rand.New(rand.NewPCG(17, 1))
	for range 500 {
		interval, err := Typical(rng, w.rounds(rng, 10), 1, Options{Resamples: 100})
		if err != nil {
			t.Fatal(err)
		}
		if !interval.Excludes(50) {
			covered++
		}
	}
	if covered < 465 {
		t.Errorf("%d of 500 intervals cover the value", covered)
	}
}

func TestRefusals(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 1))
	w := world{truth: []float64{0, 0, 0}, noise: 0.1}
	change := func(f func(Rounds)) Rounds {
		rounds := w.rounds(rand.New(rand.NewPCG(2, 2)), 6)
		f(rounds)
		return rounds
	}
	for name, tc := range map[string]struct {
		rounds Rounds
		o      Options
		want   error
	}{
		"no rounds":    {rounds: nil, want: ErrTooFew},
		"three rounds": {rounds: w.rounds(rng, 3), want: ErrTooFew},
		"rejected": {rounds: change(func(r Rounds) {
			r[0][1].Rejected, r[3][1].Rejected, r[4][0].Rejected = []string{"lag"}, []string{"lag"}, []string{"lag"}
		}), want: ErrTooFew},
		"one order":       {rounds: change(func(r Rounds) { reorder(r) }), want: ErrConfounded},
		"a value of zero": {rounds: change(func(r Rounds) { r[2][2].Value = 0 })},
		"not a number":    {rounds: change(func(r Rounds) { r[2][2].Value = math.NaN() })},
		"a stack missing": {rounds: change(func(r Rounds) { r[2] = r[2][:2] })},
		"a place before":  {rounds: change(func(r Rounds) { r[2][2].Place = -1 })},
		"a level of one":  {rounds: change(func(Rounds) {}), o: Options{Level: 1}},
	} {
		if _, err := Ratio(rng, tc.rounds, 1, 0, tc.o); err == nil || tc.want != nil && !errors.Is(err, tc.want) {
			t.Errorf("%s: %v", name, err)
		}
	}
	// What is rejected may hold anything, for nobody looks at it.
	rounds := change(func(r Rounds) { r[0][2] = Cell{Value: math.NaN(), Place: -1, Rejected: []string{"the service died"}} })
	if interval, err := Ratio(rng, rounds, 1, 0, Options{}); err != nil || interval.Rounds != 6 {
		t.Errorf("a rejected cell of another stack: %+v, %v", interval, err)
	}
}

func reorder(rounds Rounds) {
	for _, round := range rounds {
		for s := range round {
			round[s].Place = s
		}
	}
}

func TestJudge(t *testing.T) {
	good := Interval{Ratio: 1.01, Low: 0.97, High: 1.05, Level: 0.95}
	iv := func(ratio, low, high float64) Interval {
		return Interval{Ratio: ratio, Low: low, High: high, Level: 0.95}
	}
	for _, tc := range []struct {
		ratio, control Interval
		better         Direction
		want           Verdict
	}{
		{iv(0.8, 0.7, 0.9), good, Lower, Faster},
		{iv(0.8, 0.7, 0.9), good, Higher, Slower},
		{iv(1.3, 1.2, 1.4), good, Lower, Slower},
		{iv(1.3, 1.2, 1.4), good, Higher, Faster},
		{iv(0.94, 0.89, 1.01), good, Lower, NoDifference},
		{iv(1.005, 1.001, 1.009), good, Lower, NoDifference}, // less than the control's own
		{iv(0.8, 0.7, 0.9), iv(1.18, 1.02, 1.26), Lower, NoRanking},
		{iv(0.8, 0.7, 0.9), Interval{}, Lower, NoRanking},
		{Interval{}, good, Lower, NoRanking},
	} {
		if got := Judge(tc.ratio, tc.control, tc.better); got != tc.want {
			t.Errorf("%+v with the control %+v: %s, want %s", tc.ratio, tc.control, got, tc.want)
		}
	}
}

func TestReasons(t *testing.T) {
	gates := DefaultGates(true)
	fine := Observed{Lag: 0.0001, Generator: 0.3, Foreign: 0.1, Asked: 1000, Achieved: 999}
	if reasons := Reasons(fine, gates); reasons != nil {
		t.Errorf("a quiet machine is rejected: %q", reasons)
	}
	for name, spoil := range map[string]func(*Observed){
		"lag":       func(o *Observed) { o.Lag = 0.01 },
		"generator": func(o *Observed) { o.Generator = 0.71 },
		"foreign":   func(o *Observed) { o.Foreign = 0.3 },
		"achieved":  func(o *Observed) { o.Achieved = 900 },
		"failures":  func(o *Observed) { o.Failed, o.Why = 1, "status 500" },
	} {
		o := fine
		spoil(&o)
		if reasons := Reasons(o, gates); len(reasons) != 1 {
			t.Errorf("%s: %q", name, reasons)
		}
	}
}

func TestOrders(t *testing.T) {
	for stacks := 1; stacks <= 9; stacks++ {
		block := Block(stacks)
		orders := Orders(stacks, 2*block)
		at, after := map[[2]int]int{}, map[[2]int]int{}
		for _, order := range orders {
			if sorted := slices.Sorted(slices.Values(order)); len(sorted) != stacks || sorted[0] != 0 || sorted[stacks-1] != stacks-1 || len(slices.Compact(sorted)) != stacks {
				t.Fatalf("%d stacks: the order %v", stacks, order)
			}
			for place, stack := range order {
				at[[2]int{stack, place}]++
				if place > 0 {
					after[[2]int{order[place-1], stack}]++
				}
			}
		}
		for pair, n := range at {
			if n != 2*block/stacks {
				t.Errorf("%d stacks: stack and place %v meet %d times", stacks, pair, n)
			}
		}
		for pair, n := range after {
			if n != 2*block/stacks {
				t.Errorf("%d stacks: %v follow each other %d times", stacks, pair, n)
			}
		}
		if want := stacks * (stacks - 1); len(after) != want {
			t.Errorf("%d stacks: %d of %d successions occur", stacks, len(after), want)
		}
	}
	if got := Orders(2, 4); !slices.EqualFunc(got, [][]int{{0, 1}, {1, 0}, {0, 1}, {1, 0}}, slices.Equal) {
		t.Errorf("two stacks: %v", got)
	}
}

// TestStudent checks the quantiles against the usual table.
func TestStudent(t *testing.T) {
	for _, tc := range []struct {
		p       float64
		freedom int
		want    float64
	}{{0.975, 1, 12.706}, {0.975, 2, 4.303}, {0.975, 3, 3.182}, {0.975, 8, 2.306}, {0.995, 5, 4.032}, {0.95, 18, 1.734}, {0.9, 29, 1.311}} {
		if got := studentQuantile(tc.p, tc.freedom); math.Abs(got-tc.want) > 0.0006 {
			t.Errorf("the quantile %v of t with %d degrees: %.4f, want %.3f", tc.p, tc.freedom, got, tc.want)
		}
	}
}
