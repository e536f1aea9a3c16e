package packdev

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"example.com/scaffold/internal/answers"
	"example.com/scaffold/internal/pack"
	"example.com/scaffold/internal/render"
	"example.com/scaffold/internal/tree"
	"example.com/scaffold/internal/update"
)

// outcome is the tree that a case ends with, and the paths of its conflicts.
func (t Tester) outcome(c pack.TestCase) (*tree.Tree, []string, error) {
	if c.From == nil {
		got, err := Render(t.Pack, c.Answers)
		return got, nil, err
	}
	before := t.Pack
	if c.From.Pack != "" {
		var err error
		if before, err = t.Load(c.From.Pack); err != nil {
			return nil, nil, err
		}
	}
	base, err := Render(before, c.From.Answers)
	if err != nil {
		return nil, nil, fmt.Errorf("before the update: %w", err)
	}
	ours := memory{}
	for p, f := range base.All() {
		ours[p] = f
	}
	for _, e := range c.From.Edits {
		if err := ours.edit(e); err != nil {
			return nil, nil, err
		}
	}
	return t.update(before, base, ours, c)
}

// update brings a project to the pack's own version and the case's answers.
func (t Tester) update(before *pack.Pack, base *tree.Tree, ours memory, c pack.TestCase) (*tree.Tree, []string, error) {
	files, renamed := t.Pack.Since(before.Version)
	given := answers.Values{}
	for id, value := range c.From.Answers {
		if now, ok := renamed[id]; ok {
			id = now
		}
		if _, asked := t.Pack.Answerable().Question(id); asked {
			given[id] = value
		}
	}
	maps.Copy(given, c.Answers)
	pl, err := Plan(t.Pack, given)
	if err != nil {
		return nil, nil, err
	}
	theirs, err := render.Render(pl)
	if err != nil {
		return nil, nil, err
	}
	paths := map[string]string{}
	for old, now := range files {
		paths[pl.Replacer().Replace(old)] = pl.Replacer().Replace(now)
	}
	options := update.Options{
		Renames: paths, Label: t.Pack.Name + " " + t.Pack.Version,
		Policy: func(p string) string { e, _ := pl.Entry(p); return e.Policy },
	}
	steps, err := update.New(base, theirs, ours, options)
	if err != nil {
		return nil, nil, err
	}
	var conflicts []string
	for _, s := range steps.Conflicts() {
		conflicts = append(conflicts, s.Path)
	}
	ours.apply(steps)
	options.Renames = nil // of versions that it has passed
	again, err := update.New(theirs, theirs, ours, options)
	if err != nil {
		return nil, nil, err
	}
	if again.Changes() {
		return nil, nil, fmt.Errorf("a second update right after the first changes %s", again.Steps[0].Path)
	}
	got := &tree.Tree{}
	for _, p := range slices.Sorted(maps.Keys(ours)) {
		if err := got.Add(p, ours[p]); err != nil {
			return nil, nil, err
		}
	}
	return got, conflicts, nil
}

// memory is a project that is nowhere on a disk.
type memory map[string]tree.File

var _ update.Project = memory{}

// Look is what stands at a path.
func (m memory) Look(p string) (update.Found, error) {
	if f, ok := m[p]; ok {
		return update.Found{Kind: update.Regular, File: f}, nil
	}
	for other := range m {
		if strings.HasPrefix(other, p+"/") {
			return update.Found{Kind: update.Folder}, nil
		}
	}
	return update.Found{}, nil
}

// Files are all of them.
func (m memory) Files() ([]string, error) { return slices.Sorted(maps.Keys(m)), nil }

func (m memory) apply(p update.Plan) {
	for _, s := range p.Steps {
		if s.Remove {
			delete(m, s.Path)
		}
	}
	for _, s := range p.Steps {
		if s.File != nil {
			m[s.Path] = *s.File
		}
		if s.Beside != "" && s.Theirs != nil {
			m[s.Beside] = *s.Theirs
		}
	}
}

// edit does what a person did.
func (m memory) edit(e pack.TestEdit) error {
	f, there := m[e.File]
	text := string(f.Data)
	switch {
	case e.Delete && there:
		delete(m, e.File)
		return nil
	case e.Find != "":
		if n := strings.Count(text, e.Find); n != 1 {
			return fmt.Errorf("edits: %q stands in %s %d times, not once", e.Find, e.File, n)
		}
		text = strings.Replace(text, e.Find, e.Replace, 1)
	case e.Text != "":
		text = e.Text
	default:
		return fmt.Errorf("edits: %s wants find and replace, text, or delete of a file that is there", e.File)
	}
	f.Data = []byte(text)
	m[e.File] = f
	return nil
}

// differ says which conflicts were not expected, and which did not come.
func differ(got, want []string) []string {
	var faults []string
	for _, p := range got {
		if !slices.Contains(want, p) {
			faults = append(faults, "a conflict in "+p)
		}
	}
	for _, p := range want {
		if !slices.Contains(got, p) {
			faults = append(faults, "no conflict in "+p)
		}
	}
	return faults
}
