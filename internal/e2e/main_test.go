// Package e2e does with the program and with what it generates what a new user
// would do: real installs, real linters, running services, and mutants of them.
// Nothing here skips itself; scripts/deps installs what is missing.
package e2e

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"
)

var (
	root     string // of this checkout
	scaffold string // the program, built once
)

func TestMain(m *testing.M) { os.Exit(run(m)) }

func run(m *testing.M) int {
	wd, err := os.Getwd()
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	root = filepath.Join(wd, "..", "..")
	dir, err := os.MkdirTemp("", "scaffold-e2e-")
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	defer os.RemoveAll(dir)
	scaffold = filepath.Join(dir, "scaffold")
	build := exec.Command("go", "build", "-o", scaffold, "./cmd/scaffold")
	build.Dir = root
	if out, err := build.CombinedOutput(); err != nil {
		fmt.Fprintf(os.Stderr, "building scaffold: %v\n%s", err, out)
		return 1
	}
	if _, err := os.Stat(filepath.Join(root, ".cache", "bin", "uv")); err != nil {
		fmt.Fprintln(os.Stderr, "the tools are not installed: run scripts/deps test (make test does)")
		return 1
	}
	return m.Run()
}

// tool is a program that scripts/deps put into .cache/bin.
func tool(name string) string { return filepath.Join(root, ".cache", "bin", name) }

// environ is what a person's shell on a fresh machine has: the tools on PATH, no
// settings of the service, an empty home.
func environ(home string, extra ...string) []string {
	return append([]string{
		"PATH=" + filepath.Join(root, ".cache", "bin") + string(os.PathListSeparator) + filepath.Dir(scaffold) + string(os.PathListSeparator) + os.Getenv("PATH"),
		"HOME=" + home,
		"PYTHON=" + tool("python"),
		"UV_CACHE_DIR=" + filepath.Join(root, ".cache", "uv"),
		"LANG=C.UTF-8",
		"TERM=dumb",
		"SSL_CERT_FILE=" + os.Getenv("SSL_CERT_FILE"),
		"GIT_CONFIG_GLOBAL=" + filepath.Join(home, ".gitconfig"),
	}, extra...)
}

// command runs one program to its end and fails the test with its output if it
// does not exit with 0.
func command(t *testing.T, dir string, argv ...string) string {
	t.Helper()
	out, err := try(t, dir, 15*time.Minute, argv...)
	if err != nil {
		t.Fatalf("%s: %v\n%s", strings.Join(argv, " "), err, tail(out))
	}
	return out
}

func try(t *testing.T, dir string, limit time.Duration, argv ...string) (string, error) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), limit)
	defer cancel()
	cmd := exec.CommandContext(ctx, argv[0], argv[1:]...)
	cmd.Dir = dir
	cmd.Env = environ(t.TempDir())
	cmd.WaitDelay = 5 * time.Second
	var out bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &out
	err := cmd.Run()
	return out.String(), err
}

// tail keeps the end of a long output, where the reason stands.
func tail(s string) string {
	const limit = 12000
	if len(s) > limit {
		return "…" + s[len(s)-limit:]
	}
	return s
}

// generate renders a FastAPI project called shop with the given flags, without
// git, and returns its folder.
func generate(t *testing.T, flags ...string) string {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "shop")
	argv := append([]string{scaffold, "new", "shop", "--stack", "python-fastapi", "--yes", "--no-git", "--output", dir}, flags...)
	command(t, filepath.Dir(dir), argv...)
	return dir
}

// everything are the flags that switch every option of the pack on.
var everything = []string{
	"--native", "--idempotency", "--kubernetes", "--devcontainer",
	"--owner", "@acme/backend", "--contact", "security@example.com", "--author", "Acme",
}

// venv is the folder of an environment with everything that any rendering needs:
// the development lock of the project with every option on. It is kept from run
// to run under the lock's digest.
var venv = sync.OnceValues(func() (string, error) {
	lock := filepath.Join(root, "templates", "python-fastapi", "base", "requirements-dev.lock")
	data, err := os.ReadFile(lock)
	if err != nil {
		return "", err
	}
	sum := sha256.Sum256(data)
	dir := filepath.Join(root, ".cache", "venv-"+hex.EncodeToString(sum[:8]))
	done := filepath.Join(dir, ".done")
	if _, err := os.Stat(done); err == nil {
		return dir, nil
	}
	for _, argv := range [][]string{
		{tool("uv"), "venv", "--quiet", "--clear", "--python", tool("python"), dir},
		{tool("uv"), "pip", "install", "--quiet", "--python", filepath.Join(dir, "bin", "python"), "--require-hashes", "-r", lock},
	} {
		cmd := exec.Command(argv[0], argv[1:]...)
		cmd.Env = append(os.Environ(), "UV_CACHE_DIR="+filepath.Join(root, ".cache", "uv"))
		if out, err := cmd.CombinedOutput(); err != nil {
			return "", fmt.Errorf("%s: %w\n%s", strings.Join(argv, " "), err, out)
		}
	}
	return dir, os.WriteFile(done, nil, 0o600)
})
