//go:build unix && !linux

package load

import (
	"time"

	"golang.org/x/sys/unix"
)

// settle has nothing to do where threads cannot be kept on a core.
func settle(*int) (pinned bool, err error) { return false, nil }

// threadTime is the CPU time of the process: threads are not told apart.
func threadTime() time.Duration { return used(unix.RUSAGE_SELF) }
