package load

import (
	"errors"
	"runtime"
	"syscall"
	"time"
	"unsafe"

	"golang.org/x/sys/unix"
)

// newPoller is epoll with timeouts in nanoseconds (Linux 5.11), or select.
func newPoller() (poller, error) {
	fd, err := unix.EpollCreate1(unix.EPOLL_CLOEXEC)
	if err != nil {
		return nil, err
	}
	p := &epoll{fd: fd}
	if _, err := p.wait(0); errors.Is(err, unix.ENOSYS) {
		return &selectPoller{}, p.close()
	}
	return p, nil
}

// briefly is how long a wait may be without telling Go's scheduler: telling it makes it
// hand the thread's turn to another and back, which costs more than the request. A
// collection of garbage may have to wait for as long.
const briefly = 300 * time.Microsecond

type epoll struct {
	fd      int
	events  [128]unix.EpollEvent
	timeout unix.Timespec
	ready   []event
	soon    bool // the last wait had an event, so the next is worth a brief one
}

func (p *epoll) add(fd, id int, i interest) error { return p.control(unix.EPOLL_CTL_ADD, fd, id, i) }

func (p *epoll) change(fd, id int, i interest) error { return p.control(unix.EPOLL_CTL_MOD, fd, id, i) }

func (p *epoll) remove(fd, id int) error { return p.control(unix.EPOLL_CTL_DEL, fd, id, toRead) }

func (p *epoll) control(op, fd, id int, i interest) error {
	e := unix.EpollEvent{Events: unix.EPOLLIN, Fd: int32(id)} //nolint:gosec // G115: an index of connections
	if i == toWrite {
		e.Events = unix.EPOLLOUT
	}
	return unix.EpollCtl(p.fd, op, fd, &e)
}

func (p *epoll) wait(limit time.Duration) ([]event, error) {
	brief := p.soon || limit < briefly
	if brief {
		limit = min(limit, briefly)
	}
	p.timeout = unix.NsecToTimespec(int64(max(limit, 0)))
	// Both calls get pointers into p, which is on the heap and so stays where it is.
	events, timeout := uintptr(unsafe.Pointer(&p.events[0])), uintptr(unsafe.Pointer(&p.timeout)) //nolint:gosec // G103: the call has no wrapper
	var n uintptr
	var errno syscall.Errno
	if brief {
		n, _, errno = unix.RawSyscall6(unix.SYS_EPOLL_PWAIT2, uintptr(p.fd), events, uintptr(len(p.events)), timeout, 0, 0)
	} else {
		n, _, errno = unix.Syscall6(unix.SYS_EPOLL_PWAIT2, uintptr(p.fd), events, uintptr(len(p.events)), timeout, 0, 0)
	}
	runtime.KeepAlive(p)
	p.soon = errno == 0 && n > 0
	if errno == unix.EINTR {
		return nil, nil
	}
	if errno != 0 {
		return nil, errno
	}
	p.ready = p.ready[:0]
	for _, e := range p.events[:n] {
		broken := e.Events&(unix.EPOLLERR|unix.EPOLLHUP) != 0
		p.ready = append(p.ready, event{int(e.Fd), broken || e.Events&unix.EPOLLIN != 0, broken || e.Events&unix.EPOLLOUT != 0})
	}
	return p.ready, nil
}

func (p *epoll) close() error { return unix.Close(p.fd) }
