package compare

import (
	"context"
	"fmt"
	"math"
	"slices"
	"strconv"
	"time"
)

const (
	gentle   = 40.0  // requests a second that any service answers
	heaviest = 12000 // a second, which the generator sends with room to spare
	steep    = 0.9   // of what the CPU time promises, tried out
	easy     = 0.1   // of a core
)

// usable drops the workloads that not every service can be asked, or refuses those
// that were asked for by name.
func (r *run) usable(ctx context.Context) error {
	p := &r.c.Plan
	refuse := func(id, why string) error {
		if slices.Contains(r.o.Workloads, id) || r.workload(id).own != nil {
			return fmt.Errorf("workload %s: %s", id, why)
		}
		p.Workloads = slices.DeleteFunc(p.Workloads, func(other string) bool { return other == id })
		r.say("Workload %s is left out: %s.", id, why)
		return nil
	}
	for _, id := range slices.Clone(p.Workloads) {
		w := r.workload(id)
		for _, s := range r.subjects {
			why := ""
			switch {
			case s == nil:
				continue
			case w.bench && s.workers != nil && !s.bench:
				why = s.id + " was rendered without the option benchmark"
			case w.id == bareID && s.bare == nil:
				why = s.id + " has no bare application beside it: stacks have one, on SQLite and with one worker"
			case w.id == fanoutID && p.Workers > 1:
				why = "several processes do not share their streams"
			case w.account && s.sessions[0].load.Email == "":
				why = s.id + " was given without an account (--user)"
			default:
				if _, err := w.requests(ctx, s.answering(w).sessions[0]); err != nil {
					why = s.id + ": " + err.Error()
				}
			}
			if why != "" {
				if err := refuse(id, why); err != nil {
					return err
				}
				break
			}
		}
	}
	if len(p.Workloads) == 0 {
		return fmt.Errorf("no workload is left that every service answers")
	}
	return ctx.Err()
}

// rates are n rates of a workload that all services can be compared at: parts of
// what the slowest of them can do, or those that were asked for.
func (r *run) rates(ctx context.Context, w workload, n int) ([]float64, error) {
	if len(r.c.Plan.Rates) > 0 {
		return r.c.Plan.Rates, nil
	}
	if w.own != nil && len(w.own.Rates) > 0 {
		return w.own.Rates, nil
	}
	if w.fixed != nil {
		return w.fixed[max(0, len(w.fixed)-n):], nil
	}
	slowest := math.Inf(1)
	for _, s := range r.subjects {
		if s == nil || s.about.Control {
			continue
		}
		can, err := r.capacity(ctx, s, w)
		if err != nil {
			return nil, fmt.Errorf("%s: %s: %w", s.id, w.id, err)
		}
		slowest = min(slowest, can)
	}
	var rates []float64
	for _, share := range shares(n) {
		if rate := round2(share * slowest); !slices.Contains(rates, rate) {
			rates = append(rates, rate)
		}
	}
	return rates, nil
}

// capacity is about how many requests a second a service can answer.
func (r *run) capacity(ctx context.Context, s *subject, w workload) (float64, error) {
	rate := w.gentle
	if err := r.warmUp(ctx, s, w, rate); err != nil {
		return 0, err
	}
	out, err := r.load(ctx, s, job{w: w, rate: rate, duration: time.Second})
	if err != nil {
		return 0, err
	}
	if w.own != nil && out.perCPU > 0 { // now it is known what a service answers with ease
		rate = min(gentle, max(w.gentle, easy*1e6/out.perCPU))
		if out, err = r.load(ctx, s, job{w: w, rate: rate, duration: time.Second}); err != nil {
			return 0, err
		}
	}
	if out.OK == 0 {
		return 0, fmt.Errorf("no right answer at %.4g requests a second: %s", rate, out.Example)
	}
	if out.perCPU > 0 {
		rate = min(heaviest, steep*1e6/out.perCPU*float64(len(s.sessions)))
	}
	for best := out.Achieved; ; rate *= 2 {
		out, err := r.load(ctx, s, job{w: w, rate: rate, duration: time.Second})
		if err != nil {
			return 0, err
		}
		best = max(best, out.Achieved)
		if out.perCPU > 0 || out.Achieved < steep*rate || rate >= heaviest/2 {
			return best, nil
		}
	}
}

// round2 keeps two digits: a rate is a choice and no measurement.
func round2(rate float64) float64 {
	short, err := strconv.ParseFloat(strconv.FormatFloat(rate, 'g', 2, 64), 64)
	if err != nil {
		return rate // what was just written can be read
	}
	return short
}
