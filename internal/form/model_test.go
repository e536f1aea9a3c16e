package form

import (
	"bytes"
	"context"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	tea "github.com/charmbracelet/bubbletea"
	"github.com/charmbracelet/x/ansi"

	"example.com/scaffold/internal/answers"
	"example.com/scaffold/internal/iostreams"
	"example.com/scaffold/internal/pack"
	"example.com/scaffold/templates"
)

const fastapi = "python-fastapi"

// input is a form over the built-in packs.
func input(layers ...answers.Layer) Input {
	return Input{
		Stacks: []string{fastapi},
		Load: func(stack string) (*pack.Pack, error) {
			return pack.Load("builtin:"+stack, pack.Builtin(templates.FS))
		},
		Layers: layers,
		Preview: func(context.Context, Output) (Preview, error) {
			return Preview{Dir: "shop", Command: "scaffold new shop --stack python-fastapi --yes", Files: []File{{"README.md", "base"}, {"src/app/main.py", "base"}}}, nil
		},
	}
}

func open(t *testing.T, in Input) *session {
	t.Helper()
	s, err := newSession(in)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// answered submits an answer to each step in turn; the first word is the step.
func answered(t *testing.T, s *session, replies ...[2]any) {
	t.Helper()
	for _, r := range replies {
		if at := s.at.name + ":" + s.at.id; r[0] != at {
			t.Fatalf("stands at %s, not %s", at, r[0])
		}
		if err := s.submit(r[1]); err != nil {
			t.Fatalf("%s: %v", r[0], err)
		}
	}
}

// shown is a model of a window.
func shown(t *testing.T, s *session, width, height int) *model {
	t.Helper()
	io, _, _, _ := iostreams.Test()
	m := newModel(t.Context(), s, newStyles(io))
	m.Update(tea.WindowSizeMsg{Width: width, Height: height})
	return m
}

func press(m *model, keys ...string) {
	named := map[string]tea.KeyType{
		"enter": tea.KeyEnter, "up": tea.KeyUp, "down": tea.KeyDown, "shift+tab": tea.KeyShiftTab,
		"esc": tea.KeyEsc, "ctrl+c": tea.KeyCtrlC, "ctrl+n": tea.KeyCtrlN, "pgdown": tea.KeyPgDown, " ": tea.KeySpace,
	}
	for _, k := range keys {
		if typ, ok := named[k]; ok {
			m.Update(tea.KeyMsg{Type: typ, Runes: []rune(" ")})
		} else {
			m.Update(tea.KeyMsg{Type: tea.KeyRunes, Runes: []rune(k)})
		}
	}
}

// Whatever the step and the window, the screen fits and the cursor is on it.
func TestScreenFits(t *testing.T) {
	for _, width := range []int{24, 39, 40, 79, 80, 100, 200} {
		for _, height := range []int{10, 14, 20, 24, 60} {
			m := shown(t, open(t, input()), width, height)
			for i := 0; !m.s.done && i < 60; i++ {
				for _, key := range []string{"", "down", "down"} {
					if key != "" && m.s.at.name != stepMore && m.s.at.name != stepStack && m.s.at.name != stepSummary && m.s.at.name != stepMode {
						press(m, key)
					}
					lines := strings.Split(m.View(), "\n")
					if len(lines) != height {
						t.Fatalf("%dx%d %v: %d lines\n%s", width, height, m.s.at, len(lines), m.View())
					}
					for _, l := range lines {
						if ansi.StringWidth(l) > width {
							t.Fatalf("%dx%d %v: too wide: %q", width, height, m.s.at, l)
						}
					}
					if !strings.Contains(m.View(), cursorMark) && height > 10 {
						t.Fatalf("%dx%d %v: no cursor in\n%s", width, height, m.s.at, m.View())
					}
				}
				if m.s.at.id == "name" {
					press(m, "shop")
				}
				if m.s.at.name == stepMore {
					press(m, "down") // "yes" or, where it was proposed, no further
				}
				was := m.s.at
				press(m, "enter")
				if m.s.at == was && !m.s.done {
					t.Fatalf("%dx%d: stuck at %v\n%s", width, height, was, m.View())
				}
			}
			if !m.s.done {
				t.Fatalf("%dx%d: no end", width, height)
			}
		}
	}
}

// The panel follows the choice that is being considered, and a cursor that
// nobody moved considers nothing.
func TestPanelIsLive(t *testing.T) {
	m := shown(t, open(t, input()), 80, 24)
	press(m, "enter", " ", "enter") // an API
	if m.s.at.id != "builders" {
		t.Fatal(m.s.at)
	}
	before := m.View()
	if !strings.Contains(before, "1 NestJS") && !strings.Contains(before, "1 Express") {
		t.Errorf("Python counts already, because the cursor stands there:\n%s", before)
	}
	press(m, "down")
	if !strings.Contains(m.View(), "1 NestJS") {
		t.Errorf("TypeScript is being considered:\n%s", m.View())
	}
	press(m, "shift+tab", "enter")
	if m.View() != before {
		t.Errorf("what was only considered stays:\n%s", m.View())
	}
	press(m, "enter", "shift+tab")
	if !strings.Contains(m.View(), "1 FastAPI") || !strings.Contains(m.View(), "> People who know Python") {
		t.Errorf("what was picked is lost:\n%s", m.View())
	}
	press(m, "?")
	if !strings.Contains(m.View(), "Points by criterion") {
		t.Errorf("no reasons:\n%s", m.View())
	}
	press(m, "pgdown", "esc")
	if !strings.Contains(m.View(), "Who builds it?") {
		t.Errorf("the reasons do not close:\n%s", m.View())
	}
}

// However little room there is, the panel names a rule, its section and what
// would change the result, and the numbers of all stacks.
func TestPanelDegrees(t *testing.T) {
	s := open(t, input())
	answered(t, s, [2]any{"mode:", modeHelp}, [2]any{"guide:building", []string{"api", "ai"}}, [2]any{"guide:builders", "python"})
	r := s.recommend(nil)
	last := 0
	for height := 5; height < 60; height++ {
		lines := rankingPanel(plainStyles(), r, 40, height)
		text := strings.Join(lines, "\n")
		for _, want := range []string{"FastAPI", "Django", "NestJS", "Express", "R01 ", "[Python or JavaScript", "~ "} {
			if !strings.Contains(text, want) {
				t.Errorf("%d lines: no %q in\n%s", height, want, text)
			}
		}
		if len(lines) > height || len(lines) < last {
			t.Errorf("%d lines of %d, after %d", len(lines), height, last)
		}
		last = len(lines)
	}
	if !strings.Contains(strings.Join(rankingPanel(plainStyles(), r, 40, 60), "\n"), "\n- R") {
		t.Error("nothing speaks against it")
	}
}

// What was marked before the window changed is marked after it, and kept on the
// way back.
func TestResizeKeepsMarks(t *testing.T) {
	m := shown(t, open(t, input()), 80, 24)
	press(m, "enter", "down", " ")
	m.Update(tea.WindowSizeMsg{Width: 40, Height: 20})
	if at, _ := m.field.hovered(); at != "saas" {
		t.Errorf("the cursor went to %s", at)
	}
	press(m, "shift+tab", "enter")
	if !strings.Contains(m.View(), "[x] A SaaS product") {
		t.Errorf("the mark is gone:\n%s", m.View())
	}
}

// A required field that was never touched can be left by its way back, and
// returned to: huh's own forms lock it.
func TestBackFromUntouchedRequired(t *testing.T) {
	m := shown(t, open(t, input()), 80, 24)
	press(m, "down", "enter", "enter")
	if m.s.at.id != "name" {
		t.Fatal(m.s.at)
	}
	press(m, "enter")
	if m.s.at.id != "name" || !strings.Contains(m.View(), "! ") {
		t.Errorf("an empty name was taken:\n%s", m.View())
	}
	press(m, "esc", "enter", "s", "h", "o", "p")
	if m.s.at.id != "name" || !strings.Contains(m.View(), "> shop") {
		t.Errorf("the field is dead:\n%s", m.View())
	}
	press(m, "shift+tab", "enter")
	if !strings.Contains(m.View(), "> shop") {
		t.Errorf("what was typed is lost:\n%s", m.View())
	}
	press(m, "ctrl+c")
	if !m.stopped {
		t.Error("ctrl+c does not stop")
	}
}

// A preview that fails is shown, cannot be confirmed, and can be gone back from.
func TestPreviewFails(t *testing.T) {
	in := input(answers.Layer{Source: answers.Flag, Values: answers.Values{"name": "shop"}})
	in.Stack = fastapi
	in.Preview = func(context.Context, Output) (Preview, error) { return Preview{}, errors.New("shop has \x1b[31mfiles") }
	m := shown(t, open(t, in), 80, 24)
	for m.s.at.name != stepSummary {
		press(m, "enter")
	}
	press(m, "enter")
	if m.s.done || !strings.Contains(m.View(), "! shop has files") || !strings.Contains(m.View(), "Go back") {
		t.Errorf("%v\n%s", m.s.done, m.View())
	}
	press(m, "shift+tab")
	if m.s.at.name != stepOptions {
		t.Error(m.s.at)
	}
}

// The line prompter says why a preview failed and lets the person change it, if
// there is one.
func TestLinesPreviewFails(t *testing.T) {
	in := input(answers.Layer{Source: answers.Flag, Values: answers.Values{"name": "shop"}})
	in.Stack, in.Accessible = fastapi, true
	in.Preview = func(context.Context, Output) (Preview, error) { return Preview{}, errors.New("the disk is full") }
	io, stdin, out, _ := iostreams.Test()
	stdin.WriteString(strings.Repeat("\n", 40))
	if _, err := Run(t.Context(), io, in); err == nil || !strings.Contains(err.Error(), "disk is full") {
		t.Errorf("%v\n%s", err, out)
	}
	io, stdin, out, _ = iostreams.Test()
	io.InTTY = true
	stdin.WriteString(strings.Repeat("\n", 40))
	var ended *EndedError
	if _, err := Run(t.Context(), io, in); !errors.As(err, &ended) || strings.Count(out.String(), "! the disk is full") < 2 {
		t.Errorf("%v\n%s", err, out)
	}
}

// What a pack says reaches the terminal without anything that could steer it.
func TestHostileTexts(t *testing.T) {
	evil := "\x1b]0;owned\x07safe\x1b[2J \u202etxet\u2066\u200b\r\nline\u2028two\x9b31m"
	a := ask{part: evil, title: evil, help: evil, warning: evil, choices: []choice{{"v", evil, evil}, {evil, "", ""}}}.cleaned()
	for _, got := range []string{a.part, a.title, a.help, a.warning, a.choices[0].label, a.choices[0].help, a.choices[1].label} {
		if strings.ContainsFunc(got, func(r rune) bool {
			return r < ' ' || r >= 0x7f && r < 0xa0 || r >= 0x2028 && r <= 0x206f || r == 0x200b
		}) || !strings.Contains(got, "safe") {
			t.Errorf("%q", got)
		}
	}
	s := open(t, func() Input { in := input(); in.Stack = fastapi; return in }())
	pv := Preview{Dir: evil, Command: evil, Notes: []string{evil}, Files: []File{{"a/" + evil, evil}}}
	for _, l := range slices.Concat(answersLines(plainStyles(), s, pv, 60), treeLines(plainStyles(), pv.Files, 60)) {
		if strings.ContainsAny(l, "\x1b\x07\u202e\u2066\r\n") {
			t.Errorf("%q", l)
		}
	}
}

func TestWrap(t *testing.T) {
	for _, c := range []struct {
		text  string
		width int
		want  []string
	}{
		{"", 5, []string{""}},
		{"one two", 7, []string{"one two"}},
		{"one two", 6, []string{"one", "two"}},
		{"a --long-flag b", 11, []string{"a", "--long-flag", "b"}},
		{"abcdefgh", 3, []string{"abc", "def", "gh"}},
		{"日本語", 4, []string{"日本", "語"}},
		{"日", 1, []string{"日"}},
	} {
		if got := wrap(c.text, c.width); !slices.Equal(got, c.want) {
			t.Errorf("wrap(%q, %d) = %q, want %q", c.text, c.width, got, c.want)
		}
	}
}

// The help of a colourless run has no escape sequence at all but for weight.
func TestPlainScreen(t *testing.T) {
	m := shown(t, open(t, input()), 80, 24)
	press(m, "enter", " ")
	if text := strings.NewReplacer("\x1b[1m", "", "\x1b[0m", "").Replace(m.View()); strings.Contains(text, "\x1b") {
		t.Errorf("%q", text)
	}
}

// Kept answers are whole, private, and never a secret.
func TestKeptAnswers(t *testing.T) {
	in := input()
	in.Stack, in.State = fastapi, filepath.Join(t.TempDir(), "state", "form.json")
	load := in.Load
	in.Load = func(stack string) (*pack.Pack, error) {
		p, err := load(stack)
		if err == nil {
			p.Questions = append(slices.Clone(p.Questions), answers.Question{ID: "token", Kind: answers.Secret, Title: "Token?"})
		}
		return p, err
	}
	s := open(t, in)
	answered(t, s, [2]any{"question:name", "shop"}, [2]any{"question:description", "d"})
	for s.at.id != "token" {
		if err := s.submit(s.ask().value); err != nil {
			t.Fatal(err)
		}
	}
	answered(t, s, [2]any{"question:token", "hunter2"})
	file, err := s.save()
	if err != nil {
		t.Fatal(err)
	}
	data, err := os.ReadFile(file)
	if err != nil || bytes.Contains(data, []byte("hunter2")) || !bytes.Contains(data, []byte(`"shop"`)) {
		t.Errorf("%v %s", err, data)
	}
	if info, _ := os.Stat(file); info.Mode().Perm() != 0o600 {
		t.Error(info.Mode())
	}
	if s.draft().Answers.Values["token"] != "hunter2" {
		t.Error("the draft lost the secret")
	}
	again := open(t, in)
	if again.at.name != stepResume || !strings.Contains(again.ask().help, "shop") {
		t.Fatal(again.at, again.ask().help)
	}
	// A flag of the new run counts more than what was kept.
	in.Layers = []answers.Layer{{Source: answers.Flag, Values: answers.Values{"name": "cart"}}}
	flagged := open(t, in)
	answered(t, flagged, [2]any{"resume:", resumeOn})
	if got := flagged.resolved.Text("name"); got != "cart" || flagged.resolved.Text("description") != "d" {
		t.Errorf("name %q, description %q", got, flagged.resolved.Text("description"))
	}
	// A file that is broken or of another version is no file.
	for _, broken := range []string{"", "{", `{"schema": 99, "at": "mode:"}`} {
		if err := os.WriteFile(file, []byte(broken), 0o600); err != nil {
			t.Fatal(err)
		}
		if s := open(t, in); s.at.name == stepResume {
			t.Errorf("%q is offered", broken)
		}
	}
	// A place that cannot be written to is said.
	in.State = filepath.Join(file, "below", "a-file.json")
	bad := &session{in: in, settled: true, pack: s.pack, at: s.at, answers: s.answers}
	if _, err := bad.save(); err == nil {
		t.Error("no error")
	}
}
