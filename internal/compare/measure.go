package compare

import (
	"context"
	"fmt"
	"math"
	"slices"
	"sync"
	"time"

	"example.com/scaffold/internal/compare/load"
	"example.com/scaffold/internal/compare/result"
)

const (
	patience = 5 * time.Second // until an answer counts as missing
	giveUp   = 200             // failures after which a measurement ends early
)

// reading is the state of all clocks at one moment.
type reading struct {
	at               time.Time
	server, own, all time.Duration
	serverKnown      bool
	allKnown         bool
}

func (r *run) read(s *subject) reading {
	now := reading{at: time.Now(), own: ownCPU()}
	now.server, now.serverKnown = s.cpu()
	all, err := busy(r.place.cores())
	now.all, now.allKnown = all, err == nil
	return now
}

// job is one load of a service.
type job struct {
	w        workload
	rate     float64
	warm     time.Duration
	duration time.Duration
}

// outcome is what one load showed.
type outcome struct {
	*load.Result
	side    *load.Result // of the workload that went on beside
	perCPU  float64      // microseconds of the service's CPU time a request; 0: not known
	foreign float64      // of the processors in use, what others took, from 0 to 1
	seconds float64
	lasts   time.Duration // as planned
	streams int           // that listened
}

// load sends a job to a service, shared among its workers.
func (r *run) load(ctx context.Context, s *subject, j job) (*outcome, error) {
	s = s.answering(j.w)
	if j.w.id == fanoutID {
		return r.fanout(ctx, s, j)
	}
	all := s.options(r.place, j)
	var side []load.Options
	if other := j.w.beside; other != nil {
		requests, err := s.requests(ctx, *other)
		if err != nil {
			return nil, err
		}
		side = s.options(r.place, job{w: *other, rate: besides, warm: j.warm, duration: j.duration})
		aim(side, requests)
	}
	requests, err := s.requests(ctx, j.w)
	if err != nil {
		return nil, err
	}
	aim(all, requests)
	var before reading
	var once sync.Once
	all[0].OnMeasure = func() { once.Do(func() { before = r.read(s) }) }
	results := make([]*load.Result, len(all)+len(side))
	errs := make([]error, len(results))
	var wg sync.WaitGroup
	for i, o := range slices.Concat(all, side) {
		wg.Go(func() { results[i], errs[i] = load.Run(ctx, o) })
	}
	wg.Wait()
	after := r.read(s)
	for _, err := range errs {
		if err != nil {
			return nil, err
		}
	}
	once.Do(func() { before = after }) // it ended before the warm-up did
	out := &outcome{Result: merge(results[:len(all)]), side: merge(results[len(all):])}
	out.Rate, out.lasts = j.rate, j.duration
	out.account(before, after, r.inUse(), s)
	return out, nil
}

// account works out what the clocks say.
func (o *outcome) account(before, after reading, cores int, s *subject) {
	used, known := o.note(before, after, cores, s)
	if known && o.OK > 0 && o.side == nil {
		o.perCPU = float64(used.Microseconds()) / float64(o.OK)
	}
}

// note works out what others took, and returns what the service did.
func (o *outcome) note(before, after reading, cores int, s *subject) (used time.Duration, known bool) {
	o.seconds = after.at.Sub(before.at).Seconds()
	used = after.server - before.server
	known = before.serverKnown && after.serverKnown && used >= 0
	if before.allKnown && after.allKnown && o.seconds > 0 && (known || s.workers == nil) {
		others := (after.all - before.all) - used - (after.own - before.own)
		o.foreign = max(0, others.Seconds()/(o.seconds*float64(cores)))
	}
	return used, known
}

// options are those of one load.Run for each worker.
func (s *subject) options(p placement, j job) []load.Options {
	n := len(s.sessions)
	all := make([]load.Options, n)
	for i, one := range s.sessions {
		all[i] = load.Options{
			Addr: one.addr, Rate: j.rate / float64(n), Warmup: j.warm, Duration: j.duration,
			Timeout: patience, GiveUp: giveUp,
		}
		if p.pinned {
			all[i].CPU = &p.generator
		}
	}
	return all
}

// requests builds the requests of a workload for each worker.
func (s *subject) requests(ctx context.Context, w workload) ([][]*load.Request, error) {
	var all [][]*load.Request
	for _, one := range s.sessions {
		requests, err := w.requests(ctx, one)
		if err != nil {
			return nil, err
		}
		all = append(all, requests)
	}
	return all, nil
}

// aim lets each worker be sent its requests in turn.
func aim(all []load.Options, requests [][]*load.Request) {
	for i := range all {
		all[i].Next = func(n int) *load.Request { return requests[i][n%len(requests[i])] }
	}
}

// merge is what runs at the same time saw together; nil of none.
func merge(all []*load.Result) *load.Result {
	if len(all) == 0 {
		return nil
	}
	one := *all[0]
	for _, other := range all[1:] {
		longest := max(one.Elapsed, other.Elapsed)
		achieved := one.Achieved + other.Achieved
		one.Merge(other)
		one.Elapsed, one.Achieved = longest, achieved
	}
	return &one
}

// warmUp loads a service until its CPU time a request is flat, or long enough.
func (r *run) warmUp(ctx context.Context, s *subject, w workload, rate float64) error {
	const (
		most = 5
		flat = 0.05
	)
	last := 0.0
	for range most {
		out, err := r.load(ctx, s, job{w: w, rate: rate, duration: warmStep / 2})
		if err != nil {
			return err
		}
		if out.perCPU == 0 || last > 0 && math.Abs(out.perCPU-last) <= flat*last {
			return nil // flat, or nothing to tell it by
		}
		last = out.perCPU
	}
	return nil
}

// row is a measurement as it is kept.
func (o *outcome) row(s *subject, j job, round, place int) result.Round {
	row := result.Round{
		Service: s.id, Workload: j.w.id, Rate: j.rate, Round: round, Place: place, Seconds: o.Elapsed.Seconds(),
		Sent: int64(o.Sent), OK: int64(o.OK), Failed: failures(o.Failed),
		Latency: percentiles(o.Latency), Service99: millis(o.Service.Quantile(0.99)), Lag99: millis(o.Lag.Quantile(0.99)),
		CPU: o.perCPU, GeneratorCPU: o.Share(), ForeignCPU: o.foreign, Streams: o.streams,
	}
	for _, p := range thin(o.Latency.Curve()) {
		row.Curve = append(row.Curve, result.Point{Share: p.Quantile, Millis: millis(p.Value)})
	}
	if o.side != nil {
		side := percentiles(o.side.Latency)
		row.Side = &side
	}
	if held, known := s.memory(); known {
		row.PeakBytes = held
	}
	return row
}

// thin keeps the points of a curve at which its value changes.
func thin(curve []load.Point) []load.Point {
	return slices.CompactFunc(curve, func(a, b load.Point) bool {
		return a.Value == b.Value && b.Quantile < 1
	})
}

func percentiles(h *load.Histogram) result.Percentiles {
	at := func(q float64) float64 { return millis(h.Quantile(q)) }
	return result.Percentiles{
		P50: at(0.5), P90: at(0.9), P99: at(0.99), P999: at(0.999), Max: millis(h.Max()), Mean: millis(h.Mean()),
	}
}

func failures(f load.Failures) map[string]int64 {
	kinds := map[string]int64{}
	for name, n := range map[string]int{
		"status": f.Status, "length": f.Length, "body": f.Body, "timeout": f.Timeout,
		"connect": f.Connect, "broken": f.Broken, "protocol": f.Protocol,
	} {
		if n > 0 {
			kinds[name] = int64(n)
		}
	}
	return kinds
}

// revive notes that a service ended by itself and starts it again, unless it has done
// so too often.
func (r *run) revive(ctx context.Context, s *subject, how string) error {
	s.deaths++
	if s.deaths > maxDeaths {
		s.about.Excluded = fmt.Sprintf("%s %d times while it was measured", how, s.deaths)
		r.say("%s is left out: %s", s.id, s.about.Excluded)
		return nil
	}
	r.say("%s: %s; starting it again", s.id, how)
	return s.restart(ctx)
}
