package compare

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"example.com/scaffold/internal/compare/result"
	"example.com/scaffold/internal/compare/stats"
)

// wanted is the plan as what it costs, whatever the budget.
func (r *run) wanted() effort {
	p := r.c.Plan
	left := 0
	for _, about := range r.c.Services {
		if about.Excluded == "" && !about.Control {
			left++
		}
	}
	ownRates := 0
	own := slices.DeleteFunc(slices.Clone(p.Own), func(o result.Own) bool { return len(o.Rates) == 0 || len(p.Rates) > 0 })
	for _, one := range own {
		ownRates += len(one.Rates)
	}
	return effort{
		own: len(own), ownRates: ownRates, services: left + 1, rounds: p.Rounds, rates: len(r.shares()), workloads: len(p.Workloads),
		seconds: p.RoundSecs, restarts: !p.Quick, searches: !p.Quick, given: len(p.Rates) > 0,
	}
}

// fit makes it fit into the budget after some of that is gone.
func (r *run) fit(gone time.Duration) (effort, error) {
	e := r.wanted()
	if r.o.Budget == 0 {
		return e, nil
	}
	fitted, ok := e.fit(r.o.Budget - gone - r.spent)
	if !ok {
		least := gone + r.spent + fitted.takes()
		return fitted, fmt.Errorf("the budget of %s is too short: %s is the least for %d services", inWords(r.o.Budget), inWords(least), e.services-1)
	}
	return fitted, nil
}

// shares are the rates that were given, or as many parts of the slowest service.
func (r *run) shares() []float64 {
	switch {
	case len(r.c.Plan.Rates) > 0:
		return r.c.Plan.Rates
	case r.c.Plan.Quick:
		return shares(1)
	default:
		return shares(3)
	}
}

// settle makes the plan final: what fits into the budget, and at which rates.
func (r *run) settle(ctx context.Context) error {
	if len(r.c.Plan.WorkloadRates) > 0 {
		return nil // planned by the run this one goes on with
	}
	if err := r.usable(ctx); err != nil {
		return err
	}
	fitted, err := r.fit(time.Since(r.began))
	if err != nil {
		r.say("%v; measuring the least", err)
	}
	if lost := r.wanted().less(fitted); len(lost) > 0 {
		r.say("To fit into %s: %s.", inWords(r.o.Budget), strings.Join(lost, ", "))
	}
	p := &r.c.Plan
	p.Rounds, p.RoundSecs, p.Restarts, p.Searches = fitted.rounds, fitted.seconds, fitted.restarts, fitted.searches
	p.Workloads = keep(p.Workloads, fitted.workloads)
	rates := make(map[string][]float64)
	for _, id := range p.Workloads {
		if len(p.Rates) == 0 {
			r.say("Looking for rates of %s that every service can serve", id)
		}
		if id == bareID && slices.Contains(p.Workloads, readID) {
			continue // those of reads, below
		}
		if rates[id], err = r.rates(ctx, r.workload(id), fitted.rates); err != nil {
			return err
		}
	}
	if slices.Contains(p.Workloads, bareID) && len(rates[readID]) > 0 {
		rates[bareID] = rates[readID]
	}
	p.WorkloadRates = rates
	return r.save()
}

// block is one workload at one rate in one round: the services one after another.
type block struct {
	w     workload
	rate  float64 // 0: the highest is looked for
	round int
	order []int // indexes of subjects
}

// blocks are all of the plan, round by round.
func (r *run) blocks() []block {
	var live []int
	for i, s := range r.subjects {
		if s != nil {
			live = append(live, i)
		}
	}
	var all []block
	for round, order := range stats.Orders(len(live), r.c.Plan.Rounds) {
		places := make([]int, len(order))
		for place, which := range order {
			places[place] = live[which]
		}
		for _, id := range r.c.Plan.Workloads {
			for _, rate := range r.c.Plan.WorkloadRates[id] {
				all = append(all, block{w: r.workload(id), rate: rate, round: round + 1, order: places})
			}
			if r.searchable(r.workload(id), round+1) {
				all = append(all, block{w: r.workload(id), round: round + 1, order: places})
			}
		}
	}
	return all
}

// missing leaves out the blocks that are there, and forgets those that are there in
// part: their services would not be compared within the same minute.
func (r *run) missing(all []block) []block {
	return slices.DeleteFunc(all, func(b block) bool {
		same := func(row result.Round) bool {
			return row.Workload == b.w.id && row.Rate == b.rate && row.Round == b.round
		}
		have := 0
		for _, row := range r.c.Rounds {
			if same(row) {
				have++
			}
		}
		want := 0
		for _, i := range b.order {
			if r.subjects[i].about.Excluded == "" {
				want++
			}
		}
		if have < want {
			r.c.Rounds = slices.DeleteFunc(r.c.Rounds, same)
		}
		return have >= want
	})
}

// measure runs the rounds that are missing.
func (r *run) measure(ctx context.Context) error {
	if err := r.settle(ctx); err != nil {
		return err
	}
	all := r.missing(r.blocks())
	var began time.Time
	round := 0
	for i, b := range all {
		if b.round != round {
			if err := r.beginRound(ctx, b, round > 0); err != nil {
				return err
			}
			round = b.round
		}
		if i == 0 {
			began = time.Now() // the first warm-up says nothing about the time that is left
		}
		left := ""
		if i > 0 {
			left = fmt.Sprintf(", about %s left", inWords(time.Since(began)/time.Duration(i)*time.Duration(len(all)-i)))
		}
		r.say("Round %d of %d: %s %s%s", b.round, r.c.Plan.Rounds, b.w.id, b.load(), left)
		if err := r.block(ctx, b); err != nil {
			return err
		}
	}
	r.conclude()
	return nil
}

// conclude notes what only shows after the load.
func (r *run) conclude() {
	for _, s := range r.subjects {
		if s == nil {
			continue
		}
		s.lookAgain()
		var peak int64
		for _, row := range r.c.Rounds {
			if row.Service == s.id && row.Workload != bareID {
				peak = max(peak, row.PeakBytes)
			}
		}
		if peak > 0 {
			s.about.Costs.PeakBytes = &peak
		}
	}
}

// load is a block's rate in words.
func (b block) load() string {
	if b.rate == 0 {
		return "at its highest rate"
	}
	return fmt.Sprintf("at %.4g a second", b.rate)
}

// beginRound starts the services anew, if that is planned, and warms them up.
func (r *run) beginRound(ctx context.Context, b block, later bool) error {
	if later && !r.c.Plan.Restarts {
		return nil
	}
	for _, i := range b.order {
		s := r.subjects[i]
		if s.about.Excluded != "" {
			continue
		}
		if later && s.workers != nil {
			if err := s.restart(ctx); err != nil {
				return fmt.Errorf("%s: %w", s.id, err)
			}
		}
		for _, id := range r.c.Plan.Workloads {
			if err := r.warmUp(ctx, s, r.workload(id), r.c.Plan.WorkloadRates[id][0]); ctx.Err() != nil {
				return err // what else goes wrong shows when it is measured
			}
		}
	}
	return nil
}

// block measures each service once. It is kept whole or not at all.
func (r *run) block(ctx context.Context, b block) error {
	lasts := time.Duration(r.c.Plan.RoundSecs * float64(time.Second))
	j := job{w: b.w, rate: b.rate, warm: min(warmup, lasts), duration: lasts}
	var rows []result.Round
	for place, i := range b.order {
		s := r.subjects[i]
		if s.about.Excluded != "" {
			continue
		}
		row, err := r.one(ctx, s, j, b.round, place)
		if err != nil {
			return err
		}
		rows = append(rows, row)
	}
	r.c.Rounds = append(r.c.Rounds, rows...)
	return r.save()
}

// one measures a service. What goes wrong with the service rejects the round; an
// error says that measuring cannot go on.
func (r *run) one(ctx context.Context, s *subject, j job, round, place int) (result.Round, error) {
	row, err := r.attempt(ctx, s, j, round, place)
	if ctx.Err() != nil {
		return row, context.Cause(ctx)
	}
	if err != nil {
		row.Rejected = err.Error()
	}
	if how := s.answering(j.w).ended(); how != "" {
		row.Rejected = how
		if err := r.revive(ctx, s, how); err != nil {
			return row, err
		}
	}
	return row, nil
}

// attempt makes the measurement itself.
func (r *run) attempt(ctx context.Context, s *subject, j job, round, place int) (result.Round, error) {
	if j.rate == 0 {
		return r.search(ctx, s, j.w, round, place)
	}
	out, err := r.load(ctx, s, j)
	if err != nil {
		return result.Round{Service: s.id, Workload: j.w.id, Rate: j.rate, Round: round, Place: place}, err
	}
	row := out.row(s.answering(j.w), j, round, place)
	row.Rejected = strings.Join(r.reasons(out), "; ")
	return row, nil
}
