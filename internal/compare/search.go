package compare

import (
	"context"
	"fmt"
	"time"

	"example.com/scaffold/internal/compare/load"
	"example.com/scaffold/internal/compare/result"
)

// A search finds the highest rate at which 99 % of the answers keep the workload's
// limit and none is missing.
const (
	searchStep      = time.Second
	searchPrecision = 0.1
)

// searchable says whether the plan looks for the highest rate of a workload.
func (r *run) searchable(w workload, round int) bool {
	return r.c.Plan.Searches && w.limit > 0 && round <= searchRounds && r.c.Plan.Workers == 1
}

// search is one search of one service.
func (r *run) search(ctx context.Context, s *subject, w workload, round, place int) (result.Round, error) {
	row := result.Round{Service: s.id, Workload: w.id, Round: round, Place: place}
	requests, err := s.requests(ctx, w)
	if err != nil {
		return row, err
	}
	base := s.options(r.place, job{w: w, rate: w.gentle, warm: warmup / 2})
	aim(base, requests)
	before, began := r.read(s), time.Now()
	found, err := load.Highest(ctx, load.Search{
		Base: base[0], Limit: w.limit, Low: r.c.Plan.WorkloadRates[w.id][0], High: heaviest,
		Step: searchStep, Precision: searchPrecision,
	})
	if err != nil {
		return row, err
	}
	after := r.read(s)
	o := outcome{}
	o.note(before, after, r.inUse(), s)
	row.Seconds, row.ForeignCPU = time.Since(began).Seconds(), o.foreign
	switch {
	case found.Limited == load.LimitedByGenerator:
		row.Rejected = "the generator itself was too late to tell"
	case found.Rate == 0:
		row.Rejected = fmt.Sprintf("not even %.4g a second kept %s at the 99th percentile", r.c.Plan.WorkloadRates[w.id][0], w.limit)
	default:
		row.Highest = &found.Rate
	}
	return row, nil
}
