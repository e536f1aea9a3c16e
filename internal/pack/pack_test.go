package pack_test

import (
	"bytes"
	"encoding/json"
	"io/fs"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/goccy/go-yaml"
	"github.com/santhosh-tekuri/jsonschema/v6"

	"example.com/scaffold/internal/answers"
	"example.com/scaffold/internal/pack"
	"example.com/scaffold/templates"
)

func testPacks() fs.FS { return os.DirFS("testdata/packs") }

func TestLoadMergesTheChain(t *testing.T) {
	p, err := pack.Load("builtin:tiny", pack.Builtin(testPacks()))
	if err != nil {
		t.Fatal(err)
	}
	var questions []string
	for _, q := range p.Questions {
		questions = append(questions, q.ID)
	}
	if want := []string{"name", "licence", "preset", "store", "greeting"}; !slices.Equal(questions, want) {
		t.Errorf("questions = %v, want %v", questions, want)
	}
	if len(p.Layers) != 2 || p.Layers[0].Manifest.Name != "common" || p.Name != "tiny" || p.Abstract {
		t.Errorf("layers are wrong: %+v", p.Manifest)
	}
	if len(p.Names) != 2 || len(p.Files) != 5 || p.Files[0].Glob != "LICENCE" {
		t.Errorf("names %v, files %v", p.Names, p.Files)
	}
	first, err := p.Digest()
	if err != nil || len(first) != 64 {
		t.Fatalf("digest %q, %v", first, err)
	}
	names, err := pack.Names(testPacks())
	if err != nil || !slices.Equal(names, []string{"tiny"}) {
		t.Errorf("Names = %v, %v", names, err)
	}
}

func TestDigestSeesEveryFile(t *testing.T) {
	load := func(change func(fstest.MapFS)) string {
		m := fstest.MapFS{
			"p/scaffold.yaml":  {Data: []byte(minimal)},
			"p/base/a.txt":     {Data: []byte("a")},
			"p/base/sub/b.txt": {Data: []byte("b")},
		}
		change(m)
		p, err := pack.Load("builtin:p", pack.Builtin(m))
		if err != nil {
			t.Fatal(err)
		}
		d, err := p.Digest()
		if err != nil {
			t.Fatal(err)
		}
		return d
	}
	same := load(func(fstest.MapFS) {})
	if load(func(m fstest.MapFS) { m["p/README.md"] = &fstest.MapFile{Data: []byte("x")} }) != same {
		t.Error("a file outside base/ and features/ changes the digest")
	}
	for name, change := range map[string]func(fstest.MapFS){
		"content":  func(m fstest.MapFS) { m["p/base/a.txt"] = &fstest.MapFile{Data: []byte("A")} },
		"new file": func(m fstest.MapFS) { m["p/base/c.txt"] = &fstest.MapFile{} },
		"manifest": func(m fstest.MapFS) {
			m["p/scaffold.yaml"] = &fstest.MapFile{Data: []byte(minimal + "requires: '>=1'\n")}
		},
	} {
		if load(change) == same {
			t.Errorf("%s: the digest did not change", name)
		}
	}
}

const minimal = "schema: 1\nname: p\nversion: 1.0.0\ntitle: P\ndescription: A pack.\n"

func TestBadManifests(t *testing.T) {
	for name, c := range map[string]struct{ text, want string }{
		"unknown key":        {minimal + "question: []\n", `p/scaffold.yaml:6:1: unknown key "question" (did you mean "questions"?)`},
		"deep unknown key":   {minimal + "questions:\n  - id: a\n    type: text\n    titel: x\n", `p/scaffold.yaml:9:5: unknown key "titel" (did you mean "title"?)`},
		"wrong type":         {minimal + "questions: yes\n", "p/scaffold.yaml:6:12"},
		"syntax":             {minimal + "names: {a: b\n", "p/scaffold.yaml:6"},
		"schema":             {strings.Replace(minimal, "schema: 1", "schema: 2", 1), "p/scaffold.yaml:1:9: schema 2 is not known (this version of scaffold reads 1)"},
		"name":               {strings.Replace(minimal, "name: p", "name: P", 1), `2:7: name "P" has the wrong form`},
		"version":            {strings.Replace(minimal, "1.0.0", "one", 1), `3:10: version "one" is not a semantic version`},
		"requires":           {minimal + "requires: soon\n", "6:11: requires"},
		"anchor":             {minimal + "names: &x {abc: b}\n", "p/scaffold.yaml:6: has a YAML anchor"},
		"tag":                {minimal + "questions: !list x\n", "p/scaffold.yaml:6: has a YAML anchor, alias or tag"},
		"two documents":      {minimal + "---\na: b\n", "holds 2 documents"},
		"kind":               {minimal + "questions:\n  - {id: a, type: txt, title: A}\n", `7:19: question a: unknown type "txt" (did you mean "text"?)`},
		"id form":            {minimal + "questions:\n  - {id: A-b, type: text, title: A}\n", `id "A-b" has the wrong form`},
		"id twice":           {minimal + "questions:\n  - {id: a, type: text, title: A}\noptions:\n  - {id: a, title: A}\n", `9:10: id "a" is taken already`},
		"id reserved":        {minimal + "options:\n  - {id: stack, title: A}\n", `id "stack" is taken`},
		"choices":            {minimal + "questions:\n  - {id: a, type: text, title: A, choices: [{value: x}]}\n", "choices belong to"},
		"no choices":         {minimal + "questions:\n  - {id: a, type: select, title: A}\n", "choices belong to"},
		"default":            {minimal + "questions:\n  - {id: a, type: int, title: A, default: x}\n", "7:43: question a: its default wants a whole number"},
		"default choice":     {minimal + "questions:\n  - {id: a, type: select, title: A, default: y, choices: [{value: x}]}\n", "not among the choices"},
		"pattern":            {minimal + "questions:\n  - {id: a, type: text, title: A, pattern: '('}\n", "missing closing"},
		"bounds":             {minimal + "questions:\n  - {id: a, type: int, title: A, min: 2, max: 1}\n", "min is above max"},
		"question when":      {minimal + "questions:\n  - {id: a, type: text, title: A, when: .b}\n  - {id: b, type: bool, title: B}\n", "question a: nothing before it is called .b"},
		"condition":          {minimal + "questions:\n  - {id: a, type: text, title: A, when: 'eq ('}\n", "question a: condition"},
		"file when":          {minimal + "options:\n  - {id: mfa, title: M}\nfiles:\n  - {glob: a, when: .mfaa}\n", `files a: nothing before it is called .mfaa (did you mean "mfa"?)`},
		"glob":               {minimal + "files:\n  - {glob: 'a[', exec: true}\n", `7:12: glob "a[" is broken`},
		"policy":             {minimal + "files:\n  - {glob: a, policy: manged}\n", `unknown policy "manged" (did you mean "managed"?)`},
		"needs":              {minimal + "options:\n  - {id: a, title: A, needs: [b]}\n", `option a: "b" is neither an option nor a question`},
		"needs value":        {minimal + "questions:\n  - {id: q, type: select, title: Q, default: x, choices: [{value: x}]}\noptions:\n  - {id: a, title: A, excludes: [q=y]}\n", `option a: q=y: "y" is not among`},
		"computed both":      {minimal + "computed:\n  - {id: a, value: x, when: 'true'}\n", "wants either value or when"},
		"computed order":     {minimal + "computed:\n  - {id: a, value: '<% .b %>'}\n  - {id: b, value: x}\n", "computed a: nothing before it is called .b"},
		"computed function":  {minimal + "computed:\n  - {id: a, value: '<% now %>'}\n", `function "now" not defined`},
		"names":              {minimal + "names: {abc: '<% .x %>'}\n", "name abc: nothing before it is called .x"},
		"short placeholder":  {minimal + "names: {ab: x}\n", "too short"},
		"preset":             {minimal + "presets:\n  - {id: a}\n", `there are presets but no question "preset"`},
		"preset value":       {minimal + "questions:\n  - {id: preset, type: select, title: P, default: x, choices: [{value: x}]}\npresets:\n  - {id: x, set: {zz: 1}}\n", "preset x: zz unknown question"},
		"preset choice":      {minimal + "questions:\n  - {id: preset, type: select, title: P, default: x, choices: [{value: x}]}\npresets:\n  - {id: y}\n", "preset y is not among"},
		"lock":               {minimal + "locks:\n  - {file: a, kind: pipp, from: b}\n", `unknown kind of lock "pipp" (did you mean "pip"?)`},
		"merge":              {minimal + "merges:\n  - {file: a, when: 'true', remove: [scripts]}\n", `"scripts" is not a JSON pointer`},
		"next step":          {minimal + "next_steps:\n  - {run: '<% .x %>', say: y}\n", "nothing before it is called .x"},
		"extends itself":     {minimal + "extends: builtin:p\n", "extends itself (builtin:p → builtin:p)"},
		"extends unknown":    {minimal + "extends: builtin:q\n", `no built-in pack "q"`},
		"extends elsewhere":  {minimal + "extends: https://example.com/x\n", "only built-in packs"},
		"extends a folder":   {minimal + "extends: builtin:../p\n", "no built-in pack"},
		"larger than a page": {minimal + "#" + strings.Repeat("x", 300<<10), "larger than 256 KiB"},
	} {
		_, err := pack.Load("builtin:p", pack.Builtin(fstest.MapFS{"p/scaffold.yaml": {Data: []byte(c.text)}}))
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: error = %v\nwant %q", name, err, c.want)
		}
	}
}

func TestBadFiles(t *testing.T) {
	options := minimal + "options:\n  - {id: a, title: A}\n  - {id: b, title: B}\n"
	for name, c := range map[string]struct {
		files fstest.MapFS
		want  string
	}{
		"no manifest":     {fstest.MapFS{"p/scaffold.yaml": nil}, "no built-in pack"},
		"symbolic link":   {fstest.MapFS{"p/base/x": {Mode: fs.ModeSymlink, Data: []byte("/etc/passwd")}}, "p/base/x: neither a file nor a folder"},
		"device":          {fstest.MapFS{"p/base/x": {Mode: fs.ModeDevice}}, "neither a file nor a folder"},
		"git":             {fstest.MapFS{"p/base/.git/config": {}}, "git's own folder"},
		"git in feature":  {fstest.MapFS{"p/features/a/.GIT/config": {}}, "git's own folder"},
		"backslash":       {fstest.MapFS{`p/base/a\b`: {}}, "backslash"},
		"stray feature":   {fstest.MapFS{"p/features/x": {}}, "lies between the features"},
		"unknown feature": {fstest.MapFS{"p/features/c/x": {}}, `p/features/c: "c" is neither an option nor a question`},
		"two options":     {fstest.MapFS{"p/features/a/x": {}, "p/features/b/x": {}}, "p/features/b/x: features/a/x has the same path in the project"},
		"base and option": {fstest.MapFS{"p/base/x": {}, "p/features/b/x": {}}, "has the same path"},
	} {
		m := fstest.MapFS{"p/scaffold.yaml": {Data: []byte(options)}}
		for path, f := range c.files {
			if f == nil {
				delete(m, path)
				continue
			}
			m[path] = f
		}
		_, err := pack.Load("builtin:p", pack.Builtin(m))
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: error = %v, want %q", name, err, c.want)
		}
	}
}

func TestSupports(t *testing.T) {
	p, err := pack.Load("builtin:tiny", pack.Builtin(testPacks()))
	if err != nil {
		t.Fatal(err)
	}
	for version, want := range map[string]bool{
		"0.1.0": true, "1.0.0": true, "dev": true, "0.0.9": false, "0.0.9-3-g12ab34c": false, "v0.1.0-3-g12ab34c": true,
		"v0.0.0-20260101000000-0123456789ab+dirty": true, "0123456789ab": true,
	} {
		if got := p.Supports(version) == nil; got != want {
			t.Errorf("Supports(%q) = %t, want %t", version, got, want)
		}
	}
}

// Every manifest of ours satisfies the published schema, and every key that the
// program reads stands in it.
func TestSchema(t *testing.T) {
	doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(pack.ManifestSchema()))
	if err != nil {
		t.Fatal(err)
	}
	c := jsonschema.NewCompiler()
	if err := c.AddResource("scaffold.schema.json", doc); err != nil {
		t.Fatal(err)
	}
	schema, err := c.Compile("scaffold.schema.json")
	if err != nil {
		t.Fatal(err)
	}
	validate := func(data []byte) error {
		var v any
		if err := yaml.Unmarshal(data, &v); err != nil {
			t.Fatal(err)
		}
		asJSON, err := json.Marshal(v)
		if err != nil {
			t.Fatal(err)
		}
		if v, err = jsonschema.UnmarshalJSON(bytes.NewReader(asJSON)); err != nil {
			t.Fatal(err)
		}
		return schema.Validate(v)
	}
	checked := 0
	for _, fsys := range []fs.FS{testPacks(), templates.FS} {
		files, err := fs.Glob(fsys, "*/scaffold.yaml")
		if err != nil {
			t.Fatal(err)
		}
		for _, file := range files {
			data, err := fs.ReadFile(fsys, file)
			if err != nil {
				t.Fatal(err)
			}
			if err := validate(data); err != nil {
				t.Errorf("%s: %v", file, err)
			}
			checked++
		}
	}
	if checked < 4 {
		t.Errorf("only %d manifests were found", checked)
	}
	for _, bad := range []string{"questions: [{id: a, type: text, title: A, choices: [{value: x}]}]\n", "files: [{glob: a, execute: true}]\n", "computed: [{id: a}]\n"} {
		if validate([]byte(minimal+bad)) == nil {
			t.Errorf("the schema takes %s", bad)
		}
	}
	text := string(pack.ManifestSchema())
	for _, typ := range []reflect.Type{
		reflect.TypeFor[pack.Manifest](), reflect.TypeFor[answers.Question](), reflect.TypeFor[answers.Choice](), reflect.TypeFor[pack.Preset](), reflect.TypeFor[pack.Option](),
		reflect.TypeFor[pack.Computed](), reflect.TypeFor[pack.FileRule](), reflect.TypeFor[pack.Merge](), reflect.TypeFor[pack.Lock](), reflect.TypeFor[pack.NextStep](), reflect.TypeFor[pack.Part](),
		reflect.TypeFor[pack.TestCase](), reflect.TypeFor[pack.TestFrom](), reflect.TypeFor[pack.TestEdit](), reflect.TypeFor[pack.Migration](), reflect.TypeFor[pack.GuidanceRule](),
	} {
		for f := range typ.Fields() {
			key, _, _ := strings.Cut(f.Tag.Get("yaml"), ",")
			if !strings.Contains(text, `"`+key+`": {`) {
				t.Errorf("the schema lacks %s.%s", typ.Name(), key)
			}
		}
	}
}

func FuzzParse(f *testing.F) {
	files, err := filepath.Glob("testdata/packs/*/scaffold.yaml")
	if err != nil {
		f.Fatal(err)
	}
	for _, file := range files {
		data, err := os.ReadFile(file)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(data)
	}
	for _, s := range []string{minimal, minimal + "extends: builtin:p\n", "a: &a [*a]", "<<: *x", "questions: [{id: [}]", "schema: 1e99", "names: {? {a: b} : c}", "verify: [[a], b]"} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		m, err := pack.Parse("scaffold.yaml", data)
		if err != nil && !strings.HasPrefix(err.Error(), "scaffold.yaml") {
			t.Fatalf("the error names no place: %v", err)
		}
		_, loadErr := pack.Load("builtin:p", pack.Builtin(fstest.MapFS{"p/scaffold.yaml": {Data: data}}))
		if err != nil && loadErr == nil {
			t.Fatalf("Load takes what Parse refuses: %v", err)
		}
		if loadErr == nil && !m.Abstract && m.Name == "" {
			t.Fatal("a pack without a name was loaded")
		}
	})
}
