package compare

import (
	"os"
	"path/filepath"
	"testing"
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
