package guidance

import (
	"fmt"
	"strings"
)

// Markdown explains the result in full, as a document.
func (r *Result) Markdown() string {
	m := knowledge()
	var out strings.Builder
	p := func(format string, args ...any) { fmt.Fprintf(&out, format, args...) }
	p("# Which stack\n\n%s\n", r.headline(m))
	if r.Instead != nil {
		p("\n%s (%s, *%s*)\n", r.Instead.Why, r.Instead.Rule, r.Instead.Section)
	}
	p("\n## What was asked for\n\n")
	for _, c := range Vocabulary() {
		if v, ok := r.Answers[c.ID]; ok {
			p("- %s: `%s=%s`\n", c.Title, c.ID, show(v))
		}
	}
	if len(r.Ranking) > 0 {
		p("\n## Ranking\n\n| Rank | Stack | Score | First in |\n| ---: | --- | ---: | ---: |\n")
		for _, s := range r.Ranking {
			p("| %d | %s%s | %.1f | %s |\n", s.Rank, s.Title, rendered(s), s.Score, percent(s.Probability))
		}
		p("\n## Points by criterion\n\n| Criterion |")
		for _, s := range r.Ranking {
			p(" %s |", s.Title)
		}
		p(" Rests on |\n| --- |%s --- |\n", strings.Repeat(" ---: |", len(r.Ranking)))
		for i, c := range r.Ranking[0].Criteria {
			p("| %s |", cellLabel(m, c))
			for _, s := range r.Ranking {
				p(" %.1f |", s.Criteria[i].Points)
			}
			p(" %s |\n", strings.Join(c.Rules, ", "))
		}
	}
	if r.RunnerUp != nil {
		p("\n## Runner-up\n\n%s\n", r.RunnerUp.Text)
	}
	section := func(title string, lines []string) {
		if len(lines) > 0 {
			p("\n## %s\n\n- %s\n", title, strings.Join(lines, "\n- "))
		}
	}
	speaksFor, against := r.sides()
	section("Speaks for it", speaksFor)
	section("Speaks against it", against)
	section("What would change it", lines(r.Flips, func(f Flip) string { return f.Text }))
	section("Named by the article, not rendered by this tool", lines(r.NotRendered, func(s NotRendered) string {
		return fmt.Sprintf("%s (%s, *%s*); the nearest that is: %s", s.Title, s.Rule, s.Section, m.title(s.Nearest))
	}))
	section("To be said beside it", lines(r.Notes, Note.text))
	section("What the article asks of any stack", lines(r.Practices, func(x Practice) string {
		return fmt.Sprintf("%s %s (*%s*)", x.Rule, x.Statement, x.Section)
	}))
	return out.String()
}

// sides lists the reasons for and against.
func (r *Result) sides() (speaksFor, against []string) {
	for _, x := range r.Reasons {
		if x.For {
			speaksFor = append(speaksFor, x.text())
		} else {
			against = append(against, x.text())
		}
	}
	return speaksFor, against
}

func lines[T any](list []T, text func(T) string) []string {
	out := make([]string, len(list))
	for i, x := range list {
		out[i] = text(x)
	}
	return out
}
