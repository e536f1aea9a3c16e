package cli

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"maps"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"example.com/scaffold/internal/answers"
	"example.com/scaffold/internal/form"
	"example.com/scaffold/internal/project"
	"example.com/scaffold/internal/tree"
	"example.com/scaffold/internal/vcs"
)

// interactive says whether the form may ask. --accessible asks through a pipe as
// well.
func (o *newOptions) interactive() bool {
	if o.yes || o.noInput || o.dryRun || o.json || o.answers == "-" {
		return false
	}
	return o.accessible || o.f.io.CanPrompt()
}

// ask lets the form fill in what the sources leave open.
func (o *newOptions) ask(ctx context.Context) error {
	src, err := o.read(ctx)
	if err != nil {
		return err
	}
	if err := o.nameByPath(src); err != nil {
		return err
	}
	dir := cmp.Or(o.output, o.target)
	if dir != "" { // before anything is asked in vain
		if err := o.writable(dir); err != nil {
			return err
		}
	}
	stacks, err := o.f.rendered()
	if err != nil {
		return err
	}
	rules, err := o.f.rules(ctx, o.f.chosen()...)
	if err != nil {
		return err
	}
	in := form.Input{
		Stacks: stacks, Rules: rules, Load: o.f.load, Usual: src.usual,
		Layers:       append([]answers.Layer{o.gitLayer(dir), src.file, src.set, {Source: answers.Flag, Values: o.given}}, src.config...),
		Requirements: src.requirements,
		Preview:      o.preview,
		State:        o.f.stateFile(),
		Accessible:   o.accessible || o.f.env("ACCESSIBLE") != "" || o.f.env("TERM") == "dumb",
	}
	if in.Stack = src.named; in.Stack != "" && !slices.Contains(stacks, in.Stack) {
		if in.Stack, err = knownStack(in.Stack, stacks); err != nil {
			return err
		}
	}
	if dir == "" {
		s, err := o.f.settings(ctx)
		if err != nil {
			return err
		}
		in.CheckName = func(name string) error {
			return cmp.Or(s.team.CheckProjectName(name), o.writable(name))
		}
	}
	o.form, err = form.Run(ctx, o.f.io, in)
	var stopped *form.StoppedError
	var ended *form.EndedError
	switch {
	case errors.As(err, &stopped):
		o.say("scaffold: %v", err)
		return quiet(exitAborted)
	case errors.As(err, &ended):
		return usagef("answer it with "+ended.Flag+", or take the defaults with --yes", "%w", err)
	case err != nil:
		return o.f.answersError(err)
	}
	return nil
}

// preview is what a draft of the form would make. What is said on the way
// becomes a note, because the form has the screen.
func (o *newOptions) preview(ctx context.Context, draft form.Output) (form.Preview, error) {
	var said bytes.Buffer
	streams, f, d := *o.f.io, *o.f, *o
	streams.Err, f.io = &said, &streams
	d.f, d.form, d.dryRun, d.given = &f, draft, true, maps.Clone(o.given)
	req, err := d.gather(ctx)
	if err != nil {
		return form.Preview{}, err
	}
	g, err := d.generate(req)
	if err != nil {
		return form.Preview{}, err
	}
	pv := form.Preview{Dir: req.dir, Command: g.command()}
	for _, p := range foldersFirst(g.tree.Paths()) {
		pv.Files = append(pv.Files, form.File{Path: p, Owner: g.shownOwner(p)})
	}
	for line := range strings.Lines(said.String()) {
		pv.Notes = append(pv.Notes, strings.TrimSpace(line))
	}
	return pv, nil
}

// writable says why a project could not be written to a folder.
func (o *newOptions) writable(dir string) error {
	return project.Check(dir, &tree.Tree{}, project.Options{Force: o.force})
}

// gitLayer is what git knows of the person, as an answer.
func (o *newOptions) gitLayer(dir string) answers.Layer {
	layer := answers.Layer{Source: answers.Config, Name: "git configuration", Values: answers.Values{}}
	if id, err := vcs.UserIdentity(cmp.Or(dir, "."), o.f.env); err == nil && id.Name != "" {
		layer.Values["author"] = id.Name
	}
	return layer
}

// stateFile keeps the answers of a form that was stopped; "" where there is no
// place for it.
func (f *factory) stateFile() string {
	dir := f.env("XDG_STATE_HOME")
	if !filepath.IsAbs(dir) { // as its specification says: others are to be ignored
		home, err := os.UserHomeDir()
		if err != nil {
			return ""
		}
		dir = filepath.Join(home, ".local", "state")
	}
	return filepath.Join(dir, "scaffold", "form.json")
}

// foldersFirst sorts paths so that a folder's own files stand before those of
// the folders in it, and each folder is named once.
func foldersFirst(paths []string) []string {
	slices.SortFunc(paths, func(a, b string) int {
		dirA, dirB := path.Dir(a), path.Dir(b)
		switch {
		case dirA == dirB:
			return strings.Compare(a, b)
		case dirA == ".":
			return -1
		case dirB == ".":
			return 1
		}
		return strings.Compare(dirA+"/", dirB+"/")
	})
	return paths
}
