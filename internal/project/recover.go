package project

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"time"

	"example.com/scaffold/internal/tree"
)

// Recovered is what Recover did about one interrupted run.
type Recovered struct {
	Dir     string   // the folder it was writing in
	Removed int      // files that were in place already and are gone again
	Kept    []string // files of that run which were changed since, and stay
}

// RecoverFor takes back interrupted runs that stand in the way of writing to
// dir: those in dir itself and those beside it, where a run keeps its files
// until dir appears.
func RecoverFor(dir string) ([]Recovered, error) {
	abs, err := filepath.Abs(dir)
	if err != nil {
		return nil, err
	}
	done, err := Recover(abs)
	if err != nil {
		return done, err
	}
	for up := filepath.Dir(abs); ; up = filepath.Dir(up) {
		if _, err := os.Stat(up); err == nil || up == filepath.Dir(up) {
			beside, err := Recover(up)
			return append(done, beside...), err
		}
	}
}

// Recover looks in dir for runs that were killed, and takes back what they left.
// A run that had put everything in place, and one that still runs, stay as they
// are. A dir that is not there, or is no folder, holds nothing to recover.
func Recover(dir string) ([]Recovered, error) {
	if info, err := os.Stat(dir); errors.Is(err, fs.ErrNotExist) || errors.Is(err, syscall.ENOTDIR) || errors.Is(err, syscall.ELOOP) || err == nil && !info.IsDir() {
		return nil, nil
	}
	root, err := os.OpenRoot(dir)
	if err != nil {
		return nil, cannot("open", dir, err)
	}
	defer func() { _ = root.Close() }()
	entries, err := fs.ReadDir(root.FS(), ".")
	if err != nil {
		return nil, cannot("read", dir, err)
	}
	var done []Recovered
	for _, e := range entries {
		if !e.IsDir() || !strings.HasPrefix(e.Name(), runPrefix) {
			continue
		}
		lock, err := seize(root, e)
		if err != nil {
			return done, cannot("lock", path.Join(dir, e.Name()), err)
		}
		if lock == nil {
			continue
		}
		r, err := recoverRun(root, e.Name())
		if err != nil {
			// The journal stays, for another try once the cause is mended.
			return done, errors.Join(cannot("take back the interrupted run "+e.Name()+" in", dir, err), lock.Close())
		}
		if err := removeRun(root, e.Name(), lock); err != nil {
			return done, cannot("remove the interrupted run "+e.Name()+" in", dir, err)
		}
		r.Dir = dir
		done = append(done, r)
	}
	return done, nil
}

// seize takes the lock of a run that its process has left, and returns nil for
// one that still runs.
func seize(root *os.Root, run fs.DirEntry) (*os.File, error) {
	lock, err := lockRun(root, run.Name())
	switch {
	case errors.Is(err, errNoLocks) && abandoned(run):
		return lock, nil
	case errors.Is(err, errNoLocks):
		return nil, lock.Close()
	case errors.Is(err, errHeld), errors.Is(err, fs.ErrNotExist):
		return nil, nil
	}
	return lock, err
}

func recoverRun(root *os.Root, run string) (Recovered, error) {
	if r, found, err := recoverEdits(root, run); found || err != nil {
		return r, err
	}
	data, err := root.ReadFile(path.Join(run, journalName))
	if errors.Is(err, fs.ErrNotExist) {
		return Recovered{}, nil // it was killed while staging, or after its end
	}
	if err != nil {
		return Recovered{}, err
	}
	var j journal
	if err := json.Unmarshal(data, &j); err != nil {
		return Recovered{}, fmt.Errorf("%s: %w", path.Join(run, journalName), err)
	}
	if err := j.check(); err != nil {
		return Recovered{}, fmt.Errorf("%s: %w", path.Join(run, journalName), err)
	}
	r, err := takeBack(root, run, j)
	if err != nil {
		return r, err
	}
	return r, root.Remove(path.Join(run, journalName))
}

// check refuses a journal that this program cannot have written.
func (j journal) check() error {
	if j.Schema != journalSchema {
		return fmt.Errorf("schema %d is not known to this version of scaffold", j.Schema)
	}
	for p := range j.Files {
		if err := tree.CheckPath(p); err != nil {
			return err
		}
	}
	for _, p := range j.Dirs {
		if err := tree.CheckPath(p); err != nil {
			return err
		}
	}
	return nil
}

// takeBack removes the files and folders that a run has put in place, unless
// everything is in place. A file that changed since belongs to the person now.
func takeBack(root *os.Root, run string, j journal) (Recovered, error) {
	var r Recovered
	if complete(root, run, j) {
		return r, nil
	}
	for _, p := range slices.Sorted(maps.Keys(j.Files)) {
		sum, err := sumOf(root, p)
		switch {
		case errors.Is(err, fs.ErrNotExist):
			continue
		case err != nil:
			return r, err
		case sum != j.Files[p]:
			r.Kept = append(r.Kept, p)
			continue
		}
		if err := root.Remove(p); err != nil {
			return r, err
		}
		r.Removed++
	}
	for _, dir := range slices.Backward(j.Dirs) {
		// A folder that holds something by now stays.
		if err := root.Remove(dir); err != nil && !errors.Is(err, fs.ErrNotExist) && !notEmpty(root, dir) {
			return r, err
		}
	}
	return r, nil
}

// complete says whether a run had done all its work but the tidying up.
func complete(root *os.Root, run string, j journal) bool {
	if j.Git {
		_, err := root.Lstat(path.Join(run, stagedName, gitName))
		return errors.Is(err, fs.ErrNotExist) // it moves last
	}
	for p, want := range j.Files {
		if sum, err := sumOf(root, p); err != nil || sum != want {
			return false
		}
	}
	return true
}

func sumOf(root *os.Root, p string) (string, error) {
	info, err := root.Lstat(p)
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
	sum := sha256.Sum256(data)
	return hex.EncodeToString(sum[:]), nil
}

func notEmpty(root *os.Root, dir string) bool {
	entries, err := fs.ReadDir(root.FS(), dir)
	return err == nil && len(entries) > 0
}

// claimRun creates a run folder in root and locks it. Between making the folder
// and holding its lock, another process may take it for an abandoned one and
// remove it; then a new one is made.
func claimRun(root *os.Root, step func()) (string, *os.File, error) {
	for range 8 {
		if step != nil {
			step()
		}
		run := runPrefix + strings.ToLower(rand.Text()[:10])
		if err := root.Mkdir(run, 0o700); err != nil {
			return "", nil, err
		}
		lock, err := lockRun(root, run)
		switch {
		case err == nil, errors.Is(err, errNoLocks):
			return run, lock, nil
		case !errors.Is(err, fs.ErrNotExist) && !errors.Is(err, errHeld):
			return "", nil, errors.Join(err, root.RemoveAll(run))
		}
	}
	return "", nil, errors.New("other processes keep removing the run folder")
}

// errHeld means that the process which writes in a run folder still runs.
var errHeld = errors.New("in use by another scaffold")

// errNoLocks means that the file system knows no locks, so that nobody can tell
// whether a process still writes.
var errNoLocks = errors.New("this file system has no locks")

// abandoned judges a run without locks by its age: none takes an hour.
func abandoned(run fs.DirEntry) bool {
	info, err := run.Info()
	return err == nil && time.Since(info.ModTime()) > time.Hour
}

// lockRun takes the lock of a run folder without waiting. The error is errHeld
// when another process has it and fs.ErrNotExist when the folder is gone; with
// errNoLocks comes the open file.
func lockRun(root *os.Root, run string) (*os.File, error) {
	name := path.Join(run, lockName)
	f, err := root.OpenFile(name, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, err
	}
	locked := tryLock(f)
	if locked != nil && !errors.Is(locked, errNoLocks) {
		return nil, errors.Join(locked, f.Close())
	}
	// The lock counts only if the name still leads to the file that is locked.
	mine, err := f.Stat()
	if err != nil {
		return nil, errors.Join(err, f.Close())
	}
	now, err := root.Lstat(name)
	if err != nil || !os.SameFile(mine, now) {
		return nil, errors.Join(fs.ErrNotExist, f.Close())
	}
	return f, locked
}

// removeRun removes a run folder whose lock is held. The lock goes last, so that
// a kill in here leaves a folder that the next command still recognises.
func removeRun(root *os.Root, run string, lock *os.File) error {
	entries, err := fs.ReadDir(root.FS(), run)
	errs := []error{err}
	for _, e := range entries {
		if e.Name() != lockName {
			errs = append(errs, root.RemoveAll(path.Join(run, e.Name())))
		}
	}
	// An open file cannot be removed everywhere.
	errs = append(errs, lock.Close(), root.RemoveAll(run))
	return errors.Join(errs...)
}
