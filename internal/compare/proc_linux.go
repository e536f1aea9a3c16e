package compare

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"golang.org/x/sys/unix"
)

// ticks of /proc/stat a second: the kernel's USER_HZ, 100 wherever Go runs.
const ticks = 100

// hasProc says whether processes can be looked at.
func hasProc() bool {
	_, err := os.Stat("/proc/self/stat")
	return err == nil
}

// tree is a process and all that descend from it, it first.
func tree(pid int) []int {
	all := []int{pid}
	lists, err := filepath.Glob(fmt.Sprintf("/proc/%d/task/*/children", pid))
	if err != nil {
		return all // the pattern is constant
	}
	for _, file := range lists {
		text, err := os.ReadFile(file)
		if err != nil {
			continue // the thread has just ended
		}
		for field := range strings.FieldsSeq(string(text)) {
			if child, err := strconv.Atoi(field); err == nil {
				all = append(all, tree(child)...)
			}
		}
	}
	return all
}

// cpuTime is what a tree of processes has used so far, threads that have ended
// included. It is read from the kernel's clock of each process, which counts
// nanoseconds, and not from its ticks.
func cpuTime(pid int) (time.Duration, error) {
	const scheduled = 2 // CPUCLOCK_SCHED of the clock ids that name a process
	var total time.Duration
	for i, one := range tree(pid) {
		var ts unix.Timespec
		clock := int32(^one<<3 | scheduled) //nolint:gosec // ids of processes have at most 22 bits
		if err := unix.ClockGettime(clock, &ts); err != nil {
			if i > 0 && errors.Is(err, unix.EINVAL) {
				continue // a child that has just ended
			}
			return 0, fmt.Errorf("CPU time of process %d: %w", one, err)
		}
		total += time.Duration(ts.Nano())
	}
	return total, nil
}

// memory is the proportional set of a tree in bytes (a page that n processes share
// counts n-th in each), or the resident one where the kernel does not tell.
func memory(pid int) (int64, error) {
	var total int64
	for i, one := range tree(pid) {
		size, err := kibibytes(fmt.Sprintf("/proc/%d/smaps_rollup", one), "Pss:")
		if err != nil {
			size, err = kibibytes(fmt.Sprintf("/proc/%d/status", one), "VmRSS:")
		}
		if err != nil && i == 0 {
			return 0, err
		}
		total += size * 1024
	}
	return total, nil
}

func kibibytes(file, label string) (int64, error) {
	text, err := os.ReadFile(file)
	if err != nil {
		return 0, err
	}
	for row := range strings.Lines(string(text)) {
		if value, found := strings.CutPrefix(row, label); found {
			return strconv.ParseInt(strings.Fields(value)[0], 10, 64)
		}
	}
	return 0, fmt.Errorf("%s has no %s", file, label)
}

// busy is how long processors have worked since the machine came up, what a
// hypervisor took from them included; interrupts are left out, which serve our own
// packets too. No cores mean all.
func busy(cores []int) (time.Duration, error) {
	text, err := os.ReadFile("/proc/stat")
	if err != nil {
		return 0, err
	}
	var total int64
	for row := range strings.Lines(string(text)) {
		f := strings.Fields(row)
		if len(f) < 9 || !strings.HasPrefix(f[0], "cpu") {
			continue
		}
		core, err := strconv.Atoi(f[0][len("cpu"):])
		if (err != nil) != (len(cores) == 0) || err == nil && !slices.Contains(cores, core) {
			continue
		}
		for _, column := range []int{1, 2, 3, 8} { // user, nice, system, steal
			n, err := strconv.ParseInt(f[column], 10, 64)
			if err != nil {
				return 0, fmt.Errorf("/proc/stat: %w", err)
			}
			total += n
		}
	}
	return time.Duration(total) * time.Second / ticks, nil
}

// ownCPU is what this program has used so far.
func ownCPU() time.Duration {
	var ts unix.Timespec
	if err := unix.ClockGettime(unix.CLOCK_PROCESS_CPUTIME_ID, &ts); err != nil {
		return 0 // the clock has been there since Linux 2.6.12
	}
	return time.Duration(ts.Nano())
}

// listeners are the processes of the machine that hold the socket listening on a
// port of loopback or of all addresses, in ascending order.
func listeners(port int) ([]int, error) {
	var inodes []string
	for _, table := range []string{"/proc/net/tcp", "/proc/net/tcp6"} {
		text, err := os.ReadFile(table)
		if errors.Is(err, fs.ErrNotExist) {
			continue // no IPv6
		}
		if err != nil {
			return nil, err
		}
		for row := range strings.Lines(string(text)) {
			f := strings.Fields(row)
			if len(f) > 9 && f[3] == "0A" && strings.HasSuffix(f[1], fmt.Sprintf(":%04X", port)) {
				inodes = append(inodes, "socket:["+f[9]+"]")
			}
		}
	}
	links, err := filepath.Glob("/proc/[0-9]*/fd/*")
	if err != nil {
		return nil, err
	}
	var pids []int
	for _, link := range links {
		to, err := os.Readlink(link)
		if err != nil || !slices.Contains(inodes, to) {
			continue // of another, or closed just now
		}
		if pid, err := strconv.Atoi(strings.Split(link, "/")[2]); err == nil && !slices.Contains(pids, pid) {
			pids = append(pids, pid)
		}
	}
	slices.Sort(pids)
	return pids, nil
}

// openFiles counts how often a tree holds a file open: the connections to an SQLite
// database.
func openFiles(pid int, path string) int {
	n := 0
	for _, one := range tree(pid) {
		links, err := filepath.Glob(fmt.Sprintf("/proc/%d/fd/*", one))
		if err != nil {
			return 0 // the pattern is constant
		}
		for _, link := range links {
			if to, err := os.Readlink(link); err == nil && to == path {
				n++
			}
		}
	}
	return n
}

// allowedCores are the processors this program may run on.
func allowedCores() []int {
	var set unix.CPUSet
	if err := unix.SchedGetaffinity(0, &set); err != nil {
		return nil
	}
	var cores []int
	for i := 0; len(cores) < set.Count(); i++ {
		if set.IsSet(i) {
			cores = append(cores, i)
		}
	}
	return cores
}

// sameCore says whether two processors are threads of one core.
func sameCore(a, b int) bool {
	read := func(cpu int) []byte {
		text, err := os.ReadFile(fmt.Sprintf("/sys/devices/system/cpu/cpu%d/topology/thread_siblings_list", cpu))
		if err != nil {
			return nil
		}
		return bytes.TrimSpace(text)
	}
	one := read(a)
	return one != nil && bytes.Equal(one, read(b))
}
