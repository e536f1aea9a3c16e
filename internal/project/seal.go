package project

import (
	"encoding/json"
	"fmt"

	"example.com/scaffold/internal/tree"
)

// What a project carries about its own origin, so that it can follow its pack
// later without anything but itself.
const (
	LockPath    = ".scaffold/lock.json"
	BasePath    = ".scaffold/base.tar.gz"
	AnswersPath = ".scaffold/answers.yaml"
)

const lockSchema = 1

// Lock is .scaffold/lock.json: which pack, at which state, gave which bytes.
type Lock struct {
	Schema   int                 `json:"schema"`
	Scaffold string              `json:"scaffold"` // version of the program
	Pack     PackRef             `json:"pack"`
	Tree     string              `json:"tree"`  // tree.Tree.Hash of the pristine files
	Files    map[string]FileLock `json:"files"` // path -> what was generated there
}

// PackRef names the state of a pack. Source never holds credentials.
type PackRef struct {
	Name    string `json:"name,omitempty"` // in the team's registry
	Source  string `json:"source"`
	Version string `json:"version,omitempty"`
	Digest  string `json:"digest"` // over every file of the pack and its parts
	// Commits are those that were read from git, by source.
	Commits map[string]string `json:"commits,omitempty"`
	// Parts are the packs below folders of the project, by folder.
	Parts map[string]PackRef `json:"parts,omitempty"`
}

// FileLock is one generated file as it left the generator.
type FileLock struct {
	SHA256 string `json:"sha256"`
	Mode   string `json:"mode"` // "0644" or "0755"
}

// Seal adds lock and compressed pristine tree to a project that has its answers.
// The same tree and pack give the same bytes.
func Seal(t *tree.Tree, scaffold string, ref PackRef) error {
	lock := Lock{Schema: lockSchema, Scaffold: scaffold, Pack: ref, Tree: t.Hash(), Files: make(map[string]FileLock, t.Len())}
	for _, p := range t.Paths() {
		f, _ := t.Get(p)
		mode := "0644"
		if f.Exec {
			mode = "0755"
		}
		lock.Files[p] = FileLock{SHA256: f.Sum(), Mode: mode}
	}
	base, err := tree.Archive(t)
	if err != nil {
		return fmt.Errorf("%s: %w", BasePath, err)
	}
	data, err := json.MarshalIndent(lock, "", "  ")
	if err != nil {
		return fmt.Errorf("%s: %w", LockPath, err)
	}
	if err := t.Add(LockPath, tree.File{Data: append(data, '\n')}); err != nil {
		return err
	}
	return t.Add(BasePath, tree.File{Data: base})
}
