//go:build unix

package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/goccy/go-yaml"
)

// TestFollowThePack runs the script of the example workflow in clones of a repository,
// as its runner does. Only the last line, which asks GitHub, goes to a program of the
// test, which writes down what it was asked.
func TestFollowThePack(t *testing.T) {
	t.Parallel()
	data, err := os.ReadFile(filepath.Join("..", "..", "docs", "follow-the-pack.yml"))
	if err != nil {
		t.Fatal(err)
	}
	var workflow struct {
		Jobs struct {
			Update struct {
				Steps []struct {
					Run string `yaml:"run"`
				} `yaml:"steps"`
			} `yaml:"update"`
		} `yaml:"jobs"`
	}
	if err := yaml.Unmarshal(data, &workflow); err != nil {
		t.Fatal(err)
	}
	steps := workflow.Jobs.Update.Steps
	script := steps[len(steps)-1].Run

	p := newPerson(t)
	asked := filepath.Join(p.home, "asked")
	writeAll(t, p.home, map[string]string{"bin/gh": "#!/bin/sh\necho \"$*\" >>" + asked + "\nfor f; do :; done; cat \"$f\" >>" + asked + "\n"})
	if err := os.Chmod(filepath.Join(p.home, "bin", "gh"), 0o755); err != nil {
		t.Fatal(err)
	}
	p.env[0] = "PATH=" + filepath.Join(p.home, "bin") + string(os.PathListSeparator) + os.Getenv("PATH")
	pack := func(version, last string) {
		writeAll(t, p.dir, map[string]string{
			"pack/scaffold.yaml": fmt.Sprintf(tinyPack, version), "pack/base/poem.txt": "one\ntwo\n" + last + "\n", "pack/base/far.txt": last + "\n",
		})
	}
	weekly := func() string {
		t.Helper()
		_ = os.Remove(asked)
		clone := filepath.Join(p.dir, "clone") // beside the pack, as its lock says
		p.must(t, "rm", "-rf", clone)
		p.must(t, "git", "clone", "-q", "origin.git", "clone")
		p.must(t, "sh", "-c", `cd clone && exec bash -e -c "$0"`, script)
		said, _ := os.ReadFile(asked) // not there: nothing was asked
		return string(said)
	}
	branch := func(args ...string) string {
		return p.must(t, append([]string{"git", "-C", "origin.git"}, args...)...)
	}

	pack("1.0.0", "three")
	p.must(t, "scaffold", "new", "shop", "--pack", "pack", "--yes")
	p.must(t, "git", "clone", "-q", "--bare", "shop", "origin.git")
	if said := weekly(); said != "" {
		t.Errorf("nothing is new, and it asks for %s", said)
	}

	pack("1.1.0", "drei")
	if said := weekly(); !strings.Contains(said, "pr create --head follow-the-pack --title Follow the pack --body-file") || !strings.Contains(said, "update    poem.txt") {
		t.Errorf("it asks for %q", said)
	}
	if got := branch("show", "follow-the-pack:poem.txt"); !strings.Contains(got, "drei") {
		t.Error(got)
	}
	if said := weekly(); said != "" {
		t.Errorf("a request waits, and it asks for %s", said)
	}
	branch("branch", "-q", "-D", "follow-the-pack") // refused; now to one with a conflict

	writeAll(t, filepath.Join(p.dir, "shop"), map[string]string{"poem.txt": "one\ntwo\nmine\n"})
	p.must(t, "git", "-C", "shop", "commit", "-qam", "mine")
	p.must(t, "git", "-C", "shop", "push", "-q", filepath.Join(p.dir, "origin.git"), "main")
	if said := weekly(); !strings.Contains(said, "--title Follow the pack: conflicts to settle") || !strings.Contains(said, "conflict  poem.txt: both changed the same lines") {
		t.Errorf("it asks for %q", said)
	}
	if got := branch("show", "follow-the-pack:poem.txt"); !strings.Contains(got, "<<<<<<< yours\nmine\n=======\ndrei\n>>>>>>> ") {
		t.Errorf("the conflict is not visible:\n%s", got)
	}
	if got := branch("show", "main:poem.txt"); got != "one\ntwo\nmine" {
		t.Errorf("main is not what it was: %s", got)
	}
	if got := branch("ls-tree", "-r", "--name-only", "follow-the-pack"); strings.Contains(got, "undo") {
		t.Errorf("what undo keeps was committed:\n%s", got)
	}
}
