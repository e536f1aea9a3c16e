package render_test

import (
	"fmt"
	"os"
	"strings"
	"testing"
	"testing/fstest"

	"example.com/scaffold/internal/answers"
	"example.com/scaffold/internal/pack"
	"example.com/scaffold/internal/plan"
	"example.com/scaffold/internal/render"
	"example.com/scaffold/internal/tree"
	"example.com/scaffold/internal/tree/treetest"
)

func tiny(t *testing.T, values answers.Values) *tree.Tree {
	t.Helper()
	p, err := pack.Load("builtin:tiny", pack.Builtin(os.DirFS("../pack/testdata/packs")))
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
	pl, err := plan.Build(p, r, nil)
	if err != nil {
		t.Fatal(err)
	}
	tr, err := render.Render(pl)
	if err != nil {
		t.Fatal(err)
	}
	again, err := render.Render(pl)
	if err != nil || again.Hash() != tr.Hash() {
		t.Fatalf("the second rendering differs (%v)", err)
	}
	return tr
}

func TestTinyPack(t *testing.T) {
	for name, values := range map[string]answers.Values{
		"tiny-full":  {"name": "corner-shop", "greeting": `Say "hi" to tiny-pack <% .secret %> \ ü`},
		"tiny-extra": {"name": "corner-shop", "extra": true},
		"tiny-bare":  {"name": "corner-shop", "preset": "bare", "licence": "mit"},
	} {
		got := treetest.Format(tiny(t, values), func(string) bool { return false })
		treetest.Golden(t, "testdata/"+name+".golden", got)
	}
}

// one renders a single file of a pack made for the test.
func one(t *testing.T, file, source, manifest string, values answers.Values) (string, error) {
	t.Helper()
	head := "schema: 1\nname: p\nversion: 1.0.0\ntitle: P\ndescription: A pack.\nquestions:\n  - {id: title, type: text, title: T, default: Shop}\noptions:\n  - {id: a, title: A}\n  - {id: b, title: B}\n"
	m := fstest.MapFS{"p/scaffold.yaml": {Data: []byte(head + manifest)}, "p/base/" + file: {Data: []byte(source)}}
	p, err := pack.Load("builtin:p", pack.Builtin(m))
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
	tr, err := render.Render(pl)
	if err != nil {
		return "", err
	}
	f, _ := tr.Get(file)
	return string(f.Data), nil
}

func TestMarkers(t *testing.T) {
	for _, c := range []struct{ file, source, want string }{
		{"x.py", "1\n    # <% if .a %>\n2\n    # <% end %>\n3\n", "1\n2\n3\n"},
		{"x.py", "1\n#<% if .b %>\n2\n#<% else %>\n3\n#<% end %>", "1\n3\n"},
		{"x.py", "1\n# <% if .b %>\n2\n# <% else if .a %>\n3\n# <% end %>\n", "1\n3\n"},
		{"x.py", "1\r\n# <% if .a %>\r\n2\r\n# <% end %>\r\n", "1\r\n2\r\n"},
		{"x.py", "# <% .title %>\n", "# Shop\n"},
		{"x.py", "x = \"<% .title %>\"  # <% if .b %>never<% end %>\n", "x = \"Shop\"  # \n"},
		{"x.py", "# <% /* a note to authors */ %>\n1\n", "1\n"},
		{"x.py", "# <%- if .a -%>\n\n1\n# <%- end -%>\n", "\n1\n"},
		{"x.py", "# <% $t := .title %>\nt = \"<% $t %>\"\n", "t = \"Shop\"\n"},
		{"x.py", "# <% with .title %>\n# it is <% . %>\n# <% end %>\n", "# it is Shop\n"},
		{"x.py", "from a import (\n    b,\n    # <% if .b %>\n    c,\n    # <% end %>\n)\n", "from a import (\n    b,\n)\n"},
		{"x.ts", "// <% if .a %>\n1\n// <% end %>\n", "1\n"},
		{"x.ts", "/* <% if .b %> */\n1\n/* <% end %> */\n2\n", "2\n"},
		{"x.tsx", "{/* <% if .b %> */}\n1\n{/* <% end %> */}\n2\n", "2\n"},
		{"x.css", "/* <% if .b %> */\n1\n/* <% end %> */\n2\n", "2\n"},
		{"x.md", "<!-- <% if .a %> -->\n# Title\n<!-- <% end %> -->\n", "# Title\n"},
		{"x.html", "  <!--<% if .b %>-->\n<p>\n  <!--<% end %>-->\n", ""},
		{"x.sql", "-- <% if .a %>\nselect 1;\n-- <% end %>\n", "select 1;\n"},
		{"Dockerfile", "# <% if .a %>\nRUN x\n# <% end %>\n", "RUN x\n"},
		{"Makefile", "a:\n\tb\n# <% if .b %>\nc:\n\td\n# <% end %>\n", "a:\n\tb\n"},
		{".env.example", "# <% if .a %>\nA=1\n# <% end %>\n", "A=1\n"},
		{"LICENSE", "<% if .a %>\nyes\n<% end %>\n", "yes\n"},
		{"x.txt", "no actions { } {{ . }} [% %]\n", "no actions { } {{ . }} [% %]\n"},
		{"x.txt", "<% \"<%\" %> literal\n", "<% literal\n"},
		{"x.bin", "\x00<% .nothing %>", "\x00<% .nothing %>"},
	} {
		got, err := one(t, c.file, c.source, "", answers.Values{"a": true})
		if err != nil || got != c.want {
			t.Errorf("%s %q\n got %q (%v)\nwant %q", c.file, c.source, got, err, c.want)
		}
	}
}

func TestNames(t *testing.T) {
	manifest := "names: {sample: <% .title %>, sample-long: long, Sample: '<% upper .title %>'}\n"
	got, err := one(t, "x.py", "sample sample-long Sample samples <% .title %>\n", manifest, answers.Values{"title": "a sample"})
	if want := "a sample long A SAMPLE a samples a sample\n"; err != nil || got != want {
		t.Errorf("got %q (%v), want %q", got, err, want)
	}
}

func TestErrorsNameTheirPlace(t *testing.T) {
	for name, c := range map[string]struct {
		file, source string
		want         []string
	}{
		"unknown name": {"x.py", "1\n# <% if .a %>\n2\n# <% end %>\n# <% if .titel %>\n3\n# <% end %>\n", []string{`p/base/x.py:5: nothing is called .titel (did you mean "title"?)`, ">    5 | # <% if .titel %>", "     6 | 3"}},
		"unclosed":     {"x.py", "1\n# <% if .a %>\n2\n", []string{"p/base/x.py:", "the file ends within a block (an if, with or range has no end)"}},
		"too many end": {"x.py", "1\n# <% if .a %>\n# <% end %>\n# <% end %>\n", []string{"p/base/x.py:4: unexpected <% end %>"}},
		"function":     {"x.py", "\n\n<% env \"HOME\" %>\n", []string{`p/base/x.py:3: function "env" not defined`}},
		"key":          {"x.py", "<% genPrivateKey \"rsa\" %>\n", []string{"not defined"}},
		"foreign":      {"x.ts", "\n# <% if .a %>\n# <% end %>\n", []string{"p/base/x.ts:2: the marker stands in a comment of another language (here: // <% … %> or /* <% … %> */"}},
		"markdown":     {"x.md", "# <% if .a %>\n# <% end %>\n", []string{"p/base/x.md:1:", "<!-- <% … %> -->"}},
		"argument":     {"x.py", "a\n<% eq .title 3 %>\n", []string{"p/base/x.py:2: error calling eq"}},
	} {
		_, err := one(t, c.file, c.source, "", answers.Values{"a": true})
		for _, want := range c.want {
			if err == nil || !strings.Contains(err.Error(), want) {
				t.Errorf("%s: error\n%v\nlacks %q", name, err, want)
			}
		}
	}
}

func TestMerges(t *testing.T) {
	for name, c := range map[string]struct{ source, merge, want string }{
		"order is kept":   {`{"z": 1, "a": {"q": null, "b": [true, "<&>"]}, "n": 1.10}`, "remove: [/a/q]", "{\n  \"z\": 1,\n  \"a\": {\n    \"b\": [\n      true,\n      \"<&>\"\n    ]\n  },\n  \"n\": 1.10\n}\n"},
		"set makes a way": {`{}`, "set: {/a/b~1c/d~0: {y: 1, x: [2]}}", "{\n  \"a\": {\n    \"b/c\": {\n      \"d~\": {\n        \"x\": [\n          2\n        ],\n        \"y\": 1\n      }\n    }\n  }\n}\n"},
		"a star":          {`{"p": {"/a/b": {"x": 1, "y": 2}, "/a": {"x": 1}, "/c": {"x": 1}}}`, "remove: [/p/~1a*/x, /*/~1c]", "{\n  \"p\": {\n    \"/a/b\": {\n      \"y\": 2\n    },\n    \"/a\": {}\n  }\n}\n"},
		"a star in lists": {`{"l": [{"x": 1, "k": 1}, {"x": 2}], "n": 1}`, "remove: [/*/*/x]", "{\n  \"l\": [\n    {\n      \"k\": 1\n    },\n    {}\n  ],\n  \"n\": 1\n}\n"},
		"into an array":   {`{"a": [{"b": 1}]}`, "set: {/a/0/b: 2}", "{\n  \"a\": [\n    {\n      \"b\": 2\n    }\n  ]\n}\n"},
	} {
		got, err := one(t, "x.json", c.source, "merges: [{file: x.json, when: 'true', "+c.merge+"}]\n", nil)
		if err != nil || got != c.want {
			t.Errorf("%s: got %s (%v)\nwant %s", name, got, err, c.want)
		}
	}
	for name, c := range map[string]struct{ source, merge, want string }{
		"not JSON":     {"{\n\"a\": 1,\n}", "remove: [/a]", "p/base/x.json: line 3: not valid JSON"},
		"twice":        {`{"a": 1, "a": 2}`, "remove: [/a]", `member "a" twice`},
		"more":         {`{} {}`, "remove: [/a]", "more follows"},
		"nothing":      {`{}`, "remove: [/a]", "nothing at /a to remove"},
		"nothing deep": {`{}`, "remove: [/a/b]", "nothing at /a"},
		"no match":     {`{"ab": 1}`, "remove: [/a*b*]", "nothing at /a*b* to remove"},
		"an element":   {`{"a": [1]}`, "remove: [/a/0]", "nothing at /a/0 to remove"},
		"a scalar":     {`{"a": 1}`, "set: {/a/b/c: 1}", "neither an object nor an array"},
		"no element":   {`{"a": []}`, "set: {/a/0/b: 1}", "no element 0 at /a"},
		"deep":         {strings.Repeat("[", 300), "remove: [/a]", "nested deeper"},
	} {
		_, err := one(t, "x.json", c.source, "merges: [{file: x.json, when: 'true', "+c.merge+"}]\n", nil)
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: error = %v, want %q", name, err, c.want)
		}
	}
}

func TestLimitsOnFiles(t *testing.T) {
	_, err := one(t, "x.txt", strings.Repeat("x", 9<<20), "", nil)
	if err == nil || !strings.Contains(err.Error(), "p/base/x.txt: is larger than 8 MiB") {
		t.Errorf("error = %v", err)
	}
	_, err = one(t, "x.txt", "<% range 100000 %>"+strings.Repeat("x", 100)+"<% end %>", "", nil)
	if err == nil || !strings.Contains(err.Error(), "p/base/x.txt: ") || !strings.Contains(err.Error(), "bytes of output") {
		t.Errorf("error = %v", err)
	}
}

func TestLintReadsBranchesNotTaken(t *testing.T) {
	for source, want := range map[string]string{
		"# <% if .a %>\n<% .nope %>\n# <% end %>\n": "nothing is called .nope",
		"# <% if .a %>\n":                       "the file ends within a block",
		"<% .decision_record %> <% .stack %>\n": "",
	} {
		m := fstest.MapFS{
			"p/scaffold.yaml": {Data: []byte("schema: 1\nname: p\nversion: 1.0.0\ntitle: P\ndescription: A pack.\noptions:\n  - {id: a, title: A}\nfiles:\n  - {glob: x.py, when: .a}\n")},
			"p/base/x.py":     {Data: []byte(source)},
		}
		p, err := pack.Load("builtin:p", pack.Builtin(m))
		if err != nil {
			t.Fatal(err)
		}
		err = render.Lint(p)
		if want == "" && err != nil || want != "" && (err == nil || !strings.Contains(err.Error(), want)) {
			t.Errorf("%q: error = %v, want %q", source, err, want)
		}
	}
	m := fstest.MapFS{"p/scaffold.yaml": {Data: []byte("schema: 1\nname: p\nversion: 1.0.0\ntitle: P\ndescription: A pack.\nfiles:\n  - {glob: nowhere/**, exec: true}\n")}}
	p, err := pack.Load("builtin:p", pack.Builtin(m))
	if err != nil {
		t.Fatal(err)
	}
	if err := render.Lint(p); err == nil || !strings.Contains(fmt.Sprint(err), "files nowhere/**: there is no such file") {
		t.Errorf("error = %v", err)
	}
}
