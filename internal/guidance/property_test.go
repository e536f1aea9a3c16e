package guidance

import (
	"encoding/json"
	"errors"
	"maps"
	"math"
	"math/rand/v2"
	"slices"
	"testing"
)

// someAnswers makes up answers, from none to many.
func someAnswers(rng *rand.Rand) Answers {
	a := Answers{}
	density := rng.Float64() * 0.5
	for _, c := range Vocabulary() {
		if rng.Float64() > density {
			continue
		}
		switch {
		case c.Kind == Importance:
			a[c.ID] = rng.IntN(maxImportance + 1)
		case c.ID == "domain":
			a[c.ID] = []string{c.Values[rng.IntN(len(c.Values))], c.Values[rng.IntN(len(c.Values))]}
		case c.ID == "edge" || c.ID == "ssr":
			a[c.ID] = c.Values[min(1, rng.IntN(20)/19)] // rarely must
		default:
			a[c.ID] = c.Values[rng.IntN(len(c.Values))]
		}
	}
	return a
}

// try recommends for made-up answers, and fails for any error but too few of them.
func try(t testing.TB, a Answers, o Options) *Result {
	t.Helper()
	r, err := Recommend(a, o)
	if err != nil && !errors.Is(err, ErrNoAnswers) {
		t.Fatalf("%v: %v", a, err)
	}
	return r
}

// ranks is the ranking alone, without samples and flips: stack to rank, or nil
// where there is none.
func ranks(a Answers) map[string]int {
	m := knowledge()
	if slices.ContainsFunc(m.Constraints, func(c constraint) bool { return c.If.holds(a) }) {
		return nil
	}
	s := m.sum(m.imply(a, nil), nil)
	if len(s.parts) == 0 {
		return nil
	}
	out := map[string]int{}
	for k, stack := range m.Stacks {
		out[stack.ID] = 1
		for _, total := range s.totals {
			if total > s.totals[k]+even {
				out[stack.ID]++
			}
		}
	}
	return out
}

// TestMoreOfARequirementHelpsWhoMeetsItBest: a greater importance never lowers the
// rank of a stack that no other beats at that criterion.
func TestMoreOfARequirementHelpsWhoMeetsItBest(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 1))
	tried := 0
	for range 150 {
		a := someAnswers(rng)
		for _, r := range knowledge().importance {
			level, _ := a[r.ID].(int)
			if level == maxImportance {
				continue
			}
			more := maps.Clone(a)
			more[r.ID] = level + 1
			before, after := ranks(a), ranks(more)
			if before == nil || after == nil {
				continue
			}
			best := slices.MaxFunc(knowledge().Stacks, func(x, y Stack) int { return int(2 * (r.Cells[x.ID].Score - r.Cells[y.ID].Score)) })
			for _, s := range knowledge().Stacks {
				if r.Cells[s.ID].Score < r.Cells[best.ID].Score {
					continue
				}
				tried++
				if was, is := before[s.ID], after[s.ID]; is > was {
					t.Errorf("%s from %d to %d lowers %s from rank %d to %d with %v", r.ID, level, level+1, s.ID, was, is, a)
				}
			}
		}
	}
	if tried < 1000 {
		t.Errorf("only %d tried", tried)
	}
}

func TestMoreAINeverLowersFastAPI(t *testing.T) {
	rng := rand.New(rand.NewPCG(2, 2))
	for range 200 {
		a := someAnswers(rng)
		delete(a, "edge")
		delete(a, "ssr")
		delete(a, "language_change")
		was := 0
		for level := range maxImportance + 1 {
			a["ai_ml"] = level
			r := ranks(a)
			if r == nil {
				continue
			}
			is := r["python-fastapi"]
			if was > 0 && is > was {
				t.Fatalf("ai_ml=%d lowers FastAPI from rank %d to %d with %v", level, was, is, a)
			}
			was = is
		}
	}
}

// TestSameAnswersSameResult in any order of giving, down to the last byte.
func TestSameAnswersSameResult(t *testing.T) {
	rng := rand.New(rand.NewPCG(3, 3))
	for range 60 {
		a := someAnswers(rng)
		ids := slices.Sorted(maps.Keys(a))
		var first string
		for range 4 {
			rng.Shuffle(len(ids), func(i, j int) { ids[i], ids[j] = ids[j], ids[i] })
			raw := map[string]any{}
			for _, id := range ids {
				raw[id] = a[id]
				if list, ok := a[id].([]string); ok && len(list) == 2 && rng.IntN(2) == 0 {
					raw[id] = list[1] + "," + list[0]
				}
			}
			text := asJSON(t, try(t, raw, Options{}))
			if first == "" {
				first = text
			}
			if text != first {
				t.Fatalf("%v gives\n%s\nand\n%s", a, first, text)
			}
		}
	}
}

// TestResultsHoldTogether checks each result against what its parts promise.
func TestResultsHoldTogether(t *testing.T) {
	rng := rand.New(rand.NewPCG(4, 4))
	flips := 0
	for range 60 {
		a := someAnswers(rng)
		r := try(t, a, Options{})
		if r == nil {
			continue
		}
		if len(r.Ranking) == 0 {
			if r.Instead == nil || r.Recommended != nil || len(r.Excluded) != 4 {
				t.Fatalf("%v: no ranking and no way out: %+v", a, r)
			}
			continue
		}
		sum := 0.0
		for i, x := range r.Ranking {
			sum += x.Probability
			if x.Score < 0 || x.Score > 100 || i > 0 && x.Score > r.Ranking[i-1].Score {
				t.Fatalf("%v: ranking is out of order: %v", a, r.Ranking)
			}
			points := 0.0
			for _, c := range x.Criteria {
				points += c.Points
			}
			if math.Abs(points-x.Score) > 0.05*float64(len(x.Criteria)+1) {
				t.Fatalf("%v: %s has %.1f points and score %.1f", a, x.Stack, points, x.Score)
			}
		}
		if math.Abs(sum-1) > 0.01 {
			t.Fatalf("%v: probabilities add up to %v", a, sum)
		}
		first := r.Ranking[0]
		if *r.Recommended != hybrid && *r.Recommended != first.Stack {
			t.Fatalf("%v: recommends %s, ranks %s first", a, *r.Recommended, first.Stack)
		}
		if r.Confidence == Clear && *r.Recommended != hybrid && (first.Probability < sure || r.Ranking[1].Rank == 1) {
			t.Fatalf("%v: clear at %v", a, first.Probability)
		}
		if (r.Compare != "") != (r.Confidence == Close) {
			t.Fatalf("%v: %s, and compare is %q", a, r.Confidence, r.Compare)
		}
		for _, f := range r.Flips {
			flips++
			changed := maps.Clone(r.Answers)
			maps.Copy(changed, f.Change)
			if again := try(t, changed, Options{}); again == nil || recommended(again) != f.Then || f.Then == *r.Recommended {
				t.Fatalf("%v: %v does not give %s", a, f.Change, f.Then)
			}
		}
	}
	if flips < 60 {
		t.Errorf("only %d flips seen", flips)
	}
}

// TestFlipsAreSmallest: no smaller change of the same answer changes the winner.
func TestFlipsAreSmallest(t *testing.T) {
	a := Answers{"ai_ml": 5, "sensitive_data": 4, "latency_slo": 3, "team": "python"}
	r := try(t, a, Options{})
	if len(r.Flips) == 0 {
		t.Fatal("no flips")
	}
	for _, f := range r.Flips {
		for id, to := range f.Change {
			level, ok := to.(int)
			if !ok {
				continue
			}
			now, _ := a[id].(int)
			step := 1
			if level < now {
				step = -1
			}
			for smaller := now + step; smaller != level; smaller += step {
				changed := maps.Clone(a)
				changed[id] = smaller
				if got := recommended(try(t, changed, Options{})); got != *r.Recommended {
					t.Errorf("%s=%d already gives %s", id, smaller, got)
				}
			}
		}
	}
}

func TestTiesAreCalledTies(t *testing.T) {
	r := try(t, Answers{"single_language": 5}, Options{})
	if r.Ranking[0].Rank != 1 || r.Ranking[1].Rank != 1 || r.Ranking[2].Rank != 3 || r.Ranking[3].Rank != 3 || r.Confidence != Close {
		t.Errorf("ranks %v", r.Ranking)
	}
}

// TestANudgeOverturnsNoWinner finds a lead below one percent and wants it close,
// whatever the samples say.
func TestANudgeOverturnsNoWinner(t *testing.T) {
	m := knowledge()
	a := Answers{"ai_ml": 5}
	s := m.sum(a, nil)
	if m.overturned(s) {
		t.Error("FastAPI leads Django by a fifth, and one percent overturns it")
	}
	// In a model where nothing is in doubt, a lead of half a percent is still none.
	files := copyData(t)
	matrix := files["data/matrix.yaml"]
	matrix.Data = []byte(replaceOnce(t, string(matrix.Data), "python-django: {score: 4, rules: [R01]}", "python-django: {score: 4.98, rules: [R01]}"))
	near, err := load(files)
	if err != nil {
		t.Fatal(err)
	}
	r, err := near.recommend(a, Options{})
	if err != nil || r.Ranking[0].Probability < sure || r.Confidence != Close {
		t.Errorf("%v: probability %v, %s", err, r.Ranking[0].Probability, r.Confidence)
	}
}

func TestWeightsCanBeOverridden(t *testing.T) {
	a := Answers{"ai_ml": 5, "team": "ts"}
	if got := recommended(try(t, a, Options{})); got != "python-fastapi" {
		t.Fatal(got)
	}
	if got := recommended(try(t, a, Options{Weights: map[string]float64{"team": 10, "ai_ml": 1}})); got == "python-fastapi" {
		t.Error("the team's weight changes nothing")
	}
	if _, err := Recommend(a, Options{Weights: map[string]float64{"team": 0, "ai_ml": 0}}); !errors.Is(err, ErrNoAnswers) {
		t.Error(err)
	}
	for _, bad := range []map[string]float64{{"teem": 1}, {"team": -1}, {"team": 11}, {"team": math.NaN()}, {"team": math.Inf(1)}, {"edge": 1}} {
		if _, err := Recommend(a, Options{Weights: bad}); err == nil {
			t.Errorf("%v is taken", bad)
		}
	}
}

func asJSON(t testing.TB, v any) string {
	t.Helper()
	text, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func FuzzRecommend(f *testing.F) {
	for _, s := range []string{`{"ai_ml":5,"team":"python"}`, `{"domain":["fintech","health"]}`, `{"edge":"must"}`, `{"growth":99}`, `{"team":null}`, `{"x":{}}`, `{"llm_hosted":true}`, `{"ai_ml":1e9}`, `[]`} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		var raw map[string]any
		if json.Unmarshal([]byte(text), &raw) != nil {
			return
		}
		for id, v := range raw { // what a YAML or JSON reader would make of a number
			if x, ok := v.(float64); ok && x == math.Trunc(x) && math.Abs(x) < 1e9 {
				raw[id] = int(x)
			}
		}
		r, err := Recommend(raw, Options{Rendered: []string{"python-fastapi"}})
		if err != nil {
			if err.Error() == "" {
				t.Error("an error says nothing")
			}
			return
		}
		again, err := Recommend(r.Answers, Options{Rendered: []string{"python-fastapi"}})
		if err != nil || asJSON(t, again) != asJSON(t, r) {
			t.Errorf("the answers of the result give another: %v", err)
		}
		_, _ = r.Text(40), r.Markdown()
		if n := lineCount(MADR(Decision{"shop", "python-fastapi", r})); n > 60 {
			t.Errorf("a decision record of %d lines", n)
		}
	})
}

func BenchmarkRecommend(b *testing.B) {
	a := Answers{
		"ai_ml": 3, "realtime": 3, "api_throughput": 4, "latency_slo": 4, "enterprise": 3, "batteries": 3, "sensitive_data": 4,
		"structure": 3, "growth": 3, "openapi_docs": 3, "single_language": 2, "team": "ts", "size": "medium", "domain": []string{"fintech", "saas"},
	}
	for b.Loop() {
		if _, err := Recommend(a, Options{Rendered: []string{"python-fastapi"}}); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkLoad(b *testing.B) {
	for b.Loop() {
		if _, err := load(data); err != nil {
			b.Fatal(err)
		}
	}
}
