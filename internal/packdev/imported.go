package packdev

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"path"
	"regexp"
	"slices"
	"strings"

	"github.com/bmatcuk/doublestar/v4"
	"github.com/goccy/go-yaml"

	"example.com/scaffold/internal/answers"
	"example.com/scaffold/internal/expr"
	"example.com/scaffold/internal/jinja"
	"example.com/scaffold/internal/pack"
	"example.com/scaffold/internal/render"
	"example.com/scaffold/internal/tree"
)

// NotImported is the folder of a pack for the files that could not be translated,
// as they were. Nothing reads it.
const NotImported = "not-imported"

// imported is a pack on the way from another tool's template.
type imported struct {
	fs       fs.FS
	settings string // the file that asks: copier.yml, cookiecutter.json
	text     []byte // of it, to find lines
	manifest pack.Manifest
	syntax   jinja.Syntax
	values   map[string]jinja.Value // by the name that templates use
	ids      map[string]string      // of questions, by the name in settings
	sources  []source
	out      *tree.Tree
	left     []Left
}

// source is one file of the template.
type source struct {
	at       string // in the template
	path     string // in a project, as the template has it
	template bool
	exec     bool
	data     []byte
}

func newImport(project fs.FS, settings, name string) (*imported, error) {
	text, err := fs.ReadFile(project, settings)
	if err != nil {
		return nil, err
	}
	i := &imported{
		fs: project, settings: settings, text: text, syntax: jinja.Standard(), out: &tree.Tree{},
		values: map[string]jinja.Value{}, ids: map[string]string{},
		manifest: pack.Manifest{
			Schema: pack.SchemaVersion, Name: name, Version: "0.1.0", Title: name, Description: "Made from a template of another tool.",
			Names: map[string]string{}, Tests: []pack.TestCase{{Name: "as-imported", Golden: true}},
		},
	}
	return i, nil
}

// remark says what was not taken over as it was.
func (i *imported) remark(at string, line int, format string, args ...any) {
	i.left = append(i.left, Left{Path: at, Line: max(line, 1), Why: fmt.Sprintf(format, args...)})
}

// line is that of a key of the settings.
func (i *imported) line(key string) int {
	at := regexp.MustCompile(`(?m)^\s*["']?` + regexp.QuoteMeta(key) + `["']?\s*:`).FindIndex(i.text)
	if at == nil {
		return 1
	}
	return 1 + bytes.Count(i.text[:at[0]], []byte("\n")) + bytes.Count(i.text[at[0]:at[1]], []byte("\n"))
}

// scope finds the value of a name for the translation.
func (i *imported) scope(name string) (jinja.Value, bool) {
	v, ok := i.values[name]
	return v, ok
}

// id is that of a question or computed value, in the form that packs want.
func (i *imported) id(name string) string {
	id := strings.Trim(strings.ToLower(regexp.MustCompile(`[^A-Za-z0-9]+`).ReplaceAllString(name, "_")), "_")
	if id == "" || id[0] >= '0' && id[0] <= '9' {
		id = "q" + id
	}
	taken := func(id string) bool {
		for _, known := range i.ids {
			if known == id {
				return true
			}
		}
		return slices.Contains(pack.Reserved(), id)
	}
	for taken(id) {
		id += "_"
	}
	if id != name && !strings.HasPrefix(name, "_") {
		i.remark(i.settings, i.line(name), "%s is called %s here", name, id)
	}
	i.ids[name] = id
	return id
}

// ask takes over a question. Its condition, if it has one, leaves its default in
// its place where it does not hold, as both tools do.
func (i *imported) ask(name, scoped string, q answers.Question, when *jinja.Value) {
	q.ID = i.id(name)
	v := jinja.Value{Expr: "." + q.ID, Type: typeOf(q)}
	if q.ID == "name" {
		q.Kind, q.Format, q.Default, q.Optional, q.Min, q.Max = answers.Text, answers.FormatName, nil, false, nil, nil
		i.remark(i.settings, i.line(name), "name is the project's own: lower-case letters, digits and dashes, and no default")
	}
	if text, isText := q.Default.(string); isText && q.Kind != answers.Select && text == "" {
		q.Default, q.Optional = nil, true
	}
	if text, isText := q.Default.(string); q.Default != nil && (!isText || !strings.Contains(text, expr.Left)) {
		if err := (answers.Schema{Questions: []answers.Question{q}}).Check(q.ID, q.Default); err != nil {
			i.remark(i.settings, i.line(name), "the default of %s %v; it has none here", name, err)
			q.Default = nil
		}
	}
	if when != nil {
		q.When = when.Cond()
		if otherwise, ok := literal(q); ok {
			v = v.Or(*when, otherwise)
		} else if q.Default != nil && q.Default != false {
			i.remark(i.settings, i.line(name), "%s is empty when it is not asked; there it is its default", name)
		}
	}
	i.manifest.Questions = append(i.manifest.Questions, q)
	i.values[scoped] = v
}

// literal is a question's default as an expression, where it says anything.
func literal(q answers.Question) (jinja.Value, bool) {
	switch d := q.Default.(type) {
	case string:
		if inner, ok := strings.CutPrefix(d, expr.Left+" "); ok {
			inner, ok = strings.CutSuffix(inner, " "+expr.Right)
			return jinja.Value{Expr: inner, Type: typeOf(q)}, ok && !strings.Contains(inner, expr.Left)
		}
		return jinja.Value{Expr: fmt.Sprintf("%q", d), Type: typeOf(q)}, !strings.Contains(d, expr.Left)
	case bool:
		return jinja.Value{Expr: fmt.Sprint(d), Type: jinja.Bool}, d // false is what it is anyway
	case int, int64, uint64:
		return jinja.Value{Expr: fmt.Sprint(d), Type: jinja.Int}, true
	}
	return jinja.Value{}, false
}

func typeOf(q answers.Question) jinja.Type {
	switch q.Kind {
	case answers.Bool:
		return jinja.Bool
	case answers.Int:
		return jinja.Int
	case answers.List, answers.MultiSelect:
		return jinja.List
	default:
		return jinja.Text
	}
}

// compute takes over a value that nobody is asked for.
func (i *imported) compute(name, scoped string, v jinja.Value) {
	c := pack.Computed{ID: i.id(name)}
	if v.Type == jinja.Bool {
		c.When = v.Cond()
	} else {
		c.Value = expr.Left + " " + v.Expr + " " + expr.Right
		v.Type = jinja.Text
	}
	i.manifest.Computed = append(i.manifest.Computed, c)
	i.values[scoped] = jinja.Value{Expr: "." + c.ID, Type: v.Type}
}

// textDefault translates a default that may be a template.
func (i *imported) textDefault(text string) (string, error) {
	if v, ok, err := jinja.Whole(text, i.syntax, i.scope); ok || err != nil {
		return expr.Left + " " + v.Expr + " " + expr.Right, err
	}
	c, err := jinja.Inline(text, i.syntax, i.scope)
	if c.When.Expr != "" {
		c.Text = expr.Left + " if " + c.When.Cond() + " " + expr.Right + c.Text + expr.Left + " end " + expr.Right
	}
	return c.Text, err
}

// named makes sure that the pack asks for the project's name, first of all.
func (i *imported) named() {
	if slices.ContainsFunc(i.manifest.Questions, func(q answers.Question) bool { return q.ID == "name" }) {
		return
	}
	i.manifest.Questions = slices.Insert(i.manifest.Questions, 0, answers.Question{
		ID: "name", Kind: answers.Text, Title: "What is it called?", Help: "Also the name of its folder.", Format: answers.FormatName,
	})
}

// byName lets a question that is asked for the same in other words have the name
// as its default, so that a project can be made with no other answer.
func (i *imported) byName(id string) {
	for n := range i.manifest.Questions {
		q := &i.manifest.Questions[n]
		text, isText := q.Default.(string)
		if q.ID == id && q.Kind == answers.Text && !q.Optional && (q.Default == nil || isText && !strings.Contains(text, expr.Left)) {
			q.Default = expr.Left + " .name " + expr.Right
			i.remark(i.settings, i.line(id), "the default of %s is the project's name here", id)
		}
	}
}

// read collects the files below a folder of the template.
func (i *imported) read(root string, keep func(rel string) bool) error {
	return fs.WalkDir(i.fs, root, func(at string, d fs.DirEntry, err error) error {
		rel := strings.TrimPrefix(strings.TrimPrefix(at, root), "/")
		if err != nil || rel == "" || at == "." {
			return err
		}
		why := unwanted(plain(rel), d)
		switch {
		case !keep(rel):
		case why != "":
			i.left = append(i.left, Left{Path: at, Why: why})
		case !d.IsDir():
			return i.readFile(at, rel, d)
		default:
			return nil
		}
		if d.IsDir() {
			return fs.SkipDir
		}
		return nil
	})
}

// plain is a path of which only what Jinja leaves alone is looked at.
func plain(rel string) string {
	return regexp.MustCompile(`\{[{%].*?[}%]\}`).ReplaceAllString(rel, "x")
}

func (i *imported) readFile(at, rel string, d fs.DirEntry) error {
	info, err := d.Info()
	if err != nil {
		return err
	}
	data, err := fs.ReadFile(i.fs, at)
	if err != nil {
		return err
	}
	if secrets.Match(data) {
		i.left = append(i.left, Left{Path: at, Why: "looks like it holds a secret"})
		return nil
	}
	i.sources = append(i.sources, source{at: at, path: rel, exec: info.Mode()&0o100 != 0, data: data})
	return nil
}

// files translates what was read.
func (i *imported) files() error {
	owners := map[string]string{}
	for _, s := range i.sources {
		target, when, err := i.target(s.path)
		if err != nil {
			if err := i.leave(s, cmp.Or(lineOf(err), 1), "its path: "+reason(err)); err != nil {
				return err
			}
			continue
		}
		if other, taken := owners[target]; taken {
			if err := i.leave(s, 1, "has the same path as "+other+"; give them to the answers they belong to, in features/<question>=<value>/"); err != nil {
				return err
			}
			continue
		}
		data, raw := s.data, bytes.IndexByte(s.data, 0) >= 0
		if s.template && !raw {
			text, err := jinja.Translate(string(data), i.syntax, i.scope, func(action string) string { return render.Marker(target, action) })
			if err != nil {
				if err := i.leave(s, lineOf(err), reason(err)); err != nil {
					return err
				}
				continue
			}
			data = []byte(text)
		} else if bytes.Contains(data, []byte(expr.Left)) {
			raw = true
		}
		if err := i.out.Add("base/"+target, tree.File{Data: data, Exec: s.exec}); err != nil {
			if err := i.leave(s, 1, err.Error()); err != nil {
				return err
			}
			continue
		}
		owners[target] = s.at
		if when != "" || raw || s.exec {
			i.manifest.Files = append(i.manifest.Files, pack.FileRule{Glob: escapeGlob(target), When: when, Raw: raw, Exec: s.exec})
		}
	}
	return nil
}

// leave keeps a file for a person to translate.
func (i *imported) leave(s source, line int, why string) error {
	if strings.Contains(why, "_copier_") {
		i.left = append(i.left, Left{Path: s.at, Why: "keeps answers, which are in .scaffold/ here"})
		return nil
	}
	i.remark(s.at, line, "%s; the file is left out", why)
	kept := NotImported + "/" + regexp.MustCompile(`[^A-Za-z0-9._/-]+`).ReplaceAllString(s.at, "_")
	for _, taken := i.out.Get(kept); taken; _, taken = i.out.Get(kept) {
		kept += "_"
	}
	return i.out.Add(kept, tree.File{Data: s.data, Exec: s.exec})
}

func reason(err error) string {
	var at *jinja.Error
	if errors.As(err, &at) {
		return at.Why
	}
	return err.Error()
}

func lineOf(err error) int {
	var at *jinja.Error
	if errors.As(err, &at) {
		return at.Line
	}
	return 0
}

// action is one printing action of a translated path.
var action = regexp.MustCompile(`<% (.+?) %>`)

// target translates a path: values become placeholders, and a segment that is
// there under a condition gives the file its own.
func (i *imported) target(p string) (target, when string, err error) {
	var conds []jinja.Value
	var segments []string
	for segment := range strings.SplitSeq(p, "/") {
		c, err := jinja.Inline(segment, i.syntax, i.scope)
		if err != nil {
			return "", "", err
		}
		if c.When.Expr != "" {
			conds = append(conds, c.When)
		}
		text := c.Text
		if strings.Contains(text, expr.Left+" if ") {
			text = i.placeholder(text)
		}
		text = action.ReplaceAllStringFunc(text, i.placeholder)
		segments = append(segments, text)
	}
	for n, c := range conds {
		if n > 0 {
			c = conds[0].And(c)
		}
		conds[0] = c
	}
	if len(conds) > 0 {
		when = conds[0].Cond()
	}
	target = path.Join(segments...)
	return target, when, tree.CheckPath(target)
}

// placeholder is the name that stands for a template in paths. It occurs nowhere
// else.
func (i *imported) placeholder(template string) string {
	for known, value := range i.manifest.Names {
		if value == template {
			return known
		}
	}
	words := strings.Trim(regexp.MustCompile(`[^a-z0-9]+`).ReplaceAllString(strings.ToLower(template), "_"), "_")
	for n := 0; ; n++ {
		name := "__" + words + "__"
		if n > 0 {
			name = fmt.Sprintf("__%s_%d__", words, n)
		}
		_, taken := i.manifest.Names[name]
		if !taken && !slices.ContainsFunc(i.sources, func(s source) bool {
			return bytes.Contains(s.data, []byte(name)) || strings.Contains(s.path, name)
		}) {
			i.manifest.Names[name] = template
			return name
		}
	}
}

// glob is the pattern of packs for one in the manner of .gitignore: a name at any
// depth, or a path, and all that lies below.
func glob(pattern string) string {
	p := strings.TrimSuffix(pattern, "/")
	if strings.Contains(p, "/") {
		p = strings.TrimPrefix(p, "/")
	} else {
		p = "**/" + p
	}
	return p + "/**"
}

// conditional adds rules for patterns of files. Of several rules the last one's
// condition counts, so a file that several speak of gets one with all of them.
func (i *imported) conditional(rules []pack.FileRule) {
	own := i.manifest.Files // of single files
	used := make([]bool, len(rules))
	var both []pack.FileRule
	for _, p := range i.out.Paths() {
		rel, inBase := strings.CutPrefix(p, "base/")
		if !inBase {
			continue
		}
		var conds []string
		for _, r := range own {
			if r.Glob == escapeGlob(rel) && r.When != "" {
				conds = append(conds, "("+r.When+")")
			}
		}
		for n, r := range rules {
			if doublestar.MatchUnvalidated(r.Glob, rel) {
				used[n] = true
				if r.When != "" {
					conds = append(conds, "("+r.When+")")
				}
			}
		}
		if len(conds) > 1 {
			both = append(both, pack.FileRule{Glob: escapeGlob(rel), When: "and " + strings.Join(conds, " ")})
		}
	}
	for n, r := range rules {
		if used[n] {
			i.manifest.Files = append(i.manifest.Files, r)
		}
	}
	i.manifest.Files = append(i.manifest.Files, both...)
}

// finish writes the manifest and what a person has to look at.
func (i *imported) finish() (*tree.Tree, []Left, error) {
	maps.DeleteFunc(i.manifest.Names, func(placeholder, _ string) bool {
		return !slices.ContainsFunc(i.out.Paths(), func(p string) bool { return strings.Contains(p, placeholder) })
	})
	data, err := yaml.MarshalWithOptions(i.manifest, yaml.IndentSequence(true), yaml.UseLiteralStyleIfMultiline(true))
	if err != nil {
		return nil, nil, err
	}
	head := "# Made from " + i.settings + ". \"scaffold pack lint\" and \"scaffold pack test\" check this pack.\n"
	if err := add(i.out, pack.ManifestFile, head+string(data)); err != nil {
		return nil, nil, err
	}
	slices.SortStableFunc(i.left, func(a, b Left) int { return cmp.Or(cmp.Compare(a.Path, b.Path), cmp.Compare(a.Line, b.Line)) })
	if len(i.left) == 0 {
		return i.out, nil, nil
	}
	var report strings.Builder
	fmt.Fprintf(&report, "# What is left to do\n\nThis pack was made from %s. These places were not taken over as they were; files that\ncould not be translated lie in `%s/` as they were. Delete both when you are done.\n\n", i.settings, NotImported)
	for _, l := range i.left {
		fmt.Fprintf(&report, "- %s\n", l)
	}
	return i.out, i.left, add(i.out, "IMPORT.md", report.String())
}
