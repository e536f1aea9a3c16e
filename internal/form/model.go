package form

import (
	"context"
	"errors"

	"github.com/charmbracelet/bubbles/key"
	tea "github.com/charmbracelet/bubbletea"

	_ "example.com/scaffold/internal/form/quiet" // before Bubble Tea's initialisation
	"example.com/scaffold/internal/guidance"
	"example.com/scaffold/internal/iostreams"
)

// keys are the form's own; the rest go to the field.
type keys struct {
	next, back, skip, jump, why, stop, pageUp, pageDown key.Binding
}

func newKeys() keys {
	bind := func(help, does string, names ...string) key.Binding {
		return key.NewBinding(key.WithKeys(names...), key.WithHelp(help, does))
	}
	return keys{
		next:     bind("enter", "next", "enter", "tab"),
		back:     bind("shift+tab", "back", "shift+tab", "esc"),
		skip:     bind("s", "skip", "s"),
		jump:     bind("ctrl+n", "to where I was", "ctrl+n"),
		why:      bind("?", "why", "?"),
		stop:     bind("ctrl+c", "stop", "ctrl+c"),
		pageUp:   bind("pgup", "up", "pgup", "ctrl+b"),
		pageDown: bind("pgdn", "scroll", "pgdown", "ctrl+f"),
	}
}

// model is the form on a terminal.
type model struct {
	ctx    context.Context //nolint:containedctx // of the run, for the preview that Update asks for
	s      *session
	st     styles
	keys   keys
	field  *field
	width  int
	height int

	failed  string           // why the last answer was not taken
	result  *guidance.Result // for the panel
	preview preview          // of the summary
	scroll  int              // of the tree, or of the reasons
	why     bool             // the reasons fill the screen

	stopped bool
	err     error // that ends the form
}

// preview is what Input.Preview said.
type preview struct {
	Preview
	err error
}

// runModel runs the form on a terminal.
func runModel(ctx context.Context, io *iostreams.IOStreams, s *session) error {
	m := newModel(ctx, s, newStyles(io))
	program := tea.NewProgram(m, tea.WithContext(ctx), tea.WithInput(io.In), tea.WithOutput(io.Out),
		tea.WithAltScreen(), tea.WithoutSignalHandler())
	if _, err := program.Run(); err != nil {
		if ctx.Err() != nil {
			return errStopped
		}
		return err
	}
	if m.stopped {
		return errStopped
	}
	return m.err
}

func newModel(ctx context.Context, s *session, st styles) *model {
	return &model{ctx: ctx, s: s, st: st, keys: newKeys()}
}

// Init waits for the first size.
func (m *model) Init() tea.Cmd { return nil }

// Update takes one message.
func (m *model) Update(msg tea.Msg) (tea.Model, tea.Cmd) {
	switch msg := msg.(type) {
	case tea.WindowSizeMsg:
		m.width, m.height = msg.Width, msg.Height
		if m.field == nil {
			return m, m.enter()
		}
		var cmd tea.Cmd
		m.field, cmd = m.field.rebuilt(m.st, m.layout().field)
		return m, cmd
	case tea.KeyMsg:
		return m, m.press(msg)
	}
	if m.field == nil {
		return m, nil
	}
	return m, m.field.update(msg)
}

// press takes a key.
func (m *model) press(msg tea.KeyMsg) tea.Cmd {
	switch {
	case key.Matches(msg, m.keys.stop):
		m.stopped = true
		return tea.Quit
	case m.field == nil:
		return nil
	case m.why:
		return m.pressWhy(msg)
	case key.Matches(msg, m.keys.next):
		return m.submit(m.field.value())
	case key.Matches(msg, m.keys.back):
		return m.goBack()
	case key.Matches(msg, m.keys.jump) && m.canJump():
		return m.jump()
	case key.Matches(msg, m.keys.skip) && m.canSkip():
		return m.submit(nil)
	case key.Matches(msg, m.keys.why) && m.canAsk():
		m.why, m.scroll = true, 0
		return nil
	case key.Matches(msg, m.keys.pageUp):
		m.scroll -= max(m.height/2, 1)
		return nil
	case key.Matches(msg, m.keys.pageDown):
		m.scroll += max(m.height/2, 1)
		return nil
	}
	m.failed = ""
	cmd := m.field.update(msg)
	m.weigh()
	return cmd
}

// pressWhy takes a key while the reasons fill the screen.
func (m *model) pressWhy(msg tea.KeyMsg) tea.Cmd {
	switch msg.String() {
	case "up", "k":
		m.scroll--
	case "down", "j":
		m.scroll++
	case "pgup", "ctrl+b":
		m.scroll -= max(m.height-4, 1)
	case "pgdown", "ctrl+f", " ":
		m.scroll += max(m.height-4, 1)
	case "?", "esc", "enter", "q", "shift+tab":
		m.why, m.scroll = false, 0
	}
	return nil
}

// canSkip says whether the step may be passed without an answer by a key.
func (m *model) canSkip() bool { return m.s.at.name == stepGuide && m.field.ask.kind == one }

// canAsk says whether there are reasons to show.
func (m *model) canAsk() bool { return m.shows() == ranking && m.result != nil && m.field.list() }

// canJump says whether the person has been further than this.
func (m *model) canJump() bool { return m.s.at != m.s.far && m.s.at.name != stepResume }

// submit gives the answer and enters the next step.
func (m *model) submit(value any) tea.Cmd {
	if m.s.at.name == stepSummary && value == yes && m.preview.err != nil {
		m.failed = "It cannot be written as it is. Go back and change an answer."
		return nil
	}
	if err := m.s.submit(value); err != nil {
		if errors.Is(err, errStopped) {
			m.stopped = true
			return tea.Quit
		}
		m.failed = sentence(clean(err.Error())) + "."
		return nil
	}
	if m.s.done {
		return tea.Quit
	}
	// Kept after each step, so that a closed window costs nothing. If that fails
	// now, the run that is stopped says so.
	_, _ = m.s.save()
	return m.enter()
}

// goBack enters the step before, and keeps what was marked or typed.
func (m *model) goBack() tea.Cmd {
	if m.field.touched && m.field.ask.kind != one {
		_ = m.s.answer(m.field.value()) // one that is not taken is asked again anyway
	}
	if !m.s.back() {
		return nil
	}
	return m.enter()
}

// jump answers this step and enters the furthest that was reached.
func (m *model) jump() tea.Cmd {
	far := m.s.far
	cmd := m.submit(m.field.value())
	if m.failed != "" || m.s.done || m.stopped {
		return cmd
	}
	m.s.far = far
	m.s.jump()
	return m.enter()
}

// enter builds the step where the session stands.
func (m *model) enter() tea.Cmd {
	m.failed, m.scroll, m.why = "", 0, false
	var cmd tea.Cmd
	m.field, cmd = newField(m.s.ask(), m.st, m.layout().field)
	m.weigh()
	if m.s.at.name == stepSummary {
		m.preview.Preview, m.preview.err = m.s.in.Preview(m.ctx, m.s.draft())
	}
	return cmd
}

// weigh ranks the stacks anew, with the answer that is being given.
func (m *model) weigh() {
	if m.shows() == ranking {
		m.result = m.s.recommend(m.field.tentative())
	}
}
