package packdev

import (
	"errors"
	"fmt"
	"io/fs"
	"path"
	"regexp"
	"slices"
	"strings"

	"github.com/goccy/go-yaml"

	"example.com/scaffold/internal/answers"
	"example.com/scaffold/internal/jinja"
	"example.com/scaffold/internal/pack"
	"example.com/scaffold/internal/tree"
)

// cookiecutterSettings is the file that makes a folder a cookiecutter template.
const cookiecutterSettings = "cookiecutter.json"

// cookiecutter makes a pack of a cookiecutter template: its questions, and the
// files of the one folder whose name is a template, translated.
func cookiecutter(project fs.FS, name string) (*tree.Tree, []Left, error) {
	i, err := newImport(project, cookiecutterSettings, name)
	if err != nil {
		return nil, nil, err
	}
	var all yaml.MapSlice // JSON is YAML, and this decoder keeps the order
	if err := yaml.UnmarshalWithOptions([]byte(strings.ReplaceAll(string(i.text), "\t", " ")), &all, yaml.UseOrderedMap()); err != nil {
		return nil, nil, fmt.Errorf("%s: %w", i.settings, err)
	}
	root, err := cookiecutterRoot(project)
	if err != nil {
		return nil, nil, err
	}
	c := cookiecutterImport{imported: i}
	for _, m := range all {
		if fmt.Sprint(m.Key) == "__prompts__" {
			c.prompts, _ = m.Value.(yaml.MapSlice)
		}
	}
	for _, m := range all {
		c.key(fmt.Sprint(m.Key), m.Value)
	}
	i.named()
	if id, ok := strings.CutPrefix(strings.TrimSpace(strings.Trim(root, "{} ")), "cookiecutter."); ok {
		i.byName(id)
	}
	i.byName("project_name")
	if err := c.around(root); err != nil {
		return nil, nil, err
	}
	if err := i.read(root, func(string) bool { return true }); err != nil {
		return nil, nil, err
	}
	for n := range i.sources {
		s := &i.sources[n]
		s.template = !slices.ContainsFunc(c.verbatim, func(p *regexp.Regexp) bool { return p.MatchString(s.path) })
	}
	if err := i.files(); err != nil {
		return nil, nil, err
	}
	return i.finish()
}

type cookiecutterImport struct {
	*imported
	prompts  yaml.MapSlice
	verbatim []*regexp.Regexp // of _copy_without_render
}

// cookiecutterRoot is the folder that becomes the project.
func cookiecutterRoot(project fs.FS) (string, error) {
	entries, err := fs.ReadDir(project, ".")
	if err != nil {
		return "", err
	}
	for _, e := range entries {
		if e.IsDir() && strings.Contains(e.Name(), "{{") && strings.Contains(e.Name(), "cookiecutter") {
			return e.Name(), nil
		}
	}
	return "", errors.New(cookiecutterSettings + ": there is no folder {{cookiecutter.…}} beside it")
}

// around says what stands beside the project's folder and runs programs.
func (c *cookiecutterImport) around(root string) error {
	return fs.WalkDir(c.fs, ".", func(p string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case p == root || d.IsDir() && p == ".git":
			return fs.SkipDir
		case !d.IsDir() && path.Dir(p) == "hooks":
			c.remark(p, 1, "a hook runs a program, which packs never do; to leave files out by an answer, give them a \"when\" below \"files\"")
		}
		return nil
	})
}

// key takes over one member of the settings.
func (c *cookiecutterImport) key(key string, value any) {
	line := c.line(key)
	scoped := "cookiecutter." + key
	switch {
	case key == "__prompts__" || key == "_template" || key == "_output_dir":
	case key == "_copy_without_render":
		for _, pattern := range texts(value) {
			c.copied(pattern, line)
		}
	case key == "_extensions":
		c.remark(c.settings, line, "%s adds to the template language: %s", key, strings.Join(texts(value), ", "))
	case key == "_jinja2_env_vars":
		(&copierImport{imported: c.imported}).environment(value)
	case strings.HasPrefix(key, "_"):
		c.hidden(key, scoped, value)
	default:
		c.question(key, scoped, value)
	}
}

// hidden takes over a value that is not asked: with two underscores a template,
// with one a text as it stands.
func (c *cookiecutterImport) hidden(key, scoped string, value any) {
	text, isText := value.(string)
	if !isText {
		c.remark(c.settings, c.line(key), "%s is no text; files that use it are left out", key)
		return
	}
	v := jinja.Value{Expr: fmt.Sprintf("%q", text), Type: jinja.Text}
	if strings.HasPrefix(key, "__") {
		template, err := c.textDefault(text)
		if err != nil {
			c.remark(c.settings, c.line(key), "%s: %s; files that use it are left out", key, reason(err))
			return
		}
		id := c.id(key)
		c.manifest.Computed = append(c.manifest.Computed, pack.Computed{ID: id, Value: template})
		c.values[scoped] = jinja.Value{Expr: "." + id, Type: jinja.Text}
		return
	}
	if strings.Contains(text, "<%") || strings.Contains(text, "%>") {
		c.remark(c.settings, c.line(key), "%s holds a delimiter of packs; files that use it are left out", key)
		return
	}
	c.compute(key, scoped, v)
}

func (c *cookiecutterImport) question(key, scoped string, value any) {
	q := answers.Question{Kind: answers.Text, Title: heading(key)}
	var labels map[string]string
	q.Title, labels = c.prompt(key, q.Title)
	switch v := value.(type) {
	case bool:
		q.Kind, q.Default = answers.Bool, v
	case []any:
		q.Kind = answers.Select
		for _, one := range v {
			text := fmt.Sprint(one)
			if strings.Contains(text, "{{") {
				c.remark(c.settings, c.line(key), "%s: its choices are templates; it is not asked, and files that use it are left out", key)
				return
			}
			q.Choices = append(q.Choices, answers.Choice{Value: text, Label: labels[text]})
		}
		if len(q.Choices) == 0 {
			c.remark(c.settings, c.line(key), "%s has no choices; it is not asked, and files that use it are left out", key)
			return
		}
		q.Default = q.Choices[0].Value
	case yaml.MapSlice:
		c.remark(c.settings, c.line(key), "%s is a mapping; it is not asked, and files that use it are left out", key)
		return
	case nil:
		q.Optional = true
	default:
		text, err := c.textDefault(fmt.Sprint(v))
		if err != nil {
			c.remark(c.settings, c.line(key), "the default of %s: %s; it has none here", key, reason(err))
			break
		}
		q.Default = text
	}
	c.ask(key, scoped, q, nil)
}

// prompt is what a question is asked with, and its choices, by value.
func (c *cookiecutterImport) prompt(key, otherwise string) (title string, labels map[string]string) {
	labels = map[string]string{}
	for _, m := range c.prompts {
		if fmt.Sprint(m.Key) != key {
			continue
		}
		if text, ok := m.Value.(string); ok {
			return clean(text), labels
		}
		words, _ := m.Value.(yaml.MapSlice)
		for _, w := range words {
			if k := fmt.Sprint(w.Key); k == "__prompt__" {
				otherwise = clean(fmt.Sprint(w.Value))
			} else {
				labels[k] = clean(fmt.Sprint(w.Value))
			}
		}
	}
	return otherwise, labels
}

// copied notes a pattern of files that are no templates. Its star crosses folders.
func (c *cookiecutterImport) copied(pattern string, line int) {
	re := regexp.QuoteMeta(pattern)
	re = strings.NewReplacer(`\*`, ".*", `\?`, ".", `\[`, "[", `\]`, "]", `[!`, "[^").Replace(re)
	compiled, err := regexp.Compile("^(?:" + re + ")$")
	if err != nil || strings.Contains(pattern, "{{") {
		c.remark(c.settings, line, "_copy_without_render: %s is not translated", pattern)
		return
	}
	c.verbatim = append(c.verbatim, compiled)
}
