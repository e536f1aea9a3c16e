package cli

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"example.com/scaffold/internal/answers"
	"example.com/scaffold/internal/guidance"
	"example.com/scaffold/internal/pack"
	"example.com/scaffold/internal/packs"
)

// loadPack loads the pack of a source. Relative paths are seen from dir; pins are
// commits to use for sources in git instead of asking there. It returns which
// commits were used.
func (f *factory) loadPack(ctx context.Context, source, dir string, pins map[string]string) (*pack.Pack, map[string]string, error) {
	finder, err := f.finder(dir)
	if err != nil {
		return nil, nil, err
	}
	finder.Pins = pins
	p, err := finder.Load(ctx, source)
	f.newer = finder.Newer
	if err == nil {
		err = p.Supports(f.version)
	}
	if err != nil {
		return nil, nil, err
	}
	var commits map[string]string
	for source, origin := range finder.Found {
		if commits == nil {
			commits = map[string]string{}
		}
		commits[source] = origin.Commit
	}
	return p, commits, nil
}

// finder opens packs; relative paths are seen from dir.
func (f *factory) finder(dir string) (*packs.Finder, error) {
	cache, err := f.packCache()
	return &packs.Finder{
		Builtin: f.builtin, Dir: dir, Cache: cache,
		Say: func(format string, args ...any) { fmt.Fprintf(f.io.Err, format+"\n", args...) },
	}, err
}

// registered is what the team's registry has under a name: the source to load
// and the commits that it pins. The digest is checked by vouched.
func (s *settings) registered(name string) (entry answers.RegisteredPack, pins map[string]string, ok bool) {
	entry, ok = s.team.Packs[name]
	if ok && entry.Commit != "" {
		pins = map[string]string{entry.Source: entry.Commit}
	}
	return entry, pins, ok
}

// vouched holds a pack against the digest that the team's registry has for it.
func vouched(entry answers.RegisteredPack, p *pack.Pack) error {
	if entry.Digest == "" {
		return nil
	}
	digest, err := p.Digest()
	if err == nil && digest != entry.Digest {
		err = fmt.Errorf("pack %s has the digest %s, but your team's registry vouches for %s", entry.Source, digest, entry.Digest)
	}
	return err
}

// rules are those of the team for recommendations: of the packs in its registry,
// and of the one in use. A registered pack that cannot be had now is said; the
// others still count.
func (f *factory) rules(ctx context.Context, used ...*pack.Pack) ([]guidance.TeamRule, error) {
	s, err := f.settings(ctx)
	if err != nil {
		return nil, err
	}
	for _, name := range slices.Sorted(maps.Keys(s.team.Packs)) {
		entry, pins, _ := s.registered(name)
		p, _, err := f.loadPack(ctx, entry.Source, ".", pins)
		if err == nil {
			err = vouched(entry, p)
		}
		if err != nil {
			fmt.Fprintf(f.io.Err, "scaffold: the rules of your team's pack %s are left out: %v\n", name, err)
			continue
		}
		used = append(used, p)
	}
	var rules []guidance.TeamRule
	for _, p := range used {
		for _, r := range teamRules(p) {
			// Two packs over the same one have its rules in common.
			if !slices.ContainsFunc(rules, func(other guidance.TeamRule) bool { return other.ID == r.ID && other.Statement == r.Statement }) {
				rules = append(rules, r)
			}
		}
	}
	return rules, nil
}

func teamRules(p *pack.Pack) []guidance.TeamRule {
	var rules []guidance.TeamRule
	for _, r := range p.Guidance {
		rules = append(rules, guidance.TeamRule{ID: r.ID, Statement: r.Statement, Favours: r.Favours, If: r.If, Weight: r.Weight, From: "pack " + p.Name})
	}
	return rules
}

// chosen are the packs of --pack, if there is one.
func (f *factory) chosen() []*pack.Pack {
	var all []*pack.Pack
	for _, p := range f.packs {
		if !strings.HasPrefix(p.Source, "builtin:") {
			all = append(all, p)
		}
	}
	return all
}

// packCache is the folder that keeps what was fetched from git.
func (f *factory) packCache() (string, error) {
	dir := f.env("XDG_CACHE_HOME")
	if dir == "" {
		var err error
		if dir, err = os.UserCacheDir(); err != nil {
			return "", fmt.Errorf("there is no place to keep packs: %w", err)
		}
	}
	return filepath.Join(dir, "scaffold", "packs"), nil
}

// usePack makes the pack of --pack the one stack of this run: its questions
// become flags and its name is what is generated.
func (f *factory) usePack(ctx context.Context, source string) (string, error) {
	s, err := f.settings(ctx)
	if err != nil {
		return "", err
	}
	entry, pins, named := s.registered(source)
	if named {
		f.named, source = source, entry.Source
	}
	parsed, err := pack.ParseSource(source)
	if err == nil && parsed.Folder != "" && !named {
		if _, gone := os.Stat(filepath.FromSlash(parsed.Folder)); errors.Is(gone, fs.ErrNotExist) {
			return "", usagef(answers.DidYouMean(source, slices.Sorted(maps.Keys(s.team.Packs))), "--pack: there is no folder %s, and no pack of that name in your team's file", source)
		}
	}
	if err != nil {
		return "", usagef("such as ../packs/service, or https://git.example.com/platform/packs.git//service@v1.2.0", "--pack: %w", err)
	}
	p, commits, err := f.loadPack(ctx, source, ".", pins)
	if err != nil {
		return "", err
	}
	if err := vouched(entry, p); err != nil {
		return "", err
	}
	if p.Abstract {
		return "", usagef("generate from one that extends it", "pack %s is only there to be extended", source)
	}
	builtin, err := f.rendered()
	if err != nil {
		return "", err
	}
	if slices.Contains(builtin, p.Name) {
		return "", usagef("give it a name of its own in "+pack.ManifestFile, "pack %s has the name of a built-in stack, %s", source, p.Name)
	}
	f.packs[p.Name], f.names, f.commits = p, []string{p.Name}, commits
	return p.Name, nil
}

// from notes where the pack came from, as the project to come will name it.
func (r *request) from(source string, commits map[string]string) (err error) {
	if r.source, err = sourceFrom(source, r.dir); err != nil {
		return err
	}
	for source, commit := range commits {
		if source, err = sourceFrom(source, r.dir); err != nil {
			return err
		}
		if r.commits == nil {
			r.commits = map[string]string{}
		}
		r.commits[source] = commit
	}
	return nil
}

// sourceFrom is how a project names its pack: what lies on this machine by the
// way from the project, so that both can move together, unless it was given as
// absolute.
func sourceFrom(source, dir string) (string, error) {
	s, err := pack.ParseSource(source)
	if err != nil {
		return "", err
	}
	local := &s.Folder
	if s.Git != "" && !strings.Contains(s.Git, ":") {
		local = &s.Git
	}
	if *local == "" || filepath.IsAbs(*local) {
		return source, nil
	}
	from, err := filepath.Abs(dir)
	if err != nil {
		return "", err
	}
	to, err := filepath.Abs(filepath.FromSlash(*local))
	if err != nil {
		return "", err
	}
	rel, err := filepath.Rel(from, to)
	if err != nil {
		return "", err
	}
	*local = filepath.ToSlash(rel)
	return s.String(), nil
}
