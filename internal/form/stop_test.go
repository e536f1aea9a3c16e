package form_test

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// empty fails unless the person's folder is as empty as before.
func (h home) empty(t *testing.T) {
	t.Helper()
	entries, err := os.ReadDir(h.dir)
	if err != nil || len(entries) > 0 {
		t.Errorf("left behind: %v %v", entries, err)
	}
}

// Ctrl-C at any step leaves nothing but the answers, for their owner alone, and
// the next run goes on at that step.
func TestStopAnywhere(t *testing.T) {
	t.Parallel()
	h := newHome(t)
	steps := append(guided(), step{"Write it?", nil})
	for i, s := range steps {
		term := h.start(t, 80, 24, nil)
		if i > 1 {
			term.see("Go on where you stopped?")
			term.send(enter)
		}
		if i > 0 {
			term.see(steps[i-1].title)
			term.send(steps[i-1].keys...)
		}
		term.see(s.title)
		term.send(ctrlC)
		if code := term.wait(); code != 130 {
			t.Fatalf("%s: exit %d", s.title, code)
		}
		if !strings.Contains(flat(term.output()), "nothing was written") {
			t.Errorf("%s: %s", s.title, term.screen())
		}
		h.empty(t)
		info, err := os.Stat(h.kept())
		switch {
		case i == 0:
			if err == nil {
				t.Error("answers were kept before there were any")
			}
			continue
		case err != nil:
			t.Fatalf("%s: %v", s.title, err)
		case info.Mode().Perm() != 0o600:
			t.Errorf("%s: mode %v", s.title, info.Mode())
		}
		if kept, _ := os.ReadDir(filepath.Dir(h.kept())); len(kept) != 1 {
			t.Errorf("%s: %v beside the answers", s.title, kept)
		}
	}
	term := h.start(t, 80, 24, nil)
	term.see("Go on where you stopped?", "shop", "FastAPI")
	term.send(enter)
	term.see("Write it?", "--idempotency")
	term.send(enter)
	if code := term.wait(); code != 0 {
		t.Fatalf("exit %d\n%s", code, term.output())
	}
}

// Who does not want to go on starts afresh, and the kept answers are gone.
func TestStartAfresh(t *testing.T) {
	t.Parallel()
	h := newHome(t)
	first := h.start(t, 80, 24, nil)
	first.see("How do you want")
	first.send(enter)
	first.see("What are you building?")
	first.send(ctrlC)
	first.wait()
	second := h.start(t, 80, 24, nil)
	second.see("Go on where you stopped?")
	second.send(ctrlC) // undecided: they stay
	if second.wait(); !exists(h.kept()) {
		t.Error("looking at the offer lost the answers")
	}
	third := h.start(t, 80, 24, nil)
	third.see("Go on where you stopped?")
	third.send(down, enter)
	third.see("How do you want")
	if exists(h.kept()) {
		t.Error("the answers are still there")
	}
	third.send(ctrlC)
	third.wait()
}

func exists(file string) bool {
	_, err := os.Stat(file)
	return err == nil
}

// Saying no at the end is a stop like any other.
func TestDecline(t *testing.T) {
	t.Parallel()
	h := newHome(t)
	term := h.start(t, 80, 24, nil, "new", "shop", "--stack", "python-fastapi")
	for _, s := range guided()[9:] {
		term.see(s.title)
		term.send(enter)
	}
	term.see("Write it?")
	term.send(down, enter)
	if code := term.wait(); code != 130 {
		t.Errorf("exit %d", code)
	}
	h.empty(t)
	if !exists(h.kept()) {
		t.Error("the answers are not kept")
	}
}

// A signal ends the form as ctrl+c does and gives the terminal back.
func TestSignal(t *testing.T) {
	t.Parallel()
	h := newHome(t)
	term := h.start(t, 80, 24, nil)
	term.see("How do you want")
	term.send(enter)
	term.see("What are you building?")
	if err := term.cmd.Process.Signal(os.Interrupt); err != nil {
		t.Fatal(err)
	}
	if code := term.wait(); code != 130 {
		t.Errorf("exit %d", code)
	}
	if !strings.Contains(term.output(), "\x1b[?1049l") || !exists(h.kept()) {
		t.Error("the screen was not given back, or the answers were lost")
	}
}

// A folder that cannot be written to is said before anything is asked in vain.
func TestFolderInTheWay(t *testing.T) {
	t.Parallel()
	h := newHome(t)
	if err := os.MkdirAll(filepath.Join(h.dir, "shop", "old"), 0o755); err != nil {
		t.Fatal(err)
	}
	named := h.start(t, 80, 24, nil, "new", "shop")
	if code := named.wait(); code != 2 || !strings.Contains(flat(named.output()), "shop has files") {
		t.Errorf("exit %d\n%s", code, named.output())
	}
	asked := h.start(t, 80, 24, nil, "new", "--stack", "python-fastapi")
	asked.see("What is the service called?")
	asked.send("shop", enter)
	asked.see("hop has files")
	asked.send("s", enter)
	asked.see("What does it do")
}

var colour = regexp.MustCompile(`\x1b\[(?:[0-9;]*;)?(?:3[0-8]|4[0-8]|9[0-7]|10[0-7])(?:;[0-9;]*)?m`)

// NO_COLOR leaves no colour, and no meaning is lost with it.
func TestNoColor(t *testing.T) {
	t.Parallel()
	for _, env := range [][]string{nil, {"NO_COLOR=1"}} {
		term := newHome(t).start(t, 80, 24, env)
		term.walk(guided()[:2])
		term.see("Who builds it?", "Recommendation: clear")
		term.send(ctrlC)
		term.wait()
		if got := colour.MatchString(term.output()); got != (env == nil) {
			t.Errorf("%v: colour %v", env, got)
		}
	}
}

// The program asks the terminal nothing, above all not when it only explains
// itself: the answer would come too late, to the shell.
func TestSilentTerminal(t *testing.T) {
	t.Parallel()
	for _, args := range [][]string{{"--help"}, {"version"}} {
		term := newHome(t).start(t, 80, 24, nil, args...)
		if code := term.wait(); code != 0 {
			t.Errorf("%v: exit %d", args, code)
		}
		if strings.Contains(term.output(), "\x1b") {
			t.Errorf("%v: escape sequences in %q", args, term.output())
		}
	}
	term := newHome(t).start(t, 80, 24, nil)
	term.see("How do you want")
	term.send(ctrlC)
	term.wait()
	for _, query := range []string{"\x1b]10;?", "\x1b]11;?", "\x1b[6n", "\x1b[c", "\x1b[>c"} {
		if strings.Contains(term.output(), query) {
			t.Errorf("the form asks the terminal %q", query)
		}
	}
}
