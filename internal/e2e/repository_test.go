package e2e

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// The first day of a person with a fresh machine: generate, set up, lint, test,
// and look at what is there. Three combinations run their own tests for real.
func TestGeneratedRepositories(t *testing.T) {
	for _, tc := range []struct {
		name  string
		flags []string
	}{
		{"service", nil},
		{"minimal", []string{"--preset", "minimal", "--ci", "gitlab", "--idempotency"}},
		{"everything", append([]string{"--database", "postgres", "--license", "mit"}, everything...)},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			dir := generate(t, tc.flags...)
			lintFiles(t, dir) // as committed: setup makes an .env, which holds keys and is ignored
			command(t, dir, "make", "setup")
			info, err := os.Stat(filepath.Join(dir, ".env"))
			if err != nil {
				t.Fatal(err)
			}
			if perm := info.Mode().Perm(); perm != 0o600 {
				t.Errorf(".env holds keys but has mode %o", perm)
			}
			command(t, dir, "make", "lint")
			out := command(t, dir, "make", "test")
			if !strings.Contains(out, " passed") {
				t.Errorf("make test ran no test:\n%s", tail(out))
			}
			if strings.Contains(out, "skipped") || strings.Contains(strings.ToLower(out), "warning") {
				t.Errorf("make test skips or warns:\n%s", tail(out))
			}
			// No advisory database answers on every machine; what must never
			// happen is an audit that passes without having looked.
			if out, err := try(t, dir, 5*time.Minute, "make", "audit"); err == nil && !strings.Contains(out, "No known vulnerabilities found") {
				t.Errorf("make audit passed without saying what it found:\n%s", tail(out))
			}
		})
	}
}

// A lock pruned by us is the lock uv writes for the generated project when it is
// held to the same versions: exact, hashed, and nothing missing or left over.
func TestPrunedLocksAreWhatUvWrites(t *testing.T) {
	for _, flags := range [][]string{nil, {"--preset", "minimal"}} {
		dir := generate(t, flags...)
		for _, lock := range []struct {
			file  string
			extra []string
		}{
			{"requirements.lock", nil},
			{"requirements-dev.lock", []string{"--extra", "dev"}},
		} {
			again := filepath.Join(t.TempDir(), lock.file)
			argv := append([]string{
				tool("uv"), "pip", "compile", "--quiet", "--universal", "--generate-hashes", "--no-header",
				"--python-version", "3.12", "-c", lock.file, "pyproject.toml", "-o", again,
			}, lock.extra...)
			command(t, dir, argv...)
			want, err := os.ReadFile(again)
			if err != nil {
				t.Fatal(err)
			}
			have, err := os.ReadFile(filepath.Join(dir, lock.file))
			if err != nil {
				t.Fatal(err)
			}
			if w, h := packages(string(want)), packages(string(have)); w != h {
				t.Errorf("%v: %s differs from what uv writes\n--- uv\n%s\n--- ours\n%s", flags, lock.file, w, h)
			}
		}
	}
}

// packages drops the comments of a lock: uv notes the constraint file there as
// one more reason for a package.
func packages(lock string) string {
	var keep []string
	for line := range strings.Lines(lock) {
		if trimmed := strings.TrimSpace(line); trimmed != "" && !strings.HasPrefix(trimmed, "#") {
			keep = append(keep, strings.TrimRight(line, "\n"))
		}
	}
	return strings.Join(keep, "\n")
}
