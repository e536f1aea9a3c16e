package form

import (
	"strings"

	"github.com/charmbracelet/bubbles/key"
	"github.com/charmbracelet/x/ansi"
)

// Sizes of the layout, in columns and lines.
const (
	sideBySide = 80  // from here the panel stands beside the question
	widest     = 132 // wider lines are hard to read
	leastWide  = 24
	leastHigh  = 10
	leastList  = 4  // lines of a list that stay visible above a panel
	leastPanel = 5  // lines of a panel worth showing
	roomyBody  = 22 // from here empty lines set things apart
	rule       = " │ "
)

// layout is how the screen is divided.
type layout struct {
	width, body   int // of the whole, without header and help
	field, side   int // columns of the question and of the panel
	beside, short bool
}

func (m *model) layout() layout {
	l := layout{width: min(m.width, widest), body: m.height - 2 - len(m.helpLines())}
	l.short = m.height < 24
	if !l.short {
		l.body-- // an empty line above the help
	}
	l.field, l.side = l.width, l.width
	if l.beside = m.width >= sideBySide && m.shows() != nothing; l.beside {
		l.field = (l.width - ansi.StringWidth(rule)) * 54 / 100
		l.side = l.width - ansi.StringWidth(rule) - l.field
	}
	return l
}

// View draws the screen.
func (m *model) View() string {
	switch {
	case m.field == nil:
		return ""
	case m.width < leastWide || m.height < leastHigh:
		return strings.Join(wrap("Please make the window larger. ctrl+c stops.", max(m.width, 1)), "\n")
	}
	l := m.layout()
	lines := []string{m.header(l.width), ""}
	switch {
	case m.why:
		text := strings.Split(m.result.Text(l.width), "\n")
		lines = append(lines, fit(m.scrolled(l.body, text)[0], l.width, l.body)...)
	case m.s.at.name == stepSummary:
		lines = append(lines, m.summary(l)...)
	case l.beside:
		right := fit(m.panel(l.side, l.body), l.side, l.body)
		lines = append(lines, beside(fit(m.question(l.field, l.body, true), l.field, l.body), right, m.st.dim.Render(rule))...)
	default:
		lines = append(lines, m.stacked(l)...)
	}
	if !l.short {
		lines = append(lines, "")
	}
	return strings.Join(append(lines, m.helpLines()...), "\n")
}

// header says where the person is.
func (m *model) header(width int) string {
	left, right := m.st.title.Render("scaffold"), m.s.progress(m.field.ask.part)
	gap := max(width-ansi.StringWidth(left)-ansi.StringWidth(right), 1)
	return ansi.Truncate(left+strings.Repeat(" ", gap)+m.st.dim.Render(right), width, "…")
}

// stacked puts the panel below the question, as far as there is room.
func (m *model) stacked(l layout) []string {
	roomy := l.body >= roomyBody
	want := len(m.question(l.width, 1<<10, roomy))
	panelLines := m.panel(l.width, l.body-min(want, l.body/2)-1)
	// The question gets what it wants, a long list at least some lines.
	room := min(want, l.body)
	if spare := l.body - room - 1; spare < min(len(panelLines), leastPanel) {
		least := want - m.field.height() + min(m.field.height(), leastList)
		room = max(least, l.body-1-leastPanel)
	}
	room = min(room, l.body)
	lines := fit(m.question(l.width, room, roomy), l.width, room)
	left := l.body - room - 1
	if left < 2 || len(panelLines) == 0 {
		return fit(lines, l.width, l.body)
	}
	lines = append(lines, m.st.dim.Render(strings.Repeat("─", l.width)))
	return append(lines, fit(m.panel(l.width, left), l.width, left)...)
}

// question draws title, help, field and what is wrong, in at most so many lines.
func (m *model) question(width, room int, roomy bool) []string {
	a := m.field.ask
	lines := each(m.st.title, wrap(a.title, width))
	if a.help != "" {
		lines = append(lines, each(m.st.dim, wrap(a.help, width))...)
	}
	if roomy {
		lines = append(lines, "")
	}
	var below []string
	if hint := m.field.hint(); hint != "" {
		below = append(below, each(m.st.dim, hang("  ", hint, width))...)
		if roomy {
			below = append([]string{""}, below...)
		}
	}
	for _, bad := range []string{m.failed, a.warning} {
		if bad != "" && (m.failed == bad || m.failed == "" && !m.field.touched) {
			below = append(below, each(m.st.warn, hang("! ", bad, width))...)
		}
	}
	space := max(room-len(lines)-len(below), min(m.field.height(), 3))
	list := m.field.view(width, space)
	if len(list) < m.field.height() {
		list = m.field.view(width, max(space-1, 1))
		list = append(list, m.st.dim.Render(counted(m.field)))
	}
	return append(append(lines, list...), below...)
}

// What stands beside or below a question.
const (
	nothing = iota
	ranking // of the stacks
	settled // what was answered
	files   // of the summary
)

// shows says what stands beside the question of this step.
func (m *model) shows() int {
	switch m.s.at.name {
	case stepGuide, stepMore:
		return ranking
	case stepStack:
		if m.s.mode == modeHelp {
			return ranking
		}
	case stepQuestion, stepOptions:
		return settled
	case stepSummary:
		return files
	}
	return nothing
}

// panel is what stands beside or below the question.
func (m *model) panel(width, height int) []string {
	switch {
	case height < 1:
		return nil
	case m.shows() == ranking:
		return rankingPanel(m.st, m.result, width, height)
	case m.shows() == settled:
		return settledPanel(m.st, m.s, width)
	}
	return nil
}

// scrolled is the part of each text to show, all moved by as much as the longest
// allows.
func (m *model) scrolled(height int, texts ...[]string) [][]string {
	longest := 0
	for _, t := range texts {
		longest = max(longest, len(t))
	}
	m.scroll = max(min(m.scroll, longest-height), 0)
	shown := make([][]string, len(texts))
	for i, t := range texts {
		top := max(min(m.scroll, len(t)-height), 0)
		shown[i] = t[top:min(top+height, len(t))]
	}
	return shown
}

// summary draws what would be made, and the question whether to make it.
func (m *model) summary(l layout) []string {
	ask := m.question(l.width, 8, false)
	room := l.body - len(ask) - 1
	var shown []string
	switch {
	case m.preview.err != nil:
		shown = fit(each(m.st.warn, hang("! ", clean(m.preview.err.Error()), l.width)), l.width, room)
	case l.beside:
		both := m.scrolled(room, answersLines(m.st, m.s, m.preview.Preview, l.field), treeLines(m.st, m.preview.Files, l.side))
		shown = beside(fit(both[0], l.field, room), fit(both[1], l.side, room), m.st.dim.Render(rule))
	default:
		all := append(answersLines(m.st, m.s, m.preview.Preview, l.width), "")
		all = append(all, treeLines(m.st, m.preview.Files, l.width)...)
		shown = fit(m.scrolled(room, all)[0], l.width, room)
	}
	shown = append(shown, m.st.dim.Render(strings.Repeat("─", l.width)))
	return append(shown, fit(ask, l.width, len(ask))...)
}

// helpLines are the keys that do something here, on as few lines as they need.
func (m *model) helpLines() []string {
	k := m.keys
	move := key.NewBinding(key.WithHelp("↑↓", "move"), key.WithKeys("up"))
	mark := key.NewBinding(key.WithHelp("space", "mark"), key.WithKeys(" "))
	var shown []key.Binding
	switch {
	case m.field == nil:
	case m.why:
		shown = []key.Binding{key.NewBinding(key.WithHelp("↑↓", "scroll"), key.WithKeys("up")), key.NewBinding(key.WithHelp("esc", "close"), key.WithKeys("esc"))}
	default:
		if m.field.ask.kind == one || m.field.ask.kind == many {
			shown = append(shown, move)
		}
		if m.field.ask.kind == many {
			shown = append(shown, mark)
		}
		shown = append(shown, k.next)
		if m.canSkip() {
			shown = append(shown, k.skip)
		}
		if m.s.at.name == stepSummary {
			shown = append(shown, k.pageDown)
		}
		if m.s.at != m.s.steps()[0] {
			shown = append(shown, k.back)
		}
		if m.canJump() {
			shown = append(shown, k.jump)
		}
		if m.canAsk() {
			shown = append(shown, k.why)
		}
	}
	shown = append(shown, k.stop)
	width := min(m.width, widest)
	lines := []string{""}
	for _, b := range shown {
		word := b.Help().Key + " " + b.Help().Desc
		last := &lines[len(lines)-1]
		switch {
		case *last == "":
			*last = word
		case ansi.StringWidth(*last)+3+ansi.StringWidth(word) <= width:
			*last += " · " + word
		default:
			lines = append(lines, word)
		}
	}
	return each(m.st.dim, lines)
}
