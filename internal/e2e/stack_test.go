package e2e

import (
	"crypto/sha256"
	"encoding/hex"
	"os"
	"path"
	"path/filepath"
	"slices"
	"sync"
	"syscall"
	"testing"
	"time"

	"example.com/scaffold/internal/pack"
	"example.com/scaffold/templates"
)

// stack is one pack, and where in a project its locked packages lie.
type stack struct {
	name  string
	pack  *pack.Pack
	units []unit
}

// unit is a folder of the project that has dependencies of its own, and their locks.
type unit struct {
	dir   string // "" for the root
	locks []pack.Lock
}

func (u unit) has(kind string) bool {
	return slices.ContainsFunc(u.locks, func(l pack.Lock) bool { return l.Kind == kind })
}

var stacks = sync.OnceValues(func() ([]stack, error) {
	names, err := pack.Names(templates.FS)
	if err != nil {
		return nil, err
	}
	var all []stack
	for _, name := range names {
		p, err := pack.Load("builtin:"+name, pack.Builtin(templates.FS))
		if err != nil {
			return nil, err
		}
		s := stack{name: name, pack: p}
		if len(p.Locks) > 0 {
			s.units = append(s.units, unit{"", p.Locks})
		}
		for _, part := range p.Parts {
			s.units = append(s.units, unit{part.Into, part.Locks})
		}
		all = append(all, s)
	}
	return all, nil
})

// forEach runs a test for every stack, the stacks beside each other; what takes time
// is timed by the test itself.
func forEach(t *testing.T, test func(t *testing.T, s stack)) {
	t.Helper()
	t.Parallel()
	all, err := stacks()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { // where the names are not lost among those that passed
		for _, name := range account.failedUnder(t.Name()) {
			t.Logf("failed: %s", name)
		}
	})
	for _, s := range all {
		t.Run(s.name, func(t *testing.T) {
			t.Parallel()
			test(t, s)
		})
	}
}

// flags are those of scaffold new that the stack knows, each with its value.
func (s stack) flags(values ...string) []string {
	var flags []string
	for i := 0; i < len(values); i += 2 {
		if q, ok := s.pack.Answerable().Question(values[i]); ok && s.pack.Answerable().Check(q.ID, values[i+1]) == nil {
			flags = append(flags, "--set", q.ID+"="+values[i+1])
		}
	}
	return flags
}

// offers says whether the stack lets people choose a value.
func (s stack) offers(id string, value any) bool { return s.pack.Answerable().Check(id, value) == nil }

// everything switches every option of the stack on, with accounts.
func (s stack) everything() []string {
	flags := s.flags("owner", "@acme/backend", "contact", "security@example.com", "author", "Acme")
	for _, o := range s.pack.Options {
		flags = append(flags, "--set", o.ID+"=true")
	}
	return flags
}

// generate renders a project called shop with the given flags, without git, and
// returns its folder.
func (s stack) generate(t *testing.T, flags ...string) string {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "shop")
	s.generateIn(t, dir, flags...)
	return dir
}

// generateIn renders the project into a folder that is not there yet.
func (s stack) generateIn(t *testing.T, dir string, flags ...string) {
	t.Helper()
	argv := append([]string{scaffold, "new", "shop", "--stack", s.name, "--yes", "--no-git", "--output", dir}, flags...)
	command(t, filepath.Dir(dir), argv...)
}

// prepare is generate with everything set up that takes long: packages come from
// installs that are kept from run to run.
func (s stack) prepare(t *testing.T, flags ...string) string {
	t.Helper()
	dir := s.generate(t, flags...)
	s.linkPackages(t, dir)
	command(t, dir, "make", "setup")
	return dir
}

// linkPackages puts the installs that are kept in the place of a project's own, or of
// those that were linked before its options changed.
func (s stack) linkPackages(t *testing.T, dir string) {
	t.Helper()
	for _, u := range s.units {
		name, install := ".venv", s.environment
		if u.has(pack.LockNpm) {
			name, install = "node_modules", s.modules
		}
		link := filepath.Join(dir, u.dir, name)
		if err := os.Remove(link); err != nil && !os.IsNotExist(err) {
			t.Fatal(err)
		}
		if err := os.Symlink(install(t, u, dir), link); err != nil {
			t.Fatal(err)
		}
		// Its locks are older than the stamp of the generated Makefile: there is nothing
		// to install, and the install that others share is not touched.
		for _, lock := range u.locks {
			if err := os.Chtimes(filepath.Join(dir, u.dir, lock.File), time.Unix(0, 0), time.Unix(0, 0)); err != nil {
				t.Fatal(err)
			}
		}
	}
}

// environment is a .venv with what the project's pruned locks name, put there by the
// project's own setup. It is kept under their digest, and with it what Python has
// compiled: each install of its own would compile the same packages again.
func (s stack) environment(t *testing.T, u unit, project string) string {
	t.Helper()
	var files []string
	for _, lock := range u.locks {
		files = append(files, lock.File)
	}
	dir := filepath.Join(root, ".cache", "venv-"+digest(t, filepath.Join(project, u.dir), files))
	venv := filepath.Join(dir, u.dir, ".venv")
	unlock := lockFile(t, dir+".lock")
	defer unlock()
	if _, err := os.Stat(filepath.Join(venv, ".ready")); err == nil {
		return venv
	}
	command(t, root, "cp", "-a", "-T", project, dir)
	command(t, dir, "make", path.Join(u.dir, ".venv", ".ready"))
	return venv
}

// lint runs the project's linters. What the type checker learns of packages stays beside
// them, for all projects that share them.
func (s stack) lint(t *testing.T, dir string) {
	t.Helper()
	var env []string
	for _, u := range s.units {
		if !u.has(pack.LockPip) {
			continue
		}
		venv, err := filepath.EvalSymlinks(filepath.Join(dir, u.dir, ".venv"))
		if err != nil {
			t.Fatal(err)
		}
		env = append(env, "MYPY_CACHE_DIR="+filepath.Join(filepath.Dir(venv), ".mypy_cache"))
	}
	command(t, dir, slices.Concat([]string{"env"}, env, []string{"make", "lint"})...)
}

// modules is a node_modules with everything that any rendering needs: the lock of
// the project with every option on. It is kept under its digest.
func (s stack) modules(t *testing.T, u unit, _ string) string {
	t.Helper()
	full := filepath.Join(s.generate(t, s.everything()...), u.dir)
	files := []string{".npmrc"}
	for _, lock := range u.locks {
		files = append(files, lock.From, lock.File)
	}
	dir := filepath.Join(root, ".cache", "modules-"+digest(t, full, files))
	unlock := lockFile(t, dir+".lock")
	defer unlock()
	ready := filepath.Join(dir, "node_modules", ".ready") // the stamp of the generated Makefile
	if _, err := os.Stat(ready); err == nil {
		return filepath.Join(dir, "node_modules")
	}
	command(t, root, append([]string{"install", "-D", "-t", dir}, within(full, files)...)...)
	command(t, dir, tool("npm"), "ci", "--no-audit", "--no-fund", "--loglevel=error")
	if err := os.WriteFile(ready, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	return filepath.Join(dir, "node_modules")
}

// digest is one name for what some files of a folder hold.
func digest(t *testing.T, dir string, files []string) string {
	t.Helper()
	sum := sha256.New()
	for _, file := range within(dir, files) {
		data, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		sum.Write(data)
	}
	return hex.EncodeToString(sum.Sum(nil)[:8])
}

// within puts a folder before each path.
func within(dir string, names []string) []string {
	var paths []string
	for _, name := range names {
		paths = append(paths, path.Join(filepath.ToSlash(dir), name))
	}
	return paths
}

// lockFile waits for a lock that other runs on this machine respect.
func lockFile(t *testing.T, name string) (unlock func()) {
	t.Helper()
	f, err := os.OpenFile(name, os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		t.Fatal(err)
	}
	if err := syscall.Flock(int(f.Fd()), syscall.LOCK_EX); err != nil {
		t.Fatal(err)
	}
	return func() { _ = f.Close() } // closing ends the lock
}
