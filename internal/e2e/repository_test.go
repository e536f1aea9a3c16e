package e2e

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"example.com/scaffold/internal/compare/change"
	"example.com/scaffold/internal/pack"
)

// What test runners say of themselves. Words of other tools do not matter.
var (
	ranTests  = regexp.MustCompile(`\b[1-9][0-9]* passed\b`)
	complains = regexp.MustCompile(`(?i)\b[1-9][0-9]* (skipped|todo|warnings?)\b|\bwarning:|DeprecationWarning`)
)

// The first day of a person with a fresh machine: generate, set up, lint, test, and
// look at what is there. Three combinations run their own tests for real; what is set
// up and linted without a shared install is the preset, the matrix lints all others.
func TestGeneratedRepositories(t *testing.T) {
	forEach(t, func(t *testing.T, s stack) {
		combinations := map[string][]string{
			"service":    nil,
			"everything": append(s.flags("database", "postgres", "license", "mit"), s.everything()...),
		}
		if s.offers("preset", "minimal") {
			combinations["minimal"] = []string{"--preset", "minimal", "--ci", "gitlab", "--idempotency"}
		} else {
			combinations["retries"] = []string{"--ci", "gitlab", "--idempotency"}
		}
		for name, flags := range combinations {
			t.Run(name, func(t *testing.T) {
				t.Parallel()
				timed(t, s.name)
				switch name {
				case "service":
					s.firstDay(t)
				case "everything":
					s.isChanged(t, s.prepare(t, flags...))
				default:
					s.runsItsTests(t, s.prepare(t, flags...))
				}
			})
		}
	})
}

func (s stack) firstDay(t *testing.T) {
	dir := s.generate(t)
	command(t, dir, "make", "setup") // the real one, from the pruned locks
	for _, u := range s.units {
		info, err := os.Stat(filepath.Join(dir, u.dir, ".env"))
		if err != nil {
			t.Fatal(err)
		}
		if perm := info.Mode().Perm(); perm != 0o600 {
			t.Errorf("%s holds keys but has mode %o", filepath.Join(u.dir, ".env"), perm)
		}
	}
	s.lint(t, dir)
	s.runsItsTests(t, dir)
	// No advisory database answers on every machine; what must never happen is an
	// audit that passes without having looked.
	if out, err := try(t, dir, 15*time.Minute, "make", "audit"); err == nil && !regexp.MustCompile(`(?i)(no known|found 0) vulnerabilities`).MatchString(out) {
		t.Errorf("make audit passed without saying what it found:\n%s", tail(out))
	}
}

// isChanged makes the small change that comparisons count: what its engineers would
// write is what the project's own linters and tests take.
func (s stack) isChanged(t *testing.T, dir string) {
	t.Helper()
	edited, err := change.Edited(s.name, os.DirFS(dir))
	if err != nil {
		t.Fatal(err)
	}
	if edited != nil {
		for path, text := range edited {
			if err := os.WriteFile(filepath.Join(dir, filepath.FromSlash(path)), text, 0o600); err != nil {
				t.Fatal(err)
			}
		}
		command(t, dir, "make", "openapi")
		s.lint(t, dir)
	}
	s.runsItsTests(t, dir)
}

func (s stack) runsItsTests(t *testing.T, dir string) {
	t.Helper()
	var out string
	if complaint := twice(t, func() string {
		var err error
		if out, err = try(t, dir, 15*time.Minute, "nice", "-n", "10", "make", "test"); err != nil {
			return fmt.Sprintf("make test: %v\n%s", err, tail(out))
		}
		return ""
	}); complaint != "" {
		t.Fatal(complaint)
	}
	if !ranTests.MatchString(out) {
		t.Errorf("make test ran no test:\n%s", tail(out))
	}
	if complains.MatchString(out) {
		t.Errorf("make test skips or warns:\n%s", tail(out))
	}
}

// A lock pruned by us is the one that the package manager writes for the generated
// project when it is held to the same versions: exact, hashed, and nothing missing
// or left over.
func TestPrunedLocksAreWhatTheirToolsWrite(t *testing.T) {
	forEach(t, func(t *testing.T, s stack) {
		timed(t, s.name)
		combinations := [][]string{nil}
		if s.offers("preset", "minimal") {
			combinations = append(combinations, []string{"--preset", "minimal"})
		}
		for _, flags := range combinations {
			dir := s.generate(t, flags...)
			for _, u := range s.units {
				for _, lock := range u.locks {
					have, again := relock(t, filepath.Join(dir, u.dir), lock)
					if have != again && !covers(have, again) {
						t.Errorf("%v: %s differs from what its tool writes\n--- tool\n%s\n--- ours\n%s", flags, lock.File, again, have)
					}
				}
			}
		}
	})
}

// relock returns a lock as it is and as its tool writes it from the manifest and
// the versions that stand in it.
func relock(t *testing.T, dir string, lock pack.Lock) (have, again string) {
	t.Helper()
	read := func(file string) string {
		data, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		return string(data)
	}
	have = read(filepath.Join(dir, lock.File))
	if lock.Kind == pack.LockNpm {
		copied := t.TempDir()
		command(t, dir, "cp", lock.File, lock.From, ".npmrc", copied)
		command(t, copied, tool("npm"), "install", "--package-lock-only", "--prefer-offline", "--no-audit", "--no-fund")
		return have, read(filepath.Join(copied, lock.File))
	}
	out := filepath.Join(t.TempDir(), lock.File)
	argv := []string{
		tool("uv"), "pip", "compile", "--quiet", "--universal", "--generate-hashes", "--no-header",
		"--python-version", "3.12", "-c", lock.File, lock.From, "-o", out,
	}
	for _, group := range lock.With {
		argv = append(argv, "--extra", group)
	}
	command(t, dir, argv...)
	return packages(have), packages(read(out))
}

// covers says whether two locks of pip differ in markers alone, and ours installs on
// no fewer systems: a package that two others want, one of them on fewer systems, keeps
// its wider marker when the other goes.
func covers(ours, tool string) bool {
	have, want := strings.Split(ours, "\n"), strings.Split(tool, "\n")
	if len(have) != len(want) {
		return false
	}
	for i := range have {
		mine, conditions, _ := strings.Cut(strings.TrimSuffix(have[i], " \\"), " ; ")
		its, marker, _ := strings.Cut(strings.TrimSuffix(want[i], " \\"), " ; ")
		if mine != its || !subset(strings.Split(conditions, " and "), strings.Split(marker, " and ")) {
			return false
		}
	}
	return true
}

// subset says whether every condition is among others, or there is none.
func subset(conditions, others []string) bool {
	for _, c := range conditions {
		if c != "" && !slices.Contains(others, c) {
			return false
		}
	}
	return true
}

// packages drops the comments of a lock: uv notes the constraint file there as
// one more reason for a package.
func packages(lock string) string {
	var keep []string
	for line := range strings.Lines(lock) {
		if trimmed := strings.TrimSpace(line); trimmed != "" && !strings.HasPrefix(trimmed, "#") {
			keep = append(keep, strings.TrimRight(line, "\n"))
		}
	}
	return strings.Join(keep, "\n")
}
