package report_test

import (
	"encoding/csv"
	"flag"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"example.com/scaffold/internal/compare/report"
	"example.com/scaffold/internal/compare/result"
)

var update = flag.Bool("update", false, "write the golden files anew")

// comparison is a made-up run: it is only there to be printed.
func comparison() *result.Comparison {
	rng := rand.New(rand.NewPCG(1, 2))
	number := func(n int) *int { return &n }
	bytes := func(n int64) *int64 { n *= 1 << 20; return &n }
	seconds := func(s float64) *float64 { return &s }
	c := &result.Comparison{
		Schema: result.Schema, ID: "20260102-1", Command: []string{"scaffold", "compare", "--stacks", "a,b,c"}, Scaffold: "v1",
		Started: time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC), Seconds: 754, Complete: true,
		Machine: result.Machine{OS: "Debian GNU/Linux 12", Kernel: "6.1", CPU: "Example CPU", Cores: 2, Pinned: true, Placement: "server on core 0, generator on core 1"},
		Plan: result.Plan{
			Stacks: []string{"a", "b", "c"}, Workloads: []string{"read", "cpu", "login", "bare"}, Rounds: 6, RoundSecs: 4,
			Database: "sqlite", Workers: 1, Control: "a", Seed: 7, Price: &result.Price{PerCoreHour: 0.04, Currency: "EUR"},
		},
		Services: []result.Service{
			{ID: "a", Title: "Alpha", Language: "python", Stack: "python-fastapi", Runtime: "Python 3.13", Contract: result.Contract{Passed: 120, Skipped: 3}, Parity: result.Parity{Processes: 1, Workers: 1, Database: "sqlite", Argon2: "m=19456,t=2,p=1", Mode: "benchmark"}, Costs: result.Costs{ColdStart: []float64{610, 600, 640}, IdleBytes: bytes(92), SourceLines: number(4000), Files: number(70), InstallSeconds: seconds(3.2), Audit: "could not audit: no database answered", Change: &result.Change{Files: 3, Lines: 9, Diff: "--- a/items.py\n+++ b/items.py\n+    note: str\n"}}},
			{ID: "b", Title: "Beta", Language: "node", Stack: "node-express", Runtime: "Node 24", Contract: result.Contract{Passed: 120, Skipped: 3}, Parity: result.Parity{Processes: 1, Workers: 1, Database: "sqlite", Pool: 5, Mode: "benchmark"}, Costs: result.Costs{ColdStart: []float64{350, 340, 365}, IdleBytes: bytes(70), SourceLines: number(4400), Files: number(90)}},
			{ID: "c", Title: "Gamma <script>alert(1)</script>", Excluded: "the contract: 2 tests failed (TOK-02, CSRF-01)", Contract: result.Contract{Passed: 118, Failed: 2, Skipped: 3}},
			{ID: "a-control", Title: "Alpha, again", Control: true, Contract: result.Contract{Passed: 120, Skipped: 3}},
		},
		Generator: result.Proof{TrueP90: 100, SeenP90: 101, TrueP99: 900, SeenP99: 905, Holds: true},
	}
	cost := map[string]float64{"a": 420, "b": 260, "a-control": 421}
	for round := 1; round <= c.Plan.Rounds; round++ {
		for _, workload := range []string{"read", "cpu"} {
			for place, id := range []string{"a", "b", "a-control"} {
				base := cost[id] / 100 * (1 + rng.Float64()/10)
				r := result.Round{
					Service: id, Workload: workload, Rate: 150, Round: round, Place: place, Seconds: 4, Sent: 600, OK: 600,
					Latency: result.Percentiles{P50: base, P90: base * 2, P99: base * 4, P999: base * 9, Max: base * 12, Mean: base * 1.2},
					CPU:     cost[id] * (1 + rng.Float64()/20), GeneratorCPU: 0.05, ForeignCPU: 0.01,
				}
				for _, share := range []float64{0, 0.5, 0.9, 0.99, 0.999, 1} {
					r.Curve = append(r.Curve, result.Point{Share: share, Millis: base / (1.02 - share)})
				}
				if round == 4 && id == "b" {
					r.Rejected = "foreign CPU was 31 % of the machine"
				}
				c.Rounds = append(c.Rounds, r)
			}
		}
	}
	control := &result.Interval{Ratio: 1.002, Low: 0.98, High: 1.03}
	off := &result.Interval{Ratio: 1.08, Low: 1.02, High: 1.15}
	c.Verdicts = []result.Verdict{
		{Workload: "read", Metric: "cpu", Rate: 150, Better: result.Lower, A: "a", B: "b", Ratio: 1.61, Low: 1.52, High: 1.7, Rounds: 5, Outcome: result.Worse, Control: control},
		{Workload: "read", Metric: "p99", Rate: 150, Better: result.Lower, A: "a", B: "b", Ratio: 1.02, Low: 0.9, High: 1.2, Rounds: 5, Outcome: result.None, Control: control},
		{Workload: "cpu", Metric: "cpu", Rate: 150, Better: result.Lower, A: "a", B: "b", Ratio: 3, Low: 2.5, High: 3.5, Rounds: 5, Outcome: result.Unranked, Control: off},
	}
	c.Protections = []result.Protection{
		{Service: "a", Rate: 150, Rounds: 6, Interval: result.Interval{Ratio: 1.31, Low: 1.24, High: 1.38}},
		{Service: "b", Rate: 150, Rounds: 5, Interval: result.Interval{Ratio: 1.22, Low: 1.18, High: 1.27}},
	}
	return c
}

func write(t *testing.T, c *result.Comparison) string {
	t.Helper()
	dir := t.TempDir()
	if err := report.Write(dir, c); err != nil {
		t.Fatal(err)
	}
	return dir
}

func read(t *testing.T, dir, name string) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(dir, name))
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// The Markdown has all the words of the page, so it stands for them.
func TestGoldenText(t *testing.T) {
	dir := write(t, comparison())
	for _, name := range []string{report.Text, report.Decision} {
		golden := filepath.Join("testdata", name)
		got := read(t, dir, name)
		if *update {
			if err := os.WriteFile(golden, []byte(got), 0o600); err != nil {
				t.Fatal(err)
			}
		}
		want, err := os.ReadFile(golden)
		if err != nil {
			t.Fatal(err)
		}
		if got != string(want) {
			t.Errorf("%s differs from %s: go test ./internal/compare/report -update, and read the diff\n%s", name, golden, got)
		}
	}
}

// The control is not blamed for rounds that were rejected.
func TestWhyThereIsNoRanking(t *testing.T) {
	holds := &result.Interval{Ratio: 0.97, Low: 0.91, High: 1.04}
	for want, v := range map[string]result.Verdict{
		"no ranking, because too few rounds of Alpha and Beta are left: 2.":                        {Rounds: 2, Control: holds},
		"no ranking, because too few rounds of the control, one service measured twice, are left.": {Rounds: 2},
		"no ranking, because the control, one service measured twice, reads 1.08× [1.02, 1.15].":   {Rounds: 6, Ratio: 2, Low: 1.9, High: 2.1, Control: &result.Interval{Ratio: 1.08, Low: 1.02, High: 1.15}},
	} {
		c := comparison()
		v.Workload, v.Metric, v.Rate, v.Better, v.A, v.B, v.Outcome = "read", "cpu", 150, result.Lower, "a", "b", result.Unranked
		c.Verdicts = []result.Verdict{v}
		if text := read(t, write(t, c), report.Text); !strings.Contains(text, want) {
			t.Errorf("the report does not say %q", want)
		}
	}
}

// A figure of 0 is one that was not measured, and not a service that costs nothing.
func TestWhatIsNotKnownIsNoZero(t *testing.T) {
	c := comparison()
	for i := range c.Rounds {
		if c.Rounds[i].Workload == "cpu" {
			c.Rounds[i].CPU = 0
		}
	}
	text := read(t, write(t, c), report.Text)
	if strings.Contains(text, "| 0 µs |") || !strings.Contains(text, "| 6 | – |") {
		t.Errorf("CPU that was not measured is shown as a figure:\n%s", text)
	}
}

func TestThePageStandsAlone(t *testing.T) {
	text := read(t, write(t, comparison()), report.Page)
	for _, never := range []string{"http://", "https://", "<script", "src=", "@import", "url("} {
		if strings.Contains(text, never) {
			t.Errorf("the page has %q: it must work offline, without scripts", never)
		}
	}
	for _, want := range []string{
		"Beta needs the least; Alpha is 1.61× [1.52, 1.70] of Beta.",
		"no difference shown between Alpha and Beta",
		"no ranking, because the control, one service measured twice, reads 1.08× [1.02, 1.15]",
		"the contract: 2 tests failed (TOK-02, CSRF-01)",
		"foreign CPU was 31 % of the machine",
		"Gamma &lt;script&gt;alert(1)&lt;/script&gt;",
		"could not audit",
		"What security costs, as CPU of a read at 150/s beside that of the bare application: Alpha takes 1.31× [1.24, 1.38], Beta takes 1.22× [1.18, 1.27].",
	} {
		if !strings.Contains(text, want) {
			t.Errorf("the page does not say %q", want)
		}
	}
}

// A run that has hardly begun is reported as such, without figures and without panic.
func TestUnfinished(t *testing.T) {
	c := comparison()
	c.Complete, c.Stopped = false, "interrupted in round 1"
	c.Rounds, c.Verdicts, c.Generator = nil, nil, result.Proof{}
	text := read(t, write(t, c), report.Page)
	if !strings.Contains(text, "This run is not complete (interrupted in round 1)") {
		t.Error("the page does not say that the run is not complete")
	}
	write(t, &result.Comparison{})
}

func TestTableHasEveryRound(t *testing.T) {
	c := comparison()
	rows, err := csv.NewReader(strings.NewReader(read(t, write(t, c), report.Table))).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	if len(rows) != len(c.Rounds)+1 {
		t.Errorf("%d rows, want a head and %d rounds", len(rows), len(c.Rounds))
	}
}

// A person's own workload is told by what it asks for.
func TestOwnWorkload(t *testing.T) {
	c := comparison()
	c.Plan.Workloads = []string{"mine"}
	c.Plan.Own = []result.Own{{Name: "mine", About: "The front page.", Requests: []result.Request{
		{Method: "GET", Path: "/v1/items", SignedIn: true}, {Method: "POST", Path: "/<b>"},
	}}}
	dir := write(t, c)
	for name, want := range map[string]string{
		report.Page: "The front page. (GET /v1/items, signed in; POST /&lt;b&gt;; in turn)",
		report.Text: "mine is a workload of whoever ran this: The front page. (GET /v1/items, signed in; POST /&lt;b>; in turn)",
	} {
		if !strings.Contains(read(t, dir, name), want) {
			t.Errorf("%s does not say %q", name, want)
		}
	}
}

// Two stacks ahead of two others are named together, and the others against the first of them.
func TestSentences(t *testing.T) {
	c := comparison()
	c.Services = nil
	for _, id := range []string{"w", "x", "y", "z"} {
		c.Services = append(c.Services, result.Service{ID: id, Title: strings.ToUpper(id)})
	}
	c.Plan.Workloads, c.Verdicts = []string{"read"}, nil
	value := map[string]float64{"w": 4, "x": 1, "y": 2, "z": 1}
	ids := []string{"w", "x", "y", "z"}
	for i, a := range ids {
		for _, b := range ids[i+1:] {
			v := result.Verdict{Workload: "read", Metric: "cpu", Rate: 100, Better: result.Lower, A: a, B: b, Ratio: value[a] / value[b], Outcome: result.None}
			v.Low, v.High = v.Ratio*0.9, v.Ratio*1.1
			switch {
			case v.Low > 1:
				v.Outcome = result.Worse
			case v.High < 1:
				v.Outcome = result.Better
			}
			c.Verdicts = append(c.Verdicts, v)
		}
	}
	text := read(t, write(t, c), report.Text)
	want := "CPU per request at 100/s: X and Z are ahead, with no difference shown between them; W is 4.00× [3.60, 4.40] of X, Y is 2.00× [1.82, 2.22] of X."
	if !strings.Contains(text, want) {
		t.Errorf("want %q in\n%s", want, text[:min(len(text), 900)])
	}
}

func TestAFullDiskIsNamed(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "gone")
	err := report.Write(dir, comparison())
	if err == nil || !strings.Contains(err.Error(), fmt.Sprint(dir)) {
		t.Errorf("error %v does not name the folder", err)
	}
}
