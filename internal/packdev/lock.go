package packdev

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"github.com/pelletier/go-toml/v2"

	"example.com/scaffold/internal/pack"
	"example.com/scaffold/internal/render"
)

// Locked is a lock made anew.
type Locked struct {
	File    string // in a project
	Data    []byte
	Changes []string // "+ acme 1.0", "- old 2.0", "fast 1.0 → 1.1"; none if it is what it was
	Same    bool
}

// ErrNoLocks means that a pack carries none.
var ErrNoLocks = errors.New("the pack has no \"locks\" in its " + pack.ManifestFile)

// Lock makes a pack's locks anew from its manifests of dependencies with
// everything on, by the tool of each: uv or npm, which must be on the PATH and use
// the registry and credentials that the person has set up. What is pinned stays
// where it is unless upgrade is set or the manifest asks for something else.
func Lock(ctx context.Context, p *pack.Pack, upgrade bool) (_ []Locked, err error) {
	if len(p.Locks) == 0 {
		return nil, ErrNoLocks
	}
	pl, err := Plan(p, nil)
	if err != nil {
		return nil, err
	}
	dir, err := os.MkdirTemp("", "scaffold-lock-")
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	var all []Locked
	for i, l := range p.Locks {
		manifest, _, err := render.Superset(p, l.From, pl.Data)
		if err != nil {
			return nil, err
		}
		before, had, err := render.Carried(p, l.File)
		if err != nil {
			return nil, err
		}
		if err := put(dir, l.From, manifest); err != nil {
			return nil, err
		}
		if had && (!upgrade || l.Kind == pack.LockPip) {
			if err := put(dir, l.File, before); err != nil {
				return nil, err
			}
		}
		argv, err := command(p.Locks[:i], l, manifest, before, upgrade)
		if err != nil {
			return nil, err
		}
		if err := run(ctx, filepath.Join(dir, filepath.FromSlash(path.Dir(l.From))), argv); err != nil {
			return nil, fmt.Errorf("%s: %w", l.File, err)
		}
		after, err := os.ReadFile(filepath.Join(dir, filepath.FromSlash(l.File)))
		if err != nil {
			return nil, err
		}
		if err := hostless(l, after); err != nil {
			return nil, err
		}
		changes, err := changed(l.Kind, before, after)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", l.File, err)
		}
		all = append(all, Locked{File: l.File, Data: after, Changes: changes, Same: bytes.Equal(before, after)})
	}
	return all, nil
}

func put(dir, name string, data []byte) error {
	at := filepath.Join(dir, filepath.FromSlash(name))
	if err := os.MkdirAll(filepath.Dir(at), 0o755); err != nil {
		return err
	}
	return os.WriteFile(at, data, 0o644)
}

// command is the argv that makes a lock, run in the folder of its manifest.
func command(earlier []pack.Lock, l pack.Lock, manifest, before []byte, upgrade bool) ([]string, error) {
	if path.Dir(l.File) != path.Dir(l.From) {
		return nil, fmt.Errorf("%s does not lie beside %s, from which it is made", l.File, l.From)
	}
	if l.Kind == pack.LockNpm {
		return []string{"npm", "install", "--package-lock-only", "--ignore-scripts", "--no-audit", "--no-fund", "--omit-lockfile-registry-resolved=true"}, nil
	}
	argv := []string{"uv", "pip", "compile", "--quiet", "--universal"}
	if v := pythonVersion(manifest, before); v != "" {
		argv = append(argv, "--python-version="+v)
	}
	argv = append(argv, "--generate-hashes")
	groups, err := groupFlags(manifest, l.With)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", l.From, err)
	}
	argv = append(argv, groups...)
	for _, e := range earlier {
		if e.Kind == l.Kind && e.From == l.From {
			argv = append(argv, "--constraint="+path.Base(e.File))
		}
	}
	if upgrade {
		argv = append(argv, "--upgrade")
	}
	return append(argv, "--output-file="+path.Base(l.File), path.Base(l.From)), nil
}

var (
	headVersion = regexp.MustCompile(`(?m)^#    uv pip compile .*--python-version[= ]([0-9.]+)`)
	leastPython = regexp.MustCompile(`^\s*>=\s*([0-9]+\.[0-9]+)`)
)

// pythonVersion is the oldest Python that the lock is for: that of the lock so far,
// else the least that the project takes, else whatever uv finds.
func pythonVersion(manifest, before []byte) string {
	if m := headVersion.FindSubmatch(before); m != nil {
		return string(m[1])
	}
	var doc struct {
		Project struct {
			Requires string `toml:"requires-python"`
		} `toml:"project"`
	}
	if toml.Unmarshal(manifest, &doc) == nil {
		if m := leastPython.FindStringSubmatch(doc.Project.Requires); m != nil {
			return m[1]
		}
	}
	return ""
}

// groupFlags names the groups to uv: extras and dependency groups have flags of
// their own.
func groupFlags(manifest []byte, groups []string) ([]string, error) {
	var doc struct {
		Project struct {
			Extras map[string]any `toml:"optional-dependencies"`
		} `toml:"project"`
		Groups map[string]any `toml:"dependency-groups"`
	}
	if err := toml.Unmarshal(manifest, &doc); err != nil {
		return nil, err
	}
	var flags []string
	for _, g := range groups {
		switch {
		case doc.Project.Extras[g] != nil:
			flags = append(flags, "--extra="+g)
		case doc.Groups[g] != nil:
			flags = append(flags, "--group="+g)
		default:
			return nil, fmt.Errorf("has no group and no extra %q, which \"locks\" names", g)
		}
	}
	return flags, nil
}

func run(ctx context.Context, dir string, argv []string) error {
	if _, err := exec.LookPath(argv[0]); err != nil {
		return fmt.Errorf("is made by %s, which is not installed (or not on the PATH)", argv[0])
	}
	cmd := exec.CommandContext(ctx, argv[0], argv[1:]...)
	cmd.Dir = dir
	out, err := cmd.CombinedOutput()
	if err != nil {
		return fmt.Errorf("%s: %w\n%s", strings.Join(argv, " "), err, bytes.TrimSpace(out))
	}
	return nil
}

// hosts are the places in a lock that name where packages come from. A lock that
// every project carries names none: each takes the registry it is set up for.
var hosts = regexp.MustCompile(`(?m)^(--(extra-)?index-url|--find-links|-f |-i ).*$|@ (https?|file)://[^\s]*|"resolved": "(https?|file):[^"]*"`)

func hostless(l pack.Lock, data []byte) error {
	at := hosts.FindIndex(data)
	if at == nil {
		return nil
	}
	return fmt.Errorf("%s:%d: would say where packages come from (%s): let the tool's own configuration say it, and name packages by version",
		l.File, 1+bytes.Count(data[:at[0]], []byte("\n")), data[at[0]:at[1]])
}

var pinned = regexp.MustCompile(`(?m)^([A-Za-z0-9][A-Za-z0-9._-]*)==([^\s;\\]+)`)

// versions are the packages of a lock.
func versions(kind string, data []byte) (map[string]string, error) {
	found := map[string]string{}
	if kind == pack.LockPip {
		for _, m := range pinned.FindAllSubmatch(data, -1) {
			found[string(m[1])] = string(m[2])
		}
		return found, nil
	}
	var lock struct {
		Packages map[string]struct {
			Version string `json:"version"`
		} `json:"packages"`
	}
	if len(data) > 0 {
		if err := json.Unmarshal(data, &lock); err != nil {
			return nil, err
		}
	}
	for at, p := range lock.Packages {
		if at != "" {
			found[strings.TrimPrefix(at, "node_modules/")] = p.Version
		}
	}
	return found, nil
}

// changed says what is different between two locks.
func changed(kind string, before, after []byte) ([]string, error) {
	was, err := versions(kind, before)
	if err != nil {
		return nil, err
	}
	is, err := versions(kind, after)
	if err != nil {
		return nil, err
	}
	names := slices.Collect(maps.Keys(is))
	for name := range was {
		if _, ok := is[name]; !ok {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	var changes []string
	for _, name := range names {
		a, b := was[name], is[name]
		switch {
		case a == b:
		case a == "":
			changes = append(changes, "+ "+name+" "+b)
		case b == "":
			changes = append(changes, "- "+name+" "+a)
		default:
			changes = append(changes, name+" "+a+" → "+b)
		}
	}
	return changes, nil
}
