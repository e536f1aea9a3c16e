package e2e

import (
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

// account keeps what was tested and how long it took.
var account = ledger{spent: map[string]map[string]time.Duration{}}

type ledger struct {
	mu     sync.Mutex
	failed []string                            // names
	spent  map[string]map[string]time.Duration // by test, then by stack
}

// services are the tests of running services: they go on beside each other, and one
// that failed has them all wait while it is tried again.
var services sync.RWMutex

// twice tries something that time on a shared machine may spoil: what fails is tried
// once more, alone. A real fault fails again; both complaints are shown. The second is
// returned; empty: it passes.
func twice(t *testing.T, try func() (complaint string)) string {
	t.Helper()
	beside := func() string {
		services.RLock()
		defer services.RUnlock()
		return try()
	}
	complaint := beside()
	if complaint == "" {
		return ""
	}
	t.Logf("once more, alone, after: %s", complaint)
	services.Lock()
	defer services.Unlock()
	return try()
}

// timed books the time from here to the end of a test, and its end.
func timed(t *testing.T, stack string) {
	t.Helper()
	test, _, _ := strings.Cut(strings.TrimPrefix(t.Name(), "Test"), "/")
	started := time.Now()
	t.Cleanup(func() {
		account.mu.Lock()
		defer account.mu.Unlock()
		if account.spent[test] == nil {
			account.spent[test] = map[string]time.Duration{}
		}
		account.spent[test][stack] += time.Since(started)
		if t.Failed() {
			account.failed = append(account.failed, t.Name())
		}
	})
}

// failedUnder are the tests within another that have failed.
func (l *ledger) failedUnder(name string) []string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return slices.DeleteFunc(slices.Clone(l.failed), func(one string) bool { return !strings.HasPrefix(one, name+"/") })
}

// print writes one row for each test and one column for each stack. Tests run side
// by side, so the sums are more than the whole run, and what children of this process
// have used of the processors says what it would take at the least.
func (l *ledger) print(out io.Writer, whole time.Duration) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if len(l.spent) == 0 {
		return
	}
	var columns []string
	for _, row := range l.spent {
		for stack := range row {
			if !slices.Contains(columns, stack) {
				columns = append(columns, stack)
			}
		}
	}
	slices.Sort(columns)
	fmt.Fprintf(out, "\n%-28s", "seconds")
	for _, stack := range columns {
		fmt.Fprintf(out, "%16s", stack)
	}
	fmt.Fprintln(out)
	for _, test := range slices.Sorted(maps.Keys(l.spent)) {
		fmt.Fprintf(out, "%-28s", test)
		for _, stack := range columns {
			fmt.Fprintf(out, "%16.0f", l.spent[test][stack].Seconds())
		}
		fmt.Fprintln(out)
	}
	var children syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_CHILDREN, &children); err == nil {
		used := time.Duration(children.Utime.Nano() + children.Stime.Nano())
		fmt.Fprintf(out, "\n%s, with %s of processor time\n", whole.Round(time.Second), used.Round(time.Second))
	}
}
