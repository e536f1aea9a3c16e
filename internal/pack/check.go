package pack

import (
	"errors"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"

	"github.com/Masterminds/semver/v3"
	"github.com/bmatcuk/doublestar/v4"

	"example.com/scaffold/internal/answers"
	"example.com/scaffold/internal/expr"
	"example.com/scaffold/internal/tree"
)

// checker collects what is wrong with a manifest.
type checker struct {
	m        *Manifest
	name     string
	data     []byte // the manifest's own text; nil for a merged one
	layers   []Layer
	problems []answers.Problem
}

// bad records a problem at a path of the manifest.
func (c *checker) bad(path, hint, format string, args ...any) {
	c.problems = append(c.problems, answers.Problem{Place: c.place(path), Message: fmt.Sprintf(format, args...), Hint: hint})
}

// place finds a path's line. In a merged manifest the entry may come from any
// layer, so its name alone is said.
func (c *checker) place(path string) string {
	if c.data == nil {
		return c.name
	}
	return c.name + lineOf(c.data, path)
}

var (
	idForm   = regexp.MustCompile(`^[a-z][a-z0-9_]*$`)
	ruleForm = regexp.MustCompile(`^[A-Za-z][A-Za-z0-9]*(-[A-Za-z0-9]+)*$`)
	packForm = regexp.MustCompile(`^[a-z][a-z0-9]*(-[a-z0-9]+)*$`)
)

// own checks what a manifest says without regard to the packs it extends.
func (c *checker) own(l Layer) {
	m := c.m
	if m.Schema != SchemaVersion {
		c.bad("$.schema", fmt.Sprintf("this version of scaffold reads %d", SchemaVersion), "schema %d is not known", m.Schema)
	}
	if !packForm.MatchString(m.Name) {
		c.bad("$.name", "lower-case letters, digits and single dashes", "name %q has the wrong form", m.Name)
	}
	if _, err := semver.StrictNewVersion(m.Version); err != nil {
		c.bad("$.version", "such as 1.2.3", "version %q is not a semantic version", m.Version)
	}
	if m.Requires != "" {
		if _, err := semver.NewConstraint(m.Requires); err != nil {
			c.bad("$.requires", "such as >=1.2, <2", "requires %q is not a version range", m.Requires)
		}
	}
	c.duplicates()
	for i, migration := range m.Migrations {
		at := fmt.Sprintf("$.migrations[%d]", i)
		to, err := semver.StrictNewVersion(migration.To)
		if err != nil {
			c.bad(at+".to", "such as 1.2.3", "version %q is not a semantic version", migration.To)
		} else if own, err := semver.StrictNewVersion(m.Version); err == nil && to.GreaterThan(own) {
			c.bad(at+".to", "it is the version that has the new names", "version %s is newer than the pack, %s", migration.To, m.Version)
		}
		for before, after := range migration.Files {
			if err := errors.Join(tree.CheckPath(before), tree.CheckPath(after)); err != nil {
				c.bad(at+".files", "", "%v", err)
			}
		}
	}
	for i, q := range m.Questions {
		c.question(fmt.Sprintf("$.questions[%d]", i), q)
	}
	for i, f := range m.Files {
		at := fmt.Sprintf("$.files[%d]", i)
		if !doublestar.ValidatePattern(f.Glob) || f.Glob == "" || strings.HasPrefix(f.Glob, "/") {
			c.bad(at+".glob", "a pattern over paths in the project, such as deploy/**", "glob %q is broken", f.Glob)
		}
		if !slices.Contains([]string{"", Managed, CreateOnce, UserOwned}, f.Policy) {
			c.bad(at+".policy", answers.DidYouMean(f.Policy, []string{Managed, CreateOnce, UserOwned}), "unknown policy %q", f.Policy)
		}
	}
	for i, lock := range m.Locks {
		if lock.Kind != LockPip && lock.Kind != LockNpm {
			c.bad(fmt.Sprintf("$.locks[%d].kind", i), answers.DidYouMean(lock.Kind, []string{LockPip, LockNpm}), "unknown kind of lock %q", lock.Kind)
		}
	}
	for i, p := range m.Computed {
		if (p.Value == "") == (p.When == "") {
			c.bad(fmt.Sprintf("$.computed[%d]", i), "", "computed %s wants either value or when", p.ID)
		}
	}
	for i, merge := range m.Merges {
		for _, pointer := range slices.Concat(merge.Remove, slices.Collect(maps.Keys(merge.Set))) {
			if !strings.HasPrefix(pointer, "/") {
				c.bad(fmt.Sprintf("$.merges[%d]", i), "such as /scripts/test", "%q is not a JSON pointer", pointer)
			}
		}
	}
	for i, r := range m.Guidance {
		at := fmt.Sprintf("$.guidance[%d]", i)
		if !ruleForm.MatchString(r.ID) || slices.ContainsFunc(m.Guidance[:i], func(other GuidanceRule) bool { return other.ID == r.ID }) {
			c.bad(at+".id", "such as acme-1, once", "id %q of a rule has the wrong form or is taken already", r.ID)
		}
		if r.Statement == "" || len(r.Favours) == 0 {
			c.bad(at, "", "rule %s wants a statement and stacks that it favours", r.ID)
		}
		if r.Weight < 1 || r.Weight > 5 {
			c.bad(at+".weight", "1 to 5", "rule %s has the weight %d", r.ID, r.Weight)
		}
	}
	c.checkParts()
	c.owners(l)
}

// duplicates refuses one id, placeholder-free, for two things of a manifest.
func (c *checker) duplicates() {
	seen := map[string]bool{}
	for _, id := range Reserved() {
		seen[id] = true
	}
	take := func(path, id string) {
		if !idForm.MatchString(id) {
			c.bad(path, "lower-case letters, digits and underscores", "id %q has the wrong form", id)
		}
		if seen[id] {
			c.bad(path, "", "id %q is taken already", id)
		}
		seen[id] = true
	}
	for i, q := range c.m.Questions {
		take(fmt.Sprintf("$.questions[%d].id", i), q.ID)
	}
	for i, o := range c.m.Options {
		take(fmt.Sprintf("$.options[%d].id", i), o.ID)
	}
	for i, p := range c.m.Computed {
		take(fmt.Sprintf("$.computed[%d].id", i), p.ID)
	}
}

func (c *checker) question(at string, q answers.Question) {
	if !slices.Contains(answers.Kinds(), q.Kind) {
		var kinds []string
		for _, k := range answers.Kinds() {
			kinds = append(kinds, string(k))
		}
		c.bad(at+".type", answers.DidYouMean(string(q.Kind), kinds), "question %s: unknown type %q", q.ID, q.Kind)
		return
	}
	choosing := q.Kind == answers.Select || q.Kind == answers.MultiSelect
	if choosing != (len(q.Choices) > 0) {
		c.bad(at, "", "question %s: choices belong to the types select and multiselect, and to them alone", q.ID)
	}
	if q.Min != nil && q.Max != nil && *q.Min > *q.Max {
		c.bad(at+".min", "", "question %s: min is above max", q.ID)
	}
	if _, err := regexp.Compile(q.Pattern); err != nil {
		c.bad(at+".pattern", "patterns are those of RE2", "question %s: %v", q.ID, err)
	}
	if q.Format != "" && q.Format != answers.FormatName {
		c.bad(at+".format", answers.DidYouMean(q.Format, []string{answers.FormatName}), "question %s: unknown format %q", q.ID, q.Format)
	}
	if text, ok := q.Default.(string); q.Default != nil && (!ok || !strings.Contains(text, expr.Left)) {
		if err := (answers.Schema{Questions: []answers.Question{q}}).Check(q.ID, q.Default); err != nil {
			c.bad(at+".default", "", "question %s: its default %v", q.ID, err)
		}
	}
}

// owners refuses a path that base/ and an option, or two options, both bring
// and that no rule of this manifest decides between.
func (c *checker) owners(l Layer) {
	first := map[string]File{}
	for _, f := range l.Files {
		other, taken := first[f.Path]
		if !taken {
			first[f.Path] = f
			continue
		}
		choice := strings.Contains(f.Feature, "=") || strings.Contains(other.Feature, "=")
		ruled := slices.ContainsFunc(c.m.Files, func(r FileRule) bool {
			return r.When != "" && doublestar.MatchUnvalidated(r.Glob, f.Path)
		})
		if !choice && !ruled {
			c.problems = append(c.problems, answers.Problem{
				Place: l.Name(f.Source), Message: other.Source + " has the same path in the project", Hint: "one path, one owner: merge the two with markers",
			})
		}
	}
}

// whole checks what needs the whole chain: every name that is spoken of.
func (c *checker) whole() {
	m := c.m
	if m.Name == "" {
		return
	}
	schema := answers.Schema{Questions: m.Questions, Options: m.Options, Presets: m.Presets}
	known := Reserved()
	for i, q := range m.Questions {
		c.condition("question "+q.ID, q.When, known)
		if text, ok := q.Default.(string); ok {
			c.template("default of "+q.ID, text, known)
		}
		known = append(known, m.Questions[i].ID)
	}
	for _, o := range m.Options {
		known = append(known, o.ID)
	}
	for _, o := range m.Options {
		for _, term := range slices.Concat(o.Needs, o.Excludes) {
			if err := checkTerm(schema, term); err != nil {
				c.bad("", "", "option %s: %v", o.ID, err)
			}
		}
	}
	for _, p := range m.Computed {
		c.condition("computed "+p.ID, p.When, known)
		c.template("computed "+p.ID, p.Value, known)
		known = append(known, p.ID)
	}
	for placeholder, value := range m.Names {
		if len(placeholder) < 3 {
			c.bad("", "at least three characters, found nowhere by chance", "name placeholder %q is too short", placeholder)
		}
		c.template("name "+placeholder, value, known)
	}
	for _, part := range m.Parts {
		for _, id := range slices.Sorted(maps.Keys(part.Set)) {
			if text, ok := part.Set[id].(string); ok {
				c.template("part "+part.Into+": "+id, text, known)
			}
		}
	}
	for _, f := range m.Files {
		c.condition("files "+f.Glob, f.When, known)
	}
	for _, merge := range m.Merges {
		c.condition("merges "+merge.File, merge.When, known)
	}
	for _, s := range m.NextSteps {
		c.condition("next step "+s.Run, s.When, known)
		c.template("next step "+s.Run, s.Run+s.Say, known)
	}
	c.presets(schema)
	c.features(schema)
}

func (c *checker) condition(what, text string, known []string) {
	if text == "" {
		return
	}
	cond, err := expr.ParseCond(text)
	if err != nil {
		c.bad("", "", "%s: %v", what, err)
		return
	}
	c.names(what, cond.Names(), known)
}

func (c *checker) template(what, text string, known []string) {
	if !strings.Contains(text, expr.Left) {
		return
	}
	t, err := expr.Parse("value", text)
	if err != nil {
		c.bad("", "", "%s: %v", what, expr.Plain(err))
		return
	}
	c.names(what, t.Names(), known)
}

func (c *checker) names(what string, names, known []string) {
	for _, name := range names {
		if !slices.Contains(known, name) {
			c.bad("", answers.DidYouMean(name, known), "%s: nothing before it is called .%s", what, name)
		}
	}
}

// checkTerm checks "option" or "question=value|value".
func checkTerm(schema answers.Schema, term string) error {
	id, values, hasValue := strings.Cut(term, "=")
	q, ok := schema.Question(id)
	if !ok {
		return fmt.Errorf("%q is neither an option nor a question (%s)", id, answers.DidYouMean(id, schema.IDs()))
	}
	if !hasValue {
		if q.Kind != answers.Bool {
			return fmt.Errorf("%q wants a value, such as %s=…", term, id)
		}
		return nil
	}
	if q.Kind != answers.Select {
		return errors.New("a value can only be asked of a select question: " + term)
	}
	for value := range strings.SplitSeq(values, "|") {
		if err := schema.Check(id, value); err != nil {
			return fmt.Errorf("%s: %w", term, err)
		}
	}
	return nil
}

func (c *checker) presets(schema answers.Schema) {
	q, ok := schema.Question(answers.PresetID)
	if !ok && len(c.m.Presets) > 0 {
		c.bad("", "", "there are presets but no question %q", answers.PresetID)
		return
	}
	for _, p := range c.m.Presets {
		if !slices.ContainsFunc(q.Choices, func(choice answers.Choice) bool { return choice.Value == p.ID }) {
			c.bad("", "", "preset %s is not among the choices of the question %q", p.ID, answers.PresetID)
		}
		for _, id := range slices.Sorted(maps.Keys(p.Set)) {
			if err := schema.Check(id, p.Set[id]); err != nil {
				c.bad("", "", "preset %s: %s %v", p.ID, id, err)
			}
		}
	}
}

// features refuses a folder below features/ that nothing switches on.
func (c *checker) features(schema answers.Schema) {
	for _, l := range c.layers {
		seen := map[string]bool{}
		for _, f := range l.Files {
			if f.Feature == "" || seen[f.Feature] {
				continue
			}
			seen[f.Feature] = true
			if err := checkTerm(schema, f.Feature); err != nil {
				c.problems = append(c.problems, answers.Problem{Place: l.Name("features/" + f.Feature), Message: err.Error()})
			}
		}
	}
}
