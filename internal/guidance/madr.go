package guidance

import (
	"fmt"
	"slices"
	"strings"
)

// The lines of a decision record that has at most sixty.
const (
	madrDrivers = 8
	madrReasons = 5
	madrFlips   = 3
	madrNotes   = 4
)

// Decision is what a decision record records.
type Decision struct {
	Project string  // the project's name
	Stack   string  // the stack that was taken, whatever was recommended
	Result  *Result // nil: chosen by hand, the guidance was not asked
}

// MADR writes a decision record in the form of MADR 4, of at most 60 lines. It
// tells how the stack was really chosen: by recommendation, against it, or by hand.
func MADR(d Decision) string {
	w := &record{stack: d.Stack, title: d.Stack}
	if d.Result == nil {
		w.byHand(d)
		return w.String()
	}
	m := knowledge()
	w.title = m.title(d.Stack)
	w.opening(d)
	w.p("The answers given about the project (criterion=answer; an importance is 1 to 5):\n")
	w.list(w.drivers(d.Result), madrDrivers)
	w.considered(d.Result, m)
	w.outcome(d.Result, m)
	w.more(d.Result)
	return w.String()
}

type record struct {
	strings.Builder
	stack, title string
}

func (w *record) p(format string, args ...any) { fmt.Fprintf(w, format+"\n", args...) }

// list writes at most so many items, and how many more there are.
func (w *record) list(items []string, most int) {
	shown := items
	if len(items) > most {
		shown = append(slices.Clone(items[:most-1]), fmt.Sprintf("and %d more", len(items)-most+1))
	}
	for _, item := range shown {
		w.p("- %s", item)
	}
}

func (w *record) opening(d Decision) {
	w.p("---\nstatus: accepted\n---\n")
	w.p("# Build %s with %s\n", d.Project, w.title)
	w.p("## Context and Problem Statement\n")
	w.p("%s needs a backend stack: a language, a framework and what goes with them.", d.Project)
}

// byHand records a choice for which no reasons were asked, and invents none. It
// does not read the rules, so that a run without guidance does not pay for them.
func (w *record) byHand(d Decision) {
	w.opening(d)
	w.p("\n## Decision Outcome\n")
	w.p("Chosen option: \"%s\", by whoever generated this repository. The tool's guidance was not", w.stack)
	w.p("asked, so this record knows no reasons; add yours here while they are remembered.\n")
	w.p("### Confirmation\n")
	w.p("`scaffold recommend` ranks the stacks for given requirements and says what speaks for and")
	w.p("against each. `make verify` checks the service against the security contract all stacks share.")
}

func (w *record) drivers(r *Result) []string {
	var out []string
	for _, c := range Vocabulary() {
		if v, ok := r.Answers[c.ID]; ok {
			out = append(out, fmt.Sprintf("%s: `%s=%s`", c.Title, c.ID, show(v)))
		}
	}
	return out
}

func (w *record) considered(r *Result, m *model) {
	w.p("\n## Considered Options\n")
	if len(r.Ranking) == 0 {
		for _, s := range m.Stacks {
			w.p("- %s: excluded by a constraint", s.Title)
		}
		return
	}
	for _, s := range r.Ranking {
		w.p("- %s: rank %d, %.1f of 100 points, first in %s of the disturbed samples", s.Title, s.Rank, s.Score, percent(s.Probability))
	}
}

// outcome says what was chosen, how that relates to the recommendation, and what
// follows from the chosen stack: its own reasons, not the winner's.
func (w *record) outcome(r *Result, m *model) {
	w.p("\n## Decision Outcome\n")
	recommended := "none of the four"
	if r.Recommended != nil {
		recommended = m.title(*r.Recommended)
	}
	switch {
	case r.Recommended != nil && *r.Recommended == w.stack && r.Confidence == Clear:
		w.p("Chosen option: \"%s\", as the guidance recommended; the result was clear.", w.title)
	case r.Recommended != nil && *r.Recommended == w.stack:
		w.p("Chosen option: \"%s\", as the guidance recommended; it was a close call.", w.title)
	case r.Recommended != nil && *r.Recommended == hybrid && slices.Contains(m.Hybrid.Stacks, w.stack):
		w.p("Chosen option: \"%s\", one half of what the guidance recommended (%s).", w.title, recommended)
	default:
		w.p("Chosen option: \"%s\", by hand; the guidance recommended %s.", w.title, recommended)
	}
	if r.Instead != nil {
		w.p("It would have used %s: %s", r.Instead.Use, r.Instead.Why)
	}
	own := &Result{Reasons: w.reasons(r, m)}
	speaksFor, against := own.sides()
	if len(speaksFor)+len(against) == 0 {
		return
	}
	w.p("\n### Consequences\n")
	w.list(prefix("Good, because of ", speaksFor), madrReasons)
	w.list(prefix("Bad, because of ", against), madrReasons)
}

// reasons are those of the chosen stack, whether it won or not.
func (w *record) reasons(r *Result, m *model) []Reason {
	if w.stack == hybrid && r.Recommended != nil {
		return m.reasons(m.imply(r.Answers, nil), hybrid)
	}
	i := slices.IndexFunc(r.Ranking, func(x Ranked) bool { return x.Stack == w.stack })
	if i < 0 {
		return nil
	}
	return r.Ranking[i].Reasons
}

func (w *record) more(r *Result) {
	w.p("\n### Confirmation\n")
	w.p("`make verify` checks the service against the security contract all stacks share.")
	w.p("\n## More Information\n")
	if r.RunnerUp != nil {
		w.p("- Runner-up: %s", r.RunnerUp.Text)
	}
	w.list(prefix("Would change it: ", lines(r.Flips, func(f Flip) string { return f.Text })), madrFlips)
	w.list(lines(r.Notes, Note.text), madrNotes)
	w.p("- Rules R01 to R103 stand for what one article says (section in brackets) and how it holds up;")
	w.p("  `scaffold list --rules` prints them.")
}

func prefix(with string, items []string) []string {
	out := make([]string, len(items))
	for i, item := range items {
		out[i] = with + item
	}
	return out
}
