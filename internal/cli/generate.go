package cli

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"strings"
	"syscall"

	"example.com/scaffold/internal/answers"
	"example.com/scaffold/internal/guidance"
	"example.com/scaffold/internal/pack"
	"example.com/scaffold/internal/plan"
	"example.com/scaffold/internal/project"
	"example.com/scaffold/internal/render"
	"example.com/scaffold/internal/tree"
	"example.com/scaffold/internal/vcs"
)

// schemaPath is the schema that answers.yaml names in its first line.
const schemaPath = ".scaffold/answers.schema.json"

// generation is one project on its way to the disk.
type generation struct {
	o    *newOptions
	req  *request
	plan *plan.Plan
	tree *tree.Tree
	ref  project.PackRef // which pack it is from
	hash string          // of the tree before it carries that

	enclosing string // root of the repository the folder lies in, "" if none
	subpath   string // slash-separated way from there to the folder, "" if it is that root
	commit    string // hash of the first commit, "" if none was made
}

// generate renders the project in memory and makes sure it could be written.
func (o *newOptions) generate(req *request) (*generation, error) {
	g, err := o.f.build(req)
	if err != nil {
		return nil, err
	}
	g.o = o
	if !o.dryRun {
		done, err := project.RecoverFor(req.dir)
		o.f.sayRecovered(done)
		if err != nil {
			return nil, err
		}
	}
	return g, project.Check(req.dir, g.tree, project.Options{Force: o.force})
}

// build renders the project in memory, with what it carries about its origin.
func (f *factory) build(req *request) (*generation, error) {
	g := &generation{req: req}
	name := req.answers.Text("name")
	record := guidance.MADR(guidance.Decision{Project: name, Stack: req.stack, Result: req.result})
	if err := g.locate(); err != nil {
		return nil, err
	}
	extra := map[string]any{"decision_record": strings.TrimSpace(record), "subpath": g.subpath}
	var err error
	if g.plan, err = plan.Build(req.pack, req.answers, extra); err != nil {
		return nil, f.answersError(err)
	}
	if g.tree, err = render.Render(g.plan); err != nil {
		return nil, err
	}
	return g, g.seal(f.version)
}

// seal adds what the project carries about its origin.
func (g *generation) seal(version string) error {
	p := g.req.pack
	var err error
	if g.ref, err = packRef(p); err != nil {
		return err
	}
	schema, err := p.Answerable().JSONSchema()
	if err != nil {
		return err
	}
	g.ref.Source, g.ref.Name, g.ref.Commits = g.req.source, g.req.named, g.req.commits
	header := answers.Header{Stack: g.req.stack, Pack: g.ref.Source, Version: p.Version}
	err = errors.Join(
		g.tree.Add(project.AnswersPath, tree.File{Data: answers.Encode(header, g.req.requirements, g.req.answers)}),
		g.tree.Add(schemaPath, tree.File{Data: schema}),
	)
	if err != nil {
		return err
	}
	g.hash = g.tree.Hash()
	return project.Seal(g.tree, version, g.ref)
}

// packRef is the state of a pack and of its parts.
func packRef(p *pack.Pack) (project.PackRef, error) {
	digest, err := p.Digest()
	if err != nil {
		return project.PackRef{}, err
	}
	ref := project.PackRef{Source: p.Source, Version: p.Version, Digest: digest}
	for _, part := range p.Parts {
		if ref.Parts == nil {
			ref.Parts = make(map[string]project.PackRef)
		}
		if ref.Parts[part.Into], err = packRef(part.Pack); err != nil {
			return ref, err
		}
	}
	return ref, nil
}

// locate finds the repository that the folder lies in, if any.
func (g *generation) locate() error {
	root, found, err := vcs.Enclosing(g.req.dir)
	if inside := (*vcs.InsideGitError)(nil); errors.As(err, &inside) {
		return usagef("choose another place with --output", "%w", err)
	}
	if err != nil || !found {
		return err
	}
	g.enclosing = root
	abs, err := filepath.Abs(g.req.dir)
	if err != nil {
		return err
	}
	rel, err := filepath.Rel(root, abs)
	if err != nil {
		return err
	}
	if rel != "." {
		g.subpath = filepath.ToSlash(rel)
	}
	return nil
}

// write puts the project onto the disk, with a repository unless it is unwanted
// or would lie inside another.
func (g *generation) write(ctx context.Context) (err error) {
	defer func() {
		if errors.Is(err, syscall.ENOSPC) {
			err = &exitError{code: exitFailed, err: err, hint: "make room and run it again; nothing was left behind"}
		}
	}()
	stage, err := project.Open(ctx, g.req.dir, g.tree, project.Options{Force: g.o.force})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, stage.Close()) }()
	if !g.o.noGit && g.enclosing == "" {
		g.commit, err = vcs.Init(ctx, stage.Dir(), g.tree, vcs.Commit{
			Message: fmt.Sprintf("Create %s from %s", g.req.answers.Text("name"), g.req.stack),
			Author:  g.author(),
			When:    g.o.f.now(),
		})
		if err != nil {
			return err
		}
	}
	return stage.Publish(ctx)
}

// author is the person git knows, or nobody in particular.
func (g *generation) author() vcs.Identity {
	if g.req.author.Known() {
		return g.req.author
	}
	return vcs.Nobody()
}

// owner says what put a file there: an option, a question, or the tool itself;
// of a file of a part, its folder as well.
func (g *generation) owner(path string) string {
	e, _ := g.plan.Entry(path)
	if e.Part != "" {
		return e.Part + ": " + e.Owner
	}
	return cmp.Or(e.Owner, "scaffold")
}
