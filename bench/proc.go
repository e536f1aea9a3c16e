package main

import (
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"
)

// ticks of /proc/PID/stat a second; 100 on every Linux that Go runs on.
const ticks = 100

// cpuTime is the user and system time of a process and its children so far.
func cpuTime(pid int) (time.Duration, error) {
	var total time.Duration
	for _, one := range append(children(pid), pid) {
		took, err := ownTime(one)
		if err != nil && one == pid {
			return 0, err
		}
		total += took
	}
	return total, nil
}

// children are the processes that a process started, and theirs.
func children(pid int) []int {
	var all []int
	lists, err := filepath.Glob(fmt.Sprintf("/proc/%d/task/*/children", pid))
	if err != nil {
		return nil
	}
	for _, file := range lists {
		text, err := os.ReadFile(file)
		if err != nil {
			continue // the thread has just ended
		}
		for field := range strings.FieldsSeq(string(text)) {
			if child, err := strconv.Atoi(field); err == nil {
				all = append(append(all, child), children(child)...)
			}
		}
	}
	return all
}

// ownTime is a process's own, from the scheduler's account (nanoseconds) rather than
// stat's ticks where the kernel has it.
func ownTime(pid int) (time.Duration, error) {
	var total time.Duration
	threads, err := filepath.Glob(fmt.Sprintf("/proc/%d/task/*/schedstat", pid))
	if err != nil {
		return 0, err
	}
	for _, file := range threads {
		text, err := os.ReadFile(file)
		if err != nil {
			continue // the thread has just ended
		}
		ns, err := strconv.ParseInt(strings.Fields(string(text))[0], 10, 64)
		if err != nil {
			return 0, err
		}
		total += time.Duration(ns)
	}
	if total > 0 {
		return total, nil
	}
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return 0, err
	}
	fields := strings.Fields(string(text[strings.LastIndexByte(string(text), ')')+1:]))
	user, err := strconv.ParseInt(fields[11], 10, 64)
	if err != nil {
		return 0, err
	}
	system, err := strconv.ParseInt(fields[12], 10, 64)
	return time.Duration(user+system) * time.Second / ticks, err
}

// memory is the resident set in KiB of a process, or of its largest child: the worker.
func memory(pid int) (int64, error) {
	var most int64
	for _, one := range append(children(pid), pid) {
		set, err := residentSet(one)
		if err != nil && one == pid {
			return 0, err
		}
		if len(children(pid)) == 0 || one != pid {
			most = max(most, set)
		}
	}
	return most, nil
}

func residentSet(pid int) (int64, error) {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		return 0, err
	}
	for row := range strings.Lines(string(text)) {
		if value, found := strings.CutPrefix(row, "VmRSS:"); found {
			return strconv.ParseInt(strings.Fields(value)[0], 10, 64)
		}
	}
	return 0, fmt.Errorf("process %d has no VmRSS", pid)
}

// listener is the process that listens where a URL points to, the first of several
// that share the socket.
func listener(address string) (int, error) {
	u, err := url.Parse(address)
	if err != nil {
		return 0, err
	}
	port, err := strconv.Atoi(u.Port())
	if err != nil {
		return 0, err
	}
	table, err := os.ReadFile("/proc/net/tcp")
	if err != nil {
		return 0, err
	}
	inode := ""
	for row := range strings.Lines(string(table)) {
		f := strings.Fields(row)
		if len(f) > 9 && f[3] == "0A" && strings.HasSuffix(f[1], fmt.Sprintf(":%04X", port)) {
			inode = "socket:[" + f[9] + "]"
		}
	}
	links, err := filepath.Glob("/proc/[0-9]*/fd/*")
	if err != nil {
		return 0, err
	}
	first := 0
	for _, l := range links {
		if to, err := os.Readlink(l); err == nil && to == inode && inode != "" {
			if pid, err := strconv.Atoi(strings.Split(l, "/")[2]); err == nil && (first == 0 || pid < first) {
				first = pid
			}
		}
	}
	if first > 0 {
		return first, nil
	}
	return 0, fmt.Errorf("nobody listens at %s", address)
}
