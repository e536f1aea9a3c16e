//go:build unix

package load

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"strings"
	"sync/atomic"
	"time"
)

// listeners are the streams of one fan-out, served by a thread of their own.
type listeners struct {
	FanoutOptions
	watch   poller
	streams []*stream
	buffer  []byte
	base    time.Time
	total   int                         // events that will be published
	first   atomic.Pointer[time.Time]   // when the first is due
	told    atomic.Pointer[publication] // how publishing ended
	result  *FanoutResult
}

type publication struct {
	result *Result
	err    error
}

// stream is one connection that listens.
type stream struct {
	*conn
	events events
	ready  bool   // its answer has begun
	seen   []bool // the events that have come
}

func fanout(ctx context.Context, o FanoutOptions, publish Options) (*FanoutResult, error) {
	l := &listeners{FanoutOptions: o, buffer: make([]byte, 64<<10), total: publish.first(o.Duration)}
	l.result = &FanoutResult{Streams: o.Streams, Delivery: NewHistogram()}
	failed := make(chan error, 1)
	go func() {
		runtime.LockOSThread()
		failed <- l.run(ctx, publish)
	}()
	err := <-failed
	if l.result.Publish == nil {
		return nil, err
	}
	return l.result, err
}

func (l *listeners) now() time.Duration { return time.Since(l.base) }

func (l *listeners) run(ctx context.Context, publish Options) (err error) {
	if _, err := settle(l.CPU); err != nil {
		return err
	}
	to, err := findPeer(ctx, l.Addr, l.Timeout)
	if err != nil {
		return err
	}
	if l.watch, err = newPoller(); err != nil {
		return err
	}
	l.base = time.Now()
	defer func() {
		for _, s := range l.streams {
			s.close(l.watch)
		}
		_ = l.watch.close() // it kept nothing
	}()
	for id := range l.Streams {
		s := &stream{conn: newConn(id), seen: make([]bool, l.total)}
		l.streams = append(l.streams, s)
		if err := s.open(to, l.watch, l.now()); err != nil {
			return fmt.Errorf("load: stream %d of %d: %w", id+1, l.Streams, err)
		}
	}
	if err := l.openAll(ctx); err != nil {
		return err
	}
	cpu := threadTime()
	publish.began = func(first time.Time) { l.first.Store(&first) }
	go func() {
		r, err := run(ctx, publish)
		l.told.Store(&publication{r, err})
	}()
	err = l.listen()
	l.result.CPU = threadTime() - cpu
	return err
}

// openAll waits until every stream's answer has begun.
func (l *listeners) openAll(ctx context.Context) error {
	for {
		ready := 0
		for _, s := range l.streams {
			if s.state == closed {
				return fmt.Errorf("load: stream %d of %d: %s", s.id+1, l.Streams, l.result.Example)
			}
			if s.ready {
				ready++
			}
		}
		switch {
		case ready == l.Streams:
			return nil
		case ctx.Err() != nil:
			return ctx.Err()
		case l.now() > l.Timeout:
			return fmt.Errorf("load: %d of %d streams were open after %s", ready, l.Streams, l.Timeout)
		}
		if err := l.step(); err != nil {
			return err
		}
	}
}

// listen takes events until the last has come or is given up.
func (l *listeners) listen() error {
	var deadline time.Duration
	for {
		if err := l.step(); err != nil {
			return err
		}
		told := l.told.Load()
		if told == nil {
			continue
		}
		if l.result.Publish == nil {
			if told.result == nil {
				return told.err
			}
			l.result.Publish = told.result
			deadline = l.now() + l.Timeout
			l.result.Ended = l.ended()
		}
		wanted := l.Streams * told.result.OK
		l.result.Lost = max(0, wanted-l.result.Delivered)
		if told.err != nil || l.result.Delivered >= wanted || l.now() > deadline || l.ended() == l.Streams {
			return told.err
		}
	}
}

func (l *listeners) ended() (n int) {
	for _, s := range l.streams {
		if s.state == closed {
			n++
		}
	}
	return n
}

// step waits for a tick at most: publishing may have ended meanwhile.
func (l *listeners) step() error {
	ready, err := l.watch.wait(tick)
	if err != nil {
		return fmt.Errorf("load: waiting for events: %w", err)
	}
	now := l.now()
	for _, e := range ready {
		if s := l.streams[e.id]; s.state != closed {
			if err := l.serve(s, e, now); err != nil {
				s.close(l.watch)
				if l.result.Example == "" {
					l.result.Example = err.Error()
				}
			}
		}
	}
	return nil
}

func (l *listeners) serve(s *stream, e event, now time.Duration) error {
	switch {
	case s.state == connecting:
		if err := s.opened(l.watch, now); err != nil {
			return err
		}
		if err := s.send(l.Subscribe, l.watch); err != nil {
			return err
		}
		s.answer.reset(false, s.events.feed)
	case e.writeable && len(s.rest) > 0:
		return s.resume(l.watch)
	}
	if !e.readable {
		return nil
	}
	s.events.take = func(data []byte) { l.take(s, data, now) }
	whole, err := s.receive(l.buffer)
	if err != nil {
		return err
	}
	if s.answer.status != 0 && s.answer.state != inHead {
		if s.answer.status != 200 || !strings.HasPrefix(s.answer.typ, "text/event-stream") {
			return fmt.Errorf("%s: status %d with Content-Type %q instead of 200 with text/event-stream", l.Subscribe.line(), s.answer.status, s.answer.typ)
		}
		s.ready = true
	}
	if whole {
		return errors.New("the stream ended")
	}
	return nil
}

// take counts an event.
func (l *listeners) take(s *stream, data []byte, now time.Duration) {
	i, ok := l.Seq(data)
	first := l.first.Load()
	if !ok || i < 0 || i >= l.total || first == nil {
		return
	}
	if s.seen[i] {
		l.result.Duplicates++
		return
	}
	s.seen[i] = true
	l.result.Delivered++
	due := first.Add(time.Duration(float64(i) / l.Rate * float64(time.Second)))
	l.result.Delivery.Record(l.base.Add(now).Sub(due))
}
