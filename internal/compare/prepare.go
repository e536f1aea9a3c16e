package compare

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"example.com/scaffold/internal/compare/result"
	"example.com/scaffold/internal/contract"
	"example.com/scaffold/internal/contract/selfhost"
	"example.com/scaffold/internal/service"
)

// coldStarts are those of each service before the rounds, in turn.
const coldStarts = 3

// prepare installs and checks each candidate and starts those that passed.
func (r *run) prepare(ctx context.Context) error {
	r.announce()
	for i, candidate := range r.o.Candidates {
		about := &r.c.Services[i]
		if about.Excluded != "" {
			continue // by the run this one goes on with
		}
		err := r.admit(ctx, candidate, about)
		if err != nil && ctx.Err() == nil && r.o.KeepGoing {
			about.Excluded, err = err.Error(), nil
		}
		if err != nil {
			return fmt.Errorf("%s: %w", about.ID, err)
		}
		if about.Excluded != "" {
			r.say("%s is left out: %s", about.ID, about.Excluded)
		}
		if err := r.save(); err != nil {
			return err
		}
	}
	if err := r.enough(); err != nil {
		return err
	}
	r.addControl()
	var err error
	if r.c.Generator, err = r.prove(ctx); err != nil {
		return fmt.Errorf("prove the generator: %w", err)
	}
	if !r.c.Generator.Holds {
		r.say("The generator saw a frozen server otherwise than it was: this machine is too busy to measure latencies.")
	}
	return r.startAll(ctx)
}

// announce says first how long it will take, as far as that can be known by now.
func (r *run) announce() {
	setup := 0
	for _, candidate := range r.o.Candidates {
		if candidate.URL == "" {
			setup++
		}
	}
	fitted, err := r.fit(time.Duration(setup) * r.setupGuess())
	total := time.Duration(setup)*r.setupGuess() + fitted.takes()
	switch {
	case err != nil:
		r.say("%v", err)
	case r.o.Resume:
		r.say("Going on with %s: %d rounds are there.", r.o.Dir, len(r.c.Rounds))
	default:
		r.say("This will take about %s: %d services, %d workloads, %d rounds.", inWords(total), fitted.services-1, fitted.workloads, fitted.rounds)
	}
}

// setupGuess is what installing, checking and starting one service takes.
func (r *run) setupGuess() time.Duration {
	if r.c.Plan.Quick {
		return 45 * time.Second
	}
	return 3 * time.Minute
}

// inWords is a time for people.
func inWords(d time.Duration) string {
	switch {
	case d < 100*time.Second:
		return fmt.Sprintf("%d s", int(d.Seconds()+0.5))
	case d < 100*time.Minute:
		return fmt.Sprintf("%d min", int(d.Minutes()+0.5))
	default:
		return fmt.Sprintf("%.1f h", d.Hours())
	}
}

// admit installs a candidate and holds it against the contract. A failure of the
// contract is no error: it excludes the service.
func (r *run) admit(ctx context.Context, candidate Candidate, about *result.Service) error {
	if candidate.URL != "" {
		about.Contract.NotRun = "given by its address; scaffold verify can be told more about it"
		one, err := newSession(candidate.URL)
		if err != nil {
			return err
		}
		defer one.client.CloseIdleConnections()
		if _, _, err := one.send(ctx, http.MethodGet, "/healthz", nil, ""); err != nil { // whatever it answers
			return fmt.Errorf("no service answers there: %w", err)
		}
		return nil
	}
	facts, err := selfhost.ReadFacts(candidate.Dir)
	if err != nil {
		return err
	}
	if err := r.install(ctx, candidate, facts, about); err != nil {
		return err
	}
	if err := r.weigh(ctx, candidate, facts, about); err != nil {
		return err
	}
	if about.Contract.Passed > 0 {
		return nil // held against it by the run this one goes on with
	}
	return r.verify(ctx, candidate, about)
}

// install runs the repository's setup command, timed.
func (r *run) install(ctx context.Context, candidate Candidate, facts contract.Facts, about *result.Service) error {
	host, err := service.Open(ctx, service.Config{Dir: candidate.Dir, Commands: service.Commands(facts.Run)})
	if err != nil {
		return err
	}
	r.say("%s: installing", about.ID)
	before, err := size(candidate.Dir)
	if err != nil {
		return errors.Join(err, host.Close())
	}
	began := time.Now()
	if err := errors.Join(host.Setup(ctx), host.Close()); err != nil {
		return err
	}
	if about.Costs.InstallSeconds != nil || !candidate.Rendered {
		return nil // some of it may have been there
	}
	took := time.Since(began).Seconds()
	after, err := size(candidate.Dir)
	if err != nil {
		return err
	}
	grown := after - before
	about.Costs.InstallSeconds, about.Costs.InstallBytes = &took, &grown
	return nil
}

// size is what the files below a folder hold, in bytes.
func size(dir string) (total int64, err error) {
	err = filepath.WalkDir(dir, func(_ string, d os.DirEntry, err error) error {
		if err != nil || !d.Type().IsRegular() {
			return err
		}
		info, err := d.Info()
		if err == nil {
			total += info.Size()
		}
		return err
	})
	return total, err
}

// verify holds a service against the contract. A quick run leaves out the tests that
// start services of their own or measure time.
func (r *run) verify(ctx context.Context, candidate Candidate, about *result.Service) (err error) {
	r.say("%s: holding it against the contract", about.ID)
	run, err := selfhost.Open(ctx, selfhost.Options{
		Dir: candidate.Dir, Postgres: r.c.Plan.Database == "postgres", LogDir: filepath.Join(r.o.Dir, Logs, about.ID),
	})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, run.Close()) }()
	only := func(contract.Test) bool { return true }
	if r.c.Plan.Quick && !r.o.Contract {
		only = quickTest
	}
	report, err := contract.Run(ctx, run.Target, contract.Tests(), contract.Options{Only: only})
	if err != nil {
		return err
	}
	about.Contract = result.Contract{
		Passed: report.Passed, Failed: report.Failed, Skipped: report.Skipped, Tests: make(map[string]string),
	}
	if all := len(contract.Tests()); len(report.Results) < all {
		about.Contract.NotRun = fmt.Sprintf("quick: %d of %d tests were run", len(report.Results), all)
	}
	var failed []string
	for _, res := range report.Results {
		about.Contract.Tests[res.Test.ID] = string(res.Status)
		if res.Status == contract.Failed {
			failed = append(failed, fmt.Sprintf("%s (%s)", res.Test.ID, firstLine(res.Reason)))
		}
	}
	if !report.OK() {
		about.Excluded = fmt.Sprintf("it does not keep the contract: %s", strings.Join(failed, ", "))
	}
	return nil
}

func firstLine(text string) string {
	line, _, _ := strings.Cut(text, "\n")
	return line
}

func quickTest(t contract.Test) bool {
	return t.Phase == contract.Parallel && !slices.ContainsFunc(t.Needs, func(n contract.Need) bool {
		return n == contract.NeedShort || n == contract.NeedControl || n == contract.NeedTLS
	})
}

// enough makes sure that two are left.
func (r *run) enough() error {
	left := 0
	var lost []string
	for _, about := range r.c.Services {
		switch {
		case about.Excluded != "":
			lost = append(lost, about.ID+": "+about.Excluded)
		case !about.Control:
			left++
		}
	}
	if left < 2 {
		return fmt.Errorf("%w: %s", ErrTooFew, strings.Join(lost, "; "))
	}
	return nil
}

// addControl makes the first service that is left run twice.
func (r *run) addControl() {
	if slices.ContainsFunc(r.c.Services, func(s result.Service) bool { return s.Control }) {
		return // by the run this one goes on with
	}
	i := slices.IndexFunc(r.c.Services, func(s result.Service) bool { return s.Excluded == "" })
	control := r.c.Services[i]
	control.ID, control.Title, control.Control = control.ID+controlSuffix, control.Title+" (control)", true
	control.Contract.Tests = nil // the same service's
	r.c.Plan.Control = r.c.Services[i].ID
	r.c.Services = append(r.c.Services, control)
}

// candidate is the one behind a service; of the control, the service it repeats.
func (r *run) candidate(about result.Service) Candidate {
	id := about.ID
	if about.Control {
		id = strings.TrimSuffix(id, controlSuffix)
	}
	return r.o.Candidates[slices.IndexFunc(r.o.Candidates, func(c Candidate) bool { return c.ID == id })]
}

// startAll starts every service and looks at how it runs.
func (r *run) startAll(ctx context.Context) error {
	r.subjects = make([]*subject, len(r.c.Services))
	for i := range r.c.Services {
		about := &r.c.Services[i]
		if about.Excluded != "" {
			continue
		}
		r.say("%s: starting", about.ID)
		candidate := r.candidate(*about)
		var err error
		if candidate.URL != "" {
			s := &subject{id: about.ID, about: about, url: candidate.URL, listener: listening(candidate.URL)}
			r.subjects[i], err = s, s.signIn(ctx, r.o.User, r.o.User)
		} else {
			r.subjects[i], err = r.start(ctx, candidate, about)
		}
		if err != nil {
			return fmt.Errorf("%s: %w", about.ID, err)
		}
	}
	if len(r.c.Rounds) == 0 {
		if err := r.coldStarts(ctx); err != nil {
			return err
		}
	}
	for _, s := range r.subjects {
		if s != nil {
			if err := s.look(ctx, r.c.Plan); err != nil {
				return fmt.Errorf("%s: %w", s.id, err)
			}
		}
	}
	return r.save()
}

// coldStarts starts the services anew a few times, in turn. Whatever was to be read
// from the disk has been by then.
func (r *run) coldStarts(ctx context.Context) error {
	for range coldStarts {
		for _, s := range r.subjects {
			if s == nil || s.workers == nil {
				continue
			}
			if err := s.restart(ctx); err != nil {
				return fmt.Errorf("%s: %w", s.id, err)
			}
		}
	}
	return nil
}
