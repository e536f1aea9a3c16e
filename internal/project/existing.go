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
	"strings"

	"example.com/scaffold/internal/tree"
)

// journal is what a run is about to put into an existing folder. It is complete
// before the first file moves and gone once the last has.
type journal struct {
	Schema int               `json:"schema"`
	Dirs   []string          `json:"dirs,omitempty"` // that the run creates, parents first
	Files  map[string]string `json:"files"`          // that the run adds: path -> SHA-256
	Git    bool              `json:"git,omitempty"`  // a .git folder moves last
}

const journalSchema = 1

// compare holds t against an existing folder. It returns the paths that are
// there already with the same bytes, and refuses: a folder with files unless
// forced, a differing file, a folder or link where a file must go, and a link
// or file where a folder must go.
func compare(root *os.Root, tg target, t *tree.Tree, opts Options) (map[string]bool, error) {
	entries, err := fs.ReadDir(root.FS(), ".")
	if err != nil {
		return nil, cannot("read", tg.dir, err)
	}
	entries = slices.DeleteFunc(entries, func(e fs.DirEntry) bool {
		return e.Name() == gitName || strings.HasPrefix(e.Name(), runPrefix)
	})
	if len(entries) > 0 && !opts.Force {
		return nil, &RefusedError{
			Dir: tg.dir, Reason: fmt.Sprintf("has files (%s)", some(entries)),
			Hint: "choose another place with --output, or add to this folder with --force (files that are there stay as they are)",
		}
	}
	same, clashes := map[string]bool{}, []string{}
	for _, p := range t.Paths() {
		f, _ := t.Get(p)
		there, clash, err := meet(root, p, f)
		if err != nil {
			return nil, cannot("read", p, err)
		}
		if clash != "" && !slices.Contains(clashes, clash) {
			clashes = append(clashes, clash)
		}
		if there {
			same[p] = true
		}
	}
	if len(clashes) > 0 {
		return nil, &RefusedError{
			Dir: tg.dir, Reason: "has files of its own where the project needs other ones", Paths: clashes,
			Hint: "nothing was written; move them away and run again, or choose another place with --output",
		}
	}
	return same, nil
}

// meet says what stands at p: nothing, the same file already (there), or
// something in the way, named by its own path (clash).
func meet(root *os.Root, p string, f tree.File) (there bool, clash string, err error) {
	parts := strings.Split(p, "/")
	for i := range parts {
		at := strings.Join(parts[:i+1], "/")
		info, err := root.Lstat(at)
		if errors.Is(err, fs.ErrNotExist) {
			return false, "", nil
		}
		if err != nil {
			return false, "", err
		}
		last := i == len(parts)-1
		switch {
		case !last && info.IsDir():
			continue
		case !last || !info.Mode().IsRegular() || info.Size() != int64(len(f.Data)):
			return false, at, nil
		}
	}
	data, err := root.ReadFile(p)
	if err != nil {
		return false, "", err
	}
	if !bytes.Equal(data, f.Data) {
		return false, p, nil
	}
	return true, "", nil
}

// some names the first few entries of a folder.
func some(entries []fs.DirEntry) string {
	const most = 3
	var names []string
	for _, e := range entries[:min(len(entries), most)] {
		names = append(names, e.Name())
	}
	text := strings.Join(names, ", ")
	if len(entries) > most {
		text += ", …"
	}
	return text
}

// publishInto moves the staged files into the existing target, one by one,
// under a journal. On an error it takes back what it moved.
func (s *Stage) publishInto(ctx context.Context) error {
	j, err := s.plan()
	if err != nil {
		return err
	}
	if err := s.writeJournal(j); err != nil {
		return cannot("write in", s.target.dir, err)
	}
	if err := s.move(ctx, j); err != nil {
		if _, back := takeBack(s.root, s.run, j); back != nil {
			return errors.Join(err, fmt.Errorf("and taking it back failed, run scaffold here again to finish that: %w", back))
		}
		return err
	}
	s.touch()
	return s.root.Remove(path.Join(s.run, journalName))
}

// plan lists what has to be made in the target.
func (s *Stage) plan() (journal, error) {
	j := journal{Schema: journalSchema, Files: map[string]string{}}
	seen := map[string]bool{".": true}
	for _, p := range s.paths {
		if s.skip[p] {
			continue
		}
		f, _ := s.tree.Get(p)
		j.Files[p] = f.Sum()
		for dir := path.Dir(p); !seen[dir]; dir = path.Dir(dir) {
			seen[dir] = true
			if _, err := s.root.Lstat(dir); errors.Is(err, fs.ErrNotExist) {
				j.Dirs = append(j.Dirs, dir)
			} else if err != nil {
				return j, cannot("look at", dir, err)
			}
		}
	}
	slices.Sort(j.Dirs) // a parent is a prefix of its children and so comes first
	_, err := s.root.Lstat(path.Join(s.stagedRoot(), gitName))
	j.Git = err == nil
	return j, nil
}

func (s *Stage) writeJournal(j journal) error { return s.writeDraft(journalName, j) }

// writeDraft writes a journal under another name and gives it its own once it is
// on the disk.
func (s *Stage) writeDraft(name string, j any) error {
	data, err := json.Marshal(j)
	if err != nil {
		return err
	}
	draft := path.Join(s.run, name+".draft")
	s.touch()
	f, err := s.root.Create(draft)
	if err != nil {
		return err
	}
	_, err = f.Write(data)
	// The journal is what recovery trusts, so it alone has to reach the disk.
	if err := errors.Join(err, f.Sync(), f.Close()); err != nil {
		return err
	}
	s.touch()
	return s.root.Rename(draft, path.Join(s.run, name))
}

func (s *Stage) move(ctx context.Context, j journal) error {
	for _, dir := range j.Dirs {
		s.touch()
		if err := s.root.Mkdir(dir, 0o755); err != nil && !errors.Is(err, fs.ErrExist) {
			return cannot("create", dir, err)
		}
	}
	for _, p := range s.paths {
		if _, wanted := j.Files[p]; !wanted {
			continue
		}
		if err := ctx.Err(); err != nil {
			return err
		}
		s.touch()
		if err := moveNew(s.root, path.Join(s.stagedRoot(), p), p); err != nil {
			if errors.Is(err, fs.ErrExist) {
				return appeared(p)
			}
			return cannot("write", p, err)
		}
	}
	if !j.Git {
		return nil
	}
	s.touch()
	if err := s.root.Rename(path.Join(s.stagedRoot(), gitName), gitName); err != nil {
		return cannot("create", gitName, err)
	}
	return nil
}

// moveNew gives a staged file its place and never replaces one that is there: a
// second link fails on an existing name, which a rename would silently take.
// File systems without links get the check and the rename.
func moveNew(root *os.Root, from, to string) error {
	err := root.Link(from, to)
	if err == nil || errors.Is(err, fs.ErrExist) {
		return err
	}
	if _, err := root.Lstat(to); err == nil {
		return fs.ErrExist
	}
	return root.Rename(from, to)
}
