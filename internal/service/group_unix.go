//go:build unix

package service

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"os/user"
	"strconv"
	"syscall"
)

// owner is the account a program runs under.
type owner struct {
	uid, gid uint32
}

// postgresOwner is the account PostgreSQL runs under: it refuses root, so as
// root the package's own account is used, otherwise we ourselves (nil).
func postgresOwner() (*owner, error) {
	if os.Geteuid() != 0 {
		return nil, nil
	}
	account, err := user.Lookup("postgres")
	if err != nil {
		return nil, fmt.Errorf("PostgreSQL refuses to run as root and there is no account postgres (Debian package postgresql): %w", err)
	}
	uid, err := strconv.ParseUint(account.Uid, 10, 32)
	if err != nil {
		return nil, fmt.Errorf("account postgres: %w", err)
	}
	gid, err := strconv.ParseUint(account.Gid, 10, 32)
	if err != nil {
		return nil, fmt.Errorf("account postgres: %w", err)
	}
	return &owner{uid: uint32(uid), gid: uint32(gid)}, nil
}

// give hands a path to an owner; nil keeps it.
func give(path string, to *owner) error {
	if to == nil {
		return nil
	}
	return os.Chown(path, int(to.uid), int(to.gid))
}

// guardScript waits for the end of its input, which comes when we die however
// we die, and then ends the group: asked first, killed two seconds later.
const guardScript = `trap "" INT TERM HUP; read -r _; kill -TERM "-$1" && sleep 2 && kill -KILL "-$1"`

// guardGroup watches over a process group from a session of its own, for the
// ends of ours that run no code (a kill, a panic) and for grandchildren, which
// no parent-death signal reaches. Release ends the watch.
func guardGroup(pgid int) (release func(), err error) {
	cmd := exec.Command("/bin/sh", "-c", guardScript, "guard", strconv.Itoa(pgid)) //nolint:noctx // a constant script and a number; it ends with the group
	cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true}
	alive, err := cmd.StdinPipe()
	if err != nil {
		return nil, fmt.Errorf("watch over process group %d: %w", pgid, err)
	}
	if err := cmd.Start(); err != nil {
		return nil, fmt.Errorf("watch over process group %d: %w", pgid, err)
	}
	return func() {
		_ = cmd.Process.Kill() // it has nothing left to guard
		_ = cmd.Wait()
		_ = alive.Close()
	}, nil
}

// killGroup kills what is left of a process group; an empty one is no error.
func killGroup(pgid int) {
	if err := syscall.Kill(-pgid, syscall.SIGKILL); err != nil && !errors.Is(err, syscall.ESRCH) {
		// EPERM on some systems when only zombies are left: nothing to do.
		return
	}
}
