//go:build unix

package load

import (
	"sync"
	"testing"
	"time"
)

// TestFreezeIsSeen is what generators get wrong: a server that stands still for one
// of three seconds at 1,000 requests a second. A third of the requests were due then
// and waited for what was left of it, so a tenth of all waited 0.7 s or more and a
// hundredth 0.97 s; a generator that waits along counts a few dozen. The server's own
// account is the truth, which a busy machine changes as much as the measurement.
func TestFreezeIsSeen(t *testing.T) {
	t.Parallel()
	const rate, seconds, freeze = 1000.0, 3, time.Second
	for name, kind := range pollers() {
		t.Run(name, func(t *testing.T) {
			var account record
			var once sync.Once
			var from time.Time
			addr := serveHTTP(t, account.keep(func(int) {
				once.Do(func() { from = time.Now().Add(time.Second) })
				if now := time.Now(); now.After(from) && now.Before(from.Add(freeze)) {
					time.Sleep(from.Add(freeze).Sub(now))
				}
			}))
			o := Options{Addr: addr, Rate: rate, Duration: seconds * time.Second, Next: numbered(t, addr, rate*seconds, Expect{})}
			if err := o.check(); err != nil {
				t.Fatal(err)
			}
			r, err := runWith(t.Context(), o, kind)
			if err != nil {
				t.Fatal(err)
			}
			if r.OK != rate*seconds || r.Failed.Total() != 0 {
				t.Fatalf("%d right answers; failures: %s (%s)", r.OK, r.Failed, r.Example)
			}
			truth := account.latencies(r.Start, rate)
			for _, tc := range []struct {
				q     float64
				least time.Duration // by calculation
			}{{0.9, 700 * time.Millisecond}, {0.99, 970 * time.Millisecond}} {
				got, want := r.Latency.Quantile(tc.q), quantile(truth, tc.q)
				if got < tc.least*99/100 || got < want*99/100 {
					t.Errorf("the quantile %v is %s, by the server %s, by calculation at least %s", tc.q, got, want, tc.least)
				}
				if got > want*110/100+r.Lag.Max() {
					t.Errorf("the quantile %v is %s, by the server only %s (lag up to %s)", tc.q, got, want, r.Lag.Max())
				}
			}
			if seen := r.Service.Quantile(0.9); seen > r.Latency.Quantile(0.9)/2 {
				t.Errorf("service times should hide the freeze: their quantile 0.9 is %s", seen)
			}
			if r.Waited < rate/2 {
				t.Errorf("%d requests waited for a connection", r.Waited)
			}
		})
	}
}

// TestConstantServer: 50 ms read as 50 ms. Less is impossible; what is more must be
// in the server's own account, or be the machine's.
func TestConstantServer(t *testing.T) {
	t.Parallel()
	const rate = 200.0
	var account record
	addr := serveHTTP(t, account.keep(func(int) { time.Sleep(50 * time.Millisecond) }))
	r, err := Run(t.Context(), Options{Addr: addr, Rate: rate, Duration: 2 * time.Second, Next: numbered(t, addr, 2*rate, Expect{})})
	if err != nil {
		t.Fatal(err)
	}
	if r.OK != 2*rate {
		t.Fatalf("%d right answers; failures: %s (%s)", r.OK, r.Failed, r.Example)
	}
	if least := r.Service.Min(); least < 49900*time.Microsecond {
		t.Errorf("an answer after %s", least)
	}
	truth := quantile(account.latencies(r.Start, rate), 0.5)
	got := r.Latency.Quantile(0.5)
	if got < truth*99/100 || got > truth*3/2 {
		t.Errorf("a median of %s; by the server's account %s", got, truth)
	}
	if service := r.Service.Quantile(0.5); service > got {
		t.Errorf("the service takes %s in the middle, and with the time before it %s", service, got)
	}
}
