package guidance

import (
	"fmt"
	"strings"
	"unicode/utf8"
)

// What the text shows of a long list; JSON and Markdown show all.
const (
	textReasons = 6
	textNotes   = 8
)

// Text explains the result for a terminal of so many columns.
func (r *Result) Text(width int) string {
	m := knowledge()
	w := &wrapped{width: max(width, 20)}
	w.line("", r.headline(m))
	if r.Instead != nil {
		w.line("", r.Instead.Why)
		w.line("", fmt.Sprintf("(%s, %s)", r.Instead.Rule, r.Instead.Section))
	}
	if len(r.Ranking) > 0 {
		w.head("Ranking")
		for _, s := range r.Ranking {
			w.line("  ", fmt.Sprintf("%d. %-8s %5.1f of 100, first in %s of samples%s", s.Rank, s.Title, s.Score, percent(s.Probability), rendered(s)))
		}
		r.textCriteria(m, w)
		r.textReasons(w)
	}
	if r.RunnerUp != nil {
		w.head("Runner-up")
		w.line("  ", r.RunnerUp.Text)
	}
	if len(r.Flips) > 0 {
		w.head("What would change it")
		for _, f := range r.Flips {
			w.line("  ", f.Text)
		}
	}
	if len(r.NotRendered) > 0 {
		w.head("Named by the article, not rendered by this tool")
		for _, s := range r.NotRendered {
			w.line("  ", fmt.Sprintf("%s (%s); the nearest that is: %s", s.Title, s.Rule, m.title(s.Nearest)))
		}
	}
	if len(r.Notes) > 0 {
		w.head("To be said beside it")
		for _, n := range r.Notes[:min(len(r.Notes), textNotes)] {
			w.line("  ", n.text())
		}
		if more := len(r.Notes) - textNotes; more > 0 {
			w.line("  ", fmt.Sprintf("… and %d more with --markdown or --json", more))
		}
	}
	return w.out.String()
}

// headline is the recommendation in one sentence.
func (r *Result) headline(m *model) string {
	switch {
	case r.Recommended == nil:
		return fmt.Sprintf("Recommended: none of the four stacks. Use %s instead.", r.Instead.Use)
	case r.Confidence == Close:
		return fmt.Sprintf("Recommended: %s, but it is close: %s is near.", m.title(*r.Recommended), r.Ranking[1].Title)
	default:
		return fmt.Sprintf("Recommended: %s. The answer is clear.", m.title(*r.Recommended))
	}
}

// textCriteria is a table: what each criterion gives to each stack, in points.
func (r *Result) textCriteria(m *model, w *wrapped) {
	w.head("Points by criterion")
	label := 0
	for _, c := range r.Ranking[0].Criteria {
		label = max(label, utf8.RuneCountInString(cellLabel(m, c)))
	}
	const column = 9
	if w.width < 2+label+column*len(r.Ranking) { // too narrow for a table
		for i, c := range r.Ranking[0].Criteria {
			var points []string
			for _, s := range r.Ranking {
				points = append(points, fmt.Sprintf("%s %.1f", s.Title, s.Criteria[i].Points))
			}
			w.line("  ", cellLabel(m, c)+": "+strings.Join(points, ", "))
		}
		return
	}
	var row strings.Builder
	fmt.Fprintf(&row, "  %-*s", label, "")
	for _, s := range r.Ranking {
		fmt.Fprintf(&row, "%*s", column, s.Title)
	}
	w.raw(row.String())
	for i, c := range r.Ranking[0].Criteria {
		row.Reset()
		fmt.Fprintf(&row, "  %-*s", label, cellLabel(m, c))
		for _, s := range r.Ranking {
			fmt.Fprintf(&row, "%*.1f", column, s.Criteria[i].Points)
		}
		w.raw(row.String())
	}
}

func (r *Result) textReasons(w *wrapped) {
	for _, side := range []struct {
		title string
		holds bool
	}{{"Speaks for it", true}, {"Speaks against it", false}} {
		shown, more := 0, 0
		for _, x := range r.Reasons {
			if x.For != side.holds {
				continue
			}
			if shown == textReasons {
				more++
				continue
			}
			if shown == 0 {
				w.head(side.title)
			}
			shown++
			w.line("  ", x.text())
		}
		if more > 0 {
			w.line("  ", fmt.Sprintf("… and %d more with --markdown or --json", more))
		}
	}
}

func (x Reason) text() string {
	out := fmt.Sprintf("%s: %s (%s", x.Rule, x.Statement, x.Section)
	if x.Verdict != "true" {
		out += "; " + x.Verdict
	}
	if x.Via != "" {
		out += "; this is the nearest to " + knowledge().title(x.Via)
	}
	return out + ")"
}

func (n Note) text() string {
	if n.Rule == "" {
		return n.Text
	}
	return n.Rule + ": " + n.Text
}

// cellLabel names a criterion and its answer.
func cellLabel(m *model, c Cell) string {
	return fmt.Sprintf("%s (%s)", m.criterionTitle(c.Criterion), show(c.Value))
}

func rendered(s Ranked) string {
	if s.Rendered != nil && !*s.Rendered {
		return ", not rendered yet"
	}
	return ""
}

func percent(p float64) string { return fmt.Sprintf("%.0f %%", 100*p) }

// wrapped collects lines and breaks them at the width.
type wrapped struct {
	out   strings.Builder
	width int
}

func (w *wrapped) raw(line string) { w.out.WriteString(strings.TrimRight(line, " ") + "\n") }

func (w *wrapped) head(title string) {
	w.raw("")
	w.line("", title+":")
}

// line writes a text, broken at spaces; further lines are indented once more.
func (w *wrapped) line(indent, text string) {
	line, width := indent, utf8.RuneCountInString(indent)
	empty := true
	for _, word := range strings.Split(text, " ") {
		n := utf8.RuneCountInString(word)
		if !empty && width+1+n > w.width {
			w.raw(line)
			line, width, empty = indent+"  ", utf8.RuneCountInString(indent)+2, true
		}
		if !empty {
			line, width = line+" ", width+1
		}
		line, width, empty = line+word, width+n, false
	}
	w.raw(line)
}
