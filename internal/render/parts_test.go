package render_test

import (
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"example.com/scaffold/internal/answers"
	"example.com/scaffold/internal/pack"
	"example.com/scaffold/internal/plan"
	"example.com/scaffold/internal/render"
)

// pair is a pack of two parts: one of its own base and overlays, with options,
// names, merges and a rule of each pack.
func pair(changes map[string]string) fstest.MapFS {
	m := fstest.MapFS{}
	head := "schema: 1\nversion: 1.0.0\ntitle: T\ndescription: D.\n"
	for path, text := range map[string]string{
		"web/scaffold.yaml": head + "name: web\nquestions:\n  - {id: name, type: text, title: N, max: 12}\noptions:\n  - {id: tls, title: T}\n" +
			"names: {web-sample: <% .name %>}\nfiles:\n  - {glob: bin/*, exec: true}\nmerges:\n  - {file: package.json, when: .tls, set: {/tls: true}}\n",
		"web/base/web-sample/main.ts":  "// <% if .tls %>\ntls\n// <% end %>\nweb-sample pair-sample <% .subpath %> <% .stack %>\n",
		"web/base/bin/run":             "web\n",
		"web/base/package.json":        "{}\n",
		"web/features/tls/cert.txt":    "cert of web-sample\n",
		"web/base/README.md":           "the part's\n",
		"pair/scaffold.yaml":           head + "name: pair\nquestions:\n  - {id: name, type: text, title: N}\nnames: {pair-sample: <% .name %>}\nparts:\n  - {into: web, pack: builtin:web, set: {name: '<% .name %>-web'}}\n  - {into: apps/api, pack: ./api}\n",
		"pair/base/README.md":          "pair-sample web-sample\n",
		"pair/base/web/README.md":      "pair-sample in front\n",
		"pair/base/apps/api/extra.txt": "beside\n",
		"pair/api/scaffold.yaml":       head + "name: api\nextends: builtin:web\nfiles:\n  - {glob: bin/*, when: 'false'}\n",
		"pair/api/base/package.json":   "{\"api\": true}\n",
	} {
		m[path] = &fstest.MapFile{Data: []byte(text)}
	}
	for path, text := range changes {
		m[path] = &fstest.MapFile{Data: []byte(text)}
	}
	return m
}

func planPair(t *testing.T, m fstest.MapFS, values answers.Values, extra map[string]any) (*plan.Plan, error) {
	t.Helper()
	p, err := pack.Load("builtin:pair", pack.Builtin(m))
	if err != nil {
		t.Fatal(err)
	}
	if err := render.Lint(p); err != nil {
		t.Fatal(err)
	}
	r, err := answers.Resolve(p.Answerable(), answers.Layer{Source: answers.Flag, Values: values})
	if err != nil {
		t.Fatal(err)
	}
	return plan.Build(p, r, extra)
}

func TestParts(t *testing.T) {
	pl, err := planPair(t, pair(nil), answers.Values{"name": "shop", "tls": true}, map[string]any{"subpath": "services/shop"})
	if err != nil {
		t.Fatal(err)
	}
	tr, err := render.Render(pl)
	if err != nil {
		t.Fatal(err)
	}
	want := map[string]string{
		"README.md":             "shop web-sample\n",
		"web/README.md":         "shop in front\n", // the composing pack's takes the part's place
		"web/shop-web/main.ts":  "tls\nshop-web pair-sample services/shop/web web\n",
		"web/bin/run":           "web\n",
		"web/package.json":      "{\n  \"tls\": true\n}\n",
		"web/cert.txt":          "cert of shop-web\n",
		"apps/api/README.md":    "the part's\n",
		"apps/api/shop/main.ts": "tls\nshop pair-sample services/shop/apps/api api\n",
		"apps/api/package.json": "{\n  \"api\": true,\n  \"tls\": true\n}\n",
		"apps/api/cert.txt":     "cert of shop\n",
		"apps/api/extra.txt":    "beside\n",
	}
	for path, text := range want {
		if f, ok := tr.Get(path); !ok || string(f.Data) != text {
			t.Errorf("%s is %q, want %q", path, f.Data, text)
		}
	}
	if tr.Len() != len(want) {
		t.Errorf("the files are %v", tr.Paths())
	}
	if f, _ := tr.Get("web/bin/run"); !f.Exec {
		t.Error("a part's program cannot be run")
	}
	for path, part := range map[string]string{"README.md": "", "web/README.md": "", "web/cert.txt": "web", "apps/api/cert.txt": "apps/api"} {
		if e, ok := pl.Entry(path); !ok || e.Part != part || strings.HasSuffix(path, "cert.txt") && e.Owner != "tls" {
			t.Errorf("%s is planned as %+v", path, e)
		}
	}
	again, err := render.Render(pl)
	if err != nil || again.Hash() != tr.Hash() {
		t.Errorf("the second rendering differs (%v)", err)
	}
}

func TestPartsThatCannotBe(t *testing.T) {
	npm := "schema: 1\nversion: 1.0.0\ntitle: T\ndescription: D.\nname: web\nquestions:\n  - {id: name, type: text, title: N}\noptions:\n  - {id: tls, title: T}\n" +
		"locks: [{file: package-lock.json, kind: npm, from: package.json}]\n"
	for name, c := range map[string]struct {
		files map[string]string
		name  string
		want  string
	}{
		"an answer the part refuses": {nil, "a-long-name", "part web (builtin:web): name "},
		"a file in a folder's place": {map[string]string{"pair/base/apps/api": "x"}, "shop", "apps/api"},
		"a twin that ignores case":   {map[string]string{"pair/base/WEB/x": "x"}, "shop", "ignores case"},
		"the manifest of a lock": {map[string]string{
			"web/scaffold.yaml": npm, "web/base/package-lock.json": "{}", "pair/base/web/package.json": "{}",
		}, "shop", "pair/base/web/package.json: takes the place of web/package.json, which the lock package-lock.json is made from"},
	} {
		m := pair(c.files)
		if name == "a file in a folder's place" {
			delete(m, "pair/base/apps/api/extra.txt")
		}
		_, err := planPair(t, m, answers.Values{"name": c.name}, nil)
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: error = %v, want %q", name, err, c.want)
		}
	}
}

// A fault in a part's file names the part's own file and line.
func TestFaultInAPart(t *testing.T) {
	p, err := pack.Load("builtin:pair", pack.Builtin(pair(map[string]string{"pair/api/base/broken.md": "<!-- <% if .tls %> -->\nx\n"})))
	if err != nil {
		t.Fatal(err)
	}
	if err := render.Lint(p); err == nil || !strings.Contains(err.Error(), "pair/api/base/broken.md") {
		t.Errorf("error = %v", err)
	}
}

// The locks of the parts are pruned with the parts' own manifests.
func TestHybridLocks(t *testing.T) {
	tr := rendered(t, "hybrid", answers.Values{"name": "corner-shop"})
	lock, ok := tr.Get("service/requirements.lock")
	if !ok {
		t.Fatalf("no lock: %v", tr.Paths())
	}
	for name, want := range map[string]bool{"pyjwt": true, "cryptography": true, "argon2-cffi": false, "aiosmtplib": false} {
		if got := strings.Contains(string(lock.Data), "\n"+name+"=="); got != want {
			t.Errorf("the service's lock has %s: %t, want %t", name, got, want)
		}
	}
	for _, path := range []string{"service/LICENSE", "gateway/compose.yaml", "service/README.md", "gateway/.scaffold/contract.yaml", "gateway/src/items/repository.ts"} {
		if slices.Contains(tr.Paths(), path) {
			t.Errorf("%s is there", path)
		}
	}
}
