//go:build unix

package main

import (
	"bytes"
	"errors"
	"io/fs"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

// program runs scaffold in dir with an environment that no machine has touched.
func program(t *testing.T, dir string, args ...string) *exec.Cmd {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), "scaffold", args...)
	cmd.Dir = dir
	home := t.TempDir()
	cmd.Env = []string{"PATH=" + os.Getenv("PATH"), "HOME=" + home, "XDG_CONFIG_HOME=" + home, "GIT_CONFIG_NOSYSTEM=1"}
	return cmd
}

// digest is every path under dir with its content, but for git's own files, which
// hold a time.
func digest(t *testing.T, dir string) string {
	t.Helper()
	var out strings.Builder
	err := filepath.WalkDir(dir, func(p string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		rel, err := filepath.Rel(dir, p)
		if err != nil {
			return err
		}
		out.WriteString(rel + "\n")
		if d.IsDir() {
			if d.Name() == ".git" {
				return fs.SkipDir
			}
			return nil
		}
		data, err := os.ReadFile(p)
		out.Write(data)
		return err
	})
	if errors.Is(err, fs.ErrNotExist) {
		return ""
	}
	if err != nil {
		t.Fatal(err)
	}
	return out.String()
}

// TestStoppedAnywhere stops the program at random moments, by a signal it can
// handle and by one it cannot. After the former nothing is left but all or
// nothing; after the latter the next command sees to that.
func TestStoppedAnywhere(t *testing.T) {
	const rounds = 8
	tests := []struct {
		name    string
		signal  syscall.Signal
		own     string   // a file of the person's in the target; "" for a target that is not there
		args    []string // beyond the common ones
		recover []string // the next command, run in the target or, if there is none, beside it
	}{
		{"interrupt, new folder", syscall.SIGINT, "", nil, nil},
		{"interrupt, folder with a file", syscall.SIGINT, "notes.txt", []string{"--force"}, nil},
		{"terminate, new folder", syscall.SIGTERM, "", nil, nil},
		{"kill, new folder", syscall.SIGKILL, "", nil, []string{"list"}},
		{"kill, folder with a file", syscall.SIGKILL, "notes.txt", []string{"--force"}, []string{"list"}},
	}
	for _, tc := range tests {
		t.Run(tc.name, func(t *testing.T) {
			args := append([]string{"new", "shop", "--stack", "python-fastapi", "--yes"}, tc.args...)
			prepare := func() (dir, before string) {
				dir = t.TempDir()
				if tc.own != "" {
					at := filepath.Join(dir, "shop", tc.own)
					if err := errors.Join(os.Mkdir(filepath.Dir(at), 0o755), os.WriteFile(at, []byte("mine"), 0o644)); err != nil {
						t.Fatal(err)
					}
				}
				return dir, digest(t, dir)
			}
			dir, _ := prepare()
			begun := time.Now()
			if out, err := program(t, dir, args...).CombinedOutput(); err != nil {
				t.Fatalf("%v\n%s", err, out)
			}
			takes, whole, shop := time.Since(begun), digest(t, dir), digest(t, filepath.Join(dir, "shop"))

			stopped, finished := 0, 0
			for range rounds {
				dir, before := prepare()
				cmd := program(t, dir, args...)
				var said bytes.Buffer
				cmd.Stderr = &said
				if err := cmd.Start(); err != nil {
					t.Fatal(err)
				}
				time.Sleep(time.Duration(rand.Int64N(int64(takes + takes/8))))
				_ = cmd.Process.Signal(tc.signal) // it may have ended
				err := cmd.Wait()
				status, ok := cmd.ProcessState.Sys().(syscall.WaitStatus)
				if !ok {
					t.Fatal("no wait status")
				}

				if tc.recover == nil && err != nil && !status.Signaled() && cmd.ProcessState.ExitCode() != 130 {
					t.Fatalf("exit code %d, want 130\n%s", cmd.ProcessState.ExitCode(), said.String())
				}
				if tc.recover != nil {
					if now := digest(t, filepath.Join(dir, "shop")); tc.own == "" && now != "" && now != shop {
						t.Fatal("half a project is visible right after the kill")
					}
					next := program(t, dir, tc.recover...)
					if tc.own != "" {
						next.Dir = filepath.Join(dir, "shop")
					}
					if out, err := next.CombinedOutput(); err != nil {
						t.Fatalf("the next command: %v\n%s", err, out)
					}
				}
				switch digest(t, dir) {
				case before:
					stopped++
				case whole:
					finished++
					git := exec.CommandContext(t.Context(), "git", "-C", filepath.Join(dir, "shop"), "status", "--porcelain")
					if out, err := git.CombinedOutput(); err != nil || tc.own == "" && len(out) > 0 {
						t.Fatalf("the repository is not whole: %v\n%s", err, out)
					}
				default:
					t.Fatalf("neither as before nor whole:\n%s\n%s", strings.Join(names(t, dir), "\n"), said.String())
				}
			}
			t.Logf("%d stopped, %d finished, in %v each", stopped, finished, takes)
			if stopped == 0 {
				t.Error("no run was stopped in time: the test proves nothing")
			}
		})
	}
}

func names(t *testing.T, dir string) []string {
	t.Helper()
	var all []string
	err := filepath.WalkDir(dir, func(p string, d fs.DirEntry, err error) error {
		if err == nil && d.Name() == ".git" {
			return fs.SkipDir
		}
		all = append(all, p)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return all
}

// TestInterruptedWhileReading: a standard input that never ends must not hold
// the program when the person stops it.
func TestInterruptedWhileReading(t *testing.T) {
	dir := t.TempDir()
	cmd := program(t, dir, "new", "shop", "--answers", "-")
	open, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = open.Close() }()
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	time.Sleep(200 * time.Millisecond)
	if err := cmd.Process.Signal(syscall.SIGINT); err != nil {
		t.Fatal(err)
	}
	ended := make(chan error, 1)
	go func() { ended <- cmd.Wait() }()
	select {
	case err := <-ended:
		if err == nil {
			t.Error("it ended well")
		}
	case <-time.After(10 * time.Second):
		_ = cmd.Process.Kill()
		t.Fatal("it goes on reading")
	}
	if code := cmd.ProcessState.ExitCode(); code != 130 {
		t.Errorf("exit code %d, want 130", code)
	}
	if left := names(t, dir); len(left) != 1 {
		t.Errorf("left behind: %v", left)
	}
}
