//go:build linux || darwin || freebsd

package vcs

import (
	"fmt"
	"time"

	"github.com/go-git/go-git/v5/plumbing/format/index"
	"golang.org/x/sys/unix"
)

// fillStat notes what the system knows of the file at path, so that git takes
// it for unchanged without reading it.
func fillStat(e *index.Entry, path string) error {
	var st unix.Stat_t
	if err := unix.Lstat(path, &st); err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	e.CreatedAt = time.Unix(st.Ctim.Unix())
	e.ModifiedAt = time.Unix(st.Mtim.Unix())
	e.Dev, e.Inode = uint32(st.Dev), uint32(st.Ino) //nolint:gosec // the index keeps 32 bits of each, as git's does
	e.UID, e.GID = st.Uid, st.Gid
	return nil
}
