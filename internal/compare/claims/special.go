package claims

import (
	"fmt"
	"slices"
	"strings"

	"example.com/scaffold/internal/compare/result"
)

const enoughWorkloads = 3 // to say that nothing changes places

// changesPlaces looks for a pair of stacks of which one is ahead in one workload and
// the other in another, by CPU per request.
func changesPlaces(m *measured) ruling {
	type pair struct{ a, b string }
	ahead := map[pair]map[string][]string{} // leader to workloads
	var workloads []string
	for _, v := range m.all.Verdicts {
		if v.Metric != cpu || v.Outcome == result.Unranked {
			continue
		}
		if !slices.Contains(workloads, v.Workload) {
			workloads = append(workloads, v.Workload)
		}
		var leader string
		switch {
		case v.High < 1:
			leader = v.A
		case v.Low > 1:
			leader = v.B
		default:
			continue
		}
		p := pair{min(v.A, v.B), max(v.A, v.B)}
		if ahead[p] == nil {
			ahead[p] = map[string][]string{}
		}
		if !slices.Contains(ahead[p][leader], v.Workload) {
			ahead[p][leader] = append(ahead[p][leader], v.Workload)
		}
	}
	var found []string
	for p, leaders := range ahead {
		if len(leaders[p.a]) > 0 && len(leaders[p.b]) > 0 {
			found = append(found, fmt.Sprintf("%s is ahead of %s at %s, behind at %s",
				p.a, p.b, join(leaders[p.a]), join(leaders[p.b])))
		}
	}
	slices.Sort(found)
	switch {
	case len(found) > 0:
		return ruling{Supported, found}
	case len(workloads) >= enoughWorkloads:
		return ruling{Refuted, []string{"no pair changes places over " + join(workloads)}}
	}
	return inconclusive("CPU per request was ranked for %d workloads; %d are needed", len(workloads), enoughWorkloads)
}

// audited says whether somebody answered for the packages of each service.
func audited(m *measured) ruling {
	r := ruling{outcome: Supported}
	for _, s := range m.services {
		if s.Costs.Audit == "" || strings.HasPrefix(s.Costs.Audit, "could not audit") {
			r.outcome = Inconclusive
		}
		r.because = append(r.because, s.ID+": "+s.Costs.Audit)
	}
	if len(m.services) == 0 {
		return inconclusive("no service was measured")
	}
	return r
}
