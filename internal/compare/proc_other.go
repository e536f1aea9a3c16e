//go:build !linux

package compare

import (
	"errors"
	"time"
)

// Elsewhere processes cannot be looked at: figures of CPU and memory are absent.

var errNoProc = errors.New("this system does not tell what a process uses") //nolint:gochecknoglobals // a sentinel

func hasProc() bool                      { return false }
func tree(pid int) []int                 { return []int{pid} }
func cpuTime(int) (time.Duration, error) { return 0, errNoProc }
func memory(int) (int64, error)          { return 0, errNoProc }
func busy([]int) (time.Duration, error)  { return 0, errNoProc }
func ownCPU() time.Duration              { return 0 }
func listeners(int) ([]int, error)       { return nil, errNoProc }
func openFiles(int, string) int          { return 0 }
func allowedCores() []int                { return nil }
func sameCore(int, int) bool             { return false }
