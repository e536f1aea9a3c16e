package e2e

import (
	"encoding/json"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// A fifth stack is a folder under templates and nothing else. The program is built
// with one more folder there, and every command knows it: list, matrix, recommend,
// new, and what was generated keeps the contract.
func TestFifthStackIsAFolder(t *testing.T) {
	t.Parallel()
	const name = "python-house"
	timed(t, name)
	program := buildWith(t, filepath.Join(root, "internal", "e2e", "testdata", "packs", name), name)

	var list struct {
		Stacks []struct {
			ID string `json:"id"`
		} `json:"stacks"`
	}
	if err := json.Unmarshal([]byte(command(t, root, program, "list", "--stack", name, "--json")), &list); err != nil || len(list.Stacks) != 1 {
		t.Errorf("list: %v %v", list, err)
	}
	if matrix := command(t, root, program, "list", "--matrix"); !strings.Contains(matrix, "FastAPI, our way: FastAPI, as our team uses it") {
		t.Errorf("the matrix does not have it:\n%s", matrix)
	}
	// Guidance has no opinion of a stack that it does not know, and says so nowhere wrongly.
	if advice := command(t, root, program, "recommend", "--set", "realtime=5", "--json"); strings.Contains(advice, name) {
		t.Errorf("recommended without a rule:\n%s", advice)
	}
	dir := filepath.Join(t.TempDir(), "shop")
	command(t, root, program, "new", "shop", "--stack", name, "--yes", "--no-git", "--room", "kitchen", "--output", dir)
	for file, words := range map[string]string{
		"docs/house.md":                "Ask in #kitchen",
		"docs/decisions/0001-stack.md": name,
		".scaffold/answers.yaml":       "stack: " + name,
		".scaffold/contract.yaml":      "stack: " + name,
		"src/app/items/router.py":      "/v1/items",
		"requirements-dev.lock":        "fastapi==",
	} {
		if text, err := os.ReadFile(filepath.Join(dir, file)); err != nil || !strings.Contains(string(text), words) {
			t.Errorf("%s does not hold %q (%v)", file, words, err)
		}
	}
	if out, err := try(t, dir, 15*time.Minute, program, "verify", ".", "--run", "HDR,CSRF,TOK-01"); err != nil {
		t.Errorf("verify: %v\n%s", err, tail(out))
	}
}

// buildWith builds the program as it would be with one more folder under templates.
func buildWith(t *testing.T, folder, name string) string {
	t.Helper()
	overlay := struct{ Replace map[string]string }{map[string]string{}}
	err := filepath.WalkDir(folder, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		rel, err := filepath.Rel(folder, path)
		overlay.Replace[filepath.Join(root, "templates", name, rel)] = path
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	text, err := json.Marshal(overlay)
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(t.TempDir(), "overlay.json")
	if err := os.WriteFile(file, text, 0o600); err != nil {
		t.Fatal(err)
	}
	program := filepath.Join(t.TempDir(), "scaffold")
	command(t, root, "go", "build", "-overlay", file, "-o", program, "./cmd/scaffold")
	return program
}
