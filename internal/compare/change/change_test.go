package change_test

import (
	"io/fs"
	"path"
	"strings"
	"testing"
	"testing/fstest"

	"example.com/scaffold/internal/answers"
	"example.com/scaffold/internal/compare/change"
	"example.com/scaffold/internal/pack"
	"example.com/scaffold/internal/plan"
	"example.com/scaffold/internal/render"
	"example.com/scaffold/templates"
)

// rendered is what scaffold new gives for a stack, with some answers.
func rendered(t *testing.T, stack string, values answers.Values) fstest.MapFS {
	t.Helper()
	p, err := pack.Load("builtin:"+stack, pack.Builtin(templates.FS))
	if err != nil {
		t.Fatal(err)
	}
	values["name"] = "shop"
	r, err := answers.Resolve(p.Answerable(), answers.Layer{Source: answers.Flag, Values: values})
	if err != nil {
		t.Fatal(err)
	}
	pl, err := plan.Build(p, r, map[string]any{"decision_record": "# Why\n", "subpath": ""})
	if err != nil {
		t.Fatal(err)
	}
	all, err := render.Render(pl)
	if err != nil {
		t.Fatal(err)
	}
	repository := fstest.MapFS{}
	for name, file := range all.All() {
		repository[name] = &fstest.MapFile{Data: file.Data}
	}
	return repository
}

func stacks(t *testing.T) []string {
	t.Helper()
	all, err := change.Stacks()
	if err != nil {
		t.Fatal(err)
	}
	if len(all) < 4 {
		t.Fatalf("only %v have a change", all)
	}
	return all
}

// The edits fit the repository of today, as comparisons render it, and say what they touch.
func TestEveryStack(t *testing.T) {
	for _, stack := range stacks(t) {
		for _, database := range []string{"sqlite", "postgres"} {
			t.Run(path.Join(stack, database), func(t *testing.T) {
				repository := rendered(t, stack, answers.Values{"database": database})
				got, err := change.Of(stack, repository)
				if err != nil {
					t.Fatal(err)
				}
				t.Logf("%d files, %d lines", got.Files, got.Lines)
				added, removed, files, fresh := 0, 0, 0, 0
				for line := range strings.Lines(got.Diff) {
					switch {
					case strings.HasPrefix(line, "--- "):
						if files++; line == "--- /dev/null\n" {
							fresh++
						}
					case strings.HasPrefix(line, "+++ "):
					case strings.HasPrefix(line, "+"):
						added++
					case strings.HasPrefix(line, "-"):
						removed++
					}
				}
				if got.Files < 2 || got.Files != files || added == 0 || removed == 0 || got.Lines != added+removed {
					t.Errorf("%d files, %d lines; the diff has %d files, +%d -%d", got.Files, got.Lines, files, added, removed)
				}
				if fresh != 1 {
					t.Errorf("%d new files, want the migration", fresh)
				}
				if strings.Contains(got.Diff, "openapi.json") {
					t.Error("openapi.json is generated")
				}
			})
		}
	}
}

// A file in which an edit finds its place twice or not at all, or that is gone, or that
// is there though the edit makes it, is named.
func TestWhatMovedIsNamed(t *testing.T) {
	for _, stack := range stacks(t) {
		t.Run(stack, func(t *testing.T) {
			edited, err := change.Edited(stack, rendered(t, stack, answers.Values{}))
			if err != nil {
				t.Fatal(err)
			}
			for name := range edited {
				repository := rendered(t, stack, answers.Values{})
				file, old := repository[name]
				if !old { // the migration, which is made
					repository[name] = &fstest.MapFile{}
					refused(t, stack, repository, name)
					continue
				}
				file.Data = append(file.Data, file.Data...)
				refused(t, stack, repository, name)
				file.Data = nil
				refused(t, stack, repository, name)
				delete(repository, name)
				refused(t, stack, repository, name)
			}
		})
	}
}

func refused(t *testing.T, stack string, repository fs.FS, name string) {
	t.Helper()
	got, err := change.Of(stack, repository)
	if got != nil || err == nil || !strings.Contains(err.Error(), stack) || !strings.Contains(err.Error(), name) {
		t.Errorf("%v, error %v does not name %s", got, err, name)
	}
}

func TestOthersHaveNoFigure(t *testing.T) {
	for _, stack := range []string{"", "hub:own", "../change"} {
		if got, err := change.Of(stack, fstest.MapFS{}); got != nil || err != nil {
			t.Errorf("%q: %v, %v", stack, got, err)
		}
	}
}
