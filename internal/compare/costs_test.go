package compare

import (
	"os"
	"path/filepath"
	"testing"

	"example.com/scaffold/internal/answers"
	"example.com/scaffold/internal/compare/result"
	"example.com/scaffold/internal/contract"
	"example.com/scaffold/internal/pack"
	"example.com/scaffold/internal/plan"
	"example.com/scaffold/internal/render"
	"example.com/scaffold/templates"
)

// plant writes files below a folder.
func plant(t *testing.T, dir string, files map[string]string) {
	t.Helper()
	for name, text := range files {
		path := filepath.Join(dir, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

func TestCountPython(t *testing.T) {
	dir := t.TempDir()
	plant(t, dir, map[string]string{
		"src/app/main.py":              "import app\n\n\nprint(app)\n",
		"tests/test_main.py":           "assert True\n",
		".venv/lib/package.py":         "ignored = 1\n",
		"requirements.lock":            "# header\nfastapi==1.0 \\\n    --hash=sha256:00\nuvicorn[standard]==2.0\n    # via fastapi\nanyio==3.0 ; sys_platform != 'win32'\n",
		"pyproject.toml":               "[project]\ndependencies = [\"fastapi>=1\", \"uvicorn\"]\n",
		"README.md":                    "text\n",
		".scaffold/contract.yaml":      "contract: 0\n",
		"src/app/__pycache__/main.pyc": "x",
		"requirements-dev.lock":        "pytest==1.0\n",
	})
	got, err := count(dir)
	if err != nil {
		t.Fatal(err)
	}
	want := tally{files: 6, source: 2, tests: 1, depends: dependencies{direct: 2, all: 3}, python: true}
	if got != want || got.language() != "python" {
		t.Errorf("%+v, want %+v", got, want)
	}
}

func TestCountNode(t *testing.T) {
	dir := t.TempDir()
	plant(t, dir, map[string]string{
		"src/main.ts":      "start();\n",
		"src/main.test.ts": "check();\n\nend();\n",
		"dist/main.js":     "ignored\n",
		"package-lock.json": `{"packages": {
			"": {"dependencies": {"express": "5", "pg": "8"}, "devDependencies": {"vitest": "5"}},
			"node_modules/express": {}, "node_modules/pg": {"hasInstallScript": true},
			"node_modules/vitest": {"dev": true, "hasInstallScript": true}, "node_modules/types": {"devOptional": true}}}`,
	})
	got, err := count(dir)
	if err != nil {
		t.Fatal(err)
	}
	want := tally{files: 3, source: 1, tests: 2, depends: dependencies{direct: 2, all: 2, scripts: 1}, node: true}
	if got != want || got.language() != "node" {
		t.Errorf("%+v, want %+v", got, want)
	}
}

func TestABrokenLockIsNamed(t *testing.T) {
	dir := t.TempDir()
	plant(t, dir, map[string]string{"package-lock.json": "{"})
	if _, err := count(dir); err == nil || len(err.Error()) < len("package-lock.json") {
		t.Errorf("error %v", err)
	}
}

// What the small change costs is read where there is a change of the stack; a repository
// that it does not fit, such as an older one that a run goes on with, has no figure.
func TestTheChange(t *testing.T) {
	fits := t.TempDir()
	p, err := pack.Load("builtin:python-fastapi", pack.Builtin(templates.FS))
	if err != nil {
		t.Fatal(err)
	}
	given, err := answers.Resolve(p.Answerable(), answers.Layer{Source: answers.Flag, Values: answers.Values{"name": "shop"}})
	if err != nil {
		t.Fatal(err)
	}
	planned, err := plan.Build(p, given, map[string]any{"decision_record": "# Why\n", "subpath": ""})
	if err != nil {
		t.Fatal(err)
	}
	all, err := render.Render(planned)
	if err != nil {
		t.Fatal(err)
	}
	files := map[string]string{}
	for name, file := range all.All() {
		files[name] = string(file.Data)
	}
	plant(t, fits, files)
	for _, tc := range []struct {
		stack, plain string
		known        bool
		told         int // lines to the person
	}{
		{"python-fastapi", fits, true, 0},
		{"python-fastapi", t.TempDir(), false, 1},
		{"", fits, false, 0}, // a folder that somebody named
	} {
		told := 0
		r := &run{c: &result.Comparison{Plan: result.Plan{Quick: true}}, o: Options{Say: func(string, ...any) { told++ }}}
		var about result.Service
		if err := r.weigh(t.Context(), Candidate{Stack: tc.stack, Dir: fits, Plain: tc.plain}, contract.Facts{}, &about); err != nil {
			t.Fatal(err)
		}
		if got := about.Costs.Change; (got != nil) != tc.known || told != tc.told || tc.known && (got.Files == 0 || got.Lines == 0 || got.Diff == "") {
			t.Errorf("%q: %+v, told %d times", tc.stack, got, told)
		}
	}
}

// What make says of itself, and npm of its log, is not why nothing could be audited.
func TestWhyAnAuditFailed(t *testing.T) {
	for said, want := range map[string]string{
		"make audit: exit status 2\nERROR: no answer from the index\nmake: *** [Makefile:81: audit] Error 1\n":                                              "ERROR: no answer from the index",
		"npm error audit endpoint returned an error\nnpm error A complete log of this run can be found in: /home/ann/.npm/x.log\nmake: *** [audit] Error 1": "npm error audit endpoint returned an error",
		"make: *** No rule to make target 'audit'.  Stop.":                                                                                                  "make: *** No rule to make target 'audit'.  Stop.",
	} {
		if got := whyFailed(said); got != want {
			t.Errorf("%q: %q, want %q", said, got, want)
		}
	}
}
