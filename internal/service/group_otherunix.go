//go:build unix && !linux

package service

import "syscall"

// groupAttr puts a child at the head of its own process group, so that Ctrl-C in
// the terminal reaches only us and its whole tree can be killed at once.
func groupAttr(user *owner) *syscall.SysProcAttr {
	attr := &syscall.SysProcAttr{Setpgid: true}
	if user != nil {
		attr.Credential = &syscall.Credential{Uid: user.uid, Gid: user.gid}
	}
	return attr
}
