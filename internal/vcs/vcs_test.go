package vcs_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"example.com/scaffold/internal/tree"
	"example.com/scaffold/internal/vcs"
)

// git runs the git program, which is the judge of what package vcs writes,
// shielded from the configuration of the machine.
func git(t *testing.T, dir string, args ...string) string {
	t.Helper()
	cmd := exec.Command("git", args...)
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), "GIT_CONFIG_NOSYSTEM=1", "GIT_CONFIG_GLOBAL="+os.DevNull, "LC_ALL=C")
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("git %s: %v\n%s", strings.Join(args, " "), err, out)
	}
	return string(out)
}

func sample(t *testing.T) *tree.Tree {
	t.Helper()
	tr := &tree.Tree{}
	for p, f := range map[string]tree.File{
		"README.md":     {Data: []byte("# sample\n")},
		"bin/run":       {Data: []byte("#!/bin/sh\n"), Exec: true},
		"a/b/c/deep.py": {Data: []byte("x = 1\n")},
		"a/b.txt":       {Data: []byte("between a folder and its name\n")},
		"a.txt":         {Data: []byte("before the folder a\n")},
		"a-b/x":         {Data: nil},
		"twin":          {Data: []byte("x = 1\n")},
		"schöne datei":  {Data: []byte("unicode and a space\n")},
	} {
		if err := tr.Add(p, f); err != nil {
			t.Fatal(err)
		}
	}
	return tr
}

func write(t *testing.T, dir string, tr *tree.Tree) {
	t.Helper()
	for p, f := range tr.All() {
		at := filepath.Join(dir, filepath.FromSlash(p))
		if err := os.MkdirAll(filepath.Dir(at), 0o755); err != nil {
			t.Fatal(err)
		}
		mode := os.FileMode(0o644)
		if f.Exec {
			mode = 0o755
		}
		if err := os.WriteFile(at, f.Data, mode); err != nil {
			t.Fatal(err)
		}
	}
}

func TestInit(t *testing.T) {
	dir := t.TempDir()
	tr := sample(t)
	write(t, dir, tr)
	when := time.Date(2026, 3, 1, 12, 0, 0, 0, time.FixedZone("", 3600))
	who := vcs.Identity{Name: "Ada Lovelace", Email: "ada@example.test"}
	hash, err := vcs.Init(t.Context(), dir, tr, vcs.Commit{Message: "Create sample", Author: who, When: when})
	if err != nil {
		t.Fatal(err)
	}

	// First what an untouched index says: nothing may need a second look.
	if out := git(t, dir, "diff-files", "--name-only"); out != "" {
		t.Errorf("the index does not know the files:\n%s", out)
	}
	if out := git(t, dir, "status", "--porcelain"); out != "" {
		t.Errorf("not clean:\n%s", out)
	}
	git(t, dir, "fsck", "--strict", "--full")
	if out := git(t, dir, "log", "--all", "--format=%H|%an|%ae|%cn|%aI|%s|%P|%D"); out !=
		hash+"|Ada Lovelace|ada@example.test|Ada Lovelace|2026-03-01T12:00:00+01:00|Create sample||HEAD -> main\n" {
		t.Errorf("log: %s", out)
	}

	// The git program must come to the same tree from the same files.
	other := t.TempDir()
	write(t, other, tr)
	git(t, other, "init", "-q")
	git(t, other, "add", "-A")
	if got, want := git(t, dir, "rev-parse", "HEAD^{tree}"), git(t, other, "write-tree"); got != want {
		t.Errorf("tree %s, git makes %s", got, want)
	}
	// And go on from there.
	write(t, dir, func() *tree.Tree {
		more := &tree.Tree{}
		if err := more.Add("more", tree.File{Data: []byte("1")}); err != nil {
			t.Fatal(err)
		}
		return more
	}())
	git(t, dir, "add", "-A")
	git(t, dir, "-c", "user.name=x", "-c", "user.email=x@example.test", "commit", "-qm", "more")
	git(t, dir, "gc", "-q")
	git(t, dir, "fsck", "--strict", "--full")
}

func TestInitIsDeterministic(t *testing.T) {
	commit := vcs.Commit{Message: "m", Author: vcs.Nobody(), When: time.Unix(0, 0).UTC()}
	var hashes []string
	for range 2 {
		dir := t.TempDir()
		tr := sample(t)
		write(t, dir, tr)
		hash, err := vcs.Init(t.Context(), dir, tr, commit)
		if err != nil {
			t.Fatal(err)
		}
		hashes = append(hashes, hash)
	}
	if hashes[0] != hashes[1] {
		t.Errorf("two commits of the same tree: %v", hashes)
	}
}

func TestEnclosing(t *testing.T) {
	root := t.TempDir()
	git(t, root, "init", "-q", "repo")
	repo := filepath.Join(root, "repo")
	git(t, repo, "-c", "user.name=x", "-c", "user.email=x@example.test", "commit", "-q", "--allow-empty", "-m", "x")
	git(t, repo, "worktree", "add", "-q", filepath.Join(root, "linked"))
	for _, dir := range []string{"plain/.git", "repo/sub"} {
		if err := os.MkdirAll(filepath.Join(root, filepath.FromSlash(dir)), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	tests := []struct{ dir, want string }{
		{"repo", "repo"},
		{"repo/sub", "repo"},
		{"repo/not/there/yet", "repo"},
		{"linked/x", "linked"},
		{"plain", ""}, // a folder named .git is no repository yet
		{"elsewhere", ""},
	}
	for _, tc := range tests {
		got, found, err := vcs.Enclosing(filepath.Join(root, filepath.FromSlash(tc.dir)))
		if err != nil {
			t.Fatal(err)
		}
		if found != (tc.want != "") || found && got != filepath.Join(root, tc.want) {
			t.Errorf("%s: %q, %t; want %q", tc.dir, got, found, tc.want)
		}
	}
}

// askGit makes a repository and asks who would be the author of a commit.
func askGit(t *testing.T, dir string, env map[string]string) string {
	t.Helper()
	vars := []string{"PATH=" + os.Getenv("PATH")}
	for k, v := range env {
		vars = append(vars, k+"="+v)
	}
	git(t, dir, "init", "-q")
	cmd := exec.Command("git", "var", "GIT_AUTHOR_IDENT")
	cmd.Dir = dir
	cmd.Env = vars
	out, err := cmd.Output()
	if err != nil {
		t.Fatal(err)
	}
	who, _, _ := strings.Cut(string(out), "> ")
	return who + ">"
}
