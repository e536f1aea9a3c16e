package form

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/charmbracelet/x/ansi"

	"example.com/scaffold/internal/answers"
	"example.com/scaffold/internal/guidance"
)

// detail is how much of a recommendation the panel shows; "?" shows all.
type detail struct {
	table bool // a row for each stack, or all on one line
	brief bool // rules by id and section only, one line each
	pros  int  // rules for it
	cons  int  // rules against it
	flips int  // changes of answers
}

// details lists the degrees, the fullest first.
func details() []detail {
	return []detail{
		{true, false, 6, 3, 3},
		{true, false, 4, 2, 2},
		{true, false, 3, 1, 2},
		{true, false, 2, 1, 1},
		{true, false, 1, 1, 1},
		{true, false, 1, 0, 1},
		{false, false, 1, 1, 1},
		{false, false, 1, 0, 1},
		{false, true, 3, 1, 1},
		{false, true, 2, 1, 1},
		{false, true, 1, 0, 1},
		{false, true, 0, 0, 0},
	}
}

// panel is the text beside the question: how the stacks rank and why while the
// stack is open, and what was settled after that.
type panel struct {
	st    styles
	width int
	tight bool // no headings but the first
	lines []string
}

func (p *panel) add(lines ...string) { p.lines = append(p.lines, lines...) }

func (p *panel) head(title string) {
	if len(p.lines) > 0 {
		if p.tight {
			return
		}
		p.add("")
	}
	p.add(each(p.st.title, wrap(title, p.width))...)
}

// rankingPanel explains a recommendation on at most so many lines.
func rankingPanel(st styles, r *guidance.Result, width, height int) []string {
	p := &panel{st: st, width: width}
	if r == nil {
		p.head("Recommendation")
		p.add(each(st.dim, wrap("It appears here as you answer, with its reasons.", width))...)
		return p.lines
	}
	for _, d := range details() {
		p.lines = nil
		p.tight = !d.table
		p.ranking(r, d.table)
		p.reasons(r, d)
		p.flips(r, d)
		if len(p.lines) <= height {
			return p.lines
		}
	}
	return p.lines[:height]
}

func (p *panel) ranking(r *guidance.Result, table bool) {
	switch {
	case r.Recommended == nil && r.Instead != nil:
		p.head("None of the four fits")
		p.add(wrap("Use "+clean(r.Instead.Use)+" instead.", p.width)...)
		p.add(hang("  ", r.Instead.Rule+" "+clean(r.Instead.Why)+" ["+clean(r.Instead.Section)+"]", p.width)...)
		return
	case r.Confidence == guidance.Close:
		p.head("Recommendation: close")
	default:
		p.head("Recommendation: clear")
	}
	if r.Recommended != nil && *r.Recommended == guidance.Hybrid().ID && len(r.Notes) > 0 {
		p.add(hang("  ", r.Notes[0].Rule+" "+clean(r.Notes[0].Text), p.width)...)
	}
	if !table {
		var all []string
		for _, s := range r.Ranking {
			all = append(all, fmt.Sprintf("%d %s %.0f", s.Rank, clean(s.Title), s.Score))
		}
		p.add(wrap(strings.Join(all, ", "), p.width)...)
		return
	}
	title := 0
	for _, s := range r.Ranking {
		title = max(title, ansi.StringWidth(clean(s.Title)))
	}
	missing := false
	for i, s := range r.Ranking {
		row := fmt.Sprintf("%d %-*s %5.1f ", s.Rank, title, clean(s.Title), s.Score)
		star := ""
		if s.Rendered != nil && !*s.Rendered {
			star, missing = " *", true
		}
		bar := strings.Repeat("■", int(s.Score*float64(max(p.width-ansi.StringWidth(row)-len(star), 0))/100))
		if i == 0 {
			bar = p.st.accent.Render(bar)
		} else {
			bar = p.st.dim.Render(bar)
		}
		p.add(row + bar + star)
	}
	if missing {
		p.add(p.st.dim.Render("* not generated yet"))
	}
}

// reasons lists the rules for and against the first, each with its section.
func (p *panel) reasons(r *guidance.Result, d detail) {
	if len(r.Reasons) == 0 || len(r.Ranking) == 0 || d.pros == 0 {
		return
	}
	p.head("Why")
	left := map[bool]int{true: d.pros, false: d.cons}
	shown := 0
	for _, x := range r.Reasons {
		if left[x.For] > 0 {
			left[x.For]--
			shown++
			p.reason(x, d.brief)
		}
	}
	if more := len(r.Reasons) - shown; more > 0 && d.table {
		p.add(p.st.dim.Render(fmt.Sprintf("  and %d more (?)", more)))
	}
}

func (p *panel) reason(x guidance.Reason, brief bool) {
	sign := "- "
	if x.For {
		sign = "+ "
	}
	if brief {
		p.add(ansi.Truncate(sign+x.Rule+" ["+clean(x.Section)+"]", p.width, "…"))
		return
	}
	p.add(hang(sign, x.Rule+" "+clean(x.Statement), p.width)...)
	section := "[" + clean(x.Section) + "]"
	if x.Verdict != "true" {
		section = "[" + clean(x.Section) + "; " + clean(x.Verdict) + "]"
	}
	p.add(each(p.st.dim, hang("  ", section, p.width))...)
}

func (p *panel) flips(r *guidance.Result, d detail) {
	if len(r.Flips) == 0 || d.flips == 0 {
		return
	}
	p.head("What would flip it")
	for _, f := range r.Flips[:min(len(r.Flips), d.flips)] {
		if d.brief {
			p.add(ansi.Truncate("~ "+clean(f.Text), p.width, "…"))
			continue
		}
		p.add(hang("~ ", clean(f.Text), p.width)...)
	}
}

// settledPanel lists what was answered so far.
func settledPanel(st styles, s *session, width int) []string {
	p := &panel{st: st, width: width}
	p.head("So far")
	p.pairs(s.settledPairs())
	return p.lines
}

// settledPairs are the answers as names and values; what was only proposed says so.
func (s *session) settledPairs() [][2]string {
	stack := s.known(s.stack)
	pairs := [][2]string{{"stack", clean(stack.Title)}}
	var options []string
	for _, e := range s.resolved.Entries() {
		q := e.Question
		if _, option := s.pack.Answerable().Option(q.ID); option {
			if e.Value == true {
				options = append(options, q.ID)
			}
			continue
		}
		value := ""
		switch v := e.Value.(type) {
		case []string:
			value = strings.Join(v, ", ")
		case bool:
			value = map[bool]string{true: "yes", false: "no"}[v]
		default:
			value = fmt.Sprint(v)
		}
		if i := slices.IndexFunc(q.Choices, func(c answers.Choice) bool { return c.Value == value }); i >= 0 && q.Choices[i].Label != "" {
			value = q.Choices[i].Label
		}
		if q.Kind == answers.Secret && value != "" {
			value = "(set)"
		}
		if value = clean(value); value != "" {
			pairs = append(pairs, [2]string{q.ID, value})
		}
	}
	return append(pairs, [2]string{"options", cmp.Or(strings.Join(options, ", "), "none")})
}

func (p *panel) pairs(pairs [][2]string) {
	width := 0
	for _, pair := range pairs {
		width = max(width, len(pair[0]))
	}
	for _, pair := range pairs {
		p.add(hang(p.st.dim.Render(fmt.Sprintf("%-*s", width, pair[0]))+"  ", pair[1], p.width)...)
	}
}
