package contract

import (
	"context"
	"crypto/rand"
	"crypto/tls"
	"encoding/hex"
	"errors"
	"fmt"
	"math/big"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"example.com/scaffold/internal/service"
)

// Failure is one assertion that did not hold.
type Failure struct {
	Message  string
	Exchange *Exchange // nil: it is not about one exchange
}

// T is one test at work: its client, its users, and what went wrong.
type T struct {
	*Client // of the test's own local address

	test *Test
	run  *run
	ctx  context.Context //nolint:containedctx // a T is one call of a test, as testing.T is

	controls, refusals atomic.Int32
	passed             atomic.Int32 // assertions of tests that refuse nothing

	mu       sync.Mutex
	failures []Failure
	given    int             // accounts of the target handed out
	rested   map[string]bool // given accounts that this test has signed in with
	skipped  string
	cleanups []func()
}

// Target is what the test runs against.
func (t *T) Target() *Target { return t.run.target }

// Context ends with the test's time limit or the run.
func (t *T) Context() context.Context { return t.ctx }

// Accounts reports whether the service has accounts; without them the tests of
// resources call anonymously.
func (t *T) Accounts() bool { return t.run.target.Facts.Accounts() }

// Production reports whether the strict profile is expected.
func (t *T) Production() bool { return t.run.target.Profile != Development }

// Errorf records a failure; the test goes on.
func (t *T) Errorf(format string, args ...any) { t.ErrorAt(nil, format, args...) }

// ErrorAt records a failure that shows an exchange.
func (t *T) ErrorAt(x *Exchange, format string, args ...any) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.failures = append(t.failures, Failure{Message: fmt.Sprintf(format, args...), Exchange: x})
}

// Fatalf records a failure and ends the test. Call it only from the goroutine
// that runs the test.
func (t *T) Fatalf(format string, args ...any) { t.FatalAt(nil, format, args...) }

// FatalAt is Fatalf with an exchange to show.
func (t *T) FatalAt(x *Exchange, format string, args ...any) {
	t.ErrorAt(x, format, args...)
	runtime.Goexit()
}

// Skip ends the test as not applicable here. It is for what only shows while
// the test runs; everything known before belongs into the table.
func (t *T) Skip(reason string) {
	t.mu.Lock()
	t.skipped = reason
	t.mu.Unlock()
	runtime.Goexit()
}

// Control states a positive control that is no single response.
func (t *T) Control(ok bool, format string, args ...any) {
	if !ok {
		t.Fatalf("positive control: "+format, args...)
	}
	t.controls.Add(1)
}

// Refusal states a refusal that is no problem response, such as a connection
// that was closed.
func (t *T) Refusal(ok bool, x *Exchange, format string, args ...any) {
	t.refusals.Add(1)
	if !ok {
		t.ErrorAt(x, format, args...)
	}
}

// Check states a fact that is no refusal.
func (t *T) Check(ok bool, format string, args ...any) {
	t.passed.Add(1)
	if !ok {
		t.Errorf(format, args...)
	}
}

// Cleanup runs f when the test has ended, last one first.
func (t *T) Cleanup(f func()) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.cleanups = append(t.cleanups, f)
}

// NewClient returns a client with a local address that nobody else uses in
// this run.
func (t *T) NewClient() *Client { return t.clientFor(t.run.target.Base, nil) }

// ClientTo returns a client with a fresh local address for another base
// address, such as the TLS proxy or another instance. A nil conf trusts
// Target.Roots.
func (t *T) ClientTo(base string, conf *tls.Config) *Client {
	return t.clientFor(strings.TrimSuffix(base, "/"), conf)
}

func (t *T) clientFor(base string, conf *tls.Config) *Client {
	addr := ""
	if (&Target{Base: base}).Loopback() {
		addr = t.run.nextAddr()
	}
	if conf == nil {
		conf = &tls.Config{RootCAs: t.run.target.Roots, MinVersion: tls.VersionTLS12}
	}
	return &Client{t: t, base: base, addr: addr, tls: conf, http: newHTTP(addr, conf)}
}

// Exchanges returns everything recorded so far, by all tests.
func (t *T) Exchanges() []*Exchange { return t.run.rec.all() }

// Canary registers a secret that must never show up in a log, and returns it.
func (t *T) Canary(kind, secret string) string {
	t.run.rec.secret(kind, secret)
	return secret
}

// Secrets returns every secret seen or registered so far, with its kind.
func (t *T) Secrets() map[string]string { return t.run.rec.allSecrets() }

// Wait sleeps, and skips the test when d is beyond the longest wait allowed.
func (t *T) Wait(d time.Duration) {
	if d > t.run.target.MaxWait {
		t.Skip(fmt.Sprintf("would wait %s, --max-wait is %s", d.Round(time.Second), t.run.target.MaxWait))
	}
	select {
	case <-time.After(d):
	case <-t.ctx.Done():
		t.Fatalf("the test's time was over while it waited")
	}
}

// Host starts and stops services; only tests of need C have it.
func (t *T) Host() *service.Host { return t.run.target.Host }

// Start launches another instance, waits until it is ready, and stops it with
// the test.
func (t *T) Start(spec service.Spec) *service.Instance {
	in, err := t.Host().Start(t.ctx, spec)
	if err != nil {
		t.Fatalf("cannot start an instance: %v", err)
	}
	t.Cleanup(func() {
		select {
		case <-in.Done():
			return
		default:
		}
		if _, err := in.Stop(); err != nil {
			t.Errorf("cannot stop an instance: %v", err)
		}
	})
	return in
}

// OrSkip skips the test when err says that a program is not installed, and
// fails it on any other error.
func (t *T) OrSkip(err error) {
	if errors.Is(err, service.ErrNotInstalled) {
		t.Skip("needs a program: " + err.Error())
	}
	if err != nil {
		t.Fatalf("%v", err)
	}
}

// Lifetimes are those of the instance with short ones (need F).
func (t *T) Lifetimes() Lifetimes { return t.run.target.Lifetime }

// Random returns n random bytes as lower-case hex.
func Random(n int) string {
	b := make([]byte, n)
	_, _ = rand.Read(b) // never fails (crypto/rand)
	return hex.EncodeToString(b)
}

// randomInt returns a random number from 0 to below n.
func randomInt(n int64) int64 {
	v, err := rand.Int(rand.Reader, big.NewInt(n))
	if err != nil {
		panic(err) // crypto/rand does not fail
	}
	return v.Int64()
}

// finish runs the clean-ups and says how the test ended.
func (t *T) finish() {
	for _, f := range slices.Backward(t.cleanups) {
		f()
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.skipped != "" || len(t.failures) > 0 {
		return
	}
	if err := t.ctx.Err(); err != nil {
		t.failures = append(t.failures, Failure{Message: "the test did not end in its time"})
		return
	}
	switch {
	case t.refusals.Load() > 0 && t.controls.Load() == 0:
		t.failures = append(t.failures, Failure{Message: "fault of the suite: a refusal without a positive control"})
	case t.refusals.Load()+t.controls.Load()+t.passed.Load() == 0:
		t.failures = append(t.failures, Failure{Message: "fault of the suite: the test asserted nothing"})
	}
}

func list(status []int) string {
	s := make([]string, len(status))
	for i, v := range status {
		s[i] = strconv.Itoa(v)
	}
	return strings.Join(s, " or ")
}
