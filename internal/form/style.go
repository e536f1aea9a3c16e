package form

import (
	"strings"

	"github.com/charmbracelet/huh"
	"github.com/charmbracelet/lipgloss"
	"github.com/charmbracelet/x/ansi"
	"github.com/muesli/termenv"

	"example.com/scaffold/internal/iostreams"
)

// styles are the few looks of the form. They use the 16 colours that every
// terminal's own theme defines, so that they suit light and dark ones without
// asking which it is; and nothing is told by a colour alone.
type styles struct {
	plain, title, dim, accent, warn lipgloss.Style
}

func newStyles(io *iostreams.IOStreams) styles {
	profile := termenv.Ascii
	if io.Color() {
		profile = termenv.ANSI
	}
	r := lipgloss.NewRenderer(io.Out, termenv.WithProfile(profile))
	plain := r.NewStyle()
	return styles{
		plain:  plain,
		title:  plain.Bold(true),
		dim:    plain.Foreground(lipgloss.Color("8")),
		accent: plain.Foreground(lipgloss.Color("6")),
		warn:   plain.Foreground(lipgloss.Color("1")),
	}
}

// fields is the look of huh's fields. Title, help and errors are drawn by the
// form itself, so only the lists and the input have one.
func (st styles) fields() *huh.Theme {
	look := huh.FieldStyles{
		Base:                st.plain,
		SelectSelector:      st.accent.SetString(cursorMark),
		MultiSelectSelector: st.accent.SetString(cursorMark),
		SelectedOption:      st.accent,
		UnselectedOption:    st.plain,
		SelectedPrefix:      st.accent.SetString(markedBox),
		UnselectedPrefix:    st.plain.SetString(emptyBox),
		TextInput: huh.TextInputStyles{
			Cursor: st.accent, CursorText: st.plain, Placeholder: st.dim, Prompt: st.accent, Text: st.plain,
		},
	}
	return &huh.Theme{Focused: look, Blurred: look}
}

const (
	cursorMark = "> "
	markedBox  = "[x] "
	emptyBox   = "[ ] "
)

// wrap breaks a text without styles into lines of at most so many columns: at
// spaces, and within a word only if it is longer than a line. Unlike the
// libraries' it leaves a word with hyphens whole, such as a flag.
func wrap(text string, width int) []string {
	width = max(width, 1)
	lines := []string{}
	line := ""
	for word := range strings.SplitSeq(text, " ") {
		if line != "" && ansi.StringWidth(line)+1+ansi.StringWidth(word) > width {
			lines, line = append(lines, line), ""
		}
		if line != "" {
			line += " "
		}
		line += word
		for ansi.StringWidth(line) > width {
			head := ansi.Truncate(line, width, "")
			if head == "" { // a character wider than the line
				break
			}
			lines, line = append(lines, head), line[len(head):]
		}
	}
	return append(lines, line)
}

// hang wraps a text whose further lines stand in by the width of the lead.
func hang(lead, text string, width int) []string {
	in := ansi.StringWidth(lead)
	lines := wrap(text, max(width-in, 10))
	for i, l := range lines {
		if i == 0 {
			lines[i] = lead + l
		} else {
			lines[i] = strings.Repeat(" ", in) + l
		}
	}
	return lines
}

// each renders every line by itself, so that no style runs on into a column
// beside it.
func each(style lipgloss.Style, lines []string) []string {
	out := make([]string, len(lines))
	for i, l := range lines {
		out[i] = style.Render(l)
	}
	return out
}

// fit cuts or fills lines to a rectangle.
func fit(lines []string, width, height int) []string {
	out := make([]string, height)
	for i := range out {
		line := ""
		if i < len(lines) {
			line = ansi.Truncate(lines[i], width, "…")
		}
		out[i] = line + strings.Repeat(" ", max(width-ansi.StringWidth(line), 0))
	}
	return out
}

// beside joins two rectangles of one height with a rule between them.
func beside(left, right []string, rule string) []string {
	out := make([]string, len(left))
	for i := range left {
		out[i] = left[i] + rule + right[i]
	}
	return out
}

// plainStyles are no styles at all.
func plainStyles() styles { return styles{} }
