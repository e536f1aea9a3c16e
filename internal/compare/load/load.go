// Package load sends requests to an HTTP/1.1 server at a fixed rate and records how
// long the answers take.
//
// It is an open loop: when a request is due does not depend on the answers to those
// before, and latency counts from that moment. A generator that waits for an answer
// before it sends the next request does not see a stall that keeps it from sending
// ("coordinated omission", a term of Gil Tene's); here the requests of that time are
// charged with it.
//
// One thread does it all, without locks and without garbage: it sleeps until the next
// request is due or an answer is there, to the resolution of the system's timers. So
// what the generator costs is close to what a C program would take, and its own
// lateness is small and is recorded.
package load

import (
	"context"
	"errors"
	"fmt"
	"math"
	"net"
	"time"
)

// Options say what to send where, and how long.
type Options struct {
	Addr        string        // host:port
	Rate        float64       // requests a second, evenly spaced
	Warmup      time.Duration // at the same rate before the measured part; may be 0
	Duration    time.Duration // of the measured part
	Connections int           // how many there are at most, and are kept open; 64 if 0
	Timeout     time.Duration // for an answer, from the moment its request was due; 10 s if 0

	// Next gives the request to send as the i-th, from 0 and with the warm-up. The
	// thread that sends calls it, so it should only choose.
	Next func(i int) *Request

	GiveUp    int    // ends the run after so many failures, those of the warm-up too; 0 for never
	CPU       *int   // the core to keep the thread on; nil for any, ignored where threads cannot be kept
	OnMeasure func() // called once in its own goroutine when the measured part begins

	began func(first time.Time) // called by the loop before it sends the first measured request
}

// ErrUnsupported says that this system lacks what the loop is made of.
var ErrUnsupported = fmt.Errorf("load: measuring needs Linux or macOS (on Windows: the WSL): %w", errors.ErrUnsupported)

const (
	defaultConnections = 64
	defaultTimeout     = 10 * time.Second
	maxConnections     = 900 // select(2) takes 1024 descriptors
	maxRequests        = 1 << 30
)

// check fills in what was left out.
func (o *Options) check() error {
	if o.Connections == 0 {
		o.Connections = defaultConnections
	}
	if o.Timeout == 0 {
		o.Timeout = defaultTimeout
	}
	switch requests := o.Rate * (o.Warmup + o.Duration).Seconds(); {
	case o.Next == nil:
		return errors.New("load: no requests to send")
	case !(o.Rate > 0) || math.IsInf(o.Rate, 0):
		return fmt.Errorf("load: a rate of %v a second", o.Rate)
	case o.Warmup < 0 || o.Duration <= 0 || o.Timeout < 0:
		return fmt.Errorf("load: %s of load after %s of warm-up with a time-out of %s", o.Duration, o.Warmup, o.Timeout)
	case o.Connections < 0 || o.Connections > maxConnections:
		return fmt.Errorf("load: %d connections; 1 to %d can be kept", o.Connections, maxConnections)
	case requests > maxRequests:
		return fmt.Errorf("load: %.0f requests are more than one run can count", requests)
	}
	if o.first(o.Warmup+o.Duration) == o.first(o.Warmup) {
		return fmt.Errorf("load: at %v a second no request is due within %s", o.Rate, o.Duration)
	}
	if _, _, err := net.SplitHostPort(o.Addr); err != nil {
		return fmt.Errorf("load: %w", err)
	}
	return nil
}

// due is when the i-th request is to be sent, from the beginning.
func (o *Options) due(i int) time.Duration {
	return time.Duration(float64(i) / o.Rate * float64(time.Second))
}

// first is the number of requests due before a moment.
func (o *Options) first(moment time.Duration) int {
	return int(math.Ceil(moment.Seconds()*o.Rate - 1e-9))
}

// Run keeps up the load and returns what it saw. An error means that no connection
// could be had at the beginning, or that the options are wrong. If the context ends,
// the result of the time until then comes with its error.
func Run(ctx context.Context, o Options) (*Result, error) {
	if err := o.check(); err != nil {
		return nil, err
	}
	return run(ctx, o)
}
