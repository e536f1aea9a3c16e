package project

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path"
	"strings"

	"example.com/scaffold/internal/tree"
)

// Undone says what Undo took back.
type Undone struct {
	Title string   // of the run, as given to Apply
	Paths []string // in the order of the run
}

// undoing begins the title of a run that takes another back.
const undoing = "undo of "

// Undo takes the last run of Apply back. It refuses, and touches nothing, when
// there is none or when a file was changed since: then it names those files.
// Taking back is a run itself, so a second Undo makes the changes again.
func Undo(ctx context.Context, dir string, opts Options) (Undone, error) {
	root, err := os.OpenRoot(dir)
	if err != nil {
		return Undone{}, cannot("open", dir, err)
	}
	defer func() { _ = root.Close() }()
	j, err := readEdits(root, path.Join(undoPath, editsName))
	if errors.Is(err, fs.ErrNotExist) {
		return Undone{}, &RefusedError{Dir: dir, Reason: "has nothing to take back", Hint: "only the last update, add or remove on this machine can be undone"}
	}
	if err != nil {
		return Undone{}, err
	}
	u := Undone{Title: j.Title}
	var list []Edit
	var since []string
	for _, f := range j.Files {
		now, err := readFile(root, f.Path)
		if err != nil {
			return u, cannot("read", f.Path, err)
		}
		if mark(now) != f.New {
			since = append(since, f.Path)
			continue
		}
		e := Edit{Path: f.Path, Was: now}
		if f.Old != "" {
			if e.File, err = readFile(root, path.Join(undoPath, oldName, f.Path)); err != nil {
				return u, cannot("read", f.Path, err)
			}
		}
		list, u.Paths = append(list, e), append(u.Paths, f.Path)
	}
	if len(since) > 0 {
		return u, &RefusedError{
			Dir: dir, Reason: "was changed since " + j.Title, Paths: since,
			Hint: "nothing was touched; put these files back as that run left them, or take it back by hand (what it replaced is in " + undoPath + "/" + oldName + ")",
		}
	}
	title, again := strings.CutPrefix(j.Title, undoing) // taking that back is the run itself
	if !again {
		title = undoing + title
	}
	return u, Apply(ctx, dir, title, list, opts)
}

// readFile reads a regular file, nil if nothing or something else is there.
func readFile(root *os.Root, p string) (*tree.File, error) {
	info, err := root.Lstat(p)
	switch {
	case errors.Is(err, fs.ErrNotExist), err != nil && notDir(err):
		return nil, nil
	case err != nil:
		return nil, err
	case !info.Mode().IsRegular():
		return nil, nil
	}
	data, err := root.ReadFile(p)
	if err != nil {
		return nil, err
	}
	return &tree.File{Data: data, Exec: info.Mode()&0o100 != 0}, nil
}
