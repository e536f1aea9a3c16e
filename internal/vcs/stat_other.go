//go:build !(linux || darwin || freebsd)

package vcs

import (
	"fmt"
	"os"

	"github.com/go-git/go-git/v5/plumbing/format/index"
)

// fillStat notes when the file at path was written. Git reads the file once to
// find out the rest.
func fillStat(e *index.Entry, path string) error {
	info, err := os.Lstat(path)
	if err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	e.ModifiedAt = info.ModTime()
	return nil
}
