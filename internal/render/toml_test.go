package render

import (
	"strings"
	"testing"

	"example.com/scaffold/internal/pack"
)

func TestMergeTOML(t *testing.T) {
	set := func(pointer string, value any) pack.Merge { return pack.Merge{Set: map[string]any{pointer: value}} }
	deps := set("/project/dependencies/-", "acme==1")
	for _, c := range []struct{ name, before, after string }{
		{"lines", "[project]\ndependencies = [\n    \"a\", # why\n    \"b\",\n]\nx = 1\n", "[project]\ndependencies = [\n    \"a\", # why\n    \"b\",\n    \"acme==1\",\n]\nx = 1\n"},
		{"no last comma", "[project]\ndependencies = [\n\t\"a\" # why, [not]\n]\n", "[project]\ndependencies = [\n\t\"a\", # why, [not]\n\t\"acme==1\",\n]\n"},
		{"one line", "[project]\ndependencies = [\"a[x]>1\", 'b'] # c\n", "[project]\ndependencies = [\"a[x]>1\", 'b', \"acme==1\"] # c\n"},
		{"one line, last comma", "[project]\ndependencies = [\"a\",]\n", "[project]\ndependencies = [\"a\", \"acme==1\"]\n"},
		{"empty", "[project]\ndependencies = []\n", "[project]\ndependencies = [\"acme==1\"]\n"},
		{"empty lines", "[project]\ndependencies = [\n]\n", "[project]\ndependencies = [\n    \"acme==1\",\n]\n"},
		{"dotted", "project.dependencies = [\"a\"]\n", "project.dependencies = [\"a\", \"acme==1\"]\n"},
		{"other tables first", "[other]\ndependencies = [\"x\"]\n[project]\nname = \"n\"\ndependencies = [\"a\"]\n", "[other]\ndependencies = [\"x\"]\n[project]\nname = \"n\"\ndependencies = [\"a\", \"acme==1\"]\n"},
	} {
		got, err := mergeTOML([]byte(c.before), deps)
		if err != nil || string(got) != c.after {
			t.Errorf("%s: %v\n%s\nwant\n%s", c.name, err, got, c.after)
		}
	}
	for name, c := range map[string]struct {
		text  string
		merge pack.Merge
		want  string
	}{
		"no array":   {"[project]\ndependencies = 1\n", deps, "is no array"},
		"none":       {"[project]\n", deps, "no such array"},
		"broken":     {"[project\n", deps, "merge: /project/dependencies/-"},
		"no append":  {"a = 1\n", set("/a", "b"), "only a text can be added"},
		"no text":    {"a = [1]\n", set("/a/-", 2), "only a text can be added"},
		"no removal": {"a = [1]\n", pack.Merge{Remove: []string{"/a"}}, "put markers around it"},
	} {
		if _, err := mergeTOML([]byte(c.text), c.merge); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v, want %q", name, err, c.want)
		}
	}
}
