package packdev_test

import (
	"archive/tar"
	"archive/zip"
	"bytes"
	"compress/gzip"
	"context"
	"crypto/sha512"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io/fs"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"example.com/scaffold/internal/pack"
	"example.com/scaffold/internal/packdev"
)

// load is the pack in the folder layer, with those it extends.
func load(t *testing.T, files map[string]string) *pack.Pack {
	t.Helper()
	all := fstest.MapFS{}
	for name, text := range files {
		all[name] = &fstest.MapFile{Data: []byte(text)}
	}
	p, err := pack.Load("layer", func(source string) (fs.FS, error) { return fs.Sub(all, source) })
	if err != nil {
		t.Fatal(err)
	}
	return p
}

const head = "schema: 1\nversion: 1.0.0\ntitle: T\ndescription: A pack.\n"

// tools puts those that scripts/deps installs before others.
func tools(t *testing.T) {
	t.Helper()
	bin, err := filepath.Abs(filepath.Join("..", "..", ".cache", "bin"))
	if err != nil {
		t.Fatal(err)
	}
	t.Setenv("PATH", bin+string(os.PathListSeparator)+os.Getenv("PATH"))
}

// wheel writes a Python package without any code into a folder.
func wheel(t *testing.T, dir, name, version string, requires ...string) {
	t.Helper()
	var out bytes.Buffer
	z := zip.NewWriter(&out)
	info := fmt.Sprintf("%s-%s.dist-info/", name, version)
	meta := fmt.Sprintf("Metadata-Version: 2.1\nName: %s\nVersion: %s\n", name, version)
	for _, r := range requires {
		meta += "Requires-Dist: " + r + "\n"
	}
	for file, text := range map[string]string{"METADATA": meta, "WHEEL": "Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: py3-none-any\n", "RECORD": ""} {
		w, err := z.Create(info + file)
		if err == nil {
			_, err = w.Write([]byte(text))
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, fmt.Sprintf("%s-%s-py3-none-any.whl", name, version)), out.Bytes(), 0o600); err != nil {
		t.Fatal(err)
	}
}

// A team's layer adds a package to a Python stack by a merge, and to the development
// extra; the locks follow, stay where they were otherwise, and name no index.
func TestLockPython(t *testing.T) {
	tools(t)
	wheels := t.TempDir()
	wheel(t, wheels, "base_lib", "1.0")
	wheel(t, wheels, "base_lib", "1.1")
	wheel(t, wheels, "acme_log", "2.0", "acme_core>=1")
	wheel(t, wheels, "acme_core", "1.5")
	wheel(t, wheels, "lint_tool", "3.0")
	config := filepath.Join(t.TempDir(), "uv.toml")
	if err := os.WriteFile(config, fmt.Appendf(nil, "no-index = true\nfind-links = [%q]\n", wheels), 0o600); err != nil {
		t.Fatal(err)
	}
	for key, value := range map[string]string{"UV_CONFIG_FILE": config, "UV_CACHE_DIR": t.TempDir(), "UV_PYTHON_DOWNLOADS": "never"} {
		t.Setenv(key, value)
	}
	files := map[string]string{
		"stack/scaffold.yaml": head + `name: stack
questions:
  - {id: name, type: text, title: Name, format: name}
options:
  - {id: extra, title: Extra}
names: {stack-sample: <% .name %>}
locks:
  - {file: requirements.lock, kind: pip, from: pyproject.toml}
  - {file: requirements-dev.lock, kind: pip, from: pyproject.toml, groups: [dev]}
`,
		"stack/base/pyproject.toml": `[project]
name = "stack-sample"
version = "1.0"
requires-python = ">=3.12"
dependencies = [
    "base-lib",
    # <% if .extra %>
    "acme-core",
    # <% end %>
]
[project.optional-dependencies]
dev = ["lint-tool"]
`,
		"layer/scaffold.yaml": head + "name: layer\nextends: stack\n",
	}
	lock := func() []packdev.Locked {
		t.Helper()
		locks, err := packdev.Lock(t.Context(), load(t, files), false)
		if err != nil {
			t.Fatal(err)
		}
		for _, l := range locks {
			if strings.Contains(string(l.Data), wheels) || strings.Contains(string(l.Data), "://") {
				t.Errorf("%s says where packages come from:\n%s", l.File, l.Data)
			}
			files["layer/base/"+l.File] = string(l.Data)
		}
		return locks
	}
	first := lock()
	if want := []string{"+ acme-core 1.5", "+ base-lib 1.1"}; !slices.Equal(first[0].Changes, want) {
		t.Errorf("the first lock: %q, want %q", first[0].Changes, want)
	}
	if want := []string{"+ acme-core 1.5", "+ base-lib 1.1", "+ lint-tool 3.0"}; !slices.Equal(first[1].Changes, want) {
		t.Errorf("the development lock: %q, want %q", first[1].Changes, want)
	}

	wheel(t, wheels, "base_lib", "1.2")
	files["layer/scaffold.yaml"] = head + `name: layer
extends: stack
merges:
  - {file: pyproject.toml, when: "true", set: {/project/dependencies/-: acme-log>=2}}
`
	if err := rendersAll(load(t, files)); err == nil || !strings.Contains(err.Error(), "acme-log") {
		t.Errorf("a lock without what is asked for: %v", err)
	}
	second := lock()
	if want := []string{"+ acme-log 2.0"}; !slices.Equal(second[0].Changes, want) || second[0].Same {
		t.Errorf("the layer's lock: %q, want %q", second[0].Changes, want)
	}
	if err := rendersAll(load(t, files)); err != nil {
		t.Error(err)
	}
	for _, l := range lock() {
		if !l.Same || len(l.Changes) > 0 {
			t.Errorf("%s: locked again it is another: %q", l.File, l.Changes)
		}
	}
	upgraded, err := packdev.Lock(t.Context(), load(t, files), true)
	if err != nil || !slices.Equal(upgraded[0].Changes, []string{"base-lib 1.1 → 1.2"}) {
		t.Errorf("upgraded: %v, %v", upgraded, err)
	}

	t.Setenv("PATH", t.TempDir())
	if _, err := packdev.Lock(t.Context(), load(t, files), false); err == nil || !strings.Contains(err.Error(), "requirements.lock: is made by uv, which is not installed") {
		t.Errorf("without uv: %v", err)
	}
}

// rendersAll runs a pack's own tests.
func rendersAll(p *pack.Pack) error {
	for _, r := range (packdev.Tester{Pack: p}).Run() {
		if r.Failed != "" {
			return fmt.Errorf("%s: %s", r.Name, r.Failed)
		}
	}
	return nil
}

// registry serves packages of npm that have no code.
func registry(t *testing.T, packages map[string]string) *httptest.Server {
	t.Helper()
	var server *httptest.Server
	server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		name := strings.Trim(r.URL.Path, "/")
		if file, ok := strings.CutSuffix(name, ".tgz"); ok {
			_, _ = w.Write(tarball(t, filepath.Base(file), packages[filepath.Base(file)]))
			return
		}
		version, ok := packages[name]
		if !ok {
			http.NotFound(w, r)
			return
		}
		sum := sha512.Sum512(tarball(t, name, version))
		_ = json.NewEncoder(w).Encode(map[string]any{
			"name": name, "dist-tags": map[string]string{"latest": version},
			"versions": map[string]any{version: map[string]any{
				"name": name, "version": version,
				"dist": map[string]string{"tarball": server.URL + "/" + name + ".tgz", "integrity": "sha512-" + base64.StdEncoding.EncodeToString(sum[:])},
			}},
		})
	}))
	t.Cleanup(server.Close)
	return server
}

func tarball(t *testing.T, name, version string) []byte {
	t.Helper()
	var out bytes.Buffer
	z := gzip.NewWriter(&out)
	w := tar.NewWriter(z)
	text := fmt.Sprintf(`{"name": %q, "version": %q}`, name, version)
	if err := w.WriteHeader(&tar.Header{Name: "package/package.json", Mode: 0o644, Size: int64(len(text))}); err != nil {
		t.Error(err)
	}
	if _, err := w.Write([]byte(text)); err != nil {
		t.Error(err)
	}
	if w.Close() != nil || z.Close() != nil {
		t.Error("no tarball")
	}
	return out.Bytes()
}

// The same of a Node stack: package.json has no comments, so everything is merges.
func TestLockNode(t *testing.T) {
	tools(t)
	server := registry(t, map[string]string{"base-lib": "1.1.0", "acme-log": "2.0.0"})
	t.Setenv("npm_config_registry", server.URL)
	t.Setenv("npm_config_cache", t.TempDir())
	t.Setenv("npm_config_update_notifier", "false")
	t.Setenv("npm_config_userconfig", filepath.Join(t.TempDir(), "npmrc"))
	files := map[string]string{
		"stack/scaffold.yaml": head + `name: stack
questions:
  - {id: name, type: text, title: Name, format: name}
options:
  - {id: plain, title: Plain}
names: {stack-sample: <% .name %>}
merges:
  - {file: package.json, when: .plain, remove: [/dependencies/base-lib]}
locks:
  - {file: package-lock.json, kind: npm, from: package.json}
`,
		"stack/base/package.json": `{"name": "stack-sample", "version": "1.0.0", "dependencies": {"base-lib": "1.1.0"}}` + "\n",
		"layer/scaffold.yaml": head + `name: layer
extends: stack
merges:
  - {file: package.json, when: "true", set: {/dependencies/acme-log: 2.0.0}}
`,
	}
	locks, err := packdev.Lock(t.Context(), load(t, files), false)
	if err != nil {
		t.Fatal(err)
	}
	if want := []string{"+ acme-log 2.0.0", "+ base-lib 1.1.0"}; !slices.Equal(locks[0].Changes, want) {
		t.Errorf("%q, want %q", locks[0].Changes, want)
	}
	if text := string(locks[0].Data); strings.Contains(text, "://") || !strings.Contains(text, `"name": "stack-sample"`) {
		t.Errorf("the lock says where packages come from, or has another name:\n%s", text)
	}
	files["layer/base/package-lock.json"] = string(locks[0].Data)
	if err := rendersAll(load(t, files)); err != nil {
		t.Error(err)
	}
	again, err := packdev.Lock(t.Context(), load(t, files), true)
	if err != nil || !again[0].Same {
		t.Errorf("locked again it is another: %v", err)
	}
	files["layer/scaffold.yaml"] = strings.Replace(files["layer/scaffold.yaml"], "acme-log: 2.0.0", "acme-log: "+server.URL+"/acme-log.tgz", 1)
	if _, err := packdev.Lock(context.Background(), load(t, files), false); err == nil || !strings.Contains(err.Error(), "would say where packages come from") {
		t.Errorf("a package by address: %v", err)
	}
	if _, err := packdev.Lock(t.Context(), load(t, map[string]string{"layer/scaffold.yaml": head + "name: layer\n"}), false); err == nil {
		t.Error("a pack without locks has nothing to lock")
	}
}
