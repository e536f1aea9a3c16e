package form

import (
	"fmt"
	"reflect"
	"slices"
	"strings"

	"github.com/charmbracelet/bubbles/key"
	tea "github.com/charmbracelet/bubbletea"
	"github.com/charmbracelet/huh"
	"github.com/charmbracelet/lipgloss"
)

// field is the one huh field on the screen. It is built anew for every step and
// every width, so nothing of another step can linger in it.
type field struct {
	ask     ask
	inner   huh.Field
	text    string   // what one, text and secret write to
	picked  []string // what many writes to
	touched bool     // the person changed something
	heights []int    // of the choices, in lines
	top     int      // the first line shown of a list that is cut
}

// fieldKeys are huh's keys without those by which it would leave the field, quit
// or filter: moving between steps is the form's.
func fieldKeys() *huh.KeyMap {
	off := key.NewBinding(key.WithDisabled())
	k := huh.NewDefaultKeyMap()
	k.Quit = off
	k.Input.Next, k.Input.Prev, k.Input.Submit = off, off, off
	k.Select.Next, k.Select.Prev, k.Select.Submit = off, off, off
	k.Select.Filter, k.Select.SetFilter, k.Select.ClearFilter = off, off, off
	k.MultiSelect.Next, k.MultiSelect.Prev, k.MultiSelect.Submit = off, off, off
	k.MultiSelect.Filter, k.MultiSelect.SetFilter, k.MultiSelect.ClearFilter = off, off, off
	return k
}

// newField builds the field of a question, so many columns wide.
func newField(a ask, st styles, width int) (*field, tea.Cmd) {
	f := &field{ask: a}
	f.text, _ = a.value.(string)
	f.picked, _ = a.value.([]string)
	f.picked = slices.Clone(f.picked)
	switch a.kind {
	case one:
		f.inner = huh.NewSelect[string]().Options(f.options(width - len(cursorMark))...).Value(&f.text)
	case many:
		f.inner = huh.NewMultiSelect[string]().Filterable(false).
			Options(f.options(width - len(cursorMark) - len(emptyBox))...).Value(&f.picked)
	case secret:
		f.inner = huh.NewInput().EchoMode(huh.EchoModePassword).Prompt("> ").Value(&f.text)
	default:
		f.inner = huh.NewInput().Prompt("> ").Value(&f.text)
	}
	f.inner = f.inner.WithTheme(st.fields()).WithKeyMap(fieldKeys()).WithWidth(width)
	return f, tea.Batch(f.inner.Init(), f.inner.Focus())
}

// options are the choices with their labels broken to the width, which huh does
// not do for lists of several.
func (f *field) options(width int) []huh.Option[string] {
	var list []huh.Option[string]
	for _, c := range f.ask.choices {
		label := strings.Join(wrap(c.label, width), "\n")
		f.heights = append(f.heights, lipgloss.Height(label))
		list = append(list, huh.NewOption(label, c.value))
	}
	return list
}

// rebuilt is the field for another width, with its cursor and its answer.
func (f *field) rebuilt(st styles, width int) (*field, tea.Cmd) {
	a := f.ask
	a.value = f.value()
	next, cmd := newField(a, st, width)
	next.ask, next.touched = f.ask, f.touched
	if at, ok := f.hovered(); ok {
		next.inner.Update(tea.KeyMsg{Type: tea.KeyHome})
		for range f.ask.choices {
			if now, _ := next.hovered(); now == at {
				break
			}
			next.inner.Update(tea.KeyMsg{Type: tea.KeyDown})
		}
	}
	return next, cmd
}

// update passes a message to the field.
func (f *field) update(msg tea.Msg) tea.Cmd {
	text, picked := f.text, slices.Clone(f.picked)
	at, _ := f.hovered()
	next, cmd := f.inner.Update(msg)
	if inner, ok := next.(huh.Field); ok {
		f.inner = inner
	}
	if now, _ := f.hovered(); f.text != text || !reflect.DeepEqual(f.picked, picked) || f.ask.kind == one && now != at {
		f.touched = true
	}
	return cmd
}

// hovered is the value the cursor stands on, if the field is a list.
func (f *field) hovered() (string, bool) {
	if list, ok := f.inner.(interface{ Hovered() (string, bool) }); ok {
		return list.Hovered()
	}
	return "", false
}

// value is what an answer would be now.
func (f *field) value() any {
	switch f.ask.kind {
	case one:
		at, _ := f.hovered()
		return at
	case many:
		return slices.Clone(f.picked)
	default:
		return f.text
	}
}

// tentative is the value if the person or an earlier visit made it, nil if the
// cursor only happens to stand there.
func (f *field) tentative() any {
	if !f.touched && (f.ask.value == nil || f.ask.value == "") {
		return nil
	}
	return f.value()
}

// hint is what must be known about the choice under the cursor.
func (f *field) hint() string {
	at, ok := f.hovered()
	if !ok {
		return ""
	}
	i := slices.IndexFunc(f.ask.choices, func(c choice) bool { return c.value == at })
	if i < 0 {
		return ""
	}
	return f.ask.choices[i].help
}

// position is the number of the choice under the cursor, from 1.
func (f *field) position() int {
	at, _ := f.hovered()
	return 1 + slices.IndexFunc(f.ask.choices, func(c choice) bool { return c.value == at })
}

// list says whether the field is a list of choices.
func (f *field) list() bool { return len(f.heights) > 0 }

// height is what the field wants.
func (f *field) height() int {
	all := 0
	for _, h := range f.heights {
		all += h
	}
	return max(all, 1)
}

// view draws the field in at most so many lines. A list is scrolled here and not
// by huh, which counts choices where it should count lines.
func (f *field) view(width, room int) []string {
	height := max(min(f.height(), room), 1)
	lines := fit(strings.Split(f.inner.View(), "\n"), width, f.height())
	if at := f.position() - 1; f.list() && at >= 0 {
		first := 0
		for _, h := range f.heights[:at] {
			first += h
		}
		f.top = max(min(f.top, first), first+min(f.heights[at], height)-height)
	}
	f.top = max(min(f.top, len(lines)-height), 0)
	return lines[f.top : f.top+height]
}

// counted says how much of a list that is cut there is.
func counted(f *field) string {
	return fmt.Sprintf("  %d of %d", f.position(), len(f.ask.choices))
}
