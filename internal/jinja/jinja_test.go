package jinja_test

import (
	"errors"
	"io/fs"
	"strings"
	"testing"
	"testing/fstest"

	"example.com/scaffold/internal/answers"
	"example.com/scaffold/internal/jinja"
	"example.com/scaffold/internal/pack"
	"example.com/scaffold/internal/plan"
	"example.com/scaffold/internal/render"
)

// scope are the answers that the tests' templates know.
func scope(name string) (jinja.Value, bool) {
	types := map[string]jinja.Type{"s": jinja.Text, "empty": jinja.Text, "n": jinja.Int, "yes": jinja.Bool, "no": jinja.Bool, "l": jinja.List}
	t, ok := types[name]
	return jinja.Value{Expr: "." + name, Type: t}, ok
}

const manifest = `schema: 1
name: p
version: 1.0.0
title: P
description: A pack.
questions:
  - {id: name, type: text, title: N, format: name, default: shop}
  - {id: s, type: text, title: S, default: My Shop}
  - {id: empty, type: text, title: E, optional: true}
  - {id: n, type: int, title: N, default: 3}
  - {id: yes, type: bool, title: Y, default: true}
  - {id: no, type: bool, title: N, default: false}
  - {id: l, type: multiselect, title: L, choices: [{value: a}, {value: b}], default: [a, b]}
`

// rendered translates a template and renders a pack with it.
func rendered(t *testing.T, source string, syntax jinja.Syntax) string {
	t.Helper()
	text, err := jinja.Translate(source, syntax, scope, func(action string) string { return render.Marker("f.txt", action) })
	if err != nil {
		t.Fatalf("%q: %v", source, err)
	}
	p, err := pack.Load("p", func(string) (fs.FS, error) {
		return fstest.MapFS{"scaffold.yaml": {Data: []byte(manifest)}, "base/f.txt": {Data: []byte(text)}}, nil
	})
	if err != nil {
		t.Fatal(err)
	}
	resolved, err := answers.Resolve(p.Answerable())
	if err != nil {
		t.Fatal(err)
	}
	pl, err := plan.Build(p, resolved, nil)
	if err != nil {
		t.Fatal(err)
	}
	tree, err := render.Render(pl)
	if err != nil {
		t.Fatalf("%q\n%s\n%v", source, text, err)
	}
	f, _ := tree.Get("f.txt")
	return string(f.Data)
}

// TestTranslate renders what Jinja 3.1 renders of the same template and answers.
func TestTranslate(t *testing.T) {
	trimming := jinja.Standard()
	trimming.TrimBlocks, trimming.LstripBlocks = true, true
	short := jinja.Standard()
	short.DropTrailingNewline = true
	square := jinja.Standard()
	square.VariableStart, square.VariableEnd, square.BlockStart, square.BlockEnd = "[[", "]]", "[%", "%]"
	for _, c := range []struct {
		name, source, want string
		syntax             jinja.Syntax
	}{
		{"value", "a {{ s }} {{ n }} {{ yes }} {{no}}\n", "a My Shop 3 True False\n", jinja.Standard()},
		{"filters", `{{ s|lower }} {{ s | upper | replace("MY", 'Our') }} {{ s|slugify }} {{ s|slugify('_') }} {{ s|slugify(separator=".") }}`, "my shop Our SHOP my-shop my_shop my.shop", jinja.Standard()},
		{"methods", `{{ s.lower().replace(' ', '_') }}{{ "-" ~ n ~ '-' + s.strip() }}{{ ', '.join(l) }}{{ l|join("+") }}{{ l|length }}`, "my_shop-3-My Shopa, ba+b2", jinja.Standard()},
		{"ternary", `{{ "y" if yes else "n" }}{{ "y" if s == "x" else "n" }}{{ 'q' if no }}`, "yn", jinja.Standard()},
		{"logic", `{% if yes and not no or s == "x" %}1{% endif %}{% if "a" in l and "z" not in l %}2{% endif %}{% if "Shop" in s %}3{% endif %}{% if s in ("x", 'My Shop',) and s not in ['y'] %}+{% endif %}{% if n >= 3 and n != 4 %}4{% endif %}{% if empty %}5{% endif %}`, "123+4", jinja.Standard()},
		{"default", `{{ empty|default("x") }}{{ empty|default("x", true) }}{{ s|d("y") }}`, "xMy Shop", jinja.Standard()},
		{"json", `{"a": {{ s|tojson }}, "b": {{ yes|tojson }}, "c": {{ l | tojson }}}`, `{"a": "My Shop", "b": true, "c": ["a","b"]}`, jinja.Standard()},
		{"lines keep what Jinja keeps", "a\n{% if yes %}\nb\n{% endif %}\nc\n", "a\n\nb\n\nc\n", jinja.Standard()},
		{"lines trimmed before", "a\n{%- if yes %}\nb\n{%- else %}\nd\n{%- endif %}\nc\n", "a\nb\nc\n", jinja.Standard()},
		{"lines trimmed before, none", "a\n{%- if no %}\nb\n{%- endif %}\nc\n", "a\nc\n", jinja.Standard()},
		{"lines trimmed behind", "a\n{% if no -%}\nb\n{% elif yes -%}\ne\n{% else -%}\nd\n{% endif -%}\nc\n", "a\ne\nc\n", jinja.Standard()},
		{"indented", "a:\n  {% if yes %}\n  - b\n  {% endif %}\nc\n", "a:\n  \n  - b\n  \nc\n", jinja.Standard()},
		{"trim_blocks, lstrip_blocks", "a:\n  {% if yes %}\n  - b\n  {% endif %}\n  {# gone #}\nc {% if yes %}d{% endif %}\ne\n", "a:\n  - b\nc de\n", trimming},
		{"lstrip off", "  {%+ if yes %}x{% endif %}\n", "  x", trimming},
		{"nested", "{% if yes %}\n{% if no %}\nx\n{% else %}\ny\n{% endif %}\n{% endif %}\nz\n", "y\nz\n", trimming},
		{"comment", "a{# {{ x }} #}b\n{#- c -#}\nd\n", "abd\n", jinja.Standard()},
		{"raw", "{% raw %}{{ x }} {% if %}{% endraw %}{{ s }}\n", "{{ x }} {% if %}My Shop\n", jinja.Standard()},
		{"expression of GitHub", "${{ '{{' }} secrets.X {{ '}}' }}\n", "${{ secrets.X }}\n", jinja.Standard()},
		{"set", "{% set t = s|lower %}{{ t }}!\n", "my shop!\n", jinja.Standard()},
		{"set on a line", "{% set t = s|lower -%}\n{{ t }}!\n", "my shop!\n", jinja.Standard()},
		{"our delimiter", "<% x %> {{ s }}\n<% if x %>\n", "<% x %> My Shop\n<% if x %>\n", jinja.Standard()},
		{"line end dropped", "{{ s }}\n", "My Shop", short},
		{"other delimiters", "[[ s ]] {{ x }} [% if yes %]y[% endif %]\n", "My Shop {{ x }} y\n", square},
		{"quotes in tags", `{{ "%}" ~ '}}' }}` + "\n", "%}}}\n", jinja.Standard()},
		{"first line", "{% if yes %}a{% endif %}\nb\n", "a\nb\n", jinja.Standard()},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := rendered(t, c.source, c.syntax); got != c.want {
				t.Errorf("%q\ngot  %q\nwant %q", c.source, got, c.want)
			}
		})
	}
}

// TestFaults says what has no counterpart, with its line.
func TestFaults(t *testing.T) {
	for source, want := range map[string]string{
		"a\n{% for x in l %}{% endfor %}":             "line 2: {% for %} has no counterpart",
		"{% macro m() %}{% endmacro %}":               "{% macro %}",
		"{% include 'x' %}":                           "{% include %}",
		"\n\n{{ nothing }}":                           "line 3: nothing is no answer",
		"{{ s|title }}":                               "the filter title of a text",
		"{{ s|ours(1) }}":                             "the filter ours",
		"{{ s[0] }}":                                  "[ behind a value",
		"{{ f(s) }}":                                  "f is no answer",
		"{{ l }}":                                     "prints a list",
		"{{ n * 2 }}":                                 "too much",
		"{{ n + 2 }}":                                 "a number + a number",
		"{% if yes == 'yes' %}{% endif %}":            "compares a yes or no with a text",
		"{% if 1 < n < 3 %}{% endif %}":               "a chain of comparisons",
		"{% if s is string %}{% endif %}":             "is behind a value",
		"{% if yes %}":                                "line 1: {% if %} is not closed",
		"{% if %}{% endif %}":                         "does not fit the block",
		"{% if yes %}{% else %}{% else %}{% endif %}": "does not fit the block",
		strings.Repeat("{% if yes %}", 60):            "too deep",
		"{{ " + strings.Repeat("(", 3000) + " }}":     "more than 2000 bytes",
		"{{ (s }}":                                    "do not end",
		"{% if s in (s, n) %}{% endif %}":             "a list of something else",
		"{% endif %}":                                 "ends nothing",
		"{{ s ":                                       "is not closed",
		"{% raw %}x":                                  "{% raw %} is not closed",
		"a\n{% if yes %}\n{{ s|x }}{% endif %}":       "line 3: the filter x",
		"{% if yes %}{% set x = s %}{% endif %}":      "inside another block",
		"{{ '%' ~ '%>' }}":                            "a delimiter of packs",
		`{{ "\x41" }}`:                                "the escape",
		"{{ s }":                                      "is not closed",
		"{{ s.title() }}":                             "title of a text",
		"{{ s or yes }}":                              "prints a value of no one type",
	} {
		_, err := jinja.Translate(source, jinja.Standard(), scope, func(a string) string { return a })
		var f *jinja.Error
		if !errors.As(err, &f) || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v, want %q", source, err, want)
		}
	}
}

// FuzzTranslate: whatever comes out loads as a template of a pack, or is refused.
func FuzzTranslate(f *testing.F) {
	for _, s := range []string{"a{% if yes %}\nb{% else %}\nc{% endif %}\nd", "{{ s|replace('a','b') }}", "{% raw %}{{{% endraw %}", "{#-#}", "{%-if s%}{%endif-%}", "{{ '<' ~ '%' }}"} {
		f.Add(s, true)
	}
	f.Fuzz(func(t *testing.T, source string, trim bool) {
		syntax := jinja.Standard()
		syntax.TrimBlocks, syntax.LstripBlocks = trim, trim
		if strings.ContainsAny(source, "\x00\r") || len(source) > 2000 {
			return
		}
		text, err := jinja.Translate(source, syntax, scope, func(a string) string { return render.Marker("f.txt", a) })
		if err != nil {
			return
		}
		p, err := pack.Load("p", func(string) (fs.FS, error) {
			return fstest.MapFS{"scaffold.yaml": {Data: []byte(manifest)}, "base/f.txt": {Data: []byte(text)}}, nil
		})
		if err != nil {
			t.Fatal(err)
		}
		if err := render.Lint(p); err != nil {
			t.Errorf("%q became %q: %v", source, text, err)
		}
	})
}
