// Package project puts a tree onto a disk so that a reader of the folder, and
// a kill at any moment, sees all of it or nothing.
//
// Everything is first written into a run folder (".scaffold-run-…") on the same
// file system. A folder that does not exist yet appears by one rename. A folder
// that exists keeps its identity (a shell may stand in it), so files are linked
// into it one by one under a journal, and Recover takes an interrupted run back.
// All access goes through an os.Root: nothing can be led out of the folder by a
// symbolic link, not even by one that is swapped in meanwhile.
//
// Files are not synced to the disk one by one: a power cut right after a run
// may lose what was just generated, as with cp or git, and never what was there.
package project

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"strings"
	"syscall"

	"example.com/scaffold/internal/tree"
)

// Names inside a run folder.
const (
	runPrefix   = ".scaffold-run-"
	lockName    = "lock"    // held by the process that writes
	stagedName  = "tree"    // what will be published
	journalName = "journal" // what is being moved into an existing folder
	gitName     = ".git"
)

// Options say how a tree may meet what is there already.
type Options struct {
	// Force allows a folder that has files. Those in the way of a generated
	// file with other content still stop the run, and nothing is written.
	Force bool

	// step, if set, is called before every change on the disk; tests die there.
	step func()
}

// Stage is one run: a tree on its way to a folder. Close it always; it removes
// what was not published.
type Stage struct {
	opts   Options
	target target
	root   *os.Root // the folder that holds the run folder: target or an ancestor
	run    string   // name of the run folder in root
	lock   *os.File
	skip   map[string]bool // paths that are there already, with these bytes
	paths  []string        // staged paths, in order
	tree   *tree.Tree
}

// target is where a tree shall go.
type target struct {
	dir    string // as the person gave it
	base   string // existing folder: dir itself, or its nearest ancestor that exists
	rest   string // slash-separated way from base to dir; "" if dir exists
	exists bool
}

// Check says whether t could be written to dir now, without touching anything.
// What it refuses is a *RefusedError; other errors come from the system.
func Check(dir string, t *tree.Tree, opts Options) error {
	tg, err := inspect(dir)
	if err != nil || !tg.exists {
		return err
	}
	root, err := os.OpenRoot(tg.base)
	if err != nil {
		return cannot("open", tg.base, err)
	}
	defer func() { _ = root.Close() }()
	_, err = compare(root, tg, t, opts)
	return err
}

// Open prepares a run that writes t to dir and stages every file of it. Nothing
// is visible at dir before Publish.
func Open(ctx context.Context, dir string, t *tree.Tree, opts Options) (*Stage, error) {
	tg, err := inspect(dir)
	if err != nil {
		return nil, err
	}
	root, err := os.OpenRoot(tg.base)
	if err != nil {
		return nil, cannot("open", tg.base, err)
	}
	s := &Stage{opts: opts, target: tg, root: root, tree: t}
	if err := s.begin(ctx, t); err != nil {
		return nil, errors.Join(err, s.Close())
	}
	return s, nil
}

func (s *Stage) begin(ctx context.Context, t *tree.Tree) (err error) {
	if s.target.exists {
		if s.skip, err = compare(s.root, s.target, t, s.opts); err != nil {
			return err
		}
	}
	if s.run, s.lock, err = claimRun(s.root, s.opts.step); err != nil {
		return cannot("write in", s.target.base, err)
	}
	top := s.stagedRoot()
	s.touch()
	if err := s.root.MkdirAll(top, 0o755); err != nil {
		return cannot("create a folder in", s.target.base, err)
	}
	made := map[string]bool{".": true}
	for _, p := range t.Paths() {
		if err := ctx.Err(); err != nil {
			return err
		}
		f, _ := t.Get(p)
		if err := s.stageFile(top, p, f, made); err != nil {
			return cannot("write", filepath.Join(s.target.dir, filepath.FromSlash(p)), err)
		}
		s.paths = append(s.paths, p)
	}
	return nil
}

func (s *Stage) stageFile(top, p string, f tree.File, made map[string]bool) error {
	if dir := path.Dir(p); !made[dir] {
		s.touch()
		if err := s.root.MkdirAll(path.Join(top, dir), 0o755); err != nil {
			return err
		}
		for ; !made[dir]; dir = path.Dir(dir) {
			made[dir] = true
		}
	}
	mode := fs.FileMode(0o644)
	if f.Exec {
		mode = 0o755
	}
	s.touch()
	return s.root.WriteFile(path.Join(top, p), f.Data, mode)
}

// Dir is the folder, in the operating system's form, that holds the staged
// files: where a repository is made before anyone sees it.
func (s *Stage) Dir() string {
	return filepath.Join(s.target.base, filepath.FromSlash(s.stagedRoot()))
}

// stagedRoot is the staged project's root, relative to s.root. The folders that
// are missing between base and dir are staged as well and appear with it.
func (s *Stage) stagedRoot() string {
	_, below, _ := strings.Cut(s.target.rest, "/")
	return path.Join(s.run, stagedName, below)
}

// Publish makes the staged tree, and a .git staged beside it, visible at the
// target. When it returns an error, the target is as it was.
func (s *Stage) Publish(ctx context.Context) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	if s.target.exists {
		return s.publishInto(ctx)
	}
	first, _, _ := strings.Cut(s.target.rest, "/")
	if _, err := s.root.Lstat(first); !errors.Is(err, fs.ErrNotExist) {
		return appeared(filepath.Join(s.target.base, first))
	}
	s.touch()
	if err := s.root.Rename(path.Join(s.run, stagedName), first); err != nil {
		if errors.Is(err, fs.ErrExist) {
			return appeared(filepath.Join(s.target.base, first))
		}
		return cannot("create", filepath.Join(s.target.base, first), err)
	}
	return nil
}

// Close removes the run folder and with it everything that was not published.
func (s *Stage) Close() error {
	var errs []error
	if s.lock != nil {
		s.touch()
		errs = append(errs, removeRun(s.root, s.run, s.lock))
		s.lock = nil
	}
	return errors.Join(append(errs, s.root.Close())...)
}

func (s *Stage) touch() {
	if s.opts.step != nil {
		s.opts.step()
	}
}

// inspect finds out what dir is and refuses what can never be a target.
func inspect(dir string) (target, error) {
	abs, err := filepath.Abs(dir)
	if err != nil {
		return target{}, err
	}
	info, err := os.Lstat(dir)
	switch {
	case err == nil && info.Mode()&fs.ModeSymlink != 0:
		to, _ := os.Readlink(dir)
		return target{}, &RefusedError{
			Dir: dir, Reason: "is a symbolic link to " + to, Hint: "give the folder it points to",
		}
	case err == nil && !info.IsDir():
		return target{}, &RefusedError{Dir: dir, Reason: "is a file, not a folder", Hint: "choose another place with --output"}
	case err == nil:
		return target{dir: dir, base: abs, exists: true}, nil
	}
	base, rest := filepath.Dir(abs), filepath.Base(abs)
	for {
		info, err := os.Stat(base)
		if err == nil && info.IsDir() {
			return target{dir: dir, base: base, rest: rest}, nil
		}
		if err == nil {
			return target{}, &RefusedError{
				Dir: dir, Reason: fmt.Sprintf("cannot be inside %s, which is a file", base), Hint: "choose another place with --output",
			}
		}
		if up := filepath.Dir(base); up != base && (errors.Is(err, fs.ErrNotExist) || errors.Is(err, syscall.ENOTDIR)) {
			// A dangling link is "not there" to Stat, and must not be written through.
			if _, err := os.Lstat(base); err == nil {
				return target{}, &RefusedError{
					Dir: dir, Reason: fmt.Sprintf("cannot be inside %s, a symbolic link to nowhere", base), Hint: "choose another place with --output",
				}
			}
			base, rest = up, filepath.Base(base)+"/"+rest
			continue
		}
		return target{}, cannot("look into", base, err)
	}
}
