package report

import (
	"fmt"
	"slices"
	"strings"

	"example.com/scaffold/internal/compare/claims"
	"example.com/scaffold/internal/compare/result"
	"example.com/scaffold/internal/guidance"
)

// view is a comparison as it is told: in order, in words, with medians.
type view struct {
	*result.Comparison
	Measured  []result.Service // those with numbers, in the plan's order
	Excluded  []result.Service
	Workloads []workload
	Claims    []claim
	Rejected  []result.Round
}

// workload is one of the plan, with what was found.
type workload struct {
	ID    string
	Title string
	What  string // one sentence: what a request does
	Says  []string
	Rates []float64 // at which it ran, ascending
	CPU   []bar
	Pairs []result.Verdict
	cells map[cell][]result.Round // accepted rounds
}

type cell struct {
	service string
	rate    float64
}

// bar is a median with the range of the rounds, for one service.
type bar struct {
	Service          result.Service
	Index            int // of the service, for its colour
	Median, Low, Max float64
	Rounds           int
}

// claim is a finding with the rule that it judges.
type claim struct {
	claims.Finding
	Section, Statement string
	Before             string // the verdict before anything was measured
}

// described says what each workload is.
func described() map[string][2]string {
	return map[string][2]string{
		"health": {"Health", "GET /healthz: the framework and its security envelope, no database."},
		"echo":   {"JSON echo", "POST of a small object that is validated and sent back."},
		"login":  {"Login", "POST /v1/auth/login: one Argon2id hash of 19 MiB, two passes."},
		"read":   {"Read one", "GET of one item by its owner: token, session and one row."},
		"write":  {"Write one", "PATCH of one item by its owner: the same, and a commit."},
		"list":   {"List", "GET of a page of the owner's items."},
		"slow":   {"Slow upstream", "GET that waits for another service, which answers after 50 ms."},
		"fanout": {"Fan-out", "One event published, delivered to every open stream of server-sent events."},
		"cpu":    {"Computing", "GET that counts primes in the pure language, the same algorithm in each."},
		"bare":   {"Bare framework", "GET of one item from a bare application: framework, driver and row of the service, and no security."},
		"mixed":  {"Mixed", "The JSON echo, while the same service is asked twice a second to count primes."},
	}
}

func newView(c *result.Comparison) *view {
	v := &view{Comparison: c}
	for _, s := range c.Services {
		switch {
		case s.Control:
		case s.Excluded != "":
			v.Excluded = append(v.Excluded, s)
		default:
			v.Measured = append(v.Measured, s)
		}
	}
	for _, r := range c.Rounds {
		if r.Rejected != "" {
			v.Rejected = append(v.Rejected, r)
		}
	}
	for _, id := range c.Plan.Workloads {
		v.Workloads = append(v.Workloads, v.workload(id))
	}
	rules := map[string]guidance.Rule{}
	for _, r := range guidance.Rules() {
		rules[r.ID] = r
	}
	for _, f := range claims.Judge(c) {
		r := rules[f.Rule]
		v.Claims = append(v.Claims, claim{f, r.Section, r.Statement, r.Verdict})
	}
	return v
}

// Decided are the claims that were supported or refuted.
func (v *view) Decided() []claim { return v.judged(true) }

// Open are those that stayed inconclusive.
func (v *view) Open() []claim { return v.judged(false) }

func (v *view) judged(decided bool) []claim {
	var some []claim
	for _, c := range v.Claims {
		if (c.Outcome != claims.Inconclusive) == decided {
			some = append(some, c)
		}
	}
	return some
}

func (v *view) workload(id string) workload {
	w := workload{ID: id, Title: id, cells: map[cell][]result.Round{}}
	if d, ok := described()[id]; ok {
		w.Title, w.What = d[0], d[1]
	}
	for _, own := range v.Plan.Own {
		if own.Name == id {
			w.What = brought(own)
		}
	}
	for _, r := range v.Rounds {
		if r.Workload != id || r.Rejected != "" {
			continue
		}
		w.cells[cell{r.Service, r.Rate}] = append(w.cells[cell{r.Service, r.Rate}], r)
		if r.Rate > 0 && !slices.Contains(w.Rates, r.Rate) {
			w.Rates = append(w.Rates, r.Rate)
		}
	}
	slices.Sort(w.Rates)
	for _, verdict := range v.Verdicts {
		if verdict.Workload == id {
			w.Pairs = append(w.Pairs, verdict)
		}
	}
	for _, metric := range []string{"cpu", "p99", "highest"} {
		if s := v.sentence(w, metric); s != "" {
			w.Says = append(w.Says, s)
		}
	}
	if id == "bare" {
		if s := v.protection(); s != "" {
			w.Says = append(w.Says, s)
		}
	}
	w.CPU = v.bars(w, w.top(), func(r result.Round) float64 { return r.CPU })
	return w
}

// protection tells what security costs each service, at the highest rate.
func (v *view) protection() string {
	top := 0.0
	for _, p := range v.Protections {
		top = max(top, p.Rate)
	}
	var all []string
	for _, p := range v.Protections {
		if p.Rate == top {
			all = append(all, fmt.Sprintf("%s takes %s", v.title(p.Service), interval(p.Interval)))
		}
	}
	if len(all) == 0 {
		return ""
	}
	return fmt.Sprintf("What security costs, as CPU of a read at %.4g/s beside that of the bare application: %s.", top, strings.Join(all, ", "))
}

// top is the highest rate at which the workload ran.
func (w *workload) top() float64 {
	if len(w.Rates) == 0 {
		return 0
	}
	return w.Rates[len(w.Rates)-1]
}

// bars are the medians of a figure at a rate, for each service that has it.
func (v *view) bars(w workload, rate float64, of func(result.Round) float64) []bar {
	var all []bar
	for i, s := range v.Measured {
		var values []float64
		for _, r := range w.cells[cell{s.ID, rate}] {
			if value := of(r); value > 0 {
				values = append(values, value)
			}
		}
		if len(values) > 0 {
			all = append(all, bar{s, i, median(values), slices.Min(values), slices.Max(values), len(values)})
		}
	}
	return all
}

// metricWords are a figure in words, and what less or more of it is called.
func metricWords(metric string) (name, ahead string) {
	switch metric {
	case "cpu":
		return "CPU per request", "needs the least"
	case "p99":
		return "p99 latency", "answers soonest"
	case "highest":
		return "Highest rate under the service level", "holds the most"
	default:
		return metric, "is ahead"
	}
}

// unranked is why two services are not ranked.
func (v *view) unranked(p result.Verdict) string {
	switch {
	case p.Control == nil:
		return "too few rounds of the control, one service measured twice, are left"
	case p.Ratio == 0: // not estimated
		return fmt.Sprintf("too few rounds of %s are left: %d", v.titles([]string{p.A, p.B}), p.Rounds)
	default:
		return "the control, one service measured twice, reads " + interval(*p.Control)
	}
}

// sentence tells who is ahead by a figure at the highest rate, and by how much.
func (v *view) sentence(w workload, metric string) string {
	pairs := atTop(w.Pairs, metric)
	if len(pairs) == 0 {
		return ""
	}
	name, ahead := metricWords(metric)
	lead := name
	if pairs[0].Rate > 0 {
		lead += fmt.Sprintf(" at %.4g/s", pairs[0].Rate)
	}
	for _, p := range pairs {
		if p.Outcome == result.Unranked {
			return lead + ": no ranking, because " + v.unranked(p) + "."
		}
	}
	beaten := map[string]bool{}
	for _, p := range pairs {
		switch p.Outcome {
		case result.Better:
			beaten[p.B] = true
		case result.Worse:
			beaten[p.A] = true
		}
	}
	var first []string
	for _, s := range v.Measured {
		if !beaten[s.ID] && involved(pairs, s.ID) {
			first = append(first, s.ID)
		}
	}
	if len(beaten) == 0 || len(first) == 0 {
		return lead + ": no difference shown between " + v.titles(first) + "."
	}
	text := fmt.Sprintf("%s: %s %s", lead, v.titles(first[:1]), ahead)
	if len(first) > 1 {
		text = fmt.Sprintf("%s: %s are ahead, with no difference shown between them", lead, v.titles(first))
	}
	var rest []string
	for _, s := range v.Measured {
		for _, id := range first {
			if p, ok := ratio(pairs, s.ID, id); ok && behind(pairs, s.ID, id) {
				rest = append(rest, fmt.Sprintf("%s is %s of %s", s.Title, interval(p), v.title(id)))
				break
			}
		}
	}
	if len(rest) > 0 {
		text += "; " + strings.Join(rest, ", ")
	}
	return text + "."
}

// atTop are the verdicts by a figure at the highest rate that has any.
func atTop(pairs []result.Verdict, metric string) []result.Verdict {
	var some []result.Verdict
	for _, p := range pairs {
		switch {
		case p.Metric != metric:
		case len(some) > 0 && p.Rate < some[0].Rate:
		case len(some) > 0 && p.Rate > some[0].Rate:
			some = []result.Verdict{p}
		default:
			some = append(some, p)
		}
	}
	return some
}

func involved(pairs []result.Verdict, id string) bool {
	return slices.ContainsFunc(pairs, func(p result.Verdict) bool { return p.A == id || p.B == id })
}

// behind says that the verdict puts a behind b.
func behind(pairs []result.Verdict, a, b string) bool {
	return slices.ContainsFunc(pairs, func(p result.Verdict) bool {
		return p.A == a && p.B == b && p.Outcome == result.Worse || p.A == b && p.B == a && p.Outcome == result.Better
	})
}

// ratio is that of a over b, whichever way round it was printed.
func ratio(pairs []result.Verdict, a, b string) (result.Interval, bool) {
	for _, p := range pairs {
		switch {
		case p.A == a && p.B == b && p.Low > 0:
			return result.Interval{Ratio: p.Ratio, Low: p.Low, High: p.High}, true
		case p.A == b && p.B == a && p.Low > 0:
			return result.Interval{Ratio: 1 / p.Ratio, Low: 1 / p.High, High: 1 / p.Low}, true
		}
	}
	return result.Interval{}, false
}

// interval prints a ratio with its interval.
func interval(i result.Interval) string {
	return fmt.Sprintf("%.2f× [%.2f, %.2f]", i.Ratio, i.Low, i.High)
}

func (v *view) title(id string) string {
	for _, s := range v.Services {
		if s.ID == id {
			return s.Title
		}
	}
	return id
}

func (v *view) titles(ids []string) string {
	var all []string
	for _, id := range ids {
		all = append(all, v.title(id))
	}
	if len(all) < 2 {
		return strings.Join(all, "")
	}
	return strings.Join(all[:len(all)-1], ", ") + " and " + all[len(all)-1]
}

func median(values []float64) float64 {
	sorted := slices.Sorted(slices.Values(values))
	n := len(sorted)
	if n == 0 {
		return 0
	}
	return (sorted[(n-1)/2] + sorted[n/2]) / 2
}
