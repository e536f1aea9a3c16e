package update_test

import (
	"testing"

	"example.com/scaffold/internal/update"
)

// Edits that touch are a conflict of lines, but not of settings.
func TestStructure(t *testing.T) {
	const conflict = "conflict"
	for _, tc := range []struct{ name, file, base, ours, theirs, want string }{
		{
			"TOML: a dependency added by each", "pyproject.toml",
			"[project]\ndependencies = [\n  \"a\",\n]\n# tools\n", "[project]\ndependencies = [\n  \"a\",\n  \"mine\", # needed\n]\n# tools\n", "[project]\ndependencies = [\n  \"a\",\n  \"theirs\",\n]\n# tools\n",
			"[project]\ndependencies = [\n  \"a\",\n  \"mine\", # needed\n  \"theirs\",\n]\n# tools\n",
		},
		{"TOML: neighbouring settings", "x.toml", "a = 1 # one\nb = 1\n", "a = 2 # one\nb = 1\n", "a = 1 # one\nb = 2\n", "a = 2 # one\nb = 2\n"},
		{"TOML: the same setting", "x.toml", "a = 1\n", "a = 2\n", "a = 3\n", conflict},
		{"TOML: a table in between", "x.toml", "a = 1\n", "a = 1\n[t]\nx = 1\n", "a = 1\nb = 2\n", "a = 1\nb = 2\n[t]\nx = 1\n"},
		{"YAML: a key added by each", "ci.yml", "jobs:\n  a: 1\n", "jobs:\n  a: 1\n  mine: 2 # keep\n", "jobs:\n  a: 1\n  theirs: 3\n", "jobs:\n  a: 1\n  mine: 2 # keep\n  theirs: 3\n"},
		{"YAML: the same key", "ci.yml", "a: 1\n", "a: 1\nb: 2\n", "a: 1\nb: 3\n", conflict},
		{"YAML: a list of steps is no set", "ci.yml", "s:\n  - run: a\n", "s:\n  - run: a\n  - run: b\n", "s:\n  - run: a\n  - run: c\n", conflict},
		{"env: a setting added by each", ".env.example", "A=1\n", "A=1\nMINE=2\n", "A=1\nTHEIRS=3\n", "A=1\nMINE=2\nTHEIRS=3\n"},
		{"env: the same setting", ".env.example", "A=1\n", "A=1\nB=2\n", "A=1\nB=3\n", conflict},
		{"no structure", "x.txt", "a\n", "a\nmine\n", "a\ntheirs\n", conflict},
		{"JSON with its own formatting", "x.json", "{\"a\": [1],\n \"b\": 1,\n \"c\": 1}\n", "{\"a\": [1],\n \"b\": 2,\n \"c\": 1}\n", "{\"a\": [1],\n \"b\": 1,\n \"c\": 2}\n", "{\"a\": [1],\n \"b\": 2,\n \"c\": 2}\n"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			ours := files{tc.file: tc.ours}.disk()
			plan, err := update.New(files{tc.file: tc.base}.tree(t), files{tc.file: tc.theirs}.tree(t), ours, update.Options{})
			if err != nil || len(plan.Steps) != 1 {
				t.Fatal(plan.Steps, err)
			}
			got := string(ours.apply(plan.Steps)[tc.file].Data)
			if isConflict := plan.Steps[0].State == update.Conflict; isConflict != (tc.want == conflict) || !isConflict && got != tc.want {
				t.Errorf("%s\n%s", plan.Steps[0].State, got)
			}
		})
	}
}
