//go:build unix

package project

import (
	"context"
	"errors"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"

	"example.com/scaffold/internal/tree"
)

// before is a project, after what applySample makes of it.
func before() map[string]string {
	return map[string]string{"README.md": "# one\n", "src/a.py": "a\n", "src/b.py": "b\n", "old/deep/x.txt": "x\n", "flat": "file\n", "mine.txt": "mine\n", "all/p.txt": "p\n", "all/q.txt": "q\n", "turn/x": "x\n"}
}

func after() map[string]string {
	return map[string]string{"README.md": "# two\n", "src/a.py": "a\n", "src/c/d.py": "d\n", "flat/now": "folder\n", "mine.txt": "mine\n", "all/p.txt": "new p\n", "turn": "file now\n"}
}

func applySample(dir string, opts Options) error {
	file := func(s string) *tree.File { return &tree.File{Data: []byte(s)} }
	return Apply(context.Background(), dir, "update to 2", []Edit{
		{Path: "README.md", Was: file("# one\n"), File: file("# two\n")},
		{Path: "all/p.txt", Was: file("p\n"), File: file("new p\n")}, // no file of its folder stays as it is
		{Path: "all/q.txt", Was: file("q\n")},
		{Path: "flat", Was: file("file\n")},
		{Path: "flat/now", File: file("folder\n")},
		{Path: "old/deep/x.txt", Was: file("x\n")},
		{Path: "src/a.py", Was: file("a\n"), File: file("a\n")},
		{Path: "src/b.py", Was: file("b\n")},
		{Path: "src/c/d.py", File: file("d\n")},
		{Path: "turn", File: file("file now\n")},
		{Path: "turn/x", Was: file("x\n")},
	}, opts)
}

func TestApplyAndUndo(t *testing.T) {
	dir := t.TempDir()
	plant(t, dir, before())
	if err := applySample(dir, Options{}); err != nil {
		t.Fatal(err)
	}
	if got := project(t, dir); !maps.Equal(got, after()) {
		t.Fatalf("after the run: %v", got)
	}
	for _, want := range []map[string]string{before(), after()} {
		if _, err := Undo(t.Context(), dir, Options{}); err != nil {
			t.Fatal(err)
		}
		if got := project(t, dir); !maps.Equal(got, want) {
			t.Fatalf("undo gives %v, not %v", got, want)
		}
	}
	plant(t, dir, map[string]string{"src/c/d.py": "edited\n"})
	was := project(t, dir)
	var refused *RefusedError
	if _, err := Undo(t.Context(), dir, Options{}); !errors.As(err, &refused) || !slices.Equal(refused.Paths, []string{"src/c/d.py"}) {
		t.Fatalf("undo over a later edit: %v", err)
	}
	if got := project(t, dir); !maps.Equal(got, was) {
		t.Fatalf("a refused undo changed %v into %v", was, got)
	}
}

// A file that changes between plan and run stops the run, and everything is as it was.
func TestApplyRefusesWhatChangedMeanwhile(t *testing.T) {
	for path, content := range map[string]string{"README.md": "# edited\n", "src/c/d.py": "mine\n", "old/deep/x.txt": "y\n"} {
		dir := t.TempDir()
		plant(t, dir, before())
		plant(t, dir, map[string]string{path: content})
		was := project(t, dir)
		var refused *RefusedError
		if err := applySample(dir, Options{}); !errors.As(err, &refused) || refused.Dir != path {
			t.Errorf("%s: %v", path, err)
		}
		if got := project(t, dir); !maps.Equal(got, was) {
			t.Errorf("%s: %v became %v", path, was, got)
		}
		if entries, err := filepath.Glob(filepath.Join(dir, runPrefix+"*")); err != nil || len(entries) > 0 {
			t.Errorf("left behind: %v", entries)
		}
	}
}

// TestKillAtEveryEdit kills the run before each single change of the disk. The
// next Recover leaves the project as it was or as it should become.
func TestKillAtEveryEdit(t *testing.T) {
	exe, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	became := 0
	for step := 1; ; step++ {
		dir := t.TempDir()
		plant(t, dir, before())
		cmd := exec.Command(exe)
		cmd.Env = append(os.Environ(), killAtEnv+"="+strconv.Itoa(step), targetEnv+"="+dir, editEnv+"=1")
		out, err := cmd.CombinedOutput()
		if err != nil && cmd.ProcessState.Sys().(syscall.WaitStatus).Signal() != syscall.SIGKILL {
			t.Fatalf("step %d: not killed but failed: %v\n%s", step, err, out)
		}
		if _, err := Recover(dir); err != nil {
			t.Fatalf("step %d: Recover: %v", step, err)
		}
		got := project(t, dir)
		switch {
		case maps.Equal(got, after()):
			became++
			// Whoever finishes a run also leaves what undo needs.
			if _, err := Undo(t.Context(), dir, Options{}); err != nil {
				t.Fatalf("step %d: undo: %v", step, err)
			}
			if got := project(t, dir); !maps.Equal(got, before()) {
				t.Fatalf("step %d: undo gives %v", step, got)
			}
		case !maps.Equal(got, before()):
			t.Fatalf("step %d: neither as before nor done: %v", step, got)
		}
		if left, _ := filepath.Glob(filepath.Join(dir, runPrefix+"*")); len(left) > 0 {
			t.Fatalf("step %d: left behind: %v", step, left)
		}
		if err == nil {
			if step < 15 || became < 3 {
				t.Fatalf("%d steps, of them %d finished later: the hook is not where the writing is", step, became)
			}
			return
		}
	}
}

// project reads the files below dir without what undo keeps.
func project(t *testing.T, dir string) map[string]string {
	t.Helper()
	got := files(t, dir)
	maps.DeleteFunc(got, func(p, _ string) bool { return strings.HasSuffix(p, "/") || strings.HasPrefix(p, undoPath) })
	return got
}
