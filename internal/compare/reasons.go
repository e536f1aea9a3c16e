package compare

import (
	"runtime"
	"time"

	"example.com/scaffold/internal/compare/stats"
)

// slack is how long after the last request was due its answer may come.
const slack = time.Second

// reasons are those for which a measurement does not count. None looks at how fast
// the service was.
func (r *run) reasons(o *outcome) []string {
	seen := stats.Observed{
		Lag: o.Lag.Quantile(0.99).Seconds(), Generator: o.Share(), Foreign: o.foreign * float64(r.inUse()),
		Asked: o.Rate, Achieved: o.Achieved, Failed: o.Failed.Total(), Why: o.Example,
	}
	if o.OK == o.Sent && o.Elapsed <= o.lasts+slack {
		seen.Achieved = seen.Asked // few requests do not make up a rate, and the last answer may take a while
	}
	if o.side != nil {
		seen.Generator += o.side.Share()
		if seen.Failed == 0 {
			seen.Failed, seen.Why = o.side.Failed.Total(), o.side.Example
		}
	}
	return stats.Reasons(seen, stats.DefaultGates(r.place.pinned))
}

// inUse is how many processors a measurement is on.
func (r *run) inUse() int {
	if r.place.pinned {
		return len(r.place.cores())
	}
	return runtime.NumCPU()
}
