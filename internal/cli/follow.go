package cli

import (
	"bytes"
	"cmp"
	"context"
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

	"example.com/scaffold/internal/answers"
	"example.com/scaffold/internal/guidance"
	"example.com/scaffold/internal/pack"
	"example.com/scaffold/internal/packs"
	"example.com/scaffold/internal/plan"
	"example.com/scaffold/internal/project"
	"example.com/scaffold/internal/tree"
	"example.com/scaffold/internal/update"
)

// followed is a project that was generated, as it stands: the way back to its
// pack and the rendering it was made from.
type followed struct {
	dir   string // root of the project, as the person would write it
	root  *os.Root
	lock  project.Lock
	base  *tree.Tree // the pristine rendering
	file  *answers.File
	merge bool // two branches that both updated were merged: lock and base disagree
}

// follow opens the project that dir lies in, and takes back first what a killed
// run left there. Close its root.
func (f *factory) follow(dir string) (*followed, error) {
	at, err := projectAbove(dir)
	if err != nil {
		return nil, err
	}
	done, err := project.Recover(at)
	f.sayRecovered(done)
	if err != nil {
		return nil, err
	}
	return openFollowed(at)
}

// openFollowed opens the project whose root is at. Close its root.
func openFollowed(at string) (*followed, error) {
	root, err := os.OpenRoot(at)
	if err != nil {
		return nil, err
	}
	p := &followed{dir: at, root: root}
	if err := p.read(); err != nil {
		return nil, errors.Join(err, root.Close())
	}
	return p, nil
}

// projectAbove finds the nearest folder from dir upwards that scaffold generated.
func projectAbove(dir string) (string, error) {
	at, err := above(dir, project.LockPath)
	if err == nil && at == "" {
		err = usagef("go into one, or name its folder", "%s is not in a project that scaffold generated: there is no %s", dir, project.LockPath)
	}
	return at, err
}

// above is the nearest folder from dir upwards that has the file; empty: none.
func above(dir, file string) (string, error) {
	up, err := filepath.Abs(dir)
	if err != nil {
		return "", err
	}
	for shown := dir; ; up, shown = filepath.Dir(up), filepath.Join(shown, "..") {
		if _, err := os.Stat(filepath.Join(up, filepath.FromSlash(file))); err == nil {
			return shown, nil
		}
		if up == filepath.Dir(up) {
			return "", nil
		}
	}
}

// read takes in what the project carries about its origin.
func (p *followed) read() error {
	data, err := p.carries(project.BasePath)
	if err != nil {
		return err
	}
	if p.base, err = tree.Extract(data); err != nil {
		return usagef("take it from git's history (git checkout HEAD~1 -- "+project.BasePath+")", "%s: %w", p.path(project.BasePath), err)
	}
	if data, err = p.carries(project.LockPath); err != nil {
		return err
	}
	if err := json.Unmarshal(oursOf(data), &p.lock); err != nil {
		return usagef("take it from git's history (git checkout HEAD~1 -- "+project.LockPath+")", "%s: %w", p.path(project.LockPath), err)
	}
	p.merge = p.base.Hash() != p.lock.Tree || !bytes.Equal(data, oursOf(data))
	if data, err = p.carries(project.AnswersPath); err != nil {
		return err
	}
	if p.file, err = answers.ParseFile(p.path(project.AnswersPath), data); err != nil {
		if bytes.Contains(data, []byte("\n<<<<<<< ")) {
			return usagef("choose an answer at each conflict marker, then run this again", "%s has the conflicts of a merge", p.path(project.AnswersPath))
		}
		return err
	}
	return nil
}

// carries reads a file without which a project cannot be followed.
func (p *followed) carries(rel string) ([]byte, error) {
	data, err := p.root.ReadFile(rel)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil, usagef("git checkout HEAD -- "+rel+" brings it back, if it was ever committed", "%s is not there", p.path(rel))
	case err != nil:
		return nil, fmt.Errorf("%s: %w", p.path(rel), err)
	}
	return data, nil
}

func (p *followed) path(rel string) string { return filepath.Join(p.dir, filepath.FromSlash(rel)) }

// oursOf is the first side of each conflict that git left in a text.
func oursOf(data []byte) []byte {
	var out []byte
	side := 0 // 1 within ours, 2 within base or theirs
	for line := range bytes.Lines(data) {
		switch {
		case bytes.HasPrefix(line, []byte("<<<<<<< ")):
			side = 1
		case side > 0 && (bytes.HasPrefix(line, []byte("=======")) || bytes.HasPrefix(line, []byte("|||||||"))):
			side = 2
		case side > 0 && bytes.HasPrefix(line, []byte(">>>>>>> ")):
			side = 0
		case side < 2:
			out = append(out, line...)
		}
	}
	return out
}

// wish is what an update is asked to change.
type wish struct {
	set    answers.Layer // answers on top of the project's own
	source string        // of another pack, or the same at another ref; "" to stay
	pinned bool          // stay at the commits of last time: only answers change
	option []string      // ids of options that set turns on or off, and nothing else
	// What the run is called in the journal, and what is said once it is made;
	// "" for an update to a version.
	title, done string
	idle        string // said, after the folder, if there was nothing to do; likewise
}

// request is what the project asks of its pack today.
func (p *followed) request(ctx context.Context, f *factory, w wish) (*request, error) {
	req := &request{dir: p.dir, stack: p.file.Stack}
	s, err := f.settings(ctx)
	if err != nil {
		return nil, err
	}
	source, pins := cmp.Or(w.source, p.lock.Pack.Source), map[string]string(nil)
	var entry answers.RegisteredPack
	if w.pinned {
		pins = p.lock.Pack.Commits
	} else if e, commits, ok := s.registered(p.lock.Pack.Name); ok && w.source == "" {
		// The team may have moved it on: its registry says where it is now.
		entry, pins, req.named = e, commits, p.lock.Pack.Name
		if source, err = sourceFrom(e.Source, p.dir); err != nil {
			return nil, err
		}
	}
	if w.pinned {
		req.named = p.lock.Pack.Name
	}
	req.source = source // seen from the project already
	req.pack, req.commits, err = f.loadPack(ctx, source, p.dir, pins)
	if err == nil {
		err = vouched(entry, req.pack)
	}
	if gone := (*packs.NoRefError)(nil); errors.As(err, &gone) {
		return nil, &exitError{
			code: exitFailed, err: err,
			hint: "scaffold update --to REF goes to another; until then add and remove work with the commit of last time",
		}
	}
	if err != nil {
		return nil, err
	}
	if err := knownOptions(w.option, req.pack.Answerable()); err != nil {
		return nil, err
	}
	set := w.set
	if len(p.file.Requirements.Values) > 0 {
		if req.requirements, err = guidance.ParseLayers(p.file.Requirements); err != nil {
			return nil, f.answersError(err)
		}
		stacks, err := f.rendered()
		if err != nil {
			return nil, err
		}
		rules, err := f.rules(ctx, req.pack)
		if err != nil {
			return nil, err
		}
		req.result, err = guidance.Recommend(req.requirements, guidance.Options{Rendered: stacks, Rules: rules})
		if err != nil && !errors.Is(err, guidance.ErrNoAnswers) {
			return nil, f.answersError(err)
		}
	}
	given := p.file.Answers
	given.Values = maps.Clone(given.Values)
	_, renamed := req.pack.Since(p.lock.Pack.Version)
	for before, now := range renamed {
		if v, ok := given.Values[before]; ok && given.Values[now] == nil {
			given.Values[now] = v
		}
	}
	maps.DeleteFunc(given.Values, func(id string, _ any) bool {
		_, asked := req.pack.Answerable().Question(id)
		return !asked // the pack asks no longer
	})
	req.answers, err = answers.Resolve(req.pack.Answerable(), append(s.layers(), given, set)...)
	var open *answers.Problems
	if errors.As(err, &open) {
		for i, problem := range open.List {
			if problem.Missing {
				open.List[i].Hint = "the pack asks this now; answer with --set " + problem.ID + "=VALUE"
			}
		}
	}
	if err != nil {
		err = f.answersError(err)
		if open != nil && len(open.Wrong()) == 0 && req.pack.Version != p.lock.Pack.Version {
			asks := &asksError{error: err, pack: req.pack}
			for _, problem := range open.List {
				asks.ids = append(asks.ids, problem.ID)
			}
			return nil, asks
		}
		return nil, err
	}
	return req, nil
}

// asksError says that a new version of the pack asks what a project does not answer.
type asksError struct {
	error
	pack *pack.Pack
	ids  []string
}

func (e *asksError) Unwrap() error { return e.error }

// waiting says what to do about it.
func (e *asksError) waiting() string {
	return fmt.Sprintf("is waiting, and asks for %s: scaffold update --set %s=VALUE", strings.Join(e.ids, ", "), strings.Join(e.ids, "=VALUE --set "))
}

// carried are the files that say where a project comes from; an update writes
// them last and by itself.
func carried(p string) bool {
	return slices.Contains([]string{project.LockPath, project.BasePath, project.AnswersPath, schemaPath}, p)
}

// without is a copy of a tree that lacks the carried files.
func without(t *tree.Tree) (*tree.Tree, error) {
	rest := &tree.Tree{}
	for p, f := range t.All() {
		if !carried(p) {
			if err := rest.Add(p, f); err != nil {
				return nil, err
			}
		}
	}
	return rest, nil
}

// policies are those of a plan, by path.
func policies(pl *plan.Plan) func(string) string {
	return func(p string) string {
		e, _ := pl.Entry(p)
		return e.Policy
	}
}

// onDisk reads the project for the planner, never through a symbolic link.
type onDisk struct{ root *os.Root }

var _ update.Project = onDisk{}

func (d onDisk) Look(p string) (update.Found, error) {
	info, err := d.root.Lstat(p)
	switch {
	case errors.Is(err, fs.ErrNotExist), err != nil && notFolder(d.root, p):
		return update.Found{}, nil
	case err != nil:
		return update.Found{}, err
	case info.IsDir():
		return update.Found{Kind: update.Folder}, nil
	case !info.Mode().IsRegular():
		return update.Found{Kind: update.Other}, nil
	}
	data, err := d.root.ReadFile(p)
	if err != nil {
		return update.Found{}, err
	}
	return update.Found{Kind: update.Regular, File: tree.File{Data: data, Exec: info.Mode()&0o100 != 0}}, nil
}

// notFolder says whether an ancestor of a path is no folder: nothing is there then.
func notFolder(root *os.Root, p string) bool {
	for up := path.Dir(p); up != "."; up = path.Dir(up) {
		if info, err := root.Lstat(up); err == nil {
			return !info.IsDir()
		}
	}
	return false
}

// maxListed bounds the search for files that a person moved.
const maxListed = 20_000

// Files lists what is not a tool's: dependencies and caches are not looked into.
func (d onDisk) Files() ([]string, error) {
	tools := []string{".git", ".scaffold", "node_modules", ".venv", "venv", "__pycache__", ".mypy_cache", ".ruff_cache", ".pytest_cache", "dist", "build", "coverage", "var"}
	var files []string
	err := fs.WalkDir(d.root.FS(), ".", func(p string, e fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return nil //nolint:nilerr // a folder that cannot be read holds nothing that was moved by its owner
		case e.IsDir() && slices.Contains(tools, e.Name()):
			return fs.SkipDir
		case e.Type().IsRegular():
			files = append(files, p)
		}
		if len(files) >= maxListed {
			return fs.SkipAll
		}
		return nil
	})
	return files, err
}
