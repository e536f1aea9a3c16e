package pack

import (
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"strings"

	"github.com/bmatcuk/doublestar/v4"

	"example.com/scaffold/internal/answers"
	"example.com/scaffold/internal/tree"
)

// Limits on a pack, which may be hostile.
const (
	maxManifest = 256 << 10 // bytes
	maxFiles    = 10_000
	maxBytes    = 64 << 20
	maxChain    = 5 // packs that extend each other
)

// Pack is a loaded and checked pack, with the packs it extends.
type Pack struct {
	Source string // as it was asked for, such as "builtin:python-fastapi"
	// Manifest is that of the whole chain, merged: of entries with one id the
	// child's takes the place of the parent's; lists without ids follow each other.
	Manifest
	Layers []Layer      // parents first
	Parts  []LoadedPart // packs that share the repository; hides Manifest.Parts
}

// Layer is one pack of a chain as it stands.
type Layer struct {
	Source   string
	Manifest Manifest
	FS       fs.FS
	Files    []File // in byte order of Source
}

// File is one file of a layer's base/ or features/.
type File struct {
	Source  string // path in the pack, such as "base/src/app/main.py"
	Path    string // path in the project, before names are replaced
	Feature string // "" for base/, else the folder below features/: "native", "auth=none"
	Size    int64
}

// Resolver opens the pack of a source.
type Resolver func(source string) (fs.FS, error)

const builtinPrefix = "builtin:"

// Builtin resolves "builtin:NAME" to the folder NAME of root.
func Builtin(root fs.FS) Resolver {
	return func(source string) (fs.FS, error) {
		name, ok := strings.CutPrefix(source, builtinPrefix)
		if !ok {
			return nil, fmt.Errorf("pack %q: only built-in packs (%sNAME) can be used here", source, builtinPrefix)
		}
		if _, err := fs.Stat(root, name+"/"+ManifestFile); err != nil || strings.Contains(name, "/") {
			names, _ := folders(root)
			return nil, fmt.Errorf("no built-in pack %q (%s)", name, answers.DidYouMean(name, names))
		}
		return fs.Sub(root, name)
	}
}

// Names lists the packs below root that can be rendered by themselves.
func Names(root fs.FS) ([]string, error) {
	all, err := folders(root)
	if err != nil {
		return nil, err
	}
	var names []string
	for _, name := range all {
		sub, err := fs.Sub(root, name)
		if err != nil {
			return nil, fmt.Errorf("pack %s: %w", name, err)
		}
		m, _, err := readManifest(sub, name)
		if err != nil {
			return nil, err
		}
		if !m.Abstract {
			names = append(names, name)
		}
	}
	return names, nil
}

func folders(root fs.FS) ([]string, error) {
	entries, err := fs.Glob(root, "*/"+ManifestFile)
	if err != nil {
		return nil, fmt.Errorf("packs: %w", err)
	}
	for i, e := range entries {
		entries[i] = strings.TrimSuffix(e, "/"+ManifestFile)
	}
	return entries, nil
}

// Load reads a pack and those it extends, and checks all that can be checked
// without rendering. A *answers.Problems has every problem with file and line.
func Load(source string, resolve Resolver) (*Pack, error) {
	return load(source, resolve, false)
}

// load is Load; a part may not have parts in turn.
func load(source string, resolve Resolver, isPart bool) (*Pack, error) {
	p := &Pack{Source: source}
	var problems answers.Problems
	seen := []string{}
	for next := source; next != ""; {
		if slices.Contains(seen, next) {
			return nil, fmt.Errorf("pack %s: extends itself (%s)", source, strings.Join(append(seen, next), " → "))
		}
		if seen = append(seen, next); len(seen) > maxChain {
			return nil, fmt.Errorf("pack %s: more than %d packs extend each other", source, maxChain)
		}
		fsys, err := resolve(next)
		if err != nil {
			return nil, err
		}
		layer, data, err := loadLayer(next, fsys)
		if err != nil {
			return nil, err
		}
		check := checker{m: &layer.Manifest, name: layerFile(next), data: data}
		check.own(layer)
		problems.List = append(problems.List, check.problems...)
		if err := layer.absolute(); err != nil {
			return nil, err
		}
		p.Layers = slices.Insert(p.Layers, 0, layer)
		next = layer.Manifest.Extends
	}
	for _, l := range p.Layers {
		p.Manifest = merge(p.Manifest, l.Manifest)
	}
	switch {
	case isPart && len(p.Manifest.Parts) > 0:
		return nil, fmt.Errorf("%s is made of parts itself; name its parts instead", layerFile(source))
	case len(problems.List) == 0:
		problems.List = p.loadParts(resolve)
	}
	check := checker{m: &p.Manifest, name: layerFile(source), layers: p.Layers}
	check.whole()
	problems.List = append(problems.List, check.problems...)
	if len(problems.List) > 0 {
		return nil, &problems
	}
	return p, nil
}

// layerFile is how errors call the manifest of a pack.
func layerFile(source string) string {
	return strings.TrimPrefix(source, builtinPrefix) + "/" + ManifestFile
}

// Name shows a file of the layer in messages: the pack's own name and the path.
func (l Layer) Name(file string) string {
	return strings.TrimPrefix(l.Source, builtinPrefix) + "/" + file
}

func readManifest(fsys fs.FS, source string) (Manifest, []byte, error) {
	info, err := fs.Stat(fsys, ManifestFile)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return Manifest{}, nil, fmt.Errorf("pack %s: has no %s (a pack is a folder with one; scaffold pack new makes it)", source, ManifestFile)
	case err != nil:
		return Manifest{}, nil, fmt.Errorf("pack %s: %w", source, err)
	case info.Size() > maxManifest:
		return Manifest{}, nil, fmt.Errorf("%s: is larger than %d KiB", layerFile(source), maxManifest>>10)
	}
	data, err := fs.ReadFile(fsys, ManifestFile)
	if err != nil {
		return Manifest{}, nil, fmt.Errorf("pack %s: %w", source, err)
	}
	m, err := Parse(layerFile(source), data)
	return m, data, err
}

func loadLayer(source string, fsys fs.FS) (Layer, []byte, error) {
	m, data, err := readManifest(fsys, source)
	if err != nil {
		return Layer{}, nil, err
	}
	l := Layer{Source: source, Manifest: m, FS: fsys}
	var total int64
	for _, top := range []string{"base", "features"} {
		if _, err := fs.Stat(fsys, top); errors.Is(err, fs.ErrNotExist) {
			continue
		}
		err := fs.WalkDir(fsys, top, func(path string, d fs.DirEntry, err error) error {
			if err != nil || d.IsDir() {
				return err
			}
			if !d.Type().IsRegular() {
				return fmt.Errorf("%s: neither a file nor a folder (symbolic links and devices are refused)", l.Name(path))
			}
			f, err := classify(path)
			if err != nil {
				return fmt.Errorf("%s: %w", l.Name(path), err)
			}
			info, err := d.Info()
			if err != nil {
				return fmt.Errorf("%s: %w", l.Name(path), err)
			}
			f.Size = info.Size()
			if total += f.Size; total > maxBytes {
				return fmt.Errorf("pack %s: more than %d MiB", source, maxBytes>>20)
			}
			if l.Files = append(l.Files, f); len(l.Files) > maxFiles {
				return fmt.Errorf("pack %s: more than %d files", source, maxFiles)
			}
			return nil
		})
		if err != nil {
			return Layer{}, nil, err
		}
	}
	return l, data, nil
}

// classify tells what a path in a pack becomes in a project.
func classify(source string) (File, error) {
	f := File{Source: source}
	if path, ok := strings.CutPrefix(source, "base/"); ok {
		f.Path = path
	} else {
		feature, path, ok := strings.Cut(strings.TrimPrefix(source, "features/"), "/")
		if !ok {
			return f, errors.New("lies between the features; put it into the folder of one")
		}
		f.Feature, f.Path = feature, path
	}
	return f, tree.CheckPath(f.Path)
}

// merge lays a child's manifest over its parent's.
func merge(parent, child Manifest) Manifest {
	m := child
	m.Questions = overlay(parent.Questions, child.Questions, func(q answers.Question) string { return q.ID })
	m.Presets = overlay(offered(parent.Presets, child.Questions), child.Presets, func(p Preset) string { return p.ID })
	m.Options = overlay(parent.Options, child.Options, func(o Option) string { return o.ID })
	m.Computed = overlay(parent.Computed, child.Computed, func(c Computed) string { return c.ID })
	m.Locks = overlay(parent.Locks, child.Locks, func(l Lock) string { return l.File })
	m.Names = make(map[string]string)
	for _, names := range []map[string]string{parent.Names, child.Names} {
		for placeholder, value := range names {
			m.Names[placeholder] = value
		}
	}
	m.Files = slices.Concat(parent.Files, child.Files)
	m.Merges = slices.Concat(parent.Merges, child.Merges)
	m.NextSteps = slices.Concat(parent.NextSteps, child.NextSteps)
	m.Migrations = child.Migrations // versions are those of one pack
	m.Tests = child.Tests
	m.Verify = slices.Concat(parent.Verify, child.Verify)
	m.Parts = overlay(parent.Parts, child.Parts, func(p Part) string { return p.Into })
	m.Guidance = overlay(parent.Guidance, child.Guidance, func(r GuidanceRule) string { return r.ID })
	m.MadeOf = mergeMade(parent.MadeOf, child.MadeOf)
	return m
}

// offered are the presets that a child still offers: one that asks for the preset
// anew leaves out what is not among its choices.
func offered(presets []Preset, questions []answers.Question) []Preset {
	i := slices.IndexFunc(questions, func(q answers.Question) bool { return q.ID == answers.PresetID })
	if i < 0 {
		return presets
	}
	var kept []Preset
	for _, p := range presets {
		if slices.ContainsFunc(questions[i].Choices, func(c answers.Choice) bool { return c.Value == p.ID }) {
			kept = append(kept, p)
		}
	}
	return kept
}

// overlay puts each of the child's entries in place of the parent's with the
// same id, and the others behind.
func overlay[T any](parent, child []T, id func(T) string) []T {
	out := slices.Clone(parent)
	for _, c := range child {
		if i := slices.IndexFunc(out, func(p T) bool { return id(p) == id(c) }); i >= 0 {
			out[i] = c
		} else {
			out = append(out, c)
		}
	}
	return out
}

// Answerable is what may be answered for this pack.
func (p *Pack) Answerable() answers.Schema {
	return answers.Schema{Questions: p.Questions, Options: p.Options, Presets: p.Presets}
}

// Digest is the SHA-256, in lower-case hex, over every file of every layer, the
// manifests and the parts: two packs with one digest render the same.
func (p *Pack) Digest() (string, error) {
	var all tree.Tree
	for i, l := range p.Layers {
		names := []string{ManifestFile}
		for _, f := range l.Files {
			names = append(names, f.Source)
		}
		for _, name := range names {
			data, err := fs.ReadFile(l.FS, name)
			if err != nil {
				return "", fmt.Errorf("pack %s: %w", p.Source, err)
			}
			if err := all.Add(fmt.Sprintf("%d/%s", i, name), tree.File{Data: data}); err != nil {
				return "", fmt.Errorf("pack %s: %w", p.Source, err)
			}
		}
	}
	for _, part := range p.Parts {
		digest, err := part.Digest()
		if err != nil {
			return "", fmt.Errorf("part %s: %w", part.Into, err)
		}
		if err := all.Add("parts/"+part.Into, tree.File{Data: []byte(digest)}); err != nil {
			return "", fmt.Errorf("pack %s: %w", p.Source, err)
		}
	}
	return all.Hash(), nil
}

// Raw tells whether a rule says to copy the file of this path as it stands.
func (p *Pack) Raw(path string) bool {
	return slices.ContainsFunc(p.Files, func(r FileRule) bool {
		return r.Raw && doublestar.MatchUnvalidated(r.Glob, path)
	})
}

// Unmatched lists the entries of the manifest that speak of files no layer has.
func (p *Pack) Unmatched() []answers.Problem {
	var paths []string
	for _, l := range p.Layers {
		for _, f := range l.Files {
			paths = append(paths, f.Path)
		}
	}
	var problems []answers.Problem
	missing := func(what, pattern string) {
		if !slices.ContainsFunc(paths, func(path string) bool { return doublestar.MatchUnvalidated(pattern, path) }) {
			problems = append(problems, answers.Problem{Place: layerFile(p.Source), Message: fmt.Sprintf("%s %s: there is no such file", what, pattern)})
		}
	}
	for _, r := range p.Files {
		missing("files", r.Glob)
	}
	// A parent may speak of a file that only some of its children have.
	for _, m := range p.Layers[len(p.Layers)-1].Manifest.Merges {
		missing("merges", m.File)
	}
	for _, l := range p.Locks {
		missing("locks", l.File)
		missing("locks", l.From)
	}
	return problems
}
