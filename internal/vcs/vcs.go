// Package vcs is the only one that knows git: it makes a repository with one
// commit out of a tree in memory, finds the repository that a folder lies in,
// and asks the person's git configuration who they are.
package vcs

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/go-git/go-billy/v5/osfs"
	"github.com/go-git/go-git/v5/config"
	"github.com/go-git/go-git/v5/plumbing"
	"github.com/go-git/go-git/v5/plumbing/cache"
	"github.com/go-git/go-git/v5/plumbing/filemode"
	"github.com/go-git/go-git/v5/plumbing/format/index"
	"github.com/go-git/go-git/v5/plumbing/object"
	"github.com/go-git/go-git/v5/storage/filesystem"

	"example.com/scaffold/internal/tree"
)

// Branch is the name of the branch that a new repository starts with.
const Branch = "main"

const gitDir = ".git"

// Commit is what the first commit of a repository says.
type Commit struct {
	Message string
	Author  Identity
	When    time.Time
}

// Init makes a repository in dir, which already holds exactly the files of t,
// and commits them. It returns the commit's hash in hex. The objects come from
// memory, so nothing is read back.
func Init(ctx context.Context, dir string, t *tree.Tree, c Commit) (string, error) {
	store := filesystem.NewStorage(osfs.New(filepath.Join(dir, gitDir), osfs.WithBoundOS()), cache.NewObjectLRUDefault())
	if err := store.Init(); err != nil {
		return "", fmt.Errorf("create the repository: %w", err)
	}
	cfg := config.NewConfig()
	cfg.Raw.SetOption("core", "", "repositoryformatversion", "0")
	cfg.Raw.SetOption("core", "", "filemode", "true")
	if err := store.SetConfig(cfg); err != nil {
		return "", fmt.Errorf("write the repository's configuration: %w", err)
	}
	var objects pack
	idx, root, err := addTree(ctx, &objects, dir, t)
	if err != nil {
		return "", err
	}
	commit, err := addCommit(&objects, root, c)
	if err != nil {
		return "", err
	}
	if err := objects.write(ctx, filepath.Join(dir, gitDir, "objects", "pack")); err != nil {
		return "", fmt.Errorf("write the commit: %w", err)
	}
	branch := plumbing.NewBranchReferenceName(Branch)
	err = errors.Join(
		store.SetIndex(idx),
		store.SetReference(plumbing.NewHashReference(branch, commit)),
		store.SetReference(plumbing.NewSymbolicReference(plumbing.HEAD, branch)),
	)
	if err != nil {
		return "", fmt.Errorf("write the branch: %w", err)
	}
	return commit.String(), nil
}

// addTree stores the blobs and folders of t and returns the index that lists
// them and the root folder's hash.
func addTree(ctx context.Context, objects *pack, dir string, t *tree.Tree) (*index.Index, plumbing.Hash, error) {
	idx := &index.Index{Version: 2}
	folders := map[string]*object.Tree{".": {}}
	for p, f := range t.All() {
		if err := ctx.Err(); err != nil {
			return nil, plumbing.ZeroHash, err
		}
		hash := objects.add(plumbing.BlobObject, f.Data)
		mode := filemode.Regular
		if f.Exec {
			mode = filemode.Executable
		}
		entry := &index.Entry{Name: p, Hash: hash, Mode: mode, Size: uint32(len(f.Data))} //nolint:gosec // as in git's index
		if err := fillStat(entry, filepath.Join(dir, filepath.FromSlash(p))); err != nil {
			return nil, plumbing.ZeroHash, err
		}
		idx.Entries = append(idx.Entries, entry)
		folder := folderOf(folders, path.Dir(p))
		folder.Entries = append(folder.Entries, object.TreeEntry{Name: path.Base(p), Mode: mode, Hash: hash})
	}
	root, err := storeFolders(objects, folders)
	return idx, root, err
}

// folderOf returns the folder's tree and makes it, with its parents, if needed.
func folderOf(folders map[string]*object.Tree, dir string) *object.Tree {
	if _, ok := folders[dir]; !ok {
		folderOf(folders, path.Dir(dir))
		folders[dir] = &object.Tree{}
	}
	return folders[dir]
}

// storeFolders stores every folder, children before parents since a parent
// holds its children's hashes, and returns the root's hash.
func storeFolders(objects *pack, folders map[string]*object.Tree) (plumbing.Hash, error) {
	dirs := make([]string, 0, len(folders))
	for dir := range folders {
		dirs = append(dirs, dir)
	}
	depth := func(dir string) int {
		if dir == "." {
			return -1
		}
		return strings.Count(dir, "/")
	}
	slices.SortFunc(dirs, func(a, b string) int { return depth(b) - depth(a) })
	var hash plumbing.Hash
	for _, dir := range dirs {
		folder := folders[dir]
		slices.SortFunc(folder.Entries, func(a, b object.TreeEntry) int {
			return strings.Compare(sortName(a), sortName(b))
		})
		data, err := encoded(folder)
		if err != nil {
			return hash, fmt.Errorf("%s: %w", dir, err)
		}
		hash = objects.add(plumbing.TreeObject, data)
		if dir != "." {
			parent := folders[path.Dir(dir)]
			parent.Entries = append(parent.Entries, object.TreeEntry{Name: path.Base(dir), Mode: filemode.Dir, Hash: hash})
		}
	}
	return hash, nil
}

// sortName is the name git sorts an entry by: a folder's ends in a slash.
func sortName(e object.TreeEntry) string {
	if e.Mode == filemode.Dir {
		return e.Name + "/"
	}
	return e.Name
}

func addCommit(objects *pack, root plumbing.Hash, c Commit) (plumbing.Hash, error) {
	who := object.Signature{Name: c.Author.Name, Email: c.Author.Email, When: c.When}
	commit := &object.Commit{Author: who, Committer: who, Message: c.Message + "\n", TreeHash: root}
	data, err := encoded(commit)
	if err != nil {
		return plumbing.ZeroHash, fmt.Errorf("write the commit: %w", err)
	}
	return objects.add(plumbing.CommitObject, data), nil
}

// InsideGitError says that a folder lies among git's own files, in a bare
// repository or in a .git folder, where no project belongs.
type InsideGitError struct{ Dir string }

func (e *InsideGitError) Error() string {
	return e.Dir + " holds the files of a git repository; a project cannot lie among them"
}

// Enclosing returns the root of the repository that dir, which need not exist
// yet, lies in, and whether there is one. dir itself may be that root. Among
// git's own files it returns an *InsideGitError.
func Enclosing(dir string) (root string, found bool, err error) {
	abs, err := filepath.Abs(dir)
	if err != nil {
		return "", false, err
	}
	for ; ; abs = filepath.Dir(abs) {
		if isBare(abs) {
			return "", false, &InsideGitError{abs}
		}
		yes, err := isRepository(filepath.Join(abs, gitDir))
		if err != nil || yes {
			return abs, yes, err
		}
		if abs == filepath.Dir(abs) {
			return "", false, nil
		}
	}
}

// isBare knows git's own folder as git does: by what must be in it.
func isBare(dir string) bool {
	for _, name := range []string{"HEAD", "objects", "refs"} {
		if _, err := os.Lstat(filepath.Join(dir, name)); err != nil {
			return false
		}
	}
	return true
}

// isRepository knows a repository's folder by its HEAD, and the file that a
// linked worktree or a submodule has in its place by its first word.
func isRepository(at string) (bool, error) {
	info, err := os.Stat(at)
	switch {
	case errors.Is(err, fs.ErrPermission):
		return false, fmt.Errorf("look for a repository: %w", err)
	case err != nil:
		return false, nil //nolint:nilerr // nothing there, or something odd: no repository
	case info.IsDir():
		_, err := os.Lstat(filepath.Join(at, "HEAD"))
		return err == nil, nil
	}
	data, err := os.ReadFile(at)
	return strings.HasPrefix(string(data), "gitdir:"), err
}
