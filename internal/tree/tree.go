// Package tree holds a generated project in memory: slash-separated relative
// paths, their bytes and whether they are executable. It knows nothing of disks;
// package project puts a Tree there.
package tree

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"iter"
	"maps"
	"slices"
)

// File is one generated file.
type File struct {
	Data []byte
	Exec bool // written as 0755 instead of 0644
}

// Sum is the file's SHA-256 in lower-case hex, as .scaffold/lock.json records it.
func (f File) Sum() string {
	sum := sha256.Sum256(f.Data)
	return hex.EncodeToString(sum[:])
}

// Tree is a set of files. The zero value is an empty tree ready to use.
type Tree struct {
	files map[string]File
	names map[string]name // by folded spelling: every file and every folder above one
}

// name is what a folded spelling stands for.
type name struct {
	path   string
	folder bool
}

// Add puts a file at a path. It refuses a path that CheckPath refuses, one that
// is taken already, one that differs from another only in case, and a file
// where another file needs a folder.
func (t *Tree) Add(path string, f File) error {
	if err := CheckPath(path); err != nil {
		return err
	}
	if _, taken := t.files[path]; taken {
		return fmt.Errorf("path %q: two sources for one path", path)
	}
	for i, c := range path {
		if c == '/' {
			if err := t.claim(path[:i], true); err != nil {
				return err
			}
		}
	}
	if err := t.claim(path, false); err != nil {
		return err
	}
	if t.files == nil {
		t.files = make(map[string]File)
	}
	t.files[path] = f
	return nil
}

func (t *Tree) claim(path string, folder bool) error {
	key := fold(path)
	other, taken := t.names[key]
	switch {
	case !taken:
		if t.names == nil {
			t.names = make(map[string]name)
		}
		t.names[key] = name{path, folder}
		return nil
	case other.path != path:
		return fmt.Errorf("paths %q and %q: the same on a file system that ignores case", other.path, path)
	case other.folder != folder:
		return fmt.Errorf("path %q: both a file and a folder", path)
	}
	return nil
}

// Replace puts new bytes at a path that is there already; the mode stays.
func (t *Tree) Replace(path string, data []byte) error {
	f, ok := t.files[path]
	if !ok {
		return fmt.Errorf("path %q: no such file", path)
	}
	f.Data = data
	t.files[path] = f
	return nil
}

// Get returns the file at path and whether there is one.
func (t *Tree) Get(path string) (File, bool) {
	f, ok := t.files[path]
	return f, ok
}

// Paths lists the paths in byte order.
func (t *Tree) Paths() []string {
	return slices.Sorted(maps.Keys(t.files))
}

// All visits the files in byte order of their paths.
func (t *Tree) All() iter.Seq2[string, File] {
	return func(yield func(string, File) bool) {
		for _, p := range t.Paths() {
			if !yield(p, t.files[p]) {
				return
			}
		}
	}
}

// Len is the number of files.
func (t *Tree) Len() int { return len(t.files) }

// Hash is a digest over every path, mode and content, in lower-case hex. Two
// trees have the same hash exactly if they would be the same on disk.
func (t *Tree) Hash() string {
	h := sha256.New()
	for p, f := range t.All() {
		fmt.Fprintf(h, "%d:%s %t %d:", len(p), p, f.Exec, len(f.Data))
		h.Write(f.Data)
	}
	return hex.EncodeToString(h.Sum(nil))
}
