// Package e2e does with the program and with what it generates what a new user
// would do: real installs, real linters, running services, and mutants of them,
// for every stack that stands under templates. Nothing here knows a stack by name,
// and nothing skips itself; scripts/deps installs what is missing.
package e2e

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
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
	if _, err := os.Stat(tool("node")); err != nil {
		fmt.Fprintln(os.Stderr, "the tools are not installed: run scripts/deps test (make test does)")
		return 1
	}
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
	// Services that are started from here get what the shell of environ has.
	for _, pair := range environ(dir) {
		name, value, _ := strings.Cut(pair, "=")
		if err := os.Setenv(name, value); err != nil {
			fmt.Fprintln(os.Stderr, err)
			return 1
		}
	}
	started := time.Now()
	code := m.Run()
	account.print(os.Stdout, time.Since(started))
	return code
}

// tool is a program that scripts/deps put into .cache/bin.
func tool(name string) string { return filepath.Join(root, ".cache", "bin", name) }

// environ is what a person's shell on a fresh machine has: the tools on PATH, no
// settings of the service, an empty home. Package managers keep their downloads.
func environ(home string, extra ...string) []string {
	path := []string{filepath.Join(root, ".cache", "bin"), filepath.Dir(scaffold)}
	for _, dir := range filepath.SplitList(os.Getenv("PATH")) {
		if dir != path[0] && dir != path[1] {
			path = append(path, dir)
		}
	}
	env := []string{
		"PATH=" + strings.Join(path, string(os.PathListSeparator)),
		"HOME=" + home,
		"PYTHON=" + tool("python"),
		"UV_CACHE_DIR=" + filepath.Join(root, ".cache", "uv"),
		"npm_config_cache=" + filepath.Join(root, ".cache", "npm"),
		"LANG=C.UTF-8",
		"TERM=dumb",
		"GIT_CONFIG_GLOBAL=" + filepath.Join(home, ".gitconfig"),
	}
	for _, name := range []string{"SSL_CERT_FILE", "NODE_EXTRA_CA_CERTS"} { // a network with an authority of its own
		if file := os.Getenv(name); file != "" {
			env = append(env, name+"="+file)
		}
	}
	return append(env, extra...)
}

// command runs one program to its end, behind the services that are measured at
// the same time, and fails the test with its output if it does not exit with 0.
func command(t *testing.T, dir string, argv ...string) string {
	t.Helper()
	out, err := try(t, dir, 15*time.Minute, append([]string{"nice", "-n", "10"}, argv...)...)
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
