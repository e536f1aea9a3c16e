//go:build unix

package load

import "time"

// poller waits for descriptors. Each has a number of the caller's.
type poller interface {
	// add begins to watch; interest is one of the constants below.
	add(fd, id int, interest interest) error
	change(fd, id int, interest interest) error
	// remove ends it, before the descriptor is closed.
	remove(fd, id int) error
	// wait sleeps until something is ready or the time is over, or for less. The slice
	// is valid until the next call.
	wait(limit time.Duration) ([]event, error)
	close() error
}

type interest int

const (
	toRead interest = iota
	toWrite
)

// event says that a call would not block. A broken connection is both.
type event struct {
	id                  int
	readable, writeable bool
}
