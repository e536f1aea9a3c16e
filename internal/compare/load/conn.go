//go:build unix

package load

import (
	"errors"
	"fmt"
	"io"
	"time"

	"golang.org/x/sys/unix"
)

// conn is one connection of a loop, over and over: when it ends, its place is taken
// by a new one with the same number. All moments count from the loop's base.
type conn struct {
	id, fd int
	state  connState
	since  time.Duration // when it came into its state

	req     *Request
	index   int
	due     time.Duration
	sent    time.Duration
	rest    []byte // of the request, while the system takes no more
	answer  response
	sampled bool
	sample  []byte
	keep    func([]byte) // appends to sample
}

type connState int

const (
	closed connState = iota
	connecting
	idle
	busy
)

func newConn(id int) *conn {
	c := &conn{id: id, fd: -1}
	c.keep = func(data []byte) {
		c.sample = append(c.sample, data[:min(len(data), maxSample-len(c.sample))]...)
	}
	return c
}

// open begins a new connection.
func (c *conn) open(to peer, watch poller, now time.Duration) error {
	fd, err := to.connect()
	if err != nil {
		return err
	}
	if err := watch.add(fd, c.id, toWrite); err != nil {
		_ = unix.Close(fd) // nothing was sent
		return err
	}
	c.fd, c.state, c.since = fd, connecting, now
	return nil
}

// opened ends what open began.
func (c *conn) opened(watch poller, now time.Duration) error {
	if err := connected(c.fd); err != nil {
		return err
	}
	c.state, c.since = idle, now
	return watch.change(c.fd, c.id, toRead)
}

func (c *conn) close(watch poller) {
	if c.state == closed {
		return
	}
	_ = watch.remove(c.fd, c.id) // closing ends it too
	_ = unix.Close(c.fd)         // what was to be read has been
	c.fd, c.state, c.rest = -1, closed, nil
}

// send begins a request. An error means that the server has seen nothing of it.
func (c *conn) send(req *Request, watch poller) error {
	c.req, c.sampled = req, req.sampled()
	var sink func([]byte)
	if c.sampled {
		sink, c.sample = c.keep, c.sample[:0]
	}
	c.answer.reset(req.head, sink)
	n, err := write(c.fd, req.raw)
	if err != nil {
		return err
	}
	c.state, c.rest = busy, req.raw[n:]
	if len(c.rest) > 0 {
		return watch.change(c.fd, c.id, toWrite)
	}
	return nil
}

// resume sends what the system did not take before.
func (c *conn) resume(watch poller) error {
	n, err := write(c.fd, c.rest)
	if err != nil {
		return err
	}
	if c.rest = c.rest[n:]; len(c.rest) == 0 {
		return watch.change(c.fd, c.id, toRead)
	}
	return nil
}

func write(fd int, data []byte) (int, error) {
	for {
		n, err := unix.Write(fd, data)
		switch {
		case errors.Is(err, unix.EINTR):
		case errors.Is(err, unix.EAGAIN):
			return 0, nil
		default:
			return n, err
		}
	}
}

// errNotHTTP wraps what makes an answer unreadable.
var errNotHTTP = errors.New("no HTTP/1.1 answer")

// receive reads once and says whether the answer is whole.
func (c *conn) receive(buffer []byte) (bool, error) {
	n, err := unix.Read(c.fd, buffer)
	switch {
	case errors.Is(err, unix.EAGAIN) || errors.Is(err, unix.EINTR):
		return false, nil
	case err != nil:
		return false, err
	case n == 0 && c.answer.ended():
		return true, nil
	case n == 0:
		return false, io.ErrUnexpectedEOF
	}
	whole, err := c.answer.feed(buffer[:n])
	if err != nil {
		return false, fmt.Errorf("%w: %w", errNotHTTP, err)
	}
	return whole, nil
}
