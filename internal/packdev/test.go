package packdev

import (
	"bytes"
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

// Tester runs the tests of a pack.
type Tester struct {
	Pack    *pack.Pack
	Goldens Goldens
	// Load opens the earlier version that a case of an update starts from.
	Load func(source string) (*pack.Pack, error)
}

// Run renders the pack with rows of answers in which every two that may stand
// together do: each must come out the same twice, with nothing left to replace and
// locks that hold what is asked for. Then it runs the cases of the manifest.
func (t Tester) Run() []Result {
	var results []Result
	for _, row := range pairwise(t.Pack) {
		results = append(results, Result{Name: "renders: " + describe(row), Failed: text(rendersClean(t.Pack, row))})
	}
	for _, c := range t.Pack.Tests {
		results = append(results, Result{Name: c.Name, Failed: text(t.run(c))})
	}
	return results
}

func text(err error) string {
	if err == nil {
		return ""
	}
	return err.Error()
}

// resolve fills in what a test need not say: required answers get a sample, or
// where the question refuses that, the answer of the first case that gives one.
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
		if p.Answerable().Check(q.ID, values[q.ID]) == nil {
			continue
		}
		i := slices.IndexFunc(p.Tests, func(c pack.TestCase) bool { return c.Error == "" && c.Answers[q.ID] != nil })
		if i < 0 {
			return answers.Resolved{}, fmt.Errorf("nothing tells what %s may be: give it a default in %s, or an answer in one of the tests", q.ID, pack.ManifestFile)
		}
		values[q.ID] = p.Tests[i].Answers[q.ID]
	}
	return answers.Resolve(p.Answerable(), answers.Layer{Source: answers.FromFile, Name: "test", Values: values})
}

// Plan plans a project of a pack, with samples for answers that are required and
// not given.
func Plan(p *pack.Pack, given answers.Values) (*plan.Plan, error) {
	resolved, err := resolve(p, given)
	if err != nil {
		return nil, err
	}
	return plan.Build(p, resolved, map[string]any{"decision_record": "# A decision\n", "subpath": ""})
}

// Render renders what Plan plans, as for a new project.
func Render(p *pack.Pack, given answers.Values) (*tree.Tree, error) {
	pl, err := Plan(p, given)
	if err != nil {
		return nil, err
	}
	return render.Render(pl)
}

func rendersClean(p *pack.Pack, row answers.Values) error {
	pl, err := Plan(p, row)
	if err != nil {
		return err
	}
	first, err := render.Render(pl)
	if err != nil {
		return err
	}
	second, err := Render(p, row)
	if err == nil && first.Hash() != second.Hash() {
		err = errors.New("two renderings of the same answers differ")
	}
	return errors.Join(err, leftOver(pl, first))
}

// leftOver finds a placeholder that nothing replaced: it came from a computed value
// or a merge, where names are not put in place.
func leftOver(pl *plan.Plan, got *tree.Tree) error {
	for _, e := range pl.Entries {
		f, _ := got.Get(e.Path)
		if e.Raw || e.Part != "" || bytes.IndexByte(f.Data, 0) >= 0 {
			continue
		}
		for _, n := range pl.Names {
			at := bytes.Index(f.Data, []byte(n.Placeholder))
			if at >= 0 && !strings.Contains(n.Value, n.Placeholder) {
				return fmt.Errorf("%s:%d: the placeholder %q is left: a value or a merge put it there", e.Path, 1+bytes.Count(f.Data[:at], []byte("\n")), n.Placeholder)
			}
		}
	}
	return nil
}

func (t Tester) run(c pack.TestCase) error {
	got, conflicts, err := t.outcome(c)
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
	faults := differ(conflicts, c.Conflicts)
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
		if fault := t.Goldens.compare("tests/"+c.Name+".golden", got); fault != "" {
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
