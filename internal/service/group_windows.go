package service

import (
	"errors"
	"os"
	"syscall"
)

// owner is the account a program runs under; Windows programs run as ourselves.
type owner struct{}

func postgresOwner() (*owner, error) { return nil, nil }

func give(string, *owner) error { return nil }

// groupAttr detaches a child from our console's Ctrl-C.
func groupAttr(*owner) *syscall.SysProcAttr {
	return &syscall.SysProcAttr{CreationFlags: syscall.CREATE_NEW_PROCESS_GROUP}
}

// guardGroup has no counterpart here: a child outlives us if we are killed.
func guardGroup(int) (func(), error) { return func() {}, nil }

// killGroup kills the leader; Windows knows no process groups.
func killGroup(pid int) {
	process, err := os.FindProcess(pid)
	if err != nil {
		return
	}
	if err := process.Kill(); err != nil && !errors.Is(err, os.ErrProcessDone) {
		return
	}
}
