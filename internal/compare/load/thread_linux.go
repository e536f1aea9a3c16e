package load

import (
	"fmt"
	"time"

	"golang.org/x/sys/unix"
)

// settle readies the calling thread, which ends with the run: timers as exact as the
// hardware's instead of 50 µs late, and the core it is to stay on.
func settle(cpu *int) (pinned bool, err error) {
	if err := unix.Prctl(unix.PR_SET_TIMERSLACK, 1, 0, 0, 0); err != nil {
		return false, fmt.Errorf("load: exact timers: %w", err)
	}
	if cpu == nil {
		return false, nil
	}
	var set unix.CPUSet
	set.Set(*cpu)
	if err := unix.SchedSetaffinity(0, &set); err != nil {
		return false, fmt.Errorf("load: keeping the generator on core %d: %w", *cpu, err)
	}
	return true, nil
}

// threadTime is the CPU time that the calling thread has used.
func threadTime() time.Duration { return used(unix.RUSAGE_THREAD) }
