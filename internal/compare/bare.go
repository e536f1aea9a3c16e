package compare

import (
	"context"
	"errors"
	"math/rand/v2"
	"path/filepath"
	"slices"

	"example.com/scaffold/internal/compare/result"
	"example.com/scaffold/internal/compare/stats"
	"example.com/scaffold/internal/contract"
	"example.com/scaffold/internal/service"
)

// bareID is the workload that bare applications answer: what their services do under
// readID, with the same framework, driver and rows, and without any security.
const (
	bareID = "bare"
	readID = "read"
)

// startBare starts the bare application of a stack beside its service, whose database
// it reads: SQLite, for one process.
func (r *run) startBare(ctx context.Context, s *subject, candidate Candidate, facts contract.Facts) error {
	if candidate.Bare == "" || !slices.Contains(r.c.Plan.Workloads, bareID) || r.c.Plan.Workers > 1 || r.c.Plan.Database != "sqlite" {
		return nil
	}
	interpreter := facts.Run.Start[0]
	host, err := service.Open(ctx, service.Config{
		Dir: candidate.Dir, Commands: service.Commands{Start: r.place.wrap([]string{interpreter, candidate.Bare})},
		DatabaseURL: s.workers[0].Env()["DATABASE_URL"], Extra: service.Env{"NODE_ENV": "production"},
		KeepLogs: filepath.Join(r.o.Dir, Logs, s.id),
	})
	if err != nil {
		return err
	}
	in, err := host.Start(ctx, service.Spec{Name: s.id + " bare"})
	if err != nil {
		return errors.Join(err, host.Close())
	}
	s.bare = &subject{id: s.id, about: s.about, host: host, workers: []*service.Instance{in}}
	return s.bare.follow(s)
}

// follow lets a bare application be asked for an item of its service.
func (s *subject) follow(full *subject) error {
	one, err := newSession(s.workers[0].URL)
	if err != nil {
		return err
	}
	for _, old := range s.sessions {
		old.client.CloseIdleConnections()
	}
	one.item = full.sessions[0].item
	s.sessions = []*session{one}
	return nil
}

// answering is who answers a workload.
func (s *subject) answering(w workload) *subject {
	if w.id == bareID && s.bare != nil {
		return s.bare
	}
	return s
}

// protections are what security costs each service: a read of the service as a multiple
// of the same read of its bare application, at each rate that both were measured at.
func protections(c *result.Comparison) []result.Protection {
	var ids []string
	for _, s := range c.Services {
		if s.Excluded == "" && !s.Control {
			ids = append(ids, s.ID)
		}
	}
	rng := rand.New(rand.NewPCG(c.Plan.Seed, 2)) //nolint:gosec // chance that can be repeated
	cpu := metrics()[0]
	var all []result.Protection
	for _, rate := range c.Plan.WorkloadRates[bareID] {
		full, _ := cpu.table(c, readID, rate, ids)
		bare, some := cpu.table(c, bareID, rate, ids)
		if !some {
			continue
		}
		rounds := make(stats.Rounds, len(full))
		for i := range rounds {
			rounds[i] = slices.Concat(full[i], bare[i])
		}
		for i, id := range ids {
			iv, err := stats.Ratio(rng, rounds, i, len(ids)+i, stats.Options{})
			if err != nil {
				continue // too few rounds
			}
			all = append(all, result.Protection{
				Service: id, Rate: rate, Rounds: iv.Rounds, Interval: result.Interval{Ratio: iv.Ratio, Low: iv.Low, High: iv.High},
			})
		}
	}
	return all
}
