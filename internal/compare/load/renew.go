//go:build unix

package load

import (
	"context"
	"fmt"
	"slices"
	"time"
)

// connect begins a connection in a place that has none.
func (l *loop) connect(c *conn, now time.Duration) {
	if err := c.open(l.peer, l.watch, now); err != nil {
		l.refuse(c, err, now)
	}
}

// refuse notes that no connection came about.
func (l *loop) refuse(c *conn, err error, now time.Duration) {
	c.close(l.watch)
	l.refused, l.retry = err, now+retryAfter
}

// again puts a new connection in the place of one that has ended. A server that
// refuses is asked by one connection at a time.
func (l *loop) again(c *conn, now time.Duration) {
	c.close(l.watch)
	if l.refused == nil {
		l.connect(c, now)
	}
}

// forget takes a connection out of those that wait for a request.
func (l *loop) forget(c *conn) {
	if i := slices.Index(l.idle, c); i >= 0 {
		l.idle = slices.Delete(l.idle, i, i+1)
	}
}

// lookAround ends what takes too long and renews connections.
func (l *loop) lookAround(now time.Duration) {
	for _, c := range l.conns {
		switch {
		case c.state == busy && now-c.due >= l.Timeout:
			l.lose(c, now, failedTimeout, errLate(l.Timeout))
		case c.state == connecting && now-c.since >= l.Timeout:
			l.refuse(c, errLate(l.Timeout), now)
		case c.state == closed && l.refused == nil:
			l.connect(c, now)
		case c.state == closed && now >= l.retry:
			l.retry = now + l.Timeout // one attempt at a time: refuse sets when the next is
			l.connect(c, now)
		}
	}
	for l.next < l.total && now-l.begin-l.due(l.next) >= l.Timeout {
		due := l.begin + l.due(l.next)
		if l.next >= l.warm && !l.measuring {
			l.measure(due)
		}
		l.fail(l.next, due, now, failedTimeout, errLate(l.Timeout))
		l.next++
	}
	for range len(l.conns)/100 + 1 {
		if len(l.idle) > 0 && now-l.idle[0].since > maxIdle {
			c := l.idle[0]
			l.idle = l.idle[1:]
			l.again(c, now)
		}
	}
}

// errLate is a context's error, so that it answers to errors.Is and Timeout().
func errLate(limit time.Duration) error {
	return fmt.Errorf("nothing within %s: %w", limit, context.DeadlineExceeded)
}

// conclude closes the books.
func (l *loop) conclude() {
	if !l.measuring {
		return
	}
	r := l.result
	r.CPU = threadTime() - l.cpu
	end := l.done
	if r.Stopped != "" {
		end = l.now()
	}
	r.Elapsed = end - l.measured
	if r.Stopped == "" {
		r.Elapsed = max(r.Elapsed, l.Duration)
	}
	if r.Elapsed > 0 {
		r.Achieved = float64(r.OK) / r.Elapsed.Seconds()
	}
}
