package vcs

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	"example.com/scaffold/internal/tree"
)

// Conflict is one file with conflict markers, in its three versions; nil where
// there is none. Path is slash-separated, from the folder given to MarkConflicts.
type Conflict struct {
	Path               string
	Base, Ours, Theirs *tree.File
}

// MarkConflicts puts the three versions into git's index as stages 1 to 3, as a
// merge would: git status lists the files as unmerged, and an editor's merge tool
// opens on them. The index is git's own, with extensions that come and go with
// its versions, so git itself writes it. Without git on PATH, outside a
// repository, and for files that are not tracked there, nothing happens.
func MarkConflicts(ctx context.Context, dir string, list []Conflict) error {
	run, ok, err := indexRunner(ctx, dir)
	if err != nil || !ok || len(list) == 0 {
		return err
	}
	var lines strings.Builder
	for _, c := range list {
		if tracked, err := run(nil, "ls-files", "--", ":(literal)"+c.Path); err != nil {
			return err
		} else if tracked == "" {
			continue
		}
		full, err := run(nil, "ls-files", "--full-name", "-z", "--", ":(literal)"+c.Path)
		if err != nil {
			return err
		}
		name := strings.TrimSuffix(full, "\x00")
		fmt.Fprintf(&lines, "0 %040d\t%s\x00", 0, name)
		for i, f := range []*tree.File{c.Base, c.Ours, c.Theirs} {
			if f == nil {
				continue
			}
			hash, err := run(f.Data, "hash-object", "-w", "--stdin")
			if err != nil {
				return err
			}
			mode := "100644"
			if f.Exec {
				mode = "100755"
			}
			fmt.Fprintf(&lines, "%s %s %d\t%s\x00", mode, strings.TrimSpace(hash), i+1, name)
		}
	}
	return updateIndex(run, lines.String())
}

// SettleConflicts gives files that are unmerged in git's index the entry that
// the last commit has for them: what they conflicted about was taken back.
func SettleConflicts(ctx context.Context, dir string, paths []string) error {
	run, ok, err := indexRunner(ctx, dir)
	if err != nil || !ok {
		return err
	}
	var lines strings.Builder
	for _, p := range paths {
		unmerged, err := run(nil, "ls-files", "--unmerged", "--full-name", "-z", "--", ":(literal)"+p)
		if err != nil {
			return err
		}
		if unmerged == "" {
			continue
		}
		_, name, _ := strings.Cut(strings.TrimSuffix(strings.SplitAfter(unmerged, "\x00")[0], "\x00"), "\t")
		fmt.Fprintf(&lines, "0 %040d\t%s\x00", 0, name)
		head, err := run(nil, "ls-tree", "--full-tree", "-z", "HEAD", "--", ":(literal)"+name)
		if err != nil {
			return err
		}
		lines.WriteString(head)
	}
	return updateIndex(run, lines.String())
}

func updateIndex(run gitRunner, lines string) error {
	if lines == "" {
		return nil
	}
	_, err := run([]byte(lines), "update-index", "-z", "--index-info")
	return err
}

// gitRunner runs one plumbing command of git with bytes on its standard input.
type gitRunner func(in []byte, args ...string) (string, error)

// indexRunner is for the repository that dir lies in; ok is false without one,
// and without git.
func indexRunner(ctx context.Context, dir string) (_ gitRunner, ok bool, err error) {
	git, err := exec.LookPath("git")
	if err != nil {
		return nil, false, nil //nolint:nilerr // a project can be followed without git
	}
	root, found, err := Enclosing(dir)
	if err != nil || !found {
		return nil, false, err
	}
	if _, err := os.Stat(filepath.Join(root, gitDir)); errors.Is(err, fs.ErrNotExist) {
		return nil, false, nil
	}
	return func(in []byte, args ...string) (string, error) {
		cmd := exec.CommandContext(ctx, git, args...)
		cmd.Dir, cmd.Stdin = dir, bytes.NewReader(in)
		var out, errOut bytes.Buffer
		cmd.Stdout, cmd.Stderr = &out, &errOut
		if err := cmd.Run(); err != nil {
			return "", fmt.Errorf("git %s: %w: %s", args[0], err, strings.TrimSpace(errOut.String()))
		}
		return out.String(), nil
	}, true, nil
}
