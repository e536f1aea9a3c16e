package e2e

import (
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"example.com/scaffold/internal/compare/change"
)

// TestChange makes the small change that comparisons count in a project of every stack
// that has one: what its engineers would write is what the project's own linters and
// tests take.
func TestChange(t *testing.T) {
	changes, err := change.Stacks()
	if err != nil {
		t.Fatal(err)
	}
	known, err := stacks()
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range changes {
		if !slices.ContainsFunc(known, func(s stack) bool { return s.name == name }) {
			t.Errorf("%s has a change and is no stack", name)
		}
	}
	forEach(t, func(t *testing.T, s stack) {
		if !slices.Contains(changes, s.name) {
			return // its reports have no figure
		}
		timed(t, s.name)
		dir := s.prepare(t)
		edited, err := change.Edited(s.name, os.DirFS(dir))
		if err != nil {
			t.Fatal(err)
		}
		for path, text := range edited {
			if err := os.WriteFile(filepath.Join(dir, filepath.FromSlash(path)), text, 0o600); err != nil {
				t.Fatal(err)
			}
		}
		command(t, dir, "make", "openapi")
		command(t, dir, "env", "MYPY_CACHE_DIR="+filepath.Join(root, ".cache", "mypy-"+s.name), "make", "lint")
		if complaint := twice(t, func() string {
			out, err := try(t, dir, 15*time.Minute, "nice", "-n", "10", "make", "test")
			if err != nil || !ranTests.MatchString(out) || complains.MatchString(out) {
				return tail(out)
			}
			return ""
		}); complaint != "" {
			t.Errorf("make test: %s", complaint)
		}
	})
}
