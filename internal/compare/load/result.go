package load

import (
	"fmt"
	"strings"
	"time"
)

// Result is what one run saw. It is written as JSON and read back without loss.
type Result struct {
	Start    time.Time     // when the first measured request was meant to be sent
	Rate     float64       // asked for, per second
	Achieved float64       // right answers per second, from Start until the last answer or the end of the schedule
	Elapsed  time.Duration // that time
	CPU      time.Duration // what the loop's thread used in it; of the whole process where threads are not told apart
	Pinned   bool          // the thread stood on the core that was asked for

	Sent    int      // measured requests that were due, whether they found a connection or not
	OK      int      // right answers
	Failed  Failures // the others
	Warmup  Failures // of requests that were not measured
	Example string   // the first failure in words, empty if there was none
	Waited  int      // requests that found every connection busy
	Stopped string   // why the run ended early: empty, StoppedFailures or StoppedContext

	// Latency runs from the moment a request was meant to be sent, so that a server
	// that stalls is charged for all who would have come meanwhile; a request that
	// timed out counts with the time it waited, other failures do not count.
	// Service runs from the moment it was sent. Lag is how late the generator itself
	// was: from the later of the intended moment and the one a connection was free.
	Latency, Service, Lag *Histogram
}

// Reasons why a run ended early.
const (
	StoppedFailures = "failures"
	StoppedContext  = "interrupted"
)

// Failures counts requests without a right answer by the first thing wrong.
type Failures struct {
	Status   int // another status
	Length   int // a body of another length
	Body     int // a body that its check refused
	Timeout  int // no whole answer in time, counted from the intended moment
	Connect  int // no connection to be had
	Broken   int // the connection ended in the middle
	Protocol int // not HTTP/1.1
}

// failure is one kind of them.
type failure int

const (
	failedStatus failure = iota + 1
	failedLength
	failedBody
	failedTimeout
	failedConnect
	failedBroken
	failedProtocol
)

func (f *Failures) count(kind failure) {
	switch kind {
	case failedStatus:
		f.Status++
	case failedLength:
		f.Length++
	case failedBody:
		f.Body++
	case failedTimeout:
		f.Timeout++
	case failedConnect:
		f.Connect++
	case failedBroken:
		f.Broken++
	case failedProtocol:
		f.Protocol++
	}
}

// Total is the number of failures of all kinds.
func (f Failures) Total() int {
	return f.Status + f.Length + f.Body + f.Timeout + f.Connect + f.Broken + f.Protocol
}

func (f Failures) String() string {
	var parts []string
	for _, kind := range []struct {
		n    int
		name string
	}{
		{f.Status, "wrong status"},
		{f.Length, "wrong length"},
		{f.Body, "wrong body"},
		{f.Timeout, "timed out"},
		{f.Connect, "no connection"},
		{f.Broken, "connection broken"},
		{f.Protocol, "not HTTP"},
	} {
		if kind.n > 0 {
			parts = append(parts, fmt.Sprintf("%d %s", kind.n, kind.name))
		}
	}
	if parts == nil {
		return "none"
	}
	return strings.Join(parts, ", ")
}

func (f *Failures) add(other Failures) {
	f.Status += other.Status
	f.Length += other.Length
	f.Body += other.Body
	f.Timeout += other.Timeout
	f.Connect += other.Connect
	f.Broken += other.Broken
	f.Protocol += other.Protocol
}

func newResult(rate float64) *Result {
	return &Result{Rate: rate, Latency: NewHistogram(), Service: NewHistogram(), Lag: NewHistogram()}
}

// Share is the part of one core that the generator used, from 0 to 1.
func (r *Result) Share() float64 {
	if r.Elapsed <= 0 {
		return 0
	}
	return r.CPU.Seconds() / r.Elapsed.Seconds()
}

// Merge adds another run at the same rate: counts and histograms are summed, times
// added up, Achieved is that of both together.
func (r *Result) Merge(other *Result) {
	r.Elapsed += other.Elapsed
	r.CPU += other.CPU
	r.Pinned = r.Pinned && other.Pinned
	r.Sent += other.Sent
	r.OK += other.OK
	r.Failed.add(other.Failed)
	r.Warmup.add(other.Warmup)
	r.Waited += other.Waited
	if r.Example == "" {
		r.Example = other.Example
	}
	if r.Stopped == "" {
		r.Stopped = other.Stopped
	}
	r.Latency.Merge(other.Latency)
	r.Service.Merge(other.Service)
	r.Lag.Merge(other.Lag)
	if r.Elapsed > 0 {
		r.Achieved = float64(r.OK) / r.Elapsed.Seconds()
	}
}
