package compare

import (
	"context"
	"encoding/json"
	"fmt"
	"math"
	"net/http"
	"strconv"

	"example.com/scaffold/internal/compare/load"
)

const (
	fanoutID = "fanout"
	// streams is how many listen: as many as the stack with the fewest threads can serve.
	streams = 20
)

// fanout publishes events and times their way to every stream. An answer is an event
// that came on one stream.
func (r *run) fanout(ctx context.Context, s *subject, j job) (*outcome, error) {
	one := s.sessions[0]
	if err := one.renew(ctx); err != nil {
		return nil, err
	}
	header := one.header("")
	header.Set("Accept", "text/event-stream")
	subscribe, err := load.NewRequest(http.MethodGet, one.addr, "/v1/benchmark/stream", header, nil, load.Expect{})
	if err != nil {
		return nil, err
	}
	events := make([]*load.Request, 1+int(math.Ceil(j.rate*j.duration.Seconds())))
	for i := range events {
		body := fmt.Sprintf(`{"id":"%d"}`, i)
		events[i], err = load.NewRequest(j.w.method, one.addr, j.w.target, one.header(body), []byte(body), load.Expect{Status: http.StatusNoContent})
		if err != nil {
			return nil, err
		}
	}
	o := load.FanoutOptions{
		Addr: one.addr, Streams: streams, Subscribe: subscribe, Rate: j.rate, Duration: j.duration, Timeout: patience,
		Publish: func(i int) *load.Request { return events[i%len(events)] }, Seq: number,
	}
	if r.place.pinned {
		o.CPU = &r.place.generator
	}
	var before reading
	measured := make(chan struct{})
	o.OnMeasure = func() { before = r.read(s); close(measured) }
	seen, err := load.Fanout(ctx, o)
	if err != nil {
		return nil, err
	}
	after := r.read(s)
	<-measured
	published := *seen.Publish
	published.Sent, published.OK = seen.Delivered+seen.Lost, seen.Delivered
	published.Failed.Timeout += seen.Lost
	published.Failed.Broken += seen.Ended
	published.CPU += seen.CPU
	published.Latency = seen.Delivery
	if published.Example == "" {
		published.Example = seen.Example
	}
	if published.Sent > 0 {
		published.Achieved = j.rate * float64(seen.Delivered) / float64(published.Sent)
	}
	out := &outcome{Result: &published, lasts: j.duration, streams: seen.Streams}
	out.Rate = j.rate
	out.account(before, after, r.inUse(), s)
	return out, nil
}

// number finds which event one is.
func number(data []byte) (int, bool) {
	var event struct{ ID string }
	if json.Unmarshal(data, &event) != nil {
		return 0, false
	}
	i, err := strconv.Atoi(event.ID)
	return i, err == nil && i >= 0
}
