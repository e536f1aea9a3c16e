package load

import (
	"context"
	"errors"
	"fmt"
	"time"
)

// FanoutOptions say who listens and what is told.
type FanoutOptions struct {
	Addr      string
	Streams   int      // connections that listen
	Subscribe *Request // opens one: a GET whose answer is a text/event-stream that does not end

	// Publish gives the request that makes the i-th event, from 0, and Seq finds i in
	// an event's data; false for events that are none of ours.
	Publish func(i int) *Request
	Seq     func(data []byte) (i int, ok bool)

	Rate        float64       // events a second, evenly spaced
	Duration    time.Duration // of publishing
	Connections int           // that publish; 8 if 0
	Timeout     time.Duration // for opening the streams, for publishing and then for the last events; 10 s if 0
	CPU         *int          // as in Options, for both threads
	OnMeasure   func()        // as in Options: when the first event is due
}

// FanoutResult is what the listeners saw.
type FanoutResult struct {
	Publish *Result // of the requests that publish
	Streams int

	Delivered  int           // events that came, each stream's counted
	Lost       int           // that did not, of those published with success
	Duplicates int           // that came again on the same stream
	Ended      int           // streams that ended before the last event was published
	Example    string        // how the first of them ended; empty if none did
	CPU        time.Duration // of the thread that listens; Publish.CPU is the other's

	// Delivery runs from the moment an event was due to be published until it has
	// come, over all streams.
	Delivery *Histogram
}

func (o *FanoutOptions) check() (Options, error) {
	if o.Connections == 0 {
		o.Connections = 8
	}
	if o.Timeout == 0 {
		o.Timeout = defaultTimeout
	}
	publish := Options{
		Addr: o.Addr, Rate: o.Rate, Duration: o.Duration, Connections: o.Connections, Timeout: o.Timeout,
		Next: o.Publish, CPU: o.CPU, OnMeasure: o.OnMeasure,
	}
	if err := publish.check(); err != nil {
		return publish, err
	}
	if o.Subscribe == nil || o.Seq == nil {
		return publish, errors.New("load: no streams to open, or no way to know their events")
	}
	if o.Streams <= 0 || o.Streams+o.Connections > maxConnections {
		return publish, fmt.Errorf("load: %d streams and %d connections; %d can be kept", o.Streams, o.Connections, maxConnections)
	}
	if events := publish.first(o.Duration); events*o.Streams > maxRequests {
		return publish, fmt.Errorf("load: %d events on %d streams are more than one run can count", events, o.Streams)
	}
	return publish, nil
}

// Fanout opens the streams, publishes at the rate and records when each event comes on
// each stream. An error means that not all streams could be opened, or that the
// options are wrong. If the context ends, the result of the time until then comes with
// its error.
func Fanout(ctx context.Context, o FanoutOptions) (*FanoutResult, error) {
	publish, err := o.check()
	if err != nil {
		return nil, err
	}
	return fanout(ctx, o, publish)
}
