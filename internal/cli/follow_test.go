package cli

import (
	"bytes"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"example.com/scaffold/internal/iostreams"
	"example.com/scaffold/internal/project"
)

// bytesOf is every file of a folder but what undo keeps, by path.
func bytesOf(t *testing.T, dir string) map[string]string {
	t.Helper()
	all := map[string]string{}
	err := filepath.WalkDir(dir, func(p string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			if err == nil && strings.HasSuffix(filepath.ToSlash(p), ".scaffold/undo") {
				return fs.SkipDir
			}
			return err
		}
		info, err := d.Info()
		if err != nil {
			return err
		}
		data, err := os.ReadFile(p)
		all[p] = info.Mode().String() + string(data)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return all
}

func same(t *testing.T, what string, got, want map[string]string) {
	t.Helper()
	for p := range want {
		if got[p] != want[p] {
			t.Errorf("%s: %s is not what it was", what, p)
		}
	}
	for p := range got {
		if _, ok := want[p]; !ok {
			t.Errorf("%s: %s is new", what, p)
		}
	}
}

// Every option of every stack can come and go: an update right after new or add
// does nothing, add followed by remove gives back the bytes, and adding gives what
// new would have given.
func TestOptionsAfterBirth(t *testing.T) {
	t.Chdir(t.TempDir())
	t.Setenv("XDG_CONFIG_HOME", t.TempDir())
	io, _, out, errOut := iostreams.Test()
	fresh := func() *factory {
		out.Reset()
		errOut.Reset()
		return newFactory(io)
	}
	must := func(args ...string) {
		t.Helper()
		if code := run(t, fresh(), errOut, args...); code != exitDone {
			t.Fatalf("%s: exit %d\n%s%s", strings.Join(args, " "), code, out, errOut)
		}
	}
	quietly := func(dir string) {
		t.Helper()
		must("update", dir)
		if !bytes.Contains(out.Bytes(), []byte("Nothing to do")) {
			t.Errorf("%s: an update right away does something:\n%s", dir, out)
		}
	}
	stacks, err := newFactory(io).rendered()
	if err != nil {
		t.Fatal(err)
	}
	for _, stack := range stacks {
		must("new", "shop", "--stack", stack, "--yes", "--no-git", "--output", stack)
		quietly(stack)
		before := bytesOf(t, stack)
		p, err := fresh().load(stack)
		if err != nil {
			t.Fatal(err)
		}
		for _, option := range p.Options {
			name := stack + " " + option.ID
			must("add", option.ID, "--dir", stack)
			quietly(stack)
			added := bytesOf(t, stack)
			must("new", "shop", "--stack", stack, "--"+option.ID, "--yes", "--no-git", "--output", "born")
			born := map[string]string{}
			for path, data := range bytesOf(t, "born") {
				born[stack+strings.TrimPrefix(path, "born")] = data
			}
			same(t, name+" added", added, born)
			must("remove", option.ID, "--dir", stack)
			same(t, name+" added and removed", bytesOf(t, stack), before)
			if err := os.RemoveAll("born"); err != nil {
				t.Fatal(err)
			}
		}
		if _, err := os.Stat(filepath.Join(stack, filepath.FromSlash(project.LockPath))); err != nil {
			t.Error(err)
		}
	}
}
