package compare

import (
	"fmt"
	"slices"
	"time"

	"example.com/scaffold/internal/compare/result"
)

// Workloads are the ids of all, those first that are left out last when time is short.
func Workloads() []string {
	return []string{readID, "health", "login", "list", "write", "echo", "mixed", "cpu", "slow", "fanout", bareID}
}

// quickWorkloads are those of a quick run that does not name its own.
func quickWorkloads() []string { return []string{readID, "health", "login", "list", "mixed"} }

const (
	controlSuffix = "-control"

	fullRounds, quickRounds     = 10, 5
	fewestRounds                = 5 // nothing is planned below: a ranking needs four, and one may be rejected
	fullDuration, quickDuration = 5 * time.Second, 2 * time.Second
	shortest                    = 1.0 // seconds of a measurement below which a budget does not press it

	warmup     = 500 * time.Millisecond // before each measurement, within it
	settle     = 300 * time.Millisecond // around it: reading clocks, writing the result
	restarting = 4 * time.Second        // a start, an account's sign-in, and warm-up of one workload
	warmStep   = time.Second            // of one workload after a restart, on average
	searching  = 12 * time.Second       // for the highest rate of one service under one workload
	// The highest rate is looked for in the first rounds only.
	searchRounds = 5
	calibrating  = 3 * time.Second // of one service under one workload
)

// newPlan is what was asked for, with defaults.
func newPlan(o Options) result.Plan {
	p := result.Plan{
		Own: o.Own, Rates: o.Rates, Rounds: o.Rounds, RoundSecs: o.Duration.Seconds(),
		Database: o.Database, Workers: max(o.Workers, 1), Quick: o.Quick, Price: o.Price, Seed: uint64(time.Now().UnixNano()),
	}
	for _, candidate := range o.Candidates {
		p.Stacks = append(p.Stacks, candidate.ID)
	}
	for _, own := range o.Own {
		p.Workloads = append(p.Workloads, own.Name)
	}
	p.Workloads = append(p.Workloads, o.Workloads...)
	p.Control = o.Candidates[0].ID + controlSuffix
	rounds, duration, workloads := fullRounds, fullDuration, Workloads()
	if o.Quick {
		rounds, duration, workloads = quickRounds, quickDuration, quickWorkloads()
	}
	if p.Rounds == 0 {
		p.Rounds = rounds
	}
	if p.RoundSecs == 0 {
		p.RoundSecs = duration.Seconds()
	}
	if len(p.Workloads) == 0 {
		p.Workloads = workloads
	}
	return p
}

// shares are the rates as parts of what the slowest service can do.
func shares(n int) []float64 {
	switch n {
	case 1:
		return []float64{0.5}
	case 2:
		return []float64{0.25, 0.75}
	default:
		return []float64{0.25, 0.5, 0.75}
	}
}

// effort is a plan as what it costs.
type effort struct {
	services, rounds, rates, workloads int

	own      int     // of the workloads, those that say their rates
	ownRates int     // of all of them together; none is dropped
	seconds  float64 // of one measurement
	restarts bool    // services begin anew before each round
	searches bool    // the highest rate is looked for
	given    bool    // the rates were asked for: none is dropped
}

// takes is how long the measuring will be.
func (e effort) takes() time.Duration {
	one := time.Duration(e.seconds*float64(time.Second)) + warmup + settle
	round := time.Duration(max(0, e.workloads-e.own)*e.rates+e.ownRates) * one
	if e.restarts {
		round += restarting + time.Duration(e.workloads)*warmStep
	}
	total := time.Duration(e.rounds)*round + time.Duration(e.workloads)*calibrating
	if e.searches {
		total += time.Duration(e.workloads*min(e.rounds, searchRounds)) * searching
	}
	return time.Duration(e.services) * total
}

// fit makes an effort smaller until it fits into a time, what matters least first.
func (e effort) fit(budget time.Duration) (fitted effort, ok bool) {
	for e.takes() > budget {
		switch {
		case e.seconds > shortest:
			e.seconds = max(shortest, e.seconds/1.25)
		case e.searches:
			e.searches = false
		case e.rates > 1 && !e.given:
			e.rates--
		case e.rounds > fewestRounds:
			e.rounds--
		case e.restarts:
			e.restarts = false
		case e.workloads > max(1, e.own):
			e.workloads--
		default:
			return e, false
		}
	}
	return e, true
}

// less says in words what a smaller effort lacks.
func (e effort) less(fitted effort) []string {
	var lost []string
	note := func(changed bool, format string, args ...any) {
		if changed {
			lost = append(lost, fmt.Sprintf(format, args...))
		}
	}
	note(fitted.seconds < e.seconds, "measurements of %.3g s instead of %.3g s", fitted.seconds, e.seconds)
	note(fitted.searches != e.searches, "no search for the highest rate")
	note(fitted.rates < e.rates, "%d of %d rates", fitted.rates, e.rates)
	note(fitted.rounds < e.rounds, "%d of %d rounds", fitted.rounds, e.rounds)
	note(fitted.restarts != e.restarts, "no restarts between rounds")
	note(fitted.workloads < e.workloads, "%d of %d workloads", fitted.workloads, e.workloads)
	return lost
}

// keep drops the workloads that matter least, in the order of the rest. What a person
// brought matters most.
func keep(workloads []string, n int) []string {
	own := slices.DeleteFunc(slices.Clone(workloads), func(w string) bool { return slices.Contains(Workloads(), w) })
	var kept []string
	for _, w := range append(own, Workloads()...) {
		if slices.Contains(workloads, w) && len(kept) < n {
			kept = append(kept, w)
		}
	}
	return slices.DeleteFunc(slices.Clone(workloads), func(w string) bool { return !slices.Contains(kept, w) })
}
