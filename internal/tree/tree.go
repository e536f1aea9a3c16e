// Package tree holds a generated project in memory: slash-separated relative
// paths, their bytes and whether they are executable. It knows nothing of disks;
// package project puts a Tree there.
package tree

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
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
}

// Add puts a file at a path. It refuses a path that CheckPath refuses and one
// that is taken already.
func (t *Tree) Add(path string, f File) error {
	if err := CheckPath(path); err != nil {
		return err
	}
	if _, taken := t.files[path]; taken {
		return fmt.Errorf("%s: two sources for one path", path)
	}
	if t.files == nil {
		t.files = make(map[string]File)
	}
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

// Len is the number of files.
func (t *Tree) Len() int { return len(t.files) }

// Hash is a digest over every path, mode and content, in lower-case hex. Two
// trees have the same hash exactly if they would be the same on disk.
func (t *Tree) Hash() string {
	h := sha256.New()
	for _, p := range t.Paths() {
		f := t.files[p]
		fmt.Fprintf(h, "%d:%s %t %d:", len(p), p, f.Exec, len(f.Data))
		h.Write(f.Data)
	}
	return hex.EncodeToString(h.Sum(nil))
}
