package compare

import (
	"math/rand/v2"
	"slices"

	"example.com/scaffold/internal/compare/result"
	"example.com/scaffold/internal/compare/stats"
)

// metric is a figure by which services are compared.
type metric struct {
	name   string
	better stats.Direction
	of     func(result.Round) float64 // 0: not known
	search bool                       // of the search for the highest rate
}

func metrics() []metric {
	return []metric{
		{name: "cpu", of: func(r result.Round) float64 { return r.CPU }},
		{name: "p50", of: func(r result.Round) float64 { return r.Latency.P50 }},
		{name: "p99", of: func(r result.Round) float64 { return r.Latency.P99 }},
		{name: "highest", better: stats.Higher, search: true, of: func(r result.Round) float64 {
			if r.Highest == nil {
				return 0
			}
			return *r.Highest
		}},
	}
}

// verdicts compares each two services by each figure, in the order of the plan.
func verdicts(c *result.Comparison) []result.Verdict {
	rng := rand.New(rand.NewPCG(c.Plan.Seed, 1)) //nolint:gosec // chance that can be repeated
	var all []result.Verdict
	for _, workload := range c.Plan.Workloads {
		for _, rate := range append(slices.Clone(c.Plan.WorkloadRates[workload]), 0) {
			for _, m := range metrics() {
				if m.search == (rate == 0) {
					all = append(all, m.verdicts(rng, c, workload, rate)...)
				}
			}
		}
	}
	return all
}

// verdicts are those of one figure at one rate; none where nobody has the figure.
func (m metric) verdicts(rng *rand.Rand, c *result.Comparison, workload string, rate float64) []result.Verdict {
	var ids []string
	first, control := -1, -1
	for _, s := range c.Services {
		switch {
		case s.Excluded != "":
			continue
		case s.Control:
			control = len(ids)
		case s.ID == c.Plan.Control:
			first = len(ids)
		}
		ids = append(ids, s.ID)
	}
	rounds, some := m.table(c, workload, rate, ids)
	if !some || control < 0 || first < 0 {
		return nil
	}
	services := len(ids) - 1
	options := stats.Options{Family: services * (services - 1) / 2}
	aa, err := stats.Ratio(rng, rounds, control, first, stats.Options{})
	if err != nil {
		aa = stats.Interval{} // judged as no control
	}
	var all []result.Verdict
	for a := range ids {
		for b := a + 1; b < len(ids); b++ {
			if a == control || b == control {
				continue
			}
			v := result.Verdict{
				Workload: workload, Metric: m.name, Rate: rate, Better: result.Lower, A: ids[a], B: ids[b], Outcome: result.Unranked,
			}
			if m.better == stats.Higher {
				v.Better = result.Higher
			}
			if aa.Level > 0 {
				v.Control = &result.Interval{Ratio: aa.Ratio, Low: aa.Low, High: aa.High}
			}
			iv, err := stats.Ratio(rng, rounds, a, b, options)
			v.Rounds = iv.Rounds
			if err == nil {
				v.Ratio, v.Low, v.High = iv.Ratio, iv.Low, iv.High
				v.Outcome = outcomeOf(stats.Judge(iv, aa, m.better))
			}
			all = append(all, v)
		}
	}
	return all
}

func outcomeOf(v stats.Verdict) string {
	switch v {
	case stats.Faster:
		return result.Better
	case stats.Slower:
		return result.Worse
	case stats.NoDifference:
		return result.None
	default:
		return result.Unranked
	}
}

// table is a figure as the statistics take it: [round][service].
func (m metric) table(c *result.Comparison, workload string, rate float64, ids []string) (rounds stats.Rounds, some bool) {
	rounds = make(stats.Rounds, c.Plan.Rounds)
	for i := range rounds {
		rounds[i] = make([]stats.Cell, len(ids))
		for k := range rounds[i] {
			rounds[i][k].Rejected = []string{"not measured"}
		}
	}
	for _, row := range c.Rounds {
		k := slices.Index(ids, row.Service)
		if row.Workload != workload || row.Rate != rate || k < 0 || row.Round < 1 || row.Round > len(rounds) {
			continue
		}
		cell := stats.Cell{Value: m.of(row), Place: row.Place}
		some = some || cell.Value > 0
		switch {
		case row.Rejected != "":
			cell.Rejected = []string{row.Rejected}
		case !(cell.Value > 0):
			cell.Rejected = []string{"not known"}
		}
		rounds[row.Round-1][k] = cell
	}
	return rounds, some
}
