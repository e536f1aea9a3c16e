//go:build unix

package project

import (
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"syscall"
	"testing"
)

// The test binary runs itself as the process that gets killed.
const (
	killAtEnv = "PROJECT_TEST_KILL_AT" // number of the step to die before
	targetEnv = "PROJECT_TEST_TARGET"
	editEnv   = "PROJECT_TEST_EDIT" // set: change a project instead of writing one
)

func TestMain(m *testing.M) {
	if at := os.Getenv(killAtEnv); at != "" {
		os.Exit(writeAndDie(at, os.Getenv(targetEnv)))
	}
	os.Exit(m.Run())
}

// writeAndDie writes the sample with a repository and kills itself before the
// n-th change of the disk. It returns 0 if the run ended before that.
func writeAndDie(at, dir string) int {
	left, err := strconv.Atoi(at)
	if err != nil {
		return 2
	}
	step := func() {
		if left--; left <= 0 {
			_ = syscall.Kill(os.Getpid(), syscall.SIGKILL)
			select {}
		}
	}
	run := write
	if os.Getenv(editEnv) != "" {
		run = applySample
	}
	if err := run(dir, Options{Force: true, step: step}); err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	return 0
}

// TestKillAtEveryStep kills the writing process before each single change it
// makes. Whatever the moment: right after it the target is absent or whole (a
// new folder), nothing the person had has changed, and the next Recover leaves
// all of the project or none of it, and no trace of the run.
func TestKillAtEveryStep(t *testing.T) {
	exe, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	own := map[string]string{"notes.txt": "mine", "src/": "", "src/keep.py": "mine too", "README.md": "# sample\n"}
	tests := []struct {
		name    string
		own     map[string]string // in the target before; nil: it does not exist
		target  string
		recover string // where the next command looks
	}{
		{"new folder", nil, "shop", "."},
		{"new folder below missing ones", nil, "a/b/shop", "."},
		{"empty folder", map[string]string{}, "shop", "shop"},
		{"folder with files", own, "shop", "shop"},
	}
	for _, tc := range tests {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			for step := 1; ; step++ {
				dir := t.TempDir()
				target := filepath.Join(dir, filepath.FromSlash(tc.target))
				if tc.own != nil {
					plant(t, target, tc.own)
				}
				before := files(t, dir)

				cmd := exec.Command(exe)
				cmd.Env = append(os.Environ(), killAtEnv+"="+strconv.Itoa(step), targetEnv+"="+target)
				out, err := cmd.CombinedOutput()
				finished := err == nil
				if !finished && cmd.ProcessState.Sys().(syscall.WaitStatus).Signal() != syscall.SIGKILL {
					t.Fatalf("step %d: not killed but failed: %v\n%s", step, err, out)
				}

				if tc.own == nil {
					if got, err := os.ReadDir(target); err == nil && len(got) != 4 {
						t.Fatalf("step %d: half a project is visible: %v", step, got)
					}
				}
				if _, err := Recover(filepath.Join(dir, tc.recover)); err != nil {
					t.Fatalf("step %d: Recover: %v", step, err)
				}
				got := files(t, dir)
				whole := maps.Clone(before)
				for p, f := range sample().All() {
					whole[tc.target+"/"+p] = string(f.Data)
				}
				whole[tc.target+"/.git/HEAD"] = "ref: refs/heads/main\n"
				fillFolders(whole, tc.target+"/.git/refs/x")
				for p := range maps.Clone(whole) {
					fillFolders(whole, p)
				}
				isBefore, isWhole := maps.Equal(got, before), maps.Equal(got, whole)
				if !isBefore && !isWhole {
					t.Fatalf("step %d: neither as before nor whole: %v", step, slices.Sorted(maps.Keys(got)))
				}
				if finished {
					if !isWhole {
						t.Fatalf("a run that ended well left %v", slices.Sorted(maps.Keys(got)))
					}
					if step < 10 {
						t.Fatalf("only %d steps: the hook is not where the writing is", step)
					}
					return
				}
			}
		})
	}
}

func fillFolders(m map[string]string, p string) {
	for dir := filepath.ToSlash(filepath.Dir(p)); dir != "."; dir = filepath.ToSlash(filepath.Dir(dir)) {
		m[dir+"/"] = ""
	}
}
