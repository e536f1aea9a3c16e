//go:build unix

package load

import (
	"errors"
	"fmt"
	"time"

	"golang.org/x/sys/unix"
)

// selectPoller is the one that every Unix has. It looks at each descriptor again
// each time, which a few dozen connections can bear.
type selectPoller struct {
	watched []watched
	ready   []event
}

type watched struct {
	fd, id   int
	interest interest
}

func (p *selectPoller) add(fd, id int, i interest) error {
	if fd >= unix.FD_SETSIZE {
		return fmt.Errorf("load: %d open files are more than select(2) can watch", fd)
	}
	p.watched = append(p.watched, watched{fd, id, i})
	return nil
}

func (p *selectPoller) change(fd, _ int, i interest) error {
	for n := range p.watched {
		if p.watched[n].fd == fd {
			p.watched[n].interest = i
		}
	}
	return nil
}

func (p *selectPoller) remove(fd, _ int) error {
	for n := range p.watched {
		if p.watched[n].fd == fd {
			p.watched[n] = p.watched[len(p.watched)-1]
			p.watched = p.watched[:len(p.watched)-1]
			return nil
		}
	}
	return nil
}

func (p *selectPoller) wait(limit time.Duration) ([]event, error) {
	var read, write unix.FdSet
	highest := 0
	for _, w := range p.watched {
		if w.interest == toWrite {
			write.Set(w.fd)
		} else {
			read.Set(w.fd)
		}
		highest = max(highest, w.fd)
	}
	timeout := unix.NsecToTimeval(int64(max(limit, 0)))
	p.ready = p.ready[:0]
	n, err := unix.Select(highest+1, &read, &write, nil, &timeout)
	if n <= 0 || err != nil {
		if errors.Is(err, unix.EINTR) {
			err = nil
		}
		return nil, err
	}
	for _, w := range p.watched {
		if e := (event{w.id, read.IsSet(w.fd), write.IsSet(w.fd)}); e.readable || e.writeable {
			p.ready = append(p.ready, e)
		}
	}
	return p.ready, nil
}

func (*selectPoller) close() error { return nil }
