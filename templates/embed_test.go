package templates_test

import (
	"io/fs"
	"os/exec"
	"slices"
	"strings"
	"testing"

	"example.com/scaffold/templates"
)

// Embedding takes in whatever lies in the folders, a stray .venv too, and leaves
// out what a nested go.mod or an odd name ends. What git keeps is the truth.
func TestEmbeddedFilesAreThoseOfGit(t *testing.T) {
	out, err := exec.Command("git", "ls-files", "-z", "--cached", ".").Output()
	if err != nil {
		t.Fatal(err)
	}
	var kept []string
	for _, name := range strings.Split(strings.TrimSuffix(string(out), "\x00"), "\x00") {
		if strings.Contains(name, "/") {
			kept = append(kept, name)
		}
	}
	var embedded []string
	err = fs.WalkDir(templates.FS, ".", func(path string, d fs.DirEntry, err error) error {
		if err == nil && !d.IsDir() && strings.Contains(path, "/") {
			embedded = append(embedded, path)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	slices.Sort(kept)
	slices.Sort(embedded)
	for _, name := range embedded {
		if !slices.Contains(kept, name) {
			t.Errorf("embedded, but not in git: %s", name)
		}
	}
	for _, name := range kept {
		if !slices.Contains(embedded, name) {
			t.Errorf("in git, but not embedded: %s", name)
		}
	}
}
