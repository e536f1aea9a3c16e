package plan_test

import (
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"example.com/scaffold/internal/answers"
	"example.com/scaffold/internal/pack"
	"example.com/scaffold/internal/plan"
)

func build(t *testing.T, values answers.Values) *plan.Plan {
	t.Helper()
	p, err := pack.Load("builtin:tiny", pack.Builtin(os.DirFS("../pack/testdata/packs")))
	if err != nil {
		t.Fatal(err)
	}
	r, err := answers.Resolve(p.Answerable(), answers.Layer{Source: answers.Flag, Values: values})
	if err != nil {
		t.Fatal(err)
	}
	pl, err := plan.Build(p, r, nil)
	if err != nil {
		t.Fatal(err)
	}
	return pl
}

// show is one line a file: path, owner, and what is special about it.
func show(pl *plan.Plan) []string {
	var lines []string
	for _, e := range pl.Entries {
		line := fmt.Sprintf("%s %s %s", e.Path, e.Layer.Manifest.Name+"/"+e.Source, e.Owner)
		if e.Exec {
			line += " exec"
		}
		if e.Raw {
			line += " raw"
		}
		if e.Policy != pack.Managed {
			line += " " + e.Policy
		}
		if n := len(e.Merges); n > 0 {
			line += fmt.Sprintf(" merges=%d", n)
		}
		lines = append(lines, line)
	}
	return lines
}

func TestBuild(t *testing.T) {
	for _, c := range []struct {
		name   string
		values answers.Values
		want   []string
	}{
		{"preset full", answers.Values{"name": "corner-shop"}, []string{
			"LICENCE common/base/LICENCE licence create-once",
			"README.md tiny/base/README.md base",
			"assets/blob.txt tiny/base/assets/blob.txt base raw",
			"bin/start tiny/base/bin/start base exec",
			"package.json tiny/base/package.json base",
			"src/corner_shop/mailbox.py tiny/features/mail/src/tiny_pack/mailbox.py mail",
			"src/corner_shop/store.py tiny/base/src/tiny_pack/store.py base",
		}},
		{"bare, another licence", answers.Values{"name": "x1", "preset": "bare", "licence": "mit"}, []string{
			"LICENCE common/features/licence=mit/LICENCE licence create-once",
			"README.md tiny/base/README.md base",
			"assets/blob.txt tiny/base/assets/blob.txt base raw",
			"bin/start tiny/base/bin/start base exec",
			"package.json tiny/base/package.json base merges=1",
			"src/x1/store.py tiny/features/store=none/src/tiny_pack/store.py store=none",
		}},
		{"no licence, extra", answers.Values{"name": "x1", "licence": "none", "extra": true, "mail": false}, []string{
			"README.md tiny/base/README.md base",
			"assets/blob.txt tiny/base/assets/blob.txt base raw",
			"bin/start tiny/base/bin/start base exec",
			"docs/shared.md common/base/docs/shared.md extra",
			"package.json tiny/base/package.json base merges=2",
			"src/x1/store.py tiny/base/src/tiny_pack/store.py base",
		}},
	} {
		if got := show(build(t, c.values)); !slices.Equal(got, c.want) {
			t.Errorf("%s:\n%s\nwant\n%s", c.name, strings.Join(got, "\n"), strings.Join(c.want, "\n"))
		}
	}
}

func TestDataAndSteps(t *testing.T) {
	pl := build(t, answers.Values{"name": "corner-shop"})
	for id, want := range map[string]any{"snake": "corner_shop", "stored": true, "stack": "tiny", "greeting": "Hello from corner-shop", "extra": false} {
		if pl.Data[id] != want {
			t.Errorf("%s = %v, want %v", id, pl.Data[id], want)
		}
	}
	if len(pl.NextSteps) != 2 || pl.NextSteps[0].Say != "starts corner-shop" {
		t.Errorf("next steps = %v", pl.NextSteps)
	}
	if e, ok := pl.Entry("bin/start"); !ok || !e.Exec {
		t.Error("bin/start is not found by its path")
	}
	if _, ok := pl.Entry("bin/stop"); ok {
		t.Error("bin/stop is found")
	}
}

func TestRefusals(t *testing.T) {
	head := "schema: 1\nname: p\nversion: 1.0.0\ntitle: P\ndescription: A pack.\nquestions:\n  - {id: name, type: text, title: N, default: x}\noptions:\n  - {id: a, title: A}\n  - {id: b, title: B}\n"
	for name, c := range map[string]struct {
		manifest string
		files    []string
		values   answers.Values
		extra    map[string]any
		want     string
	}{
		"abstract":         {"abstract: true\n", nil, nil, nil, "only there to be extended"},
		"two options":      {"files: [{glob: x, when: 'or .a .b'}]\n", []string{"features/a/x", "features/b/x"}, answers.Values{"a": true, "b": true}, nil, "p/features/a/x and p/features/b/x both bring x, by a and b"},
		"a name as a path": {"names: {place: '<% .name %>'}\n", []string{"base/place/x"}, answers.Values{"name": "../up"}, nil, `p/base/place/x: path "../up/x": has the segment ".."`},
		"a name as git":    {"names: {place: '<% .name %>'}\n", []string{"base/place/x"}, answers.Values{"name": ".git"}, nil, "git's own folder"},
		"names make twins": {"names: {place: '<% .name %>'}\n", []string{"base/place/x", "base/Other/y"}, answers.Values{"name": "other"}, nil, "ignores case"},
		"lock without":     {"locks: [{file: l, kind: pip, from: m}]\n", []string{"base/l"}, nil, nil, "lock l is made from m, which is not among the files"},
		"unknown extra":    {"", nil, nil, map[string]any{"year": 2026}, `extra value "year"`},
		"condition":        {"files: [{glob: x, when: 'eq .name 3'}]\n", []string{"base/x"}, nil, nil, "incompatible types"},
	} {
		m := fstest.MapFS{"p/scaffold.yaml": {Data: []byte(head + c.manifest)}}
		for _, f := range c.files {
			m["p/"+f] = &fstest.MapFile{}
		}
		p, err := pack.Load("builtin:p", pack.Builtin(m))
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		r, err := answers.Resolve(p.Answerable(), answers.Layer{Source: answers.Flag, Values: c.values})
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if _, err = plan.Build(p, r, c.extra); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: error = %v, want %q", name, err, c.want)
		}
	}
}

// A path that two options may bring is fine while only one of them does.
func TestOneOwnerAtATime(t *testing.T) {
	m := fstest.MapFS{
		"p/scaffold.yaml":  {Data: []byte("schema: 1\nname: p\nversion: 1.0.0\ntitle: P\ndescription: A pack.\noptions: [{id: a, title: A}]\nfiles: [{glob: x, when: .a}]\n")},
		"p/base/x":         {},
		"p/features/a/y/z": {},
	}
	p, err := pack.Load("builtin:p", pack.Builtin(m))
	if err != nil {
		t.Fatal(err)
	}
	for on, want := range map[bool]int{true: 2, false: 0} {
		r, err := answers.Resolve(p.Answerable(), answers.Layer{Source: answers.Flag, Values: answers.Values{"a": on}})
		if err != nil {
			t.Fatal(err)
		}
		pl, err := plan.Build(p, r, nil)
		if err != nil || len(pl.Entries) != want {
			t.Errorf("a=%t: %d files, want %d (%v)", on, len(pl.Entries), want, err)
		}
	}
}
