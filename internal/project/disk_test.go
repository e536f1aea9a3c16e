//go:build unix

package project

import (
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"example.com/scaffold/internal/tree"
)

// TestDiskFull lets the system refuse to write a larger file, which reaches the
// program as a full disk does: an error from write in the middle of a file.
func TestDiskFull(t *testing.T) {
	if os.Getenv("PROJECT_TEST_FULL") != "" {
		limit := syscall.Rlimit{Cur: 4096, Max: 4096}
		if err := syscall.Setrlimit(syscall.RLIMIT_FSIZE, &limit); err != nil {
			t.Fatal(err)
		}
		big := sample()
		if err := big.Add("src/lock.txt", tree.File{Data: make([]byte, 100_000)}); err != nil {
			t.Fatal(err)
		}
		_, err := Open(t.Context(), os.Getenv(targetEnv), big, Options{Force: true})
		if !errors.Is(err, syscall.EFBIG) || !strings.Contains(err.Error(), filepath.Join("src", "lock.txt")) {
			t.Fatalf("error %v, want one that names src/lock.txt", err)
		}
		return
	}
	for _, name := range []string{"new", "."} {
		dir := t.TempDir()
		runSelf(t, "TestDiskFull", "PROJECT_TEST_FULL=1", targetEnv+"="+filepath.Join(dir, name))
		if left := list(t, dir); len(left) != 1 {
			t.Errorf("left behind: %v", left)
		}
	}
}

// TestReadOnly needs a process that permissions bind, so root steps down first.
func TestReadOnly(t *testing.T) {
	if dir := os.Getenv(targetEnv); dir != "" {
		for _, target := range []string{dir, filepath.Join(dir, "shop")} {
			_, err := Open(t.Context(), target, sample(), Options{})
			if !errors.Is(err, os.ErrPermission) || !strings.Contains(err.Error(), "cannot write in "+dir) {
				t.Errorf("%s: error %v, want one that names the folder", target, err)
			}
		}
		return
	}
	dir, err := os.MkdirTemp("", "readonly") //nolint:usetesting // t.TempDir lies in a folder that only its owner may enter
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = os.RemoveAll(dir) }()
	if err := os.Chmod(dir, 0o555); err != nil {
		t.Fatal(err)
	}
	runSelf(t, "TestReadOnly", targetEnv+"="+dir)
	if left := list(t, dir); len(left) != 1 {
		t.Errorf("left behind: %v", left)
	}
}

// runSelf runs one test of this binary in a process without privileges.
func runSelf(t *testing.T, test string, env ...string) {
	t.Helper()
	exe, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(exe, "-test.run=^"+test+"$")
	cmd.Env = append(os.Environ(), env...)
	cmd.Dir = "/"
	if os.Geteuid() == 0 && test == "TestReadOnly" {
		// The binary lies in a folder that only root may enter.
		data, err := os.ReadFile(exe)
		if err != nil {
			t.Fatal(err)
		}
		open, err := os.MkdirTemp("", "project-test") //nolint:usetesting // as above
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = os.RemoveAll(open) }()
		cmd.Path = filepath.Join(open, "project.test")
		if err := errors.Join(os.Chmod(open, 0o755), os.WriteFile(cmd.Path, data, 0o755)); err != nil {
			t.Fatal(err)
		}
		cmd.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: 65534, Gid: 65534}}
	}
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
}
