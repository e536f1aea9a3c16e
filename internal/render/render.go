// Package render makes a tree of a plan: it runs the markers in the pack's
// files, puts the names in place, merges structured files and prunes dependency
// locks. It is pure: the same plan gives the same bytes.
package render

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"slices"
	"strings"

	"example.com/scaffold/internal/answers"
	"example.com/scaffold/internal/expr"
	"example.com/scaffold/internal/pack"
	"example.com/scaffold/internal/plan"
	"example.com/scaffold/internal/tree"
)

const (
	maxFile = 8 << 20  // bytes of one source file
	maxTree = 64 << 20 // bytes of a rendered project
)

// Render makes every file of the plan.
func Render(p *plan.Plan) (*tree.Tree, error) {
	r := renderer{plan: p, names: p.Replacer()}
	parts, err := renderParts(p)
	if err != nil {
		return nil, err
	}
	var size int64
	for _, e := range p.Entries {
		data, err := r.file(e, parts)
		if err != nil {
			return nil, err
		}
		if size += int64(len(data)); size > maxTree {
			return nil, fmt.Errorf("%s: the project would be larger than %d MiB", e.Layer.Name(e.Source), maxTree>>20)
		}
		if err := r.tree.Add(e.Path, tree.File{Data: data, Exec: e.Exec}); err != nil {
			return nil, fmt.Errorf("%s: %w", e.Layer.Name(e.Source), err)
		}
	}
	return &r.tree, r.locks()
}

type renderer struct {
	plan  *plan.Plan
	names *strings.Replacer
	tree  tree.Tree
}

// renderParts renders each part by itself: folder -> its files.
func renderParts(p *plan.Plan) (map[string]*tree.Tree, error) {
	parts := make(map[string]*tree.Tree, len(p.Parts))
	for _, part := range p.Parts {
		t, err := Render(part.Plan)
		if err != nil {
			return nil, fmt.Errorf("part %s: %w", part.Into, err)
		}
		parts[part.Into] = t
	}
	return parts, nil
}

// file renders one file but for its lock, which needs the manifest beside it. A
// part's file was rendered with the part.
func (r *renderer) file(e plan.Entry, parts map[string]*tree.Tree) ([]byte, error) {
	if e.Part != "" {
		f, ok := parts[e.Part].Get(strings.TrimPrefix(e.Path, e.Part+"/"))
		if !ok {
			return nil, fmt.Errorf("part %s did not render %s", e.Part, e.Path)
		}
		return f.Data, nil
	}
	source, err := read(e.Layer, e.Source)
	if err != nil {
		return nil, err
	}
	if e.Raw || bytes.IndexByte(source, 0) >= 0 {
		return source, nil
	}
	data, err := r.text(e, source)
	if err != nil || len(e.Merges) == 0 {
		return data, err
	}
	for _, m := range e.Merges {
		if data, err = merge(e.Path, data, m); err != nil {
			return nil, fmt.Errorf("%s: %w", e.Layer.Name(e.Source), err)
		}
	}
	return data, nil
}

// merge applies a declared merge to a file, by what its name says it is.
func merge(file string, data []byte, m pack.Merge) ([]byte, error) {
	if path.Ext(file) == ".toml" {
		return mergeTOML(data, m)
	}
	return mergeJSON(data, m)
}

// text runs the markers of a file, if it has any, and puts the names in place.
// Names are replaced in the pack's own text alone, never in an answer.
func (r *renderer) text(e plan.Entry, source []byte) ([]byte, error) {
	replace := r.replaceNames
	if !bytes.Contains(source, []byte(expr.Left)) {
		return replace(source), nil
	}
	file := e.Layer.Name(e.Source)
	t, err := parse(file, string(source))
	if err != nil {
		return nil, explain(err, file, string(source), r.plan.Data)
	}
	t.ReplaceText(replace)
	out, err := t.Execute(r.plan.Data)
	if err != nil {
		return nil, explain(err, file, string(source), r.plan.Data)
	}
	return out, nil
}

// replaceNames puts the names in place, as the plan's replacer does. Most texts
// hold few or none, and searching for each placeholder is far cheaper than the
// replacer's walk over every byte.
func (r *renderer) replaceNames(text []byte) []byte {
	names := r.plan.Names
	next := make([]int, len(names)) // where each placeholder stands next, behind at
	for i, n := range names {
		next[i] = find(text, n.Placeholder, 0)
	}
	var out []byte
	for at := 0; ; {
		first := -1
		for i := range names {
			if next[i] >= 0 && (first < 0 || next[i] < next[first]) {
				first = i
			}
		}
		if first < 0 {
			if at == 0 {
				return text
			}
			return append(out, text[at:]...)
		}
		out = append(append(out, text[at:next[first]]...), names[first].Value...)
		at = next[first] + len(names[first].Placeholder)
		for i, n := range names {
			if next[i] >= 0 && next[i] < at {
				next[i] = find(text, n.Placeholder, at)
			}
		}
	}
}

// find is the index of a word at or behind a place, or -1.
func find(text []byte, word string, from int) int {
	if i := bytes.Index(text[from:], []byte(word)); i >= 0 {
		return from + i
	}
	return -1
}

func parse(file, source string) (*expr.Template, error) {
	text, err := scan(file, source)
	if err != nil {
		return nil, err
	}
	return expr.Parse("source", text)
}

func read(l pack.Layer, source string) ([]byte, error) {
	info, err := fs.Stat(l.FS, source)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", l.Name(source), err)
	}
	if info.Size() > maxFile {
		return nil, fmt.Errorf("%s: is larger than %d MiB", l.Name(source), maxFile>>20)
	}
	data, err := fs.ReadFile(l.FS, source)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", l.Name(source), err)
	}
	return data, nil
}

// locks prunes the dependency locks, in the order of the manifest: one may be
// compiled with another as its constraint.
func (r *renderer) locks() error {
	for _, lock := range r.plan.Pack.Locks {
		for _, e := range r.plan.Entries {
			if e.Part != "" || e.Lock == nil || e.Lock.File != lock.File {
				continue
			}
			if err := r.prune(e, lock); err != nil {
				return fmt.Errorf("%s: %w", e.Layer.Name(e.Source), err)
			}
		}
	}
	return nil
}

func (r *renderer) prune(e plan.Entry, lock pack.Lock) error {
	full, _ := r.tree.Get(e.Path)
	manifestPath := r.names.Replace(lock.From)
	manifest, ok := r.tree.Get(manifestPath)
	if !ok {
		return fmt.Errorf("the manifest %s is not there", manifestPath)
	}
	var pruned []byte
	var err error
	switch lock.Kind {
	case pack.LockPip:
		pruned, err = prunePip(full.Data, manifest.Data, lock.With, func(name string) ([]byte, bool) {
			f, ok := r.tree.Get(path.Join(path.Dir(e.Path), name))
			return f.Data, ok
		})
	case pack.LockNpm:
		pruned, err = pruneNpm(full.Data, manifest.Data)
	default:
		err = fmt.Errorf("unknown kind of lock %q", lock.Kind)
	}
	if err != nil {
		return err
	}
	if lock.Kind == pack.LockPip {
		if err := r.checkExtras(manifestPath, manifest.Data, pruned); err != nil {
			return err
		}
	}
	return r.tree.Replace(e.Path, pruned)
}

func (r *renderer) checkExtras(manifestPath string, rendered, pruned []byte) error {
	e, ok := r.plan.Entry(manifestPath)
	if !ok {
		return fmt.Errorf("the manifest %s is not planned", manifestPath)
	}
	source, err := read(e.Layer, e.Source)
	if err != nil {
		return err
	}
	l, err := parsePip(pruned)
	if err != nil {
		return err
	}
	return checkExtras(source, rendered, func(name string) bool {
		return slices.ContainsFunc(l.packages, func(p pipPackage) bool { return p.name == name })
	})
}

// Lint parses every file of a pack and of those it extends, with the branches
// that no answers reach, and holds the manifest against the files there are.
func Lint(p *pack.Pack) error {
	var problems answers.Problems
	known := pack.Reserved()
	known = append(known, p.Answerable().IDs()...)
	for _, c := range p.Computed {
		known = append(known, c.ID)
	}
	for _, l := range p.Layers {
		for _, f := range l.Files {
			if err := lintFile(p, l, f, known); err != nil {
				problems.List = append(problems.List, answers.Problem{Place: l.Name(f.Source), Message: err.Error()})
			}
		}
	}
	problems.List = append(problems.List, p.Unmatched()...)
	for _, part := range p.Parts {
		var theirs *answers.Problems
		if err := Lint(part.Pack); errors.As(err, &theirs) {
			problems.List = append(problems.List, theirs.List...)
		}
	}
	if len(problems.List) > 0 {
		return &problems
	}
	return nil
}

func lintFile(p *pack.Pack, l pack.Layer, f pack.File, known []string) error {
	source, err := read(l, f.Source)
	if err != nil {
		return err
	}
	if p.Raw(f.Path) || bytes.IndexByte(source, 0) >= 0 || !bytes.Contains(source, []byte(expr.Left)) {
		return nil
	}
	t, err := parse(l.Name(f.Source), string(source))
	if err != nil {
		return explain(err, l.Name(f.Source), string(source), nil)
	}
	for _, name := range t.Names() {
		if !slices.Contains(known, name) {
			return fmt.Errorf("nothing is called .%s (%s)", name, answers.DidYouMean(name, known))
		}
	}
	return nil
}
