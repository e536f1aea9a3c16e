package render

import (
	"strings"

	"example.com/scaffold/internal/expr"
	"example.com/scaffold/internal/pack"
)

// Uses says which answers, options and computed values the files and conditions
// of a pack speak of. What does not parse is Lint's to report.
func Uses(p *pack.Pack) map[string]bool {
	used := map[string]bool{}
	mark := func(names []string) {
		for _, n := range names {
			used[n] = true
		}
	}
	cond := func(text string) {
		if c, err := expr.ParseCond(text); err == nil && text != "" {
			mark(c.Names())
		}
	}
	text := func(s string) {
		if t, err := expr.Parse("", s); err == nil {
			mark(t.Names())
		}
	}
	terms := func(list []string) {
		for _, term := range list {
			id, _, _ := strings.Cut(term, "=")
			used[id] = true
		}
	}
	for _, q := range p.Questions {
		cond(q.When)
		if s, ok := q.Default.(string); ok {
			text(s)
		}
	}
	for _, o := range p.Options {
		terms(o.Needs)
		terms(o.Excludes)
	}
	for _, c := range p.Computed {
		cond(c.When)
		text(c.Value)
	}
	for _, template := range p.Names {
		text(template)
	}
	for _, f := range p.Files {
		cond(f.When)
	}
	for _, m := range p.Merges {
		cond(m.When)
	}
	for _, s := range p.NextSteps {
		cond(s.When)
		text(s.Run)
		text(s.Say)
	}
	for _, l := range p.Layers {
		for _, f := range l.Files {
			id, _, _ := strings.Cut(f.Feature, "=")
			used[id] = true
			source, err := read(l, f.Source)
			if err != nil || p.Raw(f.Path) {
				continue
			}
			if t, err := parse(l.Name(f.Source), string(source)); err == nil {
				mark(t.Names())
			}
		}
	}
	return used
}
