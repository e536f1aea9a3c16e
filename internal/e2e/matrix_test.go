package e2e

import (
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// Every rendering is formatted, linted and typed, and keeps no trace of how it
// was made or of what was not chosen.
func TestPairwiseRenderingsAreClean(t *testing.T) {
	env, err := venv()
	if err != nil {
		t.Fatal(err)
	}
	cache := filepath.Join(root, ".cache", "mypy")
	for _, r := range pairwise() {
		t.Run(r.String(), func(t *testing.T) {
			dir := generate(t, r.flags()...)
			command(t, dir, filepath.Join(env, "bin", "ruff"), "check", "--no-cache", ".")
			command(t, dir, filepath.Join(env, "bin", "ruff"), "format", "--no-cache", "--check", ".")
			command(t, dir, filepath.Join(env, "bin", "mypy"), "--cache-dir", cache, "--python-executable", filepath.Join(env, "bin", "python"))
			lintFiles(t, dir)
			noTraces(t, dir, r)
		})
	}
}

// lintFiles runs the linters of everything that is not Python over a project.
func lintFiles(t *testing.T, dir string) {
	t.Helper()
	command(t, dir, tool("hadolint"), "Dockerfile")
	if workflows, _ := filepath.Glob(filepath.Join(dir, ".github", "workflows", "*.yml")); len(workflows) > 0 {
		command(t, dir, append([]string{tool("actionlint"), "-no-color"}, workflows...)...)
	}
	if manifests, _ := filepath.Glob(filepath.Join(dir, "deploy", "kubernetes", "*.yaml")); len(manifests) > 0 {
		for _, m := range manifests {
			if filepath.Base(m) != "kustomization.yaml" { // no Kubernetes object
				command(t, dir, tool("kubernetes-validate"), "--strict", m)
			}
		}
	}
	scripts, _ := filepath.Glob(filepath.Join(dir, "deploy", "*.sh"))
	command(t, dir, append([]string{"shellcheck"}, scripts...)...)
	command(t, dir, tool("gitleaks"), "dir", "--no-banner", "--redact", "--exit-code", "1", ".")
	command(t, dir, tool("bandit"), "-q", "-r", "src")
}

var marker = regexp.MustCompile(`<%|%>|scaffold[-_ ]sample|Scaffold Sample|__assets__|\bTODO\b|\bFIXME\b`)

// notYet are names of options that this version does not have; a service must
// not mention them.
var notYet = regexp.MustCompile(`(?i)\b(mfa|totp|oidc|apikeys?)\b`)

func noTraces(t *testing.T, dir string, r row) {
	t.Helper()
	forbidden := []*regexp.Regexp{marker, notYet}
	option := func(id, words string) {
		for i, a := range axes {
			if a.id == id && (a.values[r[i]] == "false" || a.values[r[i]] == "none") {
				forbidden = append(forbidden, regexp.MustCompile(words))
			}
		}
	}
	option("idempotency", `(?i)idempoten`)
	option("native", `(?i)\bnative\b|transport: str|transport=transport`)
	option("kubernetes", `(?i)kubernetes|kubectl`)
	option("devcontainer", `(?i)devcontainer`)
	option("auth", `(?i)argon2|\bjwt\b|refresh_token|create-admin|SMTP_URL|mailbox`)
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		rel, _ := filepath.Rel(dir, path)
		switch {
		case err != nil:
			return err
		case d.IsDir() && (rel == ".scaffold" || rel == ".mypy_cache" || rel == ".ruff_cache"):
			return fs.SkipDir
		case d.IsDir() || strings.HasSuffix(rel, ".lock") || filepath.Base(rel) == "passwords.txt":
			return nil
		}
		data, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		for n, line := range strings.Split(string(data), "\n") {
			for _, re := range forbidden {
				if m := re.FindString(line); m != "" && !allowed(rel, m) {
					t.Errorf("%s:%d: %q in: %s", rel, n+1, m, strings.TrimSpace(line))
				}
			}
		}
		return nil
	})
	if err != nil {
		t.Error(err)
	}
}

// allowed are the places where a word of an option that is off belongs all the
// same, each for a reason.
func allowed(path, word string) bool {
	word = strings.ToLower(word)
	// C1 and C3 name the header for every service, so that front-ends need no change.
	return strings.HasPrefix(word, "idempoten") && (strings.Contains(path, "security") || strings.Contains(path, "cors"))
}
