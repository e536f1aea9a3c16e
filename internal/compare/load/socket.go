//go:build unix

package load

import (
	"context"
	"errors"
	"fmt"
	"net"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

// used is the user and system time of a process or a thread.
func used(who int) time.Duration {
	var usage unix.Rusage
	if err := unix.Getrusage(who, &usage); err != nil {
		panic(fmt.Sprintf("load: getrusage(%d): %v", who, err)) // the argument is a constant the system knows
	}
	return time.Duration(usage.Utime.Nano() + usage.Stime.Nano())
}

// peer is where connections go: the first of a host's addresses that takes one.
type peer struct {
	family int
	addr   unix.Sockaddr
}

func findPeer(ctx context.Context, addr string, timeout time.Duration) (peer, error) {
	conn, err := (&net.Dialer{Timeout: timeout}).DialContext(ctx, "tcp", addr)
	if err != nil {
		return peer{}, fmt.Errorf("load: %w", err)
	}
	defer conn.Close()
	tcp, ok := conn.RemoteAddr().(*net.TCPAddr)
	if !ok {
		return peer{}, fmt.Errorf("load: %s is no TCP address", addr)
	}
	if four := tcp.IP.To4(); four != nil {
		return peer{unix.AF_INET, &unix.SockaddrInet4{Port: tcp.Port, Addr: [4]byte(four)}}, nil
	}
	return peer{unix.AF_INET6, &unix.SockaddrInet6{Port: tcp.Port, Addr: [16]byte(tcp.IP.To16())}}, nil
}

// connect begins a connection; it stands when the socket can be written to and
// connected returns nil.
func (p peer) connect() (fd int, err error) {
	syscall.ForkLock.RLock() // a child must not inherit it
	fd, err = unix.Socket(p.family, unix.SOCK_STREAM, 0)
	if err == nil {
		unix.CloseOnExec(fd)
	}
	syscall.ForkLock.RUnlock()
	if err != nil {
		return -1, err
	}
	err = unix.SetNonblock(fd, true)
	if err == nil {
		err = unix.SetsockoptInt(fd, unix.IPPROTO_TCP, unix.TCP_NODELAY, 1)
	}
	if err == nil {
		if err = unix.Connect(fd, p.addr); errors.Is(err, unix.EINPROGRESS) || errors.Is(err, unix.EINTR) {
			err = nil
		}
	}
	if err != nil {
		_ = unix.Close(fd) // never connected
		return -1, err
	}
	return fd, nil
}

// connected says how a connection that was begun has ended.
func connected(fd int) error {
	code, err := unix.GetsockoptInt(fd, unix.SOL_SOCKET, unix.SO_ERROR)
	if err == nil && code != 0 {
		err = unix.Errno(code)
	}
	return err
}
