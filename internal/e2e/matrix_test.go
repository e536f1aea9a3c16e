package e2e

import (
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/bmatcuk/doublestar/v4"

	"example.com/scaffold/internal/answers"
	"example.com/scaffold/internal/pack"
	"example.com/scaffold/internal/pack/packtest"
)

// Every rendering keeps no trace of how it was made or of what was not chosen, and
// pleases the linters of single files; those with a value or a pair of the code that is
// news are formatted, linted and typed as a whole.
func TestPairwiseRenderingsAreClean(t *testing.T) {
	forEach(t, func(t *testing.T, s stack) {
		all := t.TempDir()
		seen, tried := map[string]bool{}, map[string]bool{}
		for n, r := range packtest.Pairwise(s.pack) {
			t.Run(r.String(), func(t *testing.T) {
				timed(t, s.name)
				dir := filepath.Join(all, fmt.Sprintf("%02d", n))
				s.generateIn(t, dir, r.Flags()...)
				noTraces(t, dir, r.Values())
				onceOnly(t, dir, seen)
				if !isNews(tried, r.Values()) {
					return // its code was linted, option by option and pair by pair
				}
				s.lint(t, s.prepare(t, r.Flags()...))
			})
		}
		t.Run("other linters", func(t *testing.T) {
			timed(t, s.name)
			s.lintFiles(t, all)
		})
	})
}

// isNews says whether a rendering has a value that none before it had, or a pair of
// values that both reach into the code. The questions named here only bring files, or
// words, of their own.
func isNews(tried map[string]bool, values answers.Values) (news bool) {
	note := func(key string) {
		news = news || !tried[key]
		tried[key] = true
	}
	var code []string
	for _, id := range slices.Sorted(maps.Keys(values)) {
		one := fmt.Sprintf("%s=%v", id, values[id])
		note(one)
		if slices.Contains([]string{"description", "license", "owner", "contact", "author", "ci", "kubernetes", "devcontainer"}, id) {
			continue
		}
		for _, other := range code {
			note(other + " " + one)
		}
		code = append(code, one)
	}
	return news
}

// onceOnly removes the files that an earlier rendering holds byte for byte: whoever
// looks at files one by one has seen them.
func onceOnly(t *testing.T, dir string, seen map[string]bool) {
	t.Helper()
	for _, file := range files(t, dir) {
		at := filepath.Join(dir, filepath.FromSlash(file))
		data, err := os.ReadFile(at)
		if err != nil {
			t.Fatal(err)
		}
		key := file + "\x00" + string(data)
		if seen[key] {
			if err := os.Remove(at); err != nil {
				t.Fatal(err)
			}
		}
		seen[key] = true
	}
}

// linters are those that take files by name, and which.
func linters() []struct {
	glob string
	argv []string
} {
	return []struct {
		glob string
		argv []string
	}{
		{"**/Dockerfile", []string{tool("hadolint")}},
		{".github/workflows/*.yml", []string{tool("actionlint"), "-no-color"}},
		{"deploy/kubernetes/**/*.yaml", []string{tool("kubernetes-validate"), "--strict"}},
		{"**/*.sh", []string{"shellcheck"}},
	}
}

// lintFiles runs the linters of everything that the projects' own do not look at, over
// projects as they are committed, one in each folder: setup makes an .env, which holds keys.
func (s stack) lintFiles(t *testing.T, all string) {
	t.Helper()
	found := files(t, all)
	for _, l := range linters() {
		var these []string
		for _, file := range found {
			if matched, _ := doublestar.Match("*/"+l.glob, file); matched && filepath.Base(file) != "kustomization.yaml" { // no Kubernetes object
				these = append(these, file)
			}
		}
		if len(these) > 0 {
			command(t, all, append(l.argv, these...)...)
		}
	}
	command(t, all, tool("gitleaks"), "dir", "--no-banner", "--redact", "--exit-code", "1", ".")
	if slices.ContainsFunc(s.units, func(u unit) bool { return u.has(pack.LockPip) }) {
		command(t, all, tool("bandit"), "-q", "-r", ".", "-x", "*/tests/*", "-s", "B105") // as Ruff's S105, whose exceptions say why
	}
	command(t, all, append(append(semgrep(), each("--config", rules(t))...), "--quiet", "--error", ".")...)
}

func semgrep() []string {
	return []string{tool("semgrep"), "scan", "--metrics", "off", "--disable-version-check"}
}

// rules are our own for semgrep.
func rules(t *testing.T) []string {
	t.Helper()
	found, err := filepath.Glob(filepath.Join(root, "internal", "e2e", "testdata", "semgrep", "*.yaml"))
	if err != nil || len(found) == 0 {
		t.Fatalf("no rules for semgrep (%v)", err)
	}
	return found
}

// Each rule finds what it is for and leaves alone what it is not.
func TestSemgrepRules(t *testing.T) {
	dir := filepath.Dir(rules(t)[0])
	if out := command(t, dir, append(semgrep(), "--test", "--config", dir, dir)...); !strings.Contains(out, "All tests passed") {
		t.Error(out)
	}
}

// files are the paths of a project, without what is not its own.
func files(t *testing.T, dir string) []string {
	t.Helper()
	var found []string
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		rel, _ := filepath.Rel(dir, path)
		if err == nil && d.IsDir() && filepath.Base(rel) == ".scaffold" {
			return fs.SkipDir
		}
		if err == nil && !d.IsDir() {
			found = append(found, filepath.ToSlash(rel))
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return found
}

var marker = regexp.MustCompile(`<%|%>|scaffold[-_ ]sample|Scaffold Sample|__assets__|\bTODO\b|\bFIXME\b`)

// notYet are names of options that this version does not have; a service must
// not mention them.
var notYet = regexp.MustCompile(`(?i)\b(mfa|totp|oidc|apikeys?)\b`)

// traces are words that a rendering without a choice does not hold.
func traces(values answers.Values) []*regexp.Regexp {
	forbidden := []*regexp.Regexp{marker, notYet}
	for id, words := range map[string]string{
		"idempotency":  `(?i)idempoten`,
		"benchmark":    `(?i)benchmark`,
		"native":       `(?i)\bnative\b|transport: str|transport=transport`,
		"kubernetes":   `(?i)kubernetes|kubectl`,
		"devcontainer": `(?i)devcontainer`,
		"auth":         `(?i)argon2|\bjwt\b|refresh_token|create-admin|SMTP_URL|mailbox`,
	} {
		if v := values[id]; v == false || v == "none" {
			forbidden = append(forbidden, regexp.MustCompile(words))
		}
	}
	return forbidden
}

func noTraces(t *testing.T, dir string, values answers.Values) {
	t.Helper()
	forbidden := traces(values)
	for _, file := range files(t, dir) {
		if base := filepath.Base(file); base == "passwords.txt" || base == "package-lock.json" || filepath.Ext(base) == ".lock" {
			continue
		}
		data, err := os.ReadFile(filepath.Join(dir, file))
		if err != nil {
			t.Fatal(err)
		}
		for n, line := range strings.Split(string(data), "\n") {
			for _, re := range forbidden {
				if m := re.FindString(line); m != "" && !allowed(file, m) {
					t.Errorf("%s:%d: %q in: %s", file, n+1, m, strings.TrimSpace(line))
				}
			}
		}
	}
}

// allowed are the places where a word of an option that is off belongs all the
// same, each for a reason.
func allowed(path, word string) bool {
	word = strings.ToLower(word)
	// C1 and C3 name the header for every service, so that front-ends need no change.
	return strings.HasPrefix(word, "idempoten") && (strings.Contains(path, "security") || strings.Contains(path, "cors"))
}
