package e2e

import (
	"bytes"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/goccy/go-yaml"

	"example.com/scaffold/internal/contract"
	"example.com/scaffold/internal/contract/selfhost"
	"example.com/scaffold/internal/pack"
	"example.com/scaffold/templates"
)

// mutant is one deliberate weakness in a generated service: a suite that does
// not notice it is worthless.
type mutant struct {
	ID       string   `yaml:"id"`
	Weakness string   `yaml:"weakness"`
	File     string   `yaml:"file"`
	Find     string   `yaml:"find"` // stands once in the file, rendered with native and idempotency
	Replace  string   `yaml:"replace"`
	CaughtBy []string `yaml:"caught_by"` // each of these tests must fail
	With     []string `yaml:"with"`      // tests that make the traffic which the first ones judge
	// Settings is a pattern of those bad settings with which the BOOT tests must notice
	// it: each costs a start. Empty: all.
	Settings string `yaml:"settings"`
	// Own is a command of the project that must fail, in place of CaughtBy: a weakness
	// that nobody can see from outside is caught by the project's own tests.
	Own []string `yaml:"own"`
}

// mutants are a stack's mutants by the pack whose files they change: its own, and
// those of the packs that it extends.
func (s stack) mutants(t *testing.T) map[string][]mutant {
	t.Helper()
	files, err := filepath.Glob(filepath.Join("testdata", "mutants", "*.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	all := map[string][]mutant{}
	for _, file := range files {
		owner := s.owner(strings.TrimSuffix(filepath.Base(file), ".yaml"))
		if owner == "" {
			continue
		}
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		var some []mutant
		if err := yaml.UnmarshalWithOptions(text, &some, yaml.Strict()); err != nil {
			t.Fatalf("%s: %v", file, err)
		}
		all[owner] = append(all[owner], some...)
	}
	return all
}

// owner is the pack of the stack's chain that a file of mutants is named after, such
// as common-node of "common-node-auth"; "" for another's.
func (s stack) owner(file string) string {
	packs, err := fs.Glob(templates.FS, "*/"+pack.ManifestFile)
	if err != nil {
		return ""
	}
	owner := ""
	for _, p := range packs {
		name := path.Dir(p)
		if (file == name || strings.HasPrefix(file, name+"-")) && len(name) > len(owner) {
			owner = name
		}
	}
	if slices.ContainsFunc(s.pack.Layers, func(l pack.Layer) bool { return l.Manifest.Name == owner }) {
		return owner
	}
	return ""
}

// share are the mutants that this stack runs: all of its own; those of a pack that
// several stacks extend are dealt out among them.
func (s stack) share(t *testing.T) []mutant {
	t.Helper()
	all, err := stacks()
	if err != nil {
		t.Fatal(err)
	}
	var mine []mutant
	byPack := s.mutants(t)
	for _, owner := range slices.Sorted(maps.Keys(byPack)) {
		var heirs []string
		for _, other := range all {
			if slices.ContainsFunc(other.pack.Layers, func(l pack.Layer) bool { return l.Manifest.Name == owner }) {
				heirs = append(heirs, other.name)
			}
		}
		for i, m := range byPack[owner] {
			if heirs[i%len(heirs)] == s.name {
				mine = append(mine, m)
			}
		}
	}
	return mine
}

// Every stack answers for the same weaknesses, in its own code. A stack made of
// parts answers for what it adds to them.
func TestMutantsAreTheSameInEveryStack(t *testing.T) {
	text, err := os.ReadFile(filepath.Join("testdata", "mutants", "every-stack.txt"))
	if err != nil {
		t.Fatal(err)
	}
	common := strings.Fields(string(text))
	if len(common) < 80 {
		t.Errorf("%d weaknesses are common to all stacks: 80 are the least", len(common))
	}
	all, err := stacks()
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range all {
		seen := map[string]bool{}
		for _, some := range s.mutants(t) {
			for _, m := range some {
				if seen[m.ID] {
					t.Errorf("%s: two mutants are called %s", s.name, m.ID)
				}
				seen[m.ID] = true
			}
		}
		for _, id := range common {
			if len(s.pack.Parts) == 0 && !seen[id] {
				t.Errorf("%s has no mutant %s", s.name, id)
			}
		}
		t.Logf("%s: %d mutants", s.name, len(seen))
	}
}

// What a mutant replaces stands once in its file, in every stack that has the file: a
// change of a template that moves it is noticed before anything is started.
func TestMutantsStandInTheirFiles(t *testing.T) {
	all, err := stacks()
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range all {
		dir := s.generate(t, "--native", "--idempotency")
		for _, some := range s.mutants(t) {
			for _, m := range some {
				if _, err := m.apply(dir); err != nil {
					t.Errorf("%s: %s: %v", s.name, m.ID, err)
				}
			}
		}
	}
}

// apply is a mutant's file in a project, with the weakness.
func (m mutant) apply(dir string) ([]byte, error) {
	source, err := os.ReadFile(filepath.Join(dir, filepath.FromSlash(m.File)))
	if err != nil {
		return nil, err
	}
	if n := bytes.Count(source, []byte(m.Find)); n != 1 {
		return nil, fmt.Errorf("%s holds the text to replace %d times, not once: the service has changed, so must the mutant\n%s", m.File, n, m.Find)
	}
	return bytes.Replace(source, []byte(m.Find), []byte(m.Replace), 1), nil
}

// TestMutants applies each weakness to a service that passes, starts it, and
// expects the tests that name it to fail. The same tests pass without the
// weakness: TestContract runs them all.
func TestMutants(t *testing.T) {
	forEach(t, func(t *testing.T, s stack) {
		dir := s.prepare(t, "--native", "--idempotency")
		share := s.share(t)
		passes := map[string]bool{}
		for _, m := range share {
			if key := strings.Join(m.Own, "\x00"); key != "" && !passes[key] {
				passes[key] = true
				command(t, dir, m.Own...) // without the weakness
			}
		}
		migrated := ""
		if slices.ContainsFunc(share, func(m mutant) bool { return len(m.Own) == 0 }) {
			migrated = s.warm(t, dir)
		}
		for _, m := range share {
			t.Run(m.ID, func(t *testing.T) {
				t.Parallel()
				timed(t, s.name)
				m.run(t, s, dir, migrated)
			})
		}
	})
}

// warm does what all mutants of a stack would do again: it migrates a database, whose
// path it returns, and starts the service once, so that what its language compiles on
// the way is there for the copies.
func (s stack) warm(t *testing.T, dir string) (migrated string) {
	t.Helper()
	migrated = filepath.Join(t.TempDir(), "migrated.db")
	command(t, dir, "env", "DATABASE_URL=sqlite:///"+migrated, "make", "migrate")
	run, err := selfhost.Open(t.Context(), selfhost.Options{Dir: dir, Migrated: migrated})
	if err != nil {
		t.Fatal(err)
	}
	if err := run.Close(); err != nil {
		t.Fatal(err)
	}
	return migrated
}

func (m mutant) run(t *testing.T, s stack, original, migrated string) {
	dir := copied(t, original)
	text, err := m.apply(dir)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, filepath.FromSlash(m.File)), text, 0o600); err != nil {
		t.Fatal(err)
	}
	s.rebuild(t, dir, m.File)
	if len(m.Own) > 0 {
		if out, err := try(t, dir, 15*time.Minute, m.Own...); err == nil {
			t.Errorf("%s survives %v\n%s", m.Weakness, m.Own, tail(out))
		}
		return
	}
	if strings.Contains(m.File, "migrations") {
		migrated = "" // its own
	}
	if complaint := twice(t, func() string { return m.survives(t, selfhost.Options{Dir: dir, Migrated: migrated}) }); complaint != "" {
		t.Error(complaint)
	}
}

// survives runs the tests that must notice the weakness, and says what is wrong unless
// each of them fails.
func (m mutant) survives(t *testing.T, o selfhost.Options) (complaint string) {
	t.Helper()
	settings, err := regexp.Compile(m.Settings)
	if err != nil {
		return fmt.Sprintf("settings: %v", err)
	}
	run, err := selfhost.Open(t.Context(), o)
	if err != nil {
		return fmt.Sprintf("a mutant must run to be caught: %v", err)
	}
	defer run.Close()
	report, err := contract.Run(t.Context(), run.Target, contract.Tests(), contract.Options{
		Only: func(test contract.Test) bool {
			return slices.Contains(m.CaughtBy, test.ID) || slices.Contains(m.With, test.ID)
		},
		Settings: settings.MatchString,
	})
	if err != nil {
		return err.Error()
	}
	var complaints []string
	for _, id := range m.CaughtBy {
		i := slices.IndexFunc(report.Results, func(r contract.Result) bool { return r.Test.ID == id })
		switch {
		case i < 0:
			complaints = append(complaints, fmt.Sprintf("%s: there is no test %s", m.ID, id))
		case report.Results[i].Status != contract.Failed:
			complaints = append(complaints, fmt.Sprintf("%s survives: %s (%s %s)", m.Weakness, id, report.Results[i].Status, report.Results[i].Reason))
		default:
			t.Logf("%s: %s", id, report.Results[i].Reason)
		}
	}
	return strings.Join(complaints, "\n")
}

// copied is a project of its own that shares what another has installed. Files keep
// their times, by which compilers know what they have compiled already.
func copied(t *testing.T, original string) string {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "shop")
	err := filepath.WalkDir(original, func(from string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		rel, err := filepath.Rel(original, from)
		if err != nil {
			return err
		}
		to := filepath.Join(dir, rel)
		switch {
		case d.Name() == ".venv", d.Name() == "node_modules": // a folder, or a link to one
			if err := os.Symlink(from, to); err != nil || !d.IsDir() {
				return err
			}
			return fs.SkipDir
		case d.IsDir():
			return os.Mkdir(to, 0o755)
		}
		info, err := d.Info()
		if err != nil {
			return err
		}
		data, err := os.ReadFile(from)
		if err != nil {
			return err
		}
		if err := os.WriteFile(to, data, info.Mode().Perm()); err != nil {
			return err
		}
		return os.Chtimes(to, info.ModTime(), info.ModTime())
	})
	if err != nil {
		t.Fatal(err)
	}
	return dir
}

// rebuild compiles what a mutant changed, if its language wants it, and checks no
// types: a weakness need not be well typed to be a weakness.
func (s stack) rebuild(t *testing.T, dir, file string) {
	t.Helper()
	for _, u := range s.units {
		rel, err := filepath.Rel(u.dir, file)
		if err != nil || strings.HasPrefix(rel, "..") || filepath.Ext(file) != ".ts" || !u.has(pack.LockNpm) {
			continue
		}
		compiled := filepath.Join(dir, u.dir, "dist", strings.TrimSuffix(strings.TrimPrefix(rel, "src/"), ".ts")+".js")
		before, err := os.ReadFile(compiled)
		if err != nil {
			t.Fatal(err)
		}
		out, failed := try(t, filepath.Join(dir, u.dir), 15*time.Minute, tool("node"), "--run", "build", "--", "--noCheck")
		after, err := os.ReadFile(compiled)
		if err != nil {
			t.Fatal(err)
		}
		if bytes.Equal(before, after) {
			t.Fatalf("building changed nothing in %s (%v)\n%s", compiled, failed, tail(out))
		}
	}
}
