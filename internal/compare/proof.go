package compare

import (
	"context"
	"errors"
	"math"
	"net"
	"net/http"
	"sync/atomic"
	"time"

	"example.com/scaffold/internal/compare/load"
	"example.com/scaffold/internal/compare/result"
)

// A server that freezes once shows whether a generator notices: whoever waits for an
// answer before asking again misses all the requests that would have come meanwhile.
const (
	proofRate   = 400.0
	proofLasts  = 2 * time.Second
	proofFreeze = 500 * time.Millisecond
	proofBound  = 0.10
)

// prove measures a server that freezes, with the generator of this run on its core.
func (r *run) prove(ctx context.Context) (p result.Proof, err error) {
	var config net.ListenConfig
	listener, err := config.Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return p, err
	}
	var thaws atomic.Int64 // time in nanoseconds until which nobody is answered; it lies ahead of when it freezes
	server := &http.Server{ReadHeaderTimeout: time.Minute, Handler: http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		until := time.Unix(0, thaws.Load())
		if wait := time.Until(until); wait > 0 && wait <= proofFreeze {
			time.Sleep(wait)
		}
		w.WriteHeader(http.StatusOK)
	})}
	ended := make(chan error, 1)
	go func() { ended <- server.Serve(listener) }()
	defer func() {
		err = errors.Join(err, server.Close())
		if e := <-ended; !errors.Is(e, http.ErrServerClosed) {
			err = errors.Join(err, e)
		}
	}()
	request, err := load.NewRequest(http.MethodGet, listener.Addr().String(), "/", nil, nil, load.Expect{})
	if err != nil {
		return p, err
	}
	o := load.Options{
		Addr: listener.Addr().String(), Rate: proofRate, Warmup: warmup, Duration: proofLasts, Timeout: patience,
		Next:      func(int) *load.Request { return request },
		OnMeasure: func() { thaws.Store(time.Now().Add(proofLasts/4 + proofFreeze).UnixNano()) },
	}
	if r.place.pinned {
		o.CPU = &r.place.generator
	}
	seen, err := load.Run(ctx, o)
	if err != nil {
		return p, err
	}
	p = result.Proof{
		TrueP90: trueQuantile(0.90), TrueP99: trueQuantile(0.99),
		SeenP90: millis(seen.Latency.Quantile(0.90)), SeenP99: millis(seen.Latency.Quantile(0.99)),
	}
	near := func(got, want float64) bool { return math.Abs(got-want) <= proofBound*want }
	p.Holds = near(p.SeenP90, p.TrueP90) && near(p.SeenP99, p.TrueP99)
	return p, nil
}

// trueQuantile is what those who come evenly wait, in milliseconds: of a freeze's
// length each waits for the rest, so a share of (freeze − x) ÷ time waits longer than x.
func trueQuantile(q float64) float64 {
	return millis(proofFreeze) - (1-q)*millis(proofLasts)
}
