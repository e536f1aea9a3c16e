package claims

import (
	"cmp"
	"fmt"
	"maps"
	"slices"

	"example.com/scaffold/internal/compare/result"
)

const (
	// margin is the least advantage that counts: smaller ones do not decide between stacks.
	margin = 0.10
	// pointMargin is the same for figures without an interval, such as memory.
	pointMargin = 0.25
)

// measured is a comparison, prepared for questions.
type measured struct {
	all      *result.Comparison
	services []result.Service // those with numbers
}

func newMeasured(c *result.Comparison) *measured {
	m := &measured{all: c}
	for _, s := range c.Services {
		if s.Excluded == "" && !s.Control {
			m.services = append(m.services, s)
		}
	}
	return m
}

// group picks services: by language, or by stack.
type group func(result.Service) bool

func language(id string) group { return func(s result.Service) bool { return s.Language == id } }

func stack(id string) group { return func(s result.Service) bool { return s.Stack == id } }

func others(of group) group { return func(s result.Service) bool { return !of(s) } }

func (m *measured) in(g group) []result.Service {
	var some []result.Service
	for _, s := range m.services {
		if g(s) {
			some = append(some, s)
		}
	}
	return some
}

// ratio finds the verdict of a over b, turned round if it was printed as b over a, at
// the highest rate there is.
func (m *measured) ratio(workload, metric, a, b string) (v result.Verdict, ok bool) {
	for _, one := range m.all.Verdicts {
		if one.Workload != workload || one.Metric != metric {
			continue
		}
		if one.A == b && one.B == a && one.Low > 0 {
			one.A, one.B = a, b
			one.Ratio, one.Low, one.High = 1/one.Ratio, 1/one.High, 1/one.Low
		}
		if one.A == a && one.B == b && (!ok || one.Rate > v.Rate) {
			v, ok = one, true
		}
	}
	return v, ok
}

// advantage says whether a is better than b by the margin, is not, or cannot be told.
func (m *measured) advantage(workload, metric, a, b string) ruling {
	v, ok := m.ratio(workload, metric, a, b)
	if !ok {
		return inconclusive("%s of %s was not measured for %s and %s", metric, workload, a, b)
	}
	r := ruling{outcome: Inconclusive, because: []string{figure(v)}}
	if v.Outcome == result.Unranked {
		r.because[0] += ", not ranked"
		return r
	}
	low, high := v.Low, v.High
	if v.Better == result.Higher { // as if lower were better
		low, high = 1/high, 1/low
	}
	switch {
	case high <= 1-margin:
		r.outcome = Supported
	case low > 1-margin:
		r.outcome = Refuted
	}
	return r
}

func figure(v result.Verdict) string {
	if v.Ratio == 0 {
		return fmt.Sprintf("%s, %s: too few rounds for a ratio of %s and %s", v.Workload, v.Metric, v.A, v.B)
	}
	rate := ""
	if v.Rate > 0 {
		rate = fmt.Sprintf(" at %.0f/s", v.Rate)
	}
	return fmt.Sprintf("%s, %s%s: %s is %.2f× [%.2f, %.2f] of %s", v.Workload, v.Metric, rate, v.A, v.Ratio, v.Low, v.High, v.B)
}

// better is the claim that every service of one group does better at a workload than
// every one of another. It is refuted as soon as one of the others is level with all
// of the first, or ahead: then the choice of the group is not what makes the difference.
func better(workload, metric string, first, second group) func(*measured) ruling {
	return func(m *measured) ruling {
		as, bs := m.in(first), m.in(second)
		if len(as) == 0 || len(bs) == 0 {
			return inconclusive("one side of the claim was not measured")
		}
		all := ruling{outcome: Supported}
		for _, b := range bs {
			level := true
			for _, a := range as {
				r := m.advantage(workload, metric, a.ID, b.ID)
				all.because = append(all.because, r.because...)
				if r.outcome != Supported && all.outcome == Supported {
					all.outcome = Inconclusive
				}
				level = level && r.outcome == Refuted
			}
			if level {
				all.outcome = Refuted
			}
		}
		return all
	}
}

// readsWithin is the claim that a read costs a stack at most so many times the CPU that
// it costs Express, by the interval of the ratio.
func readsWithin(times float64, a string) func(*measured) ruling {
	return func(m *measured) ruling {
		const b = "node-express"
		v, ok := m.ratio("read", cpu, a, b)
		if !ok || v.Outcome == result.Unranked {
			return inconclusive("the CPU of reads was not measured, or not ranked, for %s and %s", a, b)
		}
		r := ruling{outcome: Inconclusive, because: []string{figure(v)}}
		switch {
		case v.High <= times:
			r.outcome = Supported
		case v.Low > times:
			r.outcome = Refuted
		}
		return r
	}
}

// cost is a figure that is measured once a service.
type cost struct {
	name string
	unit string
	of   func(result.Costs) (float64, bool)
}

func count(p *int) (float64, bool) {
	if p == nil {
		return 0, false
	}
	return float64(*p), true
}

// coldStart is the CPU that a start takes: how long it takes depends on who else is busy.
func coldStart() cost {
	return cost{"CPU of a cold start", " ms", func(c result.Costs) (float64, bool) { return median(c.ColdStartCPU) }}
}

func idleMemory() cost {
	return cost{"memory when idle", " MiB", func(c result.Costs) (float64, bool) {
		if c.IdleBytes == nil {
			return 0, false
		}
		return float64(*c.IdleBytes) / (1 << 20), true
	}}
}

func installTime() cost {
	return cost{"installation", " s", func(c result.Costs) (float64, bool) {
		if c.InstallSeconds == nil {
			return 0, false
		}
		return *c.InstallSeconds, true
	}}
}

func sourceLines() cost {
	return cost{"lines of the service", "", func(c result.Costs) (float64, bool) { return count(c.SourceLines) }}
}

func files() cost {
	return cost{"files of the repository", "", func(c result.Costs) (float64, bool) { return count(c.Files) }}
}

func direct() cost {
	return cost{"direct dependencies", "", func(c result.Costs) (float64, bool) { return count(c.Direct) }}
}

func transitive() cost {
	return cost{"packages in production", "", func(c result.Costs) (float64, bool) { return count(c.Transitive) }}
}

// less is the claim that every service of one group costs less than every one of
// another, by a margin: 0.25 is a quarter less.
func less(c cost, by float64, first, second group) func(*measured) ruling {
	return func(m *measured) ruling {
		as, bs := m.costs(c, first), m.costs(c, second)
		if len(as) == 0 || len(bs) == 0 {
			return inconclusive("%s was not measured on both sides", c.name)
		}
		all := maps.Clone(as)
		maps.Copy(all, bs)
		var texts []string
		for _, id := range slices.Sorted(maps.Keys(all)) {
			texts = append(texts, fmt.Sprintf("%s %.0f%s", id, all[id], c.unit))
		}
		r := ruling{outcome: Inconclusive, because: []string{c.name + ": " + join(texts)}}
		worst, best := slices.Max(slices.Collect(maps.Values(as))), slices.Min(slices.Collect(maps.Values(as)))
		cheapest := slices.Min(slices.Collect(maps.Values(bs)))
		switch {
		case worst <= cheapest*(1-by):
			r.outcome = Supported
		case best > cheapest*(1-by):
			r.outcome = Refuted
		}
		return r
	}
}

func (m *measured) costs(c cost, g group) map[string]float64 {
	some := map[string]float64{}
	for _, s := range m.in(g) {
		if v, ok := c.of(s.Costs); ok {
			some[s.ID] = v
		}
	}
	return some
}

// probes holds a claim about protection against tests of the contract: all of the
// first group pass them and somebody else does not. The same outcome on every side is
// no difference between them.
func probes(first group, ids ...string) func(*measured) ruling {
	return func(m *measured) ruling {
		ours, theirs, r := m.failing(first, ids), m.failing(others(first), ids), ruling{outcome: Inconclusive}
		if len(m.in(first)) == 0 || len(m.in(others(first))) == 0 || ours == nil || theirs == nil {
			return inconclusive("tests %s did not run on both sides", join(ids))
		}
		switch {
		case len(ours) == 0 && len(theirs) == 0:
			r.outcome = Refuted
			r.because = []string{"every service passed " + join(ids) + ": no difference between the languages as these services are written"}
		case len(ours) == 0:
			r.outcome = Supported
			r.because = []string{"failed: " + join(theirs)}
		default:
			r.outcome = Refuted
			r.because = []string{"failed: " + join(slices.Concat(ours, theirs))}
		}
		return r
	}
}

// kept holds a practice against tests of the contract: each service passes them.
func kept(ids ...string) func(*measured) ruling {
	return func(m *measured) ruling {
		everybody := func(result.Service) bool { return true }
		failing := m.failing(everybody, ids)
		switch {
		case failing == nil:
			return inconclusive("tests %s did not run", join(ids))
		case len(failing) > 0:
			return ruling{outcome: Refuted, because: []string{"failed: " + join(failing)}}
		}
		return ruling{outcome: Supported, because: []string{"every service passed " + join(ids)}}
	}
}

// failing are the services of a group with the tests they fail; nil when one of the
// tests did not run on one of them, or the group is empty. An excluded service counts
// here too: it may have no numbers because of these tests.
func (m *measured) failing(g group, ids []string) []string {
	failed, ran := []string{}, false
	for _, s := range m.all.Services {
		if s.Control || !g(s) {
			continue
		}
		ran = true
		for _, id := range ids {
			switch s.Contract.Tests[id] {
			case "passed":
			case "failed":
				failed = append(failed, s.ID+" "+id)
			default:
				return nil
			}
		}
	}
	if !ran {
		return nil
	}
	return failed
}

func median(values []float64) (float64, bool) {
	if len(values) == 0 {
		return 0, false
	}
	sorted := slices.SortedFunc(slices.Values(values), cmp.Compare)
	n := len(sorted)
	return (sorted[(n-1)/2] + sorted[n/2]) / 2, true
}

func join(words []string) string {
	out := ""
	for i, w := range words {
		if i > 0 {
			out += ", "
		}
		out += w
	}
	return out
}
