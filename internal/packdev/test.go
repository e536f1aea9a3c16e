package packdev

import (
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"slices"
	"strings"

	"github.com/rogpeppe/go-internal/txtar"

	"example.com/scaffold/internal/answers"
	"example.com/scaffold/internal/pack"
	"example.com/scaffold/internal/plan"
	"example.com/scaffold/internal/render"
	"example.com/scaffold/internal/tree"
)

// Result is one test of a pack.
type Result struct {
	Name   string `json:"name"`
	Failed string `json:"failed,omitempty"` // why, "" if it passed
}

// Goldens are the whole trees that cases want, by the path of their file in the
// pack. Update collects what they should be; it is nil when they are compared.
type Goldens struct {
	FS     fs.FS
	Update map[string][]byte
}

// Test renders a pack: with its defaults and each single other answer, which must
// work and give the same bytes twice, and with the cases of its manifest.
func Test(p *pack.Pack, g Goldens) []Result {
	var results []Result
	for _, row := range variations(p) {
		results = append(results, Result{Name: "renders: " + describe(row), Failed: text(rendersTwice(p, row))})
	}
	for _, c := range p.Tests {
		results = append(results, Result{Name: c.Name, Failed: text(g.run(p, c))})
	}
	return results
}

func text(err error) string {
	if err == nil {
		return ""
	}
	return err.Error()
}

// variations are the defaults, then each other value of each question by itself.
// Those that the pack itself refuses, such as an option without what it needs,
// are none.
func variations(p *pack.Pack) []answers.Values {
	rows := []answers.Values{{}}
	for _, q := range p.Answerable().All() {
		if q.Kind == answers.Bool {
			on, _ := q.Default.(bool)
			rows = append(rows, answers.Values{q.ID: !on})
		}
		if q.Kind == answers.Select {
			for _, c := range q.Choices {
				if c.Value != q.Default {
					rows = append(rows, answers.Values{q.ID: c.Value})
				}
			}
		}
	}
	return slices.DeleteFunc(rows, func(row answers.Values) bool {
		_, err := resolve(p, row)
		return err != nil && len(row) > 0
	})
}

func describe(row answers.Values) string {
	for id, v := range row {
		return fmt.Sprintf("%s=%v", id, v)
	}
	return "defaults"
}

// resolve fills in what a test need not say: required texts get a sample.
func resolve(p *pack.Pack, given answers.Values) (answers.Resolved, error) {
	values := maps.Clone(given)
	if values == nil {
		values = answers.Values{}
	}
	for _, q := range p.Questions {
		if _, said := values[q.ID]; said || q.Default != nil || q.Optional {
			continue
		}
		switch {
		case q.Format == answers.FormatName:
			values[q.ID] = "shop"
		case q.Kind == answers.Text || q.Kind == answers.Path || q.Kind == answers.Secret:
			values[q.ID] = "sample"
		case q.Kind == answers.Int:
			values[q.ID] = 1
		case q.Kind == answers.Select && len(q.Choices) > 0:
			values[q.ID] = q.Choices[0].Value
		}
	}
	return answers.Resolve(p.Answerable(), answers.Layer{Source: answers.FromFile, Name: "test", Values: values})
}

// Render renders a pack as it would for a new project, with samples for answers
// that are required and not given.
func Render(p *pack.Pack, given answers.Values) (*tree.Tree, error) {
	resolved, err := resolve(p, given)
	if err != nil {
		return nil, err
	}
	pl, err := plan.Build(p, resolved, map[string]any{"decision_record": "# A decision\n", "subpath": ""})
	if err != nil {
		return nil, err
	}
	return render.Render(pl)
}

func rendersTwice(p *pack.Pack, row answers.Values) error {
	first, err := Render(p, row)
	if err != nil {
		return err
	}
	second, err := Render(p, row)
	if err == nil && first.Hash() != second.Hash() {
		err = errors.New("two renderings of the same answers differ")
	}
	return err
}

func (g Goldens) run(p *pack.Pack, c pack.TestCase) error {
	got, err := Render(p, c.Answers)
	switch {
	case c.Error != "" && err == nil:
		return fmt.Errorf("the answers were accepted; an error with %q was expected", c.Error)
	case c.Error != "" && !strings.Contains(err.Error(), c.Error):
		return fmt.Errorf("an error with %q was expected, not: %w", c.Error, err)
	case c.Error != "":
		return nil
	case err != nil:
		return err
	}
	var faults []string
	for _, want := range c.Files {
		if _, ok := got.Get(want); !ok {
			faults = append(faults, "there is no "+want)
		}
	}
	for _, unwanted := range c.Absent {
		if _, ok := got.Get(unwanted); ok {
			faults = append(faults, "there is a "+unwanted)
		}
	}
	for _, name := range slices.Sorted(maps.Keys(c.Contains)) {
		if f, ok := got.Get(name); !ok || !strings.Contains(string(f.Data), c.Contains[name]) {
			faults = append(faults, fmt.Sprintf("%s does not contain %q", name, c.Contains[name]))
		}
	}
	if c.Golden {
		if fault := g.compare("tests/"+c.Name+".golden", got); fault != "" {
			faults = append(faults, fault)
		}
	}
	if len(faults) > 0 {
		return errors.New(strings.Join(faults, "; "))
	}
	return nil
}

// compare holds a tree against its golden, or writes that down.
func (g Goldens) compare(name string, got *tree.Tree) string {
	archive := &txtar.Archive{}
	for p, f := range got.All() {
		if f.Exec {
			p += " (executable)"
		}
		archive.Files = append(archive.Files, txtar.File{Name: p, Data: f.Data})
	}
	data := txtar.Format(archive)
	if g.Update != nil {
		g.Update[name] = data
		return ""
	}
	want, err := fs.ReadFile(g.FS, name)
	if err != nil {
		return fmt.Sprintf("%s cannot be read (%v): write it with --update", name, err)
	}
	was := map[string][]byte{}
	for _, f := range txtar.Parse(want).Files {
		was[f.Name] = f.Data
	}
	for _, f := range txtar.Parse(data).Files {
		before, known := was[f.Name]
		delete(was, f.Name)
		if !known || string(before) != string(f.Data) {
			return fmt.Sprintf("%s is not as in %s: if that is meant, write it with --update", f.Name, name)
		}
	}
	for _, gone := range slices.Sorted(maps.Keys(was)) {
		return fmt.Sprintf("%s is in %s and not in the tree: if that is meant, write it with --update", gone, name)
	}
	return ""
}
