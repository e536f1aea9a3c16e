package e2e

import (
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
)

// account keeps what was tested and how long it took.
var account = ledger{spent: map[string]map[string]time.Duration{}}

type ledger struct {
	mu             sync.Mutex
	passed, failed int
	spent          map[string]map[string]time.Duration // by test, then by stack
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
			account.failed++
		} else {
			account.passed++
		}
	})
}

// print writes one row for each test and one column for each stack. Tests run side
// by side, so the sums are more than the whole run.
func (l *ledger) print(out io.Writer, whole time.Duration) {
	l.mu.Lock()
	defer l.mu.Unlock()
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
	fmt.Fprintf(out, "\n%d passed, %d failed in %s\n", l.passed, l.failed, whole.Round(time.Second))
}
