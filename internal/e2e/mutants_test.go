package e2e

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/goccy/go-yaml"

	"example.com/scaffold/internal/contract"
	"example.com/scaffold/internal/contract/selfhost"
)

// mutant is one deliberate weakness in a generated service: a suite that does
// not notice it is worthless.
type mutant struct {
	ID       string   `yaml:"id"`
	Weakness string   `yaml:"weakness"`
	File     string   `yaml:"file"`
	Find     string   `yaml:"find"`
	Replace  string   `yaml:"replace"`
	CaughtBy []string `yaml:"caught_by"` // each of these tests must fail
	With     []string `yaml:"with"`      // tests that make the traffic which the first ones judge
}

// TestMutants applies each weakness to a service that passes, starts it, and
// expects the tests that name it to fail. The same tests pass without the
// weakness: TestContract runs them all.
func TestMutants(t *testing.T) {
	files, err := filepath.Glob(filepath.Join("testdata", "mutants", "python-fastapi*.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	var mutants []mutant
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		var some []mutant
		if err := yaml.UnmarshalWithOptions(text, &some, yaml.Strict()); err != nil {
			t.Fatalf("%s: %v", file, err)
		}
		mutants = append(mutants, some...)
	}
	if len(mutants) < 40 {
		t.Errorf("%d mutants: 40 are the least", len(mutants))
	}
	seen := map[string]bool{}
	dir := generate(t, "--native", "--idempotency")
	command(t, dir, "make", "setup")
	// Two at a time: each is a service of its own on two cores.
	slots := make(chan struct{}, 2)
	t.Run("group", func(t *testing.T) {
		for _, m := range mutants {
			if seen[m.ID] {
				t.Errorf("%s: two mutants with one id", m.ID)
			}
			seen[m.ID] = true
			t.Run(m.ID, func(t *testing.T) {
				t.Parallel()
				slots <- struct{}{}
				defer func() { <-slots }()
				m.run(t, dir)
			})
		}
	})
}

func (m mutant) run(t *testing.T, original string) {
	dir := filepath.Join(t.TempDir(), "shop")
	command(t, original, "cp", "-r", "--no-preserve=timestamps", "src", "pyproject.toml", ".scaffold", "deploy", "-t", mkdir(t, dir))
	if err := os.Symlink(filepath.Join(original, ".venv"), filepath.Join(dir, ".venv")); err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(dir, filepath.FromSlash(m.File))
	source, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if n := strings.Count(string(source), m.Find); n != 1 {
		t.Fatalf("%s holds the text to replace %d times, not once: the service has changed, so must the mutant\n%s", m.File, n, m.Find)
	}
	if err := os.WriteFile(file, []byte(strings.Replace(string(source), m.Find, m.Replace, 1)), 0o600); err != nil {
		t.Fatal(err)
	}
	run, err := selfhost.Open(t.Context(), selfhost.Options{Dir: dir})
	if err != nil {
		t.Fatalf("a mutant must run to be caught: %v", err)
	}
	defer run.Close()
	report, err := contract.Run(t.Context(), run.Target, contract.Tests(), contract.Options{
		Only: func(test contract.Test) bool {
			return slices.Contains(m.CaughtBy, test.ID) || slices.Contains(m.With, test.ID)
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, id := range m.CaughtBy {
		i := slices.IndexFunc(report.Results, func(r contract.Result) bool { return r.Test.ID == id })
		switch {
		case i < 0:
			t.Errorf("%s: there is no test %s", m.ID, id)
		case report.Results[i].Status != contract.Failed:
			t.Errorf("%s survives: %s (%s %s)", m.Weakness, id, report.Results[i].Status, report.Results[i].Reason)
		default:
			t.Logf("%s: %s", id, report.Results[i].Reason)
		}
	}
}

func mkdir(t *testing.T, dir string) string {
	t.Helper()
	if err := os.MkdirAll(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	return dir
}
