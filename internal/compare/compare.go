// Package compare measures services side by side: it installs each, holds it against
// the contract, finds out whether they run alike, and then loads them round by round
// in a balanced order, so that what slows the machine slows all.
//
// Everything it learns goes to result.json as soon as it is known, and a run that was
// cut short goes on from there.
package compare

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"time"

	"example.com/scaffold/internal/compare/result"
)

// Candidate is one thing to compare: a repository or a running service.
type Candidate struct {
	ID       string // unique in a comparison
	Title    string
	Stack    string // id of the stack it was rendered from, if it was
	Language string
	Dir      string // root of a repository made by scaffold; empty for a URL
	Plain    string // the same without what only a comparison needs, never installed; empty: Dir
	Bare     string // a file of Dir: an application of the same framework without security; empty: there is none
	URL      string // address of a running service, without a path
	Place    string // as the person named it, so that it is found again
	// Benchmark says that it has the routes of the option of that name.
	Benchmark bool
	Rendered  bool // Dir was made for this comparison: it may be removed
}

// Account signs in to a service that was given by its address.
type Account struct{ Email, Password string }

// Options say what to compare and how.
type Options struct {
	Dir        string // takes result.json and, for rendered services, their folders
	Candidates []Candidate
	Workloads  []string      // ids; empty: all, or the quick ones, or those of Own
	Own        []result.Own  // workloads that the person brought
	Rates      []float64     // per second, for all workloads; empty: from a calibration
	Rounds     int           // 0: 10, or 5 when quick
	Duration   time.Duration // of one measurement; 0: 5 s, or 2 s when quick
	Budget     time.Duration // for everything; 0: as long as it takes
	Database   string        // sqlite or postgres
	Workers    int           // processes of each service
	Quick      bool
	Resume     bool // go on with the run in Dir
	KeepGoing  bool // leave out what cannot be set up
	Contract   bool // hold quick runs against the whole contract too
	Price      *result.Price
	User       Account // of services given by their address

	ID      string // names a new run
	Command []string
	Version string
	Say     func(format string, args ...any) // takes lines for a person
}

// ErrTooFew says that fewer than two services are left to compare.
var ErrTooFew = errors.New("fewer than two services can be compared")

// run is a comparison on its way.
type run struct {
	o        Options
	c        *result.Comparison
	place    placement
	upstream *upstream
	subjects []*subject // in the order of c.Services; nil for what is excluded
	began    time.Time
	spent    time.Duration // by earlier runs that this one goes on with
}

// Run compares. Whatever happens after the checks of what was asked for, the result
// so far is returned too, and is in Options.Dir; every process it started has ended.
func Run(ctx context.Context, o Options) (c *result.Comparison, err error) {
	r := &run{o: o, began: time.Now()}
	if err := r.open(); err != nil {
		return nil, err
	}
	defer func() {
		err = errors.Join(err, r.closeAll())
		c = r.c
		c.Verdicts, c.Protections = verdicts(c), protections(c)
		if err != nil {
			c.Stopped = why(ctx, err)
		}
		if saveErr := r.save(); saveErr != nil && !errors.Is(err, syscall.ENOSPC) {
			err = errors.Join(err, saveErr)
		}
	}()
	if r.upstream, err = listenUpstream(ctx); err != nil {
		return r.c, err
	}
	if err := r.prepare(ctx); err != nil {
		return r.c, err
	}
	if err := r.measure(ctx); err != nil {
		return r.c, err
	}
	r.c.Complete, r.c.Stopped = true, ""
	return r.c, nil
}

// why says in a few words what cut a run short.
func why(ctx context.Context, err error) string {
	if ctx.Err() != nil {
		return "interrupted"
	}
	line, _, _ := strings.Cut(err.Error(), "\n")
	return line
}

// open checks what was asked for and reads or begins the result.
func (r *run) open() error {
	if err := os.MkdirAll(r.o.Dir, 0o755); err != nil {
		return fmt.Errorf("make the folder of the comparison: %w", err)
	}
	old, err := Load(r.o.Dir)
	switch {
	case err == nil && r.o.Resume:
		if old.Complete {
			return fmt.Errorf("%s is complete: there is nothing to go on with", filepath.Join(r.o.Dir, File))
		}
		return r.resume(old)
	case r.o.Resume && errors.Is(err, fs.ErrNotExist):
		return fmt.Errorf("%s: there is no comparison to go on with", r.o.Dir)
	case r.o.Resume:
		return err
	case err == nil && len(old.Rounds) == 0: // nothing was measured: nothing is lost
	case err == nil:
		return fmt.Errorf("%s holds a comparison: go on with it (--resume), or choose another folder", r.o.Dir)
	case !errors.Is(err, fs.ErrNotExist):
		return err
	}
	if len(r.o.Candidates) < 2 {
		return ErrTooFew
	}
	if err := secrets(r.o.Own); err != nil {
		return err
	}
	where, label := place(max(r.o.Workers, 1))
	r.place = where
	r.c = &result.Comparison{
		Schema: result.Schema, ID: r.o.ID, Command: r.o.Command, Scaffold: r.o.Version,
		Started: r.began.UTC(), Machine: machine(r.place, label), Plan: newPlan(r.o),
	}
	for _, candidate := range r.o.Candidates {
		r.c.Services = append(r.c.Services, result.Service{
			ID: candidate.ID, Title: candidate.Title, Language: candidate.Language, Stack: candidate.Stack, Place: candidate.Place,
		})
	}
	return r.save()
}

// resume goes on with an earlier run as it was planned.
func (r *run) resume(old *result.Comparison) error {
	where, label := place(max(old.Plan.Workers, 1))
	r.place = where
	if now := machine(r.place, label); now.CPU != old.Machine.CPU || now.Cores != old.Machine.Cores || now.Pinned != old.Machine.Pinned {
		return fmt.Errorf("the rounds in %s were measured on another machine (%s, %d cores): begin anew", r.o.Dir, old.Machine.CPU, old.Machine.Cores)
	}
	var ids []string
	for _, candidate := range r.o.Candidates {
		ids = append(ids, candidate.ID)
	}
	if !slices.Equal(ids, old.Plan.Stacks) {
		return fmt.Errorf("the run in %s compares %s, not %s", r.o.Dir, strings.Join(old.Plan.Stacks, ", "), strings.Join(ids, ", "))
	}
	if err := errors.Join(unchanged(r.o.Own, old.Plan.Own), secrets(old.Plan.Own)); err != nil {
		return fmt.Errorf("%s: %w", r.o.Dir, err)
	}
	r.c, r.spent = old, time.Duration(old.Seconds*float64(time.Second))
	r.c.Stopped, r.c.Verdicts, r.c.Protections = "", nil, nil
	return r.save()
}

// stamp notes how long it has taken so far.
func (r *run) stamp() { r.c.Seconds = (r.spent + time.Since(r.began)).Seconds() }

func (r *run) save() error {
	r.stamp()
	if err := save(r.o.Dir, r.c); err != nil {
		return fmt.Errorf("keep the result: %w", err)
	}
	return nil
}

func (r *run) say(format string, args ...any) {
	if r.o.Say != nil {
		r.o.Say(format, args...)
	}
}

// closeAll ends every service, last to first.
func (r *run) closeAll() error {
	var errs []error
	for _, s := range slices.Backward(r.subjects) {
		if s != nil {
			errs = append(errs, s.close())
		}
	}
	r.subjects = nil
	if r.upstream != nil {
		errs = append(errs, r.upstream.close())
	}
	return errors.Join(errs...)
}
