//go:build unix

package load

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"time"

	"golang.org/x/sys/unix"
)

const (
	tick       = 10 * time.Millisecond // how often what is overdue is looked for
	retryAfter = 20 * time.Millisecond // between attempts at a server that refuses
	// Servers close connections that are idle for some seconds (five, with uvicorn and
	// Node), and a request may cross that. Ours are renewed before, in turn.
	maxIdle = 2 * time.Second
)

// loop is one run.
type loop struct {
	Options
	peer   peer
	watch  poller
	wake   [2]int // a pipe: writing into it ends a wait
	conns  []*conn
	idle   []*conn // the longest idle first
	busy   int     // connections that wait for an answer
	buffer []byte

	base       time.Time     // all moments count from here
	begin      time.Duration // when the first request is due
	next       int           // the next request to be sent
	total      int           // requests to be sent in all
	warm       int           // those of them that are not measured
	failures   int
	done       time.Duration // when the last answer came
	cpu        time.Duration // of the thread when the measured part began
	measured   time.Duration // when that was, by the schedule
	nextTick   time.Duration
	refused    error         // the last attempt to connect, nil if it went well
	retry      time.Duration // when to try again
	measuring  bool
	result     *Result
	pollerKind func() (poller, error)
}

// run has a thread of its own, which ends with it: nothing else shall inherit its
// core and its timers.
func run(ctx context.Context, o Options) (*Result, error) {
	return runWith(ctx, o, newPoller)
}

func runWith(ctx context.Context, o Options, kind func() (poller, error)) (*Result, error) {
	l := &loop{Options: o, pollerKind: kind, buffer: make([]byte, 64<<10), result: newResult(o.Rate)}
	failed := make(chan error, 1)
	go func() {
		runtime.LockOSThread()
		failed <- l.run(ctx)
	}()
	err := <-failed
	if err != nil && l.result.Stopped != StoppedContext {
		return nil, err
	}
	return l.result, err
}

func (l *loop) run(ctx context.Context) (err error) {
	pinned, err := settle(l.CPU)
	if err != nil {
		return err
	}
	l.result.Pinned = pinned
	if l.peer, err = findPeer(ctx, l.Addr, l.Timeout); err != nil {
		return err
	}
	if err := l.setUp(); err != nil {
		return err
	}
	defer l.tearDown()
	woken := make(chan struct{})
	release := context.AfterFunc(ctx, func() {
		defer close(woken)
		_, _ = unix.Write(l.wake[1], []byte{0}) // the pipe is never full
	})
	defer func() {
		if !release() {
			<-woken // before the pipe is closed and its number is another file's
		}
	}()
	if err := l.connectAll(ctx); err != nil {
		return err
	}
	l.begin = l.now() + time.Millisecond
	l.warm = l.first(l.Warmup)
	l.total = l.first(l.Warmup + l.Duration)
	for l.next < l.total || l.busy > 0 {
		if ctx.Err() != nil {
			l.result.Stopped = StoppedContext
			break
		}
		if l.GiveUp > 0 && l.failures >= l.GiveUp {
			l.result.Stopped = StoppedFailures
			break
		}
		if err := l.step(); err != nil {
			return err
		}
	}
	l.conclude()
	if l.result.Stopped == StoppedContext {
		return ctx.Err()
	}
	return nil
}

func (l *loop) setUp() (err error) {
	l.base = time.Now()
	if l.watch, err = l.pollerKind(); err != nil {
		return err
	}
	if err := unix.Pipe(l.wake[:]); err != nil {
		return errors.Join(err, l.watch.close())
	}
	for _, end := range l.wake {
		unix.CloseOnExec(end)
	}
	for id := range l.Connections {
		l.conns = append(l.conns, newConn(id))
	}
	return l.watch.add(l.wake[0], len(l.conns), toRead)
}

func (l *loop) tearDown() {
	for _, c := range l.conns {
		c.close(l.watch)
	}
	_ = l.watch.close()       // it kept nothing
	_ = unix.Close(l.wake[0]) // nor did the pipe
	_ = unix.Close(l.wake[1])
}

func (l *loop) now() time.Duration { return time.Since(l.base) }

// connectAll opens every connection before the first request is due.
func (l *loop) connectAll(ctx context.Context) error {
	for _, c := range l.conns {
		l.connect(c, l.now())
	}
	for len(l.idle) < len(l.conns) {
		if err := ctx.Err(); err != nil {
			l.result.Stopped = StoppedContext
			return err
		}
		if l.refused != nil {
			return fmt.Errorf("load: connecting to %s: %w", l.Addr, l.refused)
		}
		if l.now() > l.Timeout {
			return fmt.Errorf("load: %s took %d of %d connections in %s", l.Addr, len(l.idle), len(l.conns), l.Timeout)
		}
		if err := l.listen(tick); err != nil {
			return err
		}
	}
	return nil
}

// step sends what is due, sleeps until something happens and takes what has come.
func (l *loop) step() error {
	now := l.now()
	if now >= l.nextTick {
		l.nextTick = now + tick
		l.lookAround(now)
	}
	l.sendDue()
	limit := l.nextTick - now
	if l.next < l.total && (len(l.idle) > 0 || l.down()) {
		limit = min(limit, l.begin+l.due(l.next)-l.now())
	}
	return l.listen(limit)
}

// down says that there is no connection and that the server lets none come about.
func (l *loop) down() bool { return l.refused != nil && l.busy == 0 && len(l.idle) == 0 }

func (l *loop) sendDue() {
	for l.next < l.total {
		now := l.now()
		due := l.begin + l.due(l.next)
		if due > now {
			return
		}
		if l.next >= l.warm && !l.measuring {
			l.measure(due)
		}
		if len(l.idle) == 0 {
			if !l.down() {
				return // it waits for a connection
			}
			l.fail(l.next, due, now, failedConnect, l.refused)
			l.next++
			continue
		}
		c := l.idle[0]
		l.idle = l.idle[1:]
		if c.send(l.Next(l.next), l.watch) != nil {
			l.again(c, now) // the server had closed it; the next connection takes the request
			continue
		}
		c.index, c.due, c.sent = l.next, due, now
		l.busy++
		if l.next >= l.warm {
			l.result.Lag.Record(now - max(due, c.since))
			if c.since > due {
				l.result.Waited++
			}
		}
		c.since = now
		l.next++
	}
}

// measure begins the measured part.
func (l *loop) measure(due time.Duration) {
	l.measuring, l.measured = true, due
	l.result.Start = l.base.Add(due)
	l.cpu = threadTime()
	if l.began != nil {
		l.began(l.result.Start)
	}
	if l.OnMeasure != nil {
		go l.OnMeasure()
	}
}

// listen sleeps and takes what has come.
func (l *loop) listen(limit time.Duration) error {
	events, err := l.watch.wait(limit)
	if err != nil {
		return fmt.Errorf("load: waiting for answers: %w", err)
	}
	// What is there now was there when the wait ended, however long it takes to read.
	now := l.now()
	for _, e := range events {
		if e.id < len(l.conns) {
			l.serve(l.conns[e.id], e, now)
		}
	}
	return nil
}

func (l *loop) serve(c *conn, e event, now time.Duration) {
	switch c.state {
	case closed:
	case connecting:
		if err := c.opened(l.watch, now); err != nil {
			l.refuse(c, err, now)
			return
		}
		l.idle = append(l.idle, c)
		if l.refused != nil {
			l.refused = nil
			l.lookAround(now) // for the others
		}
	case idle: // it was closed, or speaks unasked
		l.forget(c)
		l.again(c, now)
	case busy:
		if e.writeable && len(c.rest) > 0 {
			if err := c.resume(l.watch); err != nil {
				l.lose(c, now, failedBroken, err)
				return
			}
		}
		if !e.readable {
			return
		}
		whole, err := c.receive(l.buffer)
		switch {
		case errors.Is(err, errNotHTTP):
			l.lose(c, now, failedProtocol, err)
		case err != nil:
			l.lose(c, now, failedBroken, err)
		case whole:
			l.complete(c, now)
		}
	}
}

// complete takes a whole answer and frees its connection.
func (l *loop) complete(c *conn, now time.Duration) {
	l.busy--
	if kind, err := c.req.judge(c.answer.status, c.answer.length, c.sampled, c.sample); kind != 0 {
		l.fail(c.index, c.due, now, kind, err)
	} else if c.index >= l.warm {
		l.result.OK++
		l.result.Sent++
		l.result.Latency.Record(now - c.due)
		l.result.Service.Record(now - c.sent)
		l.done = now
	}
	if c.answer.close || len(c.rest) > 0 {
		l.again(c, now)
		return
	}
	c.state, c.since = idle, now
	l.idle = append(l.idle, c)
}

// lose ends a connection in the middle of a request.
func (l *loop) lose(c *conn, now time.Duration, kind failure, err error) {
	l.busy--
	l.fail(c.index, c.due, now, kind, fmt.Errorf("%s: %w", c.req.line(), err))
	l.again(c, now)
}

func (l *loop) fail(index int, due, now time.Duration, kind failure, err error) {
	l.failures++
	if l.result.Example == "" {
		l.result.Example = err.Error()
	}
	if index < l.warm {
		l.result.Warmup.count(kind)
		return
	}
	l.result.Sent++
	l.result.Failed.count(kind)
	l.done = now
	if kind == failedTimeout {
		l.result.Latency.Record(now - due)
	}
}
