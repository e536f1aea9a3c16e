package contract

import (
	"cmp"
	"context"
	"fmt"
	"os"
	"runtime/debug"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"example.com/scaffold/internal/contract/canary"
)

// Options of a run.
type Options struct {
	Only    func(Test) bool  // nil: all
	Workers int              // tests at a time; zero: 8
	Done    func(res Result) // called after each test, one call at a time; may be nil
	// Settings says which bad settings, such as "DEBUG=1" or "PUBLIC_URL missing", the
	// BOOT tests try, a start each; nil: all.
	Settings func(setting string) bool
}

// Status is how a test ended.
type Status string

// The ends of a test.
const (
	Passed  Status = "passed"
	Failed  Status = "failed"
	Skipped Status = "skipped"
)

// Result is one test's end.
type Result struct {
	Test     Test
	Status   Status
	Reason   string // of a skip, or the first failure
	Absent   bool   // skipped because it is about an option that this service does not have
	Failures []Failure
	Took     time.Duration
}

type run struct {
	target *Target
	rec    *recorder
	addr   atomic.Int64 // last two octets of the next local address

	logStart map[string]int64 // length of each log when the run began
	boot     bootStarts
	settings func(string) bool
	chosen   map[string]bool // ids of the tests that run

	mu        sync.Mutex
	passwords map[string]string // of given accounts, once changed
}

// Run runs the tests against the target and returns what came out, in the
// order of the table. It returns an error only when nothing could be run; what
// the service does wrong is in the report.
func Run(ctx context.Context, tg *Target, tests []Test, o Options) (*Report, error) {
	if err := tg.CheckAddress(); err != nil {
		return nil, err
	}
	tg.setDefaults()
	if err := tg.probe(ctx); err != nil {
		return nil, err
	}
	r := &run{target: tg, rec: newRecorder(), passwords: map[string]string{}, logStart: map[string]int64{}, chosen: map[string]bool{}, settings: o.Settings}
	r.addr.Store(randomInt(1 << 16)) // runs one after another do not meet each other's limits
	for _, path := range tg.Logs {
		info, err := os.Stat(path)
		if err != nil {
			return nil, fmt.Errorf("the service's log: %w", err)
		}
		r.logStart[path] = info.Size()
	}
	for _, s := range tg.Secrets {
		r.rec.secret("configured secret", s)
	}
	for _, u := range tg.Users {
		r.rec.secret("password", u.Password)
	}
	if tg.Canary == nil && tg.Loopback() {
		l, err := canary.Listen(ctx)
		if err != nil {
			return nil, err
		}
		defer func() { _ = l.Close() }() // nothing depends on how it ends
		tg.Canary = l
	}
	started := time.Now()
	results := make([]Result, len(tests))
	var once sync.Mutex
	report := func(i int, res Result) {
		results[i] = res
		if o.Done != nil {
			once.Lock()
			defer once.Unlock()
			o.Done(res)
		}
	}
	var phases [3][]int
	for i, test := range tests {
		if o.Only != nil && !o.Only(test) {
			continue
		}
		if why := test.skipReason(tg); why != "" {
			report(i, Result{Test: test, Status: Skipped, Reason: why, Absent: test.absent(tg.Facts)})
			continue
		}
		phases[test.Phase] = append(phases[test.Phase], i)
		r.chosen[test.ID] = true
	}
	workers := o.Workers
	if workers == 0 {
		workers = 8
	}
	if tg.Mail == nil && len(tg.Users) > 0 {
		workers = 1 // all tests share the given accounts, and a user has ten sessions
	}
	// The longest first.
	slices.SortStableFunc(phases[Parallel], func(a, b int) int {
		return cmp.Compare(tests[b].limit(), tests[a].limit())
	})
	if len(tg.Users) > 0 && tg.Mail == nil {
		// What uses up an account that others share comes after them.
		uses := func(i int) bool { return tests[i].Destroys }
		for _, i := range phases[Parallel] {
			if uses(i) {
				phases[Alone] = append(phases[Alone], i)
			}
		}
		phases[Parallel] = slices.DeleteFunc(phases[Parallel], uses)
	}
	for phase, indexes := range phases {
		n := 1
		if Phase(phase) == Parallel {
			n = workers
		}
		work := make(chan int)
		var wg sync.WaitGroup
		for range n {
			wg.Go(func() {
				for i := range work {
					report(i, r.one(ctx, &tests[i]))
				}
			})
		}
		for _, i := range indexes {
			work <- i
		}
		close(work)
		wg.Wait()
	}
	results = slices.DeleteFunc(results, func(res Result) bool { return res.Status == "" })
	if err := ctx.Err(); err != nil {
		return nil, fmt.Errorf("the run was ended: %w", err)
	}
	return newReport(tg, tests, results, r.rec, time.Since(started)), nil
}

// one runs a test in its own goroutine, so that Fatalf can end it.
func (r *run) one(ctx context.Context, test *Test) Result {
	limit := test.limit()
	if r.target.Mail == nil && test.Users > 0 {
		limit += 2 * time.Minute // it may have to wait for the quota of an account it shares
	}
	ctx, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	t := &T{test: test, run: r, ctx: ctx, rested: map[string]bool{}}
	started := time.Now()
	base := r.target.Base
	if slices.Contains(test.Needs, NeedShort) {
		short, err := r.target.short()
		if err != nil {
			t.Errorf("cannot start the instance with short lifetimes: %v", err)
			return Result{Test: *test, Status: Failed, Reason: t.failures[0].Message, Failures: t.failures}
		}
		base = short
	}
	t.Client = t.ClientTo(base, nil)
	done := make(chan struct{})
	go func() {
		defer close(done)
		defer func() {
			if p := recover(); p != nil {
				t.Errorf("fault of the suite: %v\n%s", p, debug.Stack())
			}
		}()
		test.Run(t)
	}()
	<-done
	t.finish()
	res := Result{Test: *test, Status: Passed, Failures: t.failures, Took: time.Since(started)}
	switch {
	case len(t.failures) > 0:
		res.Status, res.Reason = Failed, t.failures[0].Message
	case t.skipped != "":
		res.Status, res.Reason = Skipped, t.skipped
	}
	return res
}

// nextAddr returns a local address of 127.1.0.0/16 that is new in this run.
func (r *run) nextAddr() string {
	for {
		n := r.addr.Add(1)
		if hi, lo := n>>8&255, n&255; lo != 0 && lo != 255 {
			return fmt.Sprintf("127.1.%d.%d", hi, lo)
		}
	}
}

func (r *run) password(c Credentials) string {
	r.mu.Lock()
	defer r.mu.Unlock()
	if p, ok := r.passwords[c.Email]; ok {
		return p
	}
	return c.Password
}

func (r *run) setPassword(email, password string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.passwords[email] = password
}
