package packdev

import (
	"fmt"
	"io/fs"
	"path"
	"slices"
	"strings"

	"github.com/bmatcuk/doublestar/v4"
	"github.com/goccy/go-yaml"

	"example.com/scaffold/internal/answers"
	"example.com/scaffold/internal/jinja"
	"example.com/scaffold/internal/pack"
	"example.com/scaffold/internal/tree"
)

// copierExclude is what copier leaves out where a template says nothing.
var copierExclude = [...]string{"copier.yaml", "copier.yml", "~*", "*.py[co]", "__pycache__", ".git", ".DS_Store", ".svn"}

// copier makes a pack of a copier template: its questions, and the files below
// _subdirectory with those named *.jinja translated.
func copier(project fs.FS, settings, name string) (*tree.Tree, []Left, error) {
	i, err := newImport(project, settings, name)
	if err != nil {
		return nil, nil, err
	}
	var all yaml.MapSlice
	if err := yaml.UnmarshalWithOptions(i.text, &all, yaml.UseOrderedMap()); err != nil {
		return nil, nil, fmt.Errorf("%s: %w", settings, err)
	}
	c := copierImport{imported: i, suffix: ".jinja", exclude: copierExclude[:]}
	for _, item := range all {
		if key := fmt.Sprint(item.Key); strings.HasPrefix(key, "_") {
			c.setting(key, item.Value)
		}
	}
	for _, item := range all {
		if key := fmt.Sprint(item.Key); !strings.HasPrefix(key, "_") {
			c.question(key, item.Value)
		}
	}
	i.named()
	i.byName("project_name")
	root := path.Join(".", c.subdirectory)
	if info, err := fs.Stat(project, root); err != nil || !info.IsDir() {
		return nil, nil, fmt.Errorf("%s: _subdirectory %q is no folder of the template", settings, c.subdirectory)
	}
	conditional := c.patterns()
	if err := i.read(root, c.keep); err != nil {
		return nil, nil, err
	}
	for n := range i.sources {
		s := &i.sources[n]
		if rest, ok := strings.CutSuffix(s.path, c.suffix); ok {
			s.path, s.template = rest, true
		}
	}
	if err := i.files(); err != nil {
		return nil, nil, err
	}
	i.conditional(conditional)
	return i.finish()
}

type copierImport struct {
	*imported
	suffix       string
	subdirectory string
	exclude      []string // in their order; the last that fits decides
	once         []string // _skip_if_exists
	secret       []string
}

// setting takes over a key that begins with an underscore.
func (c *copierImport) setting(key string, value any) {
	text, _ := value.(string)
	switch key {
	case "_subdirectory":
		c.subdirectory = text
	case "_templates_suffix":
		c.suffix = text
	case "_exclude":
		c.exclude = texts(value)
	case "_skip_if_exists":
		c.once = texts(value)
	case "_secret_questions":
		c.secret = texts(value)
	case "_envops":
		c.environment(value)
	case "_min_copier_version", "_answers_file", "_preserve_symlinks":
	case "_tasks", "_migrations":
		c.remark(c.settings, c.line(key), "%s runs programs, which packs never do; \"migrations\" renames files and answers, \"next_steps\" tells what to run", key)
	case "_jinja_extensions":
		c.remark(c.settings, c.line(key), "%s adds to the template language: %s", key, strings.Join(texts(value), ", "))
	case "_message_after_copy":
		c.remark(c.settings, c.line(key), "%s is not shown; \"next_steps\" is the place for it", key)
	default:
		c.remark(c.settings, c.line(key), "%s has no counterpart", key)
	}
}

func texts(value any) []string {
	var out []string
	if list, ok := value.([]any); ok {
		for _, v := range list {
			out = append(out, fmt.Sprint(v))
		}
	}
	return out
}

func (c *copierImport) environment(value any) {
	options, _ := value.(yaml.MapSlice)
	for _, o := range options {
		text, _ := o.Value.(string)
		on, _ := o.Value.(bool)
		switch key := fmt.Sprint(o.Key); key {
		case "block_start_string":
			c.syntax.BlockStart = text
		case "block_end_string":
			c.syntax.BlockEnd = text
		case "variable_start_string":
			c.syntax.VariableStart = text
		case "variable_end_string":
			c.syntax.VariableEnd = text
		case "comment_start_string":
			c.syntax.CommentStart = text
		case "comment_end_string":
			c.syntax.CommentEnd = text
		case "trim_blocks":
			c.syntax.TrimBlocks = on
		case "lstrip_blocks":
			c.syntax.LstripBlocks = on
		case "keep_trailing_newline":
			c.syntax.DropTrailingNewline = !on
		case "autoescape", "undefined":
		default:
			c.remark(c.settings, c.line(key), "_envops: %s has no counterpart", key)
		}
	}
}

// question takes over one question, in its short or its long form.
func (c *copierImport) question(key string, value any) {
	long, isLong := value.(yaml.MapSlice)
	if !isLong {
		long = yaml.MapSlice{{Key: "default", Value: value}}
	}
	spec := map[string]any{}
	for _, m := range long {
		spec[fmt.Sprint(m.Key)] = m.Value
	}
	line := c.line(key)
	q := answers.Question{Title: heading(key)}
	if help, ok := spec["help"].(string); ok && !strings.Contains(help, c.syntax.VariableStart) {
		ask(&q, help)
	}
	kind, ok := c.kind(key, spec)
	if !ok {
		c.remark(c.settings, line, "%s: the type %v has no counterpart; it is not asked, and files that use it are left out", key, spec["type"])
		return
	}
	q.Kind = kind
	if kind == answers.Text && spec["type"] == "float" {
		q.Pattern = `-?[0-9]+(\.[0-9]+)?`
	}
	if choices, has := spec["choices"]; has {
		if q.Choices, ok = c.choices(key, choices); !ok {
			c.remark(c.settings, line, "%s: its choices are worked out by a template; it is not asked, and files that use it are left out", key)
			return
		}
		q.Kind = answers.Select
		if spec["multiselect"] == true {
			q.Kind = answers.MultiSelect
		}
	}
	if spec["secret"] == true || slices.Contains(c.secret, key) {
		q.Kind = answers.Secret
	}
	if _, has := spec["validator"]; has {
		c.remark(c.settings, line, "%s: its validator is a template; \"pattern\", \"min\", \"max\" and \"refuse\" check answers here", key)
	}
	if err := c.setDefault(&q, spec["default"]); err != nil {
		c.remark(c.settings, line, "the default of %s: %s; it has none here", key, reason(err))
	}
	c.under(key, q, spec["when"])
}

// under asks a question under its condition; one that is never asked is a
// computed value.
func (c *copierImport) under(key string, q answers.Question, when any) {
	text, isText := when.(string)
	switch when {
	case nil, true:
		c.ask(key, key, q, nil)
		return
	case false:
		if v, ok := literal(q); ok {
			c.compute(key, key, v)
		} else if q.Kind == answers.Bool {
			c.compute(key, key, jinja.Value{Expr: "false", Type: jinja.Bool})
		} else {
			c.remark(c.settings, c.line(key), "%s is never asked, and its value cannot be translated; files that use it are left out", key)
		}
		return
	}
	v, whole, err := jinja.Whole(text, c.syntax, c.scope)
	if !isText || err != nil || !whole {
		why := "it is not one expression"
		if err != nil {
			why = reason(err)
		}
		c.remark(c.settings, c.line(key), "%s: its condition is not translated (%s), so it is always asked", key, why)
		c.ask(key, key, q, nil)
		return
	}
	c.ask(key, key, q, &v)
}

// kind is the type of a question; without one the default tells it.
func (c *copierImport) kind(key string, spec map[string]any) (answers.Kind, bool) {
	switch spec["type"] {
	case "str", "float":
		return answers.Text, true
	case "int":
		return answers.Int, true
	case "bool":
		return answers.Bool, true
	case "path":
		return answers.Path, true
	case nil:
		switch spec["default"].(type) {
		case bool:
			return answers.Bool, true
		case int, int64, uint64:
			return answers.Int, true
		case string:
			return answers.Text, true
		case nil:
			if _, has := spec["choices"]; !has {
				c.remark(c.settings, c.line(key), "%s has no type: it is a text here", key)
			}
			return answers.Text, true
		}
	}
	_, has := spec["choices"]
	return answers.Text, has // a list of choices, whatever its type
}

func (c *copierImport) choices(key string, value any) ([]answers.Choice, bool) {
	var out []answers.Choice
	one := func(label, value any) {
		if m, ok := value.(yaml.MapSlice); ok {
			value = nil
			for _, o := range m {
				if o.Key == "value" {
					value = o.Value
				} else {
					c.remark(c.settings, c.line(key), "%s: a choice that is refused under a condition", key)
				}
			}
		}
		choice := answers.Choice{Value: fmt.Sprint(value), Label: clean(fmt.Sprint(label))}
		if value == nil {
			choice.Value = "none"
			c.remark(c.settings, c.line(key), "%s: the choice of nothing is \"none\" here", key)
		}
		if choice.Label == choice.Value {
			choice.Label = ""
		}
		out = append(out, choice)
	}
	switch value := value.(type) {
	case []any:
		for _, v := range value {
			if pair, ok := v.([]any); ok && len(pair) == 2 {
				one(pair[0], pair[1])
			} else {
				one(v, v)
			}
		}
	case yaml.MapSlice:
		for _, m := range value {
			one(m.Key, m.Value)
		}
	default:
		return nil, false
	}
	return out, len(out) > 0
}

func (c *copierImport) setDefault(q *answers.Question, value any) error {
	switch v := value.(type) {
	case string:
		text, err := c.textDefault(v)
		if err != nil {
			return err
		}
		q.Default = text
	case []any:
		q.Default = texts(v)
	case nil:
	default:
		q.Default = v
		if q.Kind != answers.Bool && q.Kind != answers.Int {
			q.Default = fmt.Sprint(v)
		}
	}
	return nil
}

// patterns makes rules of what is excluded under a condition and what is written
// once only.
func (c *copierImport) patterns() []pack.FileRule {
	var rules []pack.FileRule
	var always []string
	for _, pattern := range c.exclude {
		choice, err := jinja.Inline(pattern, c.syntax, c.scope)
		switch {
		case err != nil || strings.Contains(choice.Text, "<%"):
			c.remark(c.settings, c.line("_exclude"), "_exclude: %s is not translated, so it excludes nothing", pattern)
		case choice.When.Expr == "":
			always = append(always, choice.Text)
		case choice.Text == "" || strings.HasPrefix(choice.Text, "!"):
			c.remark(c.settings, c.line("_exclude"), "_exclude: %s is not translated, so it excludes nothing", pattern)
		default:
			rules = append(rules, pack.FileRule{Glob: glob(choice.Text), When: unless(choice.When)})
		}
	}
	c.exclude = always
	for _, pattern := range c.once {
		if strings.ContainsAny(pattern, "{}!") {
			c.remark(c.settings, c.line("_skip_if_exists"), "_skip_if_exists: %s is not translated", pattern)
			continue
		}
		rules = append(rules, pack.FileRule{Glob: glob(pattern), Policy: pack.CreateOnce})
	}
	return rules
}

// unless is the condition under which another does not hold.
func unless(v jinja.Value) string {
	if rest, ok := strings.CutPrefix(v.Cond(), "not "); ok && !strings.Contains(rest, " ") {
		return rest
	}
	return v.Not().Cond()
}

func (c *copierImport) keep(rel string) bool {
	keep := true
	for _, pattern := range c.exclude {
		if wanted, negated := strings.CutPrefix(pattern, "!"); doublestar.MatchUnvalidated(glob(wanted), rel) {
			keep = negated
		}
	}
	return keep
}

// heading makes a title of a name.
func heading(key string) string {
	return strings.ToUpper(key[:1]) + strings.ReplaceAll(strings.ReplaceAll(key[1:], "_", " "), "-", " ")
}

// ask gives a question the text it was asked with.
func ask(q *answers.Question, text string) {
	const longest = 80
	if text = clean(text); text != "" && len(text) <= longest {
		q.Title = text
	} else {
		q.Help = text
	}
}

// clean is a text on one line that a terminal may show.
func clean(text string) string {
	text = strings.Map(func(r rune) rune {
		if answers.Unseen(r) {
			return -1
		}
		return r
	}, strings.Join(strings.Fields(text), " "))
	return text
}
