// Package change makes one small change in the repository of a stack, as an engineer
// of its framework would by hand, so that it can be counted and read: items get a text
// field `note` of up to 200 characters, which may be left out and is always shown. That
// is the table, a migration, what goes in and out, and a test.
//
// The edits lie beside this file, one file a stack. openapi.json is none of them:
// `make openapi` writes it.
package change

import (
	"bytes"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"slices"
	"strings"

	"github.com/goccy/go-yaml"

	"example.com/scaffold/internal/compare/result"
	"example.com/scaffold/internal/merge3"
)

//go:embed *.yaml
var embedded embed.FS

const ending = ".yaml"

// recipe is the change of one stack.
type recipe struct {
	From  string `yaml:"from"` // another stack whose edits come first
	Edits []edit `yaml:"edits"`
}

// edit puts lines behind the one line that holds a text, or in its place, or at the end
// of a file; or they are a new file.
type edit struct {
	File    string `yaml:"file"`
	New     string `yaml:"new"`
	Behind  string `yaml:"behind"`
	Instead string `yaml:"instead"`
	Lines   string `yaml:"lines"`
}

// Stacks are the stacks that have a change, in the order of their names.
func Stacks() ([]string, error) {
	files, err := fs.Glob(embedded, "*"+ending)
	for i := range files {
		files[i] = strings.TrimSuffix(files[i], ending)
	}
	return files, err
}

// Of is what the change costs in a stack's repository: files, lines added and removed,
// and the unified diff. It is nil for a stack that has no change. An error names the
// file that is not as the edits expect it.
func Of(stack string, repository fs.FS) (*result.Change, error) {
	edited, err := Edited(stack, repository)
	if edited == nil || err != nil {
		return nil, err
	}
	change := &result.Change{Files: len(edited)}
	var diffs strings.Builder
	for _, path := range slices.Sorted(maps.Keys(edited)) {
		from := "a/" + path
		was, err := fs.ReadFile(repository, path)
		if errors.Is(err, fs.ErrNotExist) {
			from, err = "/dev/null", nil
		}
		if err != nil {
			return nil, err
		}
		diff := string(merge3.Unified(from, "b/"+path, was, edited[path]))
		diffs.WriteString(diff)
		for n, line := range slices.Collect(strings.Lines(diff)) {
			if n >= 2 && strings.ContainsAny(line[:1], "+-") { // below the two names
				change.Lines++
			}
		}
	}
	change.Diff = diffs.String()
	return change, nil
}

// Edited are the files that the change touches, by path, as they are after it; nil for
// a stack that has none. Nothing is written.
func Edited(stack string, repository fs.FS) (map[string][]byte, error) {
	edits, err := read(stack)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	edited := map[string][]byte{}
	for _, e := range edits {
		path := e.File + e.New
		was, begun := edited[path]
		if !begun {
			was, err = fs.ReadFile(repository, path)
		}
		switch {
		case e.New != "" && err == nil:
			err = fmt.Errorf("%s is there already: %w", path, fs.ErrExist)
		case e.New != "" && errors.Is(err, fs.ErrNotExist):
			err = nil
		}
		if err == nil {
			edited[path], err = e.apply(was)
		}
		if err != nil {
			return nil, fmt.Errorf("the change of %s no longer fits its repository: %w", stack, err)
		}
	}
	return edited, nil
}

// read gives the edits of a stack.
func read(stack string) ([]edit, error) {
	data, err := embedded.ReadFile(stack + ending)
	if err != nil {
		return nil, err
	}
	var r recipe
	if err := yaml.UnmarshalWithOptions(data, &r, yaml.Strict()); err != nil {
		return nil, fmt.Errorf("%s%s: %w", stack, ending, err)
	}
	if r.From == "" {
		return r.Edits, nil
	}
	edits, err := read(r.From)
	return append(edits, r.Edits...), err
}

// apply makes the edit in a file's text.
func (e edit) apply(text []byte) ([]byte, error) {
	anchor := e.Behind + e.Instead
	if anchor == "" {
		return append(bytes.Clone(text), e.Lines...), nil
	}
	lines := slices.Collect(strings.Lines(string(text)))
	found := -1
	for n, line := range lines {
		switch {
		case !strings.Contains(line, anchor):
		case found >= 0:
			return nil, fmt.Errorf("%s has %q in line %d and in line %d, not once", e.File, anchor, found+1, n+1)
		default:
			found = n
		}
	}
	switch {
	case found < 0:
		return nil, fmt.Errorf("%s has no line with %q", e.File, anchor)
	case e.Behind != "":
		lines = slices.Insert(lines, found+1, e.Lines)
	default:
		lines[found] = e.Lines
	}
	return []byte(strings.Join(lines, "")), nil
}
