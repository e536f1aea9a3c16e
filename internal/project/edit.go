package project

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"slices"
	"syscall"

	"example.com/scaffold/internal/tree"
)

// Edit is a change to one file of a project that exists.
type Edit struct {
	Path string
	File *tree.File // what shall stand there; nil: nothing
	// Was is what stood there when the edit was planned; nil: nothing. The whole
	// run is taken back if something else stands there by now.
	Was *tree.File
}

// Names below .scaffold/ and inside a run folder.
const (
	undoPath  = ".scaffold/undo" // what the last run replaced
	editsName = "edits.json"     // the journal of a run that edits
	doneName  = "done.json"      // the same, once every edit is made
	keptName  = "undo"           // what becomes undoPath
	oldName   = "old"            // files that were replaced, under their paths
)

// edits is the journal of a run that changes files. It is complete before the
// first change, and stays with the replaced files as what Undo reads.
type edits struct {
	Schema int      `json:"schema"`
	Title  string   `json:"title"`          // what the run was, for people
	Dirs   []string `json:"dirs,omitempty"` // that the run creates, parents first
	Files  []edited `json:"files"`
}

// edited is one file: SHA-256 and mode before and after, "" for no file.
type edited struct {
	Path string `json:"path"`
	Old  string `json:"old,omitempty"`
	New  string `json:"new,omitempty"`
}

const editsSchema = 1

// Apply makes all the edits in the project at dir, or none: on an error, or
// after a kill by the next command's Recover, everything is as it was. What was
// replaced is kept for Undo. title names the run, such as "update to 1.2.0".
func Apply(ctx context.Context, dir, title string, list []Edit, opts Options) (err error) {
	root, err := os.OpenRoot(dir)
	if err != nil {
		return cannot("open", dir, err)
	}
	defer func() { err = errors.Join(err, root.Close()) }()
	s := &Stage{opts: opts, root: root}
	if s.run, s.lock, err = claimRun(root, opts.step); err != nil {
		return cannot("write in", dir, err)
	}
	defer func() {
		s.touch()
		err = errors.Join(err, removeRun(root, s.run, s.lock))
	}()
	j, err := s.stageEdits(ctx, title, list)
	if err != nil {
		return err
	}
	if err := s.writeDraft(editsName, j); err != nil {
		return cannot("write in", dir, err)
	}
	if err := s.edit(ctx, j); err != nil {
		return errors.Join(err, s.revert(j))
	}
	return s.finish()
}

// stageEdits writes the new files into the run folder and lists what will change.
func (s *Stage) stageEdits(ctx context.Context, title string, list []Edit) (edits, error) {
	j := edits{Schema: editsSchema, Title: title}
	s.touch()
	if err := s.root.MkdirAll(path.Join(s.run, stagedName), 0o755); err != nil {
		return j, cannot("write in", s.run, err)
	}
	made, seen := map[string]bool{".": true}, map[string]bool{".": true}
	for _, e := range list {
		if err := errors.Join(ctx.Err(), tree.CheckPath(e.Path)); err != nil {
			return j, err
		}
		f := edited{Path: e.Path, Old: mark(e.Was), New: mark(e.File)}
		if f.Old == f.New {
			continue
		}
		j.Files = append(j.Files, f)
		if e.File == nil {
			continue
		}
		if err := s.stageFile(path.Join(s.run, stagedName), e.Path, *e.File, made); err != nil {
			return j, cannot("write", e.Path, err)
		}
		for dir := path.Dir(e.Path); !seen[dir]; dir = path.Dir(dir) {
			seen[dir] = true
			info, err := s.root.Lstat(dir)
			if err != nil && !errors.Is(err, fs.ErrNotExist) && !notDir(err) {
				return j, cannot("look at", dir, err)
			}
			if err != nil || info.Mode().IsRegular() { // a file that goes makes room
				j.Dirs = append(j.Dirs, dir)
			}
		}
	}
	slices.Sort(j.Dirs) // a parent is a prefix of its children and so comes first
	return j, nil
}

// mark is a file's digest and mode, "" for none.
func mark(f *tree.File) string {
	if f == nil {
		return ""
	}
	if f.Exec {
		return f.Sum() + " x"
	}
	return f.Sum()
}

// markOf is the mark of what stands at a path.
func markOf(root *os.Root, p string) (string, error) {
	info, err := root.Lstat(p)
	if errors.Is(err, fs.ErrNotExist) {
		return "", nil
	}
	if err != nil {
		return "", err
	}
	if !info.Mode().IsRegular() {
		return "not a file", nil
	}
	data, err := root.ReadFile(p)
	if err != nil {
		return "", err
	}
	return mark(&tree.File{Data: data, Exec: info.Mode()&0o100 != 0}), nil
}

// edit moves each old file away and each new one into its place: removals first,
// so that a folder can follow where a file was.
func (s *Stage) edit(ctx context.Context, j edits) error {
	for _, f := range j.Files {
		if err := ctx.Err(); err != nil {
			return err
		}
		if f.Old == "" {
			continue
		}
		if err := s.moveAway(f); err != nil {
			return err
		}
	}
	s.prune(j)
	for _, dir := range j.Dirs {
		s.touch()
		if err := s.root.Mkdir(dir, 0o755); err != nil && !errors.Is(err, fs.ErrExist) {
			return cannot("create", dir, err)
		}
	}
	for _, f := range j.Files {
		if f.New == "" {
			continue
		}
		s.touch()
		if err := moveNew(s.root, path.Join(s.run, stagedName, f.Path), f.Path); err != nil {
			if errors.Is(err, fs.ErrExist) {
				return changed(f.Path)
			}
			return cannot("write", f.Path, err)
		}
	}
	return nil
}

func (s *Stage) moveAway(f edited) error {
	away := path.Join(s.run, oldName, f.Path)
	s.touch()
	if err := s.root.MkdirAll(path.Dir(away), 0o755); err != nil {
		return cannot("move", f.Path, err)
	}
	s.touch()
	if err := s.root.Rename(f.Path, away); errors.Is(err, fs.ErrNotExist) {
		return changed(f.Path)
	} else if err != nil {
		return cannot("move", f.Path, err)
	}
	// Looked at where nobody else writes any more.
	if is, err := markOf(s.root, away); err != nil {
		return cannot("read", f.Path, err)
	} else if is != f.Old {
		return changed(f.Path)
	}
	return nil
}

func changed(p string) error {
	return &RefusedError{Dir: p, Reason: "changed while this run was writing", Hint: "everything is as it was; run it again"}
}

// prune removes the folders that removals left empty and that nothing comes back
// to. They hold nothing, so failing to is no failure.
func (s *Stage) prune(j edits) {
	needed := map[string]bool{}
	for _, f := range j.Files {
		for dir := path.Dir(f.Path); f.New != "" && dir != "."; dir = path.Dir(dir) {
			needed[dir] = true
		}
	}
	for _, f := range j.Files {
		for dir := path.Dir(f.Path); f.New == "" && dir != "." && !needed[dir]; dir = path.Dir(dir) {
			if s.root.Remove(dir) != nil {
				break
			}
		}
	}
}

// revert takes the run back in the process that made it.
func (s *Stage) revert(j edits) error {
	if _, err := takeBackEdits(s.root, s.run, j); err != nil {
		return fmt.Errorf("and taking it back stopped, the next command goes on with it: %w", err)
	}
	s.touch()
	return s.root.Remove(path.Join(s.run, editsName))
}

// finish lays what was replaced, with the journal, where Undo finds it. From its
// first step on a kill is followed by finishing here again.
func (s *Stage) finish() error {
	s.touch()
	if err := s.root.Rename(path.Join(s.run, editsName), path.Join(s.run, doneName)); err != nil {
		return cannot("write in", s.run, err)
	}
	return finishEdits(s.root, s.run, s.touch)
}

func finishEdits(root *os.Root, run string, touch func()) error {
	kept := path.Join(run, keptName)
	steps := []func() error{
		func() error { return root.MkdirAll(kept, 0o755) },
		// The folder hides itself from git: it is this machine's.
		func() error { return root.WriteFile(path.Join(kept, ".gitignore"), []byte("*\n"), 0o644) },
		func() error { return renameIf(root, path.Join(run, oldName), path.Join(kept, oldName)) },
		func() error { return renameIf(root, path.Join(run, doneName), path.Join(kept, editsName)) },
		func() error { return root.RemoveAll(undoPath) },
		func() error { return root.MkdirAll(path.Dir(undoPath), 0o755) },
		func() error { return root.Rename(kept, undoPath) },
	}
	for _, step := range steps {
		touch()
		if err := step(); err != nil {
			return cannot("keep what was replaced in", undoPath, err)
		}
	}
	return nil
}

// renameIf renames what is there; after a kill a step may have been made.
func renameIf(root *os.Root, from, to string) error {
	if err := root.Rename(from, to); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return nil
}

// takeBackEdits restores every file that a run has moved away and removes those
// it put in place. A file that someone changed since stays; what it replaced is
// then laid beside it.
func takeBackEdits(root *os.Root, run string, j edits) (Recovered, error) {
	var r Recovered
	moved := func(f edited) bool {
		_, err := root.Lstat(path.Join(run, oldName, f.Path))
		return f.Old != "" && err == nil
	}
	for _, f := range j.Files {
		if f.New == "" || f.Old != "" && !moved(f) {
			continue // nothing was put there yet
		}
		is, err := markOf(root, f.Path)
		if err != nil && !notDir(err) {
			return r, err
		}
		switch {
		case is == f.New:
			if err := root.Remove(f.Path); err != nil {
				return r, err
			}
			r.Removed++
		case is != "":
			r.Kept = append(r.Kept, f.Path)
		}
	}
	for _, dir := range slices.Backward(j.Dirs) {
		info, err := root.Lstat(dir)
		if err != nil || !info.IsDir() {
			continue // not made yet; a file there has yet to go
		}
		// A folder that holds something by now stays.
		if err := root.Remove(dir); err != nil && !notEmpty(root, dir) {
			return r, err
		}
	}
	for _, f := range j.Files {
		if !moved(f) {
			continue
		}
		if err := root.MkdirAll(path.Dir(f.Path), 0o755); err != nil {
			return r, err
		}
		to := f.Path
		if _, err := root.Lstat(to); err == nil {
			to = free(root, f.Path+".before")
		}
		if err := root.Rename(path.Join(run, oldName, f.Path), to); err != nil {
			return r, err
		}
	}
	return r, nil
}

// notDir says that an ancestor of a path is no folder, so that nothing is there.
func notDir(err error) bool { return errors.Is(err, syscall.ENOTDIR) }

// free is the name, or the name with the first number that is not taken.
func free(root *os.Root, name string) string {
	for n, try := 2, name; ; n++ {
		if _, err := root.Lstat(try); err != nil {
			return try
		}
		try = fmt.Sprintf("%s.%d", name, n)
	}
}

// recoverEdits takes back or finishes a run of Apply that was killed. found is
// false if the run folder has no journal of one.
func recoverEdits(root *os.Root, run string) (r Recovered, found bool, err error) {
	for _, done := range []string{doneName, path.Join(keptName, editsName)} {
		if _, err := root.Lstat(path.Join(run, done)); err == nil {
			return r, true, finishEdits(root, run, func() {})
		}
	}
	name := path.Join(run, editsName)
	j, err := readEdits(root, name)
	if errors.Is(err, fs.ErrNotExist) {
		return r, false, nil
	}
	if err != nil {
		return r, true, err
	}
	if r, err = takeBackEdits(root, run, j); err != nil {
		return r, true, err
	}
	return r, true, root.Remove(name)
}

func readEdits(root *os.Root, name string) (edits, error) {
	var j edits
	data, err := root.ReadFile(name)
	if err != nil {
		return j, err
	}
	dec := json.NewDecoder(bytes.NewReader(data))
	dec.DisallowUnknownFields()
	if err := dec.Decode(&j); err != nil {
		return j, fmt.Errorf("%s: %w", name, err)
	}
	if j.Schema != editsSchema {
		return j, fmt.Errorf("%s: schema %d is not known to this version of scaffold", name, j.Schema)
	}
	for _, f := range j.Files {
		if err := tree.CheckPath(f.Path); err != nil {
			return j, fmt.Errorf("%s: %w", name, err)
		}
	}
	for _, dir := range j.Dirs {
		if err := tree.CheckPath(dir); err != nil {
			return j, fmt.Errorf("%s: %w", name, err)
		}
	}
	return j, nil
}
