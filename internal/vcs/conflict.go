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
		tracked, err := run(nil, "ls-files", "--full-name", "-z", "--", ":(literal)"+c.Path)
		if err != nil {
			return err
		}
		name, _, _ := strings.Cut(tracked, "\x00") // an unmerged file is listed for each of its stages
		if name == "" {
			continue
		}
		var stages strings.Builder
		none := ""
		for i, f := range []*tree.File{c.Base, c.Ours, c.Theirs} {
			if f == nil {
				continue
			}
			hash, err := run(f.Data, "hash-object", "-w", "--stdin")
			if err != nil {
				return err
			}
			hash = strings.TrimSpace(hash)
			none = noObject(hash)
			mode := "100644"
			if f.Exec {
				mode = "100755"
			}
			fmt.Fprintf(&stages, "%s %s %d\t%s\x00", mode, hash, i+1, name)
		}
		if none != "" {
			fmt.Fprintf(&lines, "0 %s\t%s\x00%s", none, name, &stages)
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
		stage, _, _ := strings.Cut(unmerged, "\x00")
		entry, name, _ := strings.Cut(stage, "\t")
		_, hash, _ := strings.Cut(entry, " ")
		hash, _, _ = strings.Cut(hash, " ")
		fmt.Fprintf(&lines, "0 %s\t%s\x00", noObject(hash), name)
		head, err := run(nil, "ls-tree", "--full-tree", "-z", "HEAD", "--", ":(literal)"+name)
		if err != nil {
			return err
		}
		lines.WriteString(head)
	}
	return updateIndex(run, lines.String())
}

// noObject is the hash of no object, which takes a file out of the index: as long
// as the repository's hashes are.
func noObject(hash string) string { return strings.Repeat("0", len(hash)) }

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
