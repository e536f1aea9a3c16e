package compare

import (
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"strconv"
	"strings"

	"example.com/scaffold/internal/compare/result"
)

// placement says on which processors things run. Its zero value pins nothing.
type placement struct {
	pinned    bool
	server    []int // one a worker
	generator int
}

// place gives the server's workers and the generator a processor each, where there
// are enough of them and taskset can put a program on one.
func place(workers int) (placement, string) {
	cores := allowedCores()
	if len(cores) < workers+1 {
		return placement{}, fmt.Sprintf("not pinned: %d processors for %d of the service and the generator", max(len(cores), runtime.NumCPU()), workers)
	}
	if _, err := exec.LookPath("taskset"); err != nil || !hasProc() {
		return placement{}, "not pinned: this system has no taskset or no /proc"
	}
	p := placement{pinned: true, server: cores[:workers], generator: cores[workers]}
	for _, core := range cores[workers:] { // a thread of the server's core would slow it
		if !sameCore(cores[0], core) {
			p.generator = core
			break
		}
	}
	return p, fmt.Sprintf("service on processor %s, generator on %d", p.list(), p.generator)
}

// list is the server's processors as taskset takes them.
func (p placement) list() string {
	text := make([]string, len(p.server))
	for i, core := range p.server {
		text[i] = strconv.Itoa(core)
	}
	return strings.Join(text, ",")
}

// wrap puts a command on the server's processors.
func (p placement) wrap(argv []string) []string {
	if !p.pinned {
		return argv
	}
	return append([]string{"taskset", "-c", p.list()}, argv...)
}

// cores are all that a measurement uses; nil for any.
func (p placement) cores() []int {
	if !p.pinned {
		return nil
	}
	return append([]int{p.generator}, p.server...)
}

// machine describes where we are. What a system does not tell stays empty.
func machine(p placement, label string) result.Machine {
	m := result.Machine{
		OS: runtime.GOOS, CPU: runtime.GOARCH, Cores: runtime.NumCPU(), Pinned: p.pinned, Placement: label,
	}
	if name := field("/etc/os-release", "PRETTY_NAME", "="); name != "" {
		m.OS = strings.Trim(name, `"`)
	}
	if text, err := os.ReadFile("/proc/sys/kernel/osrelease"); err == nil {
		m.Kernel = strings.TrimSpace(string(text))
	}
	if name := field("/proc/cpuinfo", "model name", ":"); name != "" {
		m.CPU = name
	}
	if kib, _, _ := strings.Cut(field("/proc/meminfo", "MemTotal", ":"), " "); kib != "" {
		if n, err := strconv.ParseInt(kib, 10, 64); err == nil {
			m.MemoryByte = n * 1024
		}
	}
	if p.pinned && sameCore(p.server[0], p.generator) {
		m.Warnings = append(m.Warnings, "service and generator stand on two threads of one core and slow each other")
	}
	if strings.Contains(field("/proc/cpuinfo", "flags", ":"), "hypervisor") {
		m.Warnings = append(m.Warnings, "a virtual machine: others may share its processors")
	}
	governor, err := os.ReadFile("/sys/devices/system/cpu/cpu0/cpufreq/scaling_governor")
	if g := strings.TrimSpace(string(governor)); err == nil && g != "performance" {
		m.Warnings = append(m.Warnings, "the processor's frequency follows the load (governor "+g+")")
	}
	return m
}

// field is the first value of a key in a file of such lines, "" if there is none.
func field(file, key, separator string) string {
	text, err := os.ReadFile(file)
	if err != nil {
		return ""
	}
	for row := range strings.Lines(string(text)) {
		name, value, found := strings.Cut(row, separator)
		if found && strings.TrimSpace(name) == key {
			return strings.TrimSpace(value)
		}
	}
	return ""
}
