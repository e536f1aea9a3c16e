// Package packs finds template packs where they are: built in, in a folder, or in
// a git repository, of which it keeps every commit it has fetched, so that a
// second use needs no network and a pinned one never does.
package packs

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"github.com/Masterminds/semver/v3"

	"example.com/scaffold/internal/pack"
	"example.com/scaffold/internal/vcs"
)

// Finder opens packs.
type Finder struct {
	Builtin fs.FS  // the built-in packs, a folder each
	Dir     string // what relative folders are seen from
	Cache   string // folder for fetched commits
	// Pins are commits to use instead of asking a repository, by source as
	// written: what a project's lock says.
	Pins map[string]string
	// Say prints a remark, such as that a cached commit is used.
	Say func(format string, args ...any)

	// Found are the commits that were used, by source as written.
	Found map[string]Origin
	// Newer are the tags of newer versions than the one a source names.
	Newer map[string]string
}

// Origin is where a pack from git came from.
type Origin struct {
	Ref    string // tag or branch, "" for a commit given as such
	Commit string
}

// Load opens and checks the pack of a source, with those it extends.
func (f *Finder) Load(ctx context.Context, source string) (*pack.Pack, error) {
	return pack.Load(source, f.resolver(ctx))
}

// Open opens the folder of a source.
func (f *Finder) Open(ctx context.Context, source string) (fs.FS, error) {
	return f.resolver(ctx)(source)
}

func (f *Finder) resolver(ctx context.Context) pack.Resolver {
	builtin := pack.Builtin(f.Builtin)
	return func(source string) (fs.FS, error) {
		s, err := pack.ParseSource(source)
		switch {
		case err != nil:
			return nil, err
		case s.Builtin != "":
			return builtin(source)
		case s.Folder != "":
			return f.folder(s.Folder)
		default:
			return f.git(ctx, source, s)
		}
	}
}

// folder is read through an os.Root: no symbolic link leads out of it.
func (f *Finder) folder(name string) (fs.FS, error) {
	at := filepath.FromSlash(name)
	if !filepath.IsAbs(at) {
		at = filepath.Join(f.Dir, at)
	}
	root, err := os.OpenRoot(at)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil, fmt.Errorf("pack %s: there is no folder %s (a pack is a folder with a %s)", name, at, pack.ManifestFile)
	case err != nil:
		return nil, fmt.Errorf("pack %s: %w", name, err)
	}
	return root.FS(), nil // open until the program ends
}

func (f *Finder) git(ctx context.Context, source string, s pack.Source) (fs.FS, error) {
	repo := f.repository(s)
	origin, err := f.choose(ctx, source, s, repo)
	if err != nil {
		return nil, err
	}
	dir, err := repo.commit(ctx, origin.Commit)
	if err != nil {
		return nil, fmt.Errorf("pack %s: %w", source, err)
	}
	if f.Found == nil {
		f.Found = map[string]Origin{}
	}
	f.Found[source] = origin
	root, err := os.OpenRoot(filepath.Join(dir, filepath.FromSlash(s.Sub)))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("pack %s: %s has no folder %s at %s", source, s.Git, s.Sub, short(origin))
	}
	if err != nil {
		return nil, fmt.Errorf("pack %s: %w", source, err)
	}
	return root.FS(), nil // open until the program ends
}

func (f *Finder) repository(s pack.Source) *repository {
	url := s.Git
	if !strings.Contains(url, "://") && !strings.Contains(url, ":") && !filepath.IsAbs(url) {
		url = filepath.Join(f.Dir, filepath.FromSlash(url))
		if abs, err := filepath.Abs(url); err == nil {
			url = abs
		}
	}
	return &repository{remote: vcs.Remote{URL: url, Credentials: vcs.GitCredentials}, dir: filepath.Join(f.Cache, key(url))}
}

var commitHash = regexp.MustCompile(`^[0-9a-f]{40}$`)

// choose settles which commit a source means: the pinned one, else the one its
// ref names now, else, with nobody to ask, the one it named last time.
func (f *Finder) choose(ctx context.Context, source string, s pack.Source, repo *repository) (Origin, error) {
	if commit := f.Pins[source]; commit != "" {
		return Origin{Ref: s.Ref, Commit: commit}, nil
	}
	if commitHash.MatchString(s.Ref) {
		return Origin{Commit: s.Ref}, nil
	}
	refs, err := repo.remote.Refs(ctx)
	var away *vcs.UnreachableError
	switch {
	case errors.As(err, &away):
		last, known := repo.last(s.Ref)
		if !known {
			return Origin{}, fmt.Errorf("pack %s: %w, and this machine has not used it before", source, err)
		}
		if f.Say != nil {
			f.Say("%v; using %s of last time.", err, short(last))
		}
		return last, nil
	case err != nil:
		return Origin{}, fmt.Errorf("pack %s: %w", source, err)
	}
	origin, err := pick(refs, s.Ref)
	if err != nil {
		return origin, fmt.Errorf("pack %s: %w", source, err)
	}
	at, tag := version(s.Ref), newest(refs.Tags)
	if at != nil && tag != "" && version(tag).GreaterThan(at) {
		if f.Newer == nil {
			f.Newer = map[string]string{}
		}
		f.Newer[source] = tag
	}
	return origin, repo.remember(s.Ref, origin)
}

// pick finds what a ref names: a tag before a branch, as git does; a commit by
// its first characters if a ref leads there; without one the newest version.
func pick(refs vcs.Refs, ref string) (Origin, error) {
	if ref == "" {
		if tag := newest(refs.Tags); tag != "" {
			return Origin{tag, refs.Tags[tag]}, nil
		}
		if refs.Head == "" {
			return Origin{}, errors.New("the repository is empty")
		}
		return Origin{"HEAD", refs.Head}, nil
	}
	if commit, ok := refs.Tags[ref]; ok {
		return Origin{ref, commit}, nil
	}
	if commit, ok := refs.Branches[ref]; ok {
		return Origin{ref, commit}, nil
	}
	var hits []string
	for _, named := range []map[string]string{refs.Tags, refs.Branches} {
		for _, commit := range named {
			if len(ref) >= 7 && strings.HasPrefix(commit, ref) && !slices.Contains(hits, commit) {
				hits = append(hits, commit)
			}
		}
	}
	if len(hits) == 1 {
		return Origin{"", hits[0]}, nil
	}
	return Origin{}, &NoRefError{Ref: ref, Newest: newest(refs.Tags)}
}

// NoRefError says that a repository answered, and has no such tag, branch or commit.
type NoRefError struct {
	Ref    string
	Newest string // tag of its newest version, "" if it has none
}

func (e *NoRefError) Error() string {
	s := fmt.Sprintf("there is no tag or branch %q, and no unambiguous commit (a commit that is no tip needs all 40 characters)", e.Ref)
	if e.Newest != "" {
		s += "; the newest version is " + e.Newest
	}
	return s
}

// newest is the tag of the highest version that is no pre-release, "" if none is
// one. Tags such as v2, which teams move along, are no versions.
func newest(tags map[string]string) string {
	best, name := (*semver.Version)(nil), ""
	for tag := range tags {
		v := version(tag)
		if v == nil || v.Prerelease() != "" {
			continue
		}
		if best == nil || v.GreaterThan(best) || v.Equal(best) && tag < name {
			best, name = v, tag
		}
	}
	return name
}

// version is the version that a tag names, nil if it names none.
func version(tag string) *semver.Version {
	v, err := semver.StrictNewVersion(strings.TrimPrefix(tag, "v"))
	if err != nil {
		return nil
	}
	return v
}

func short(o Origin) string {
	commit := o.Commit[:min(len(o.Commit), 10)]
	if o.Ref == "" {
		return commit
	}
	return o.Ref + " (" + commit + ")"
}
