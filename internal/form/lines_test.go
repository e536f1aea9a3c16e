package form_test

import (
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// piped runs the program with input that is no terminal.
func (h home) piped(t *testing.T, input string, args ...string) (code int, output string) {
	t.Helper()
	cmd := h.command(t, nil, args...)
	cmd.Stdin = strings.NewReader(input)
	out, err := cmd.CombinedOutput()
	if exit := (*exec.ExitError)(nil); err != nil && !errors.As(err, &exit) {
		t.Fatal(err)
	}
	return cmd.ProcessState.ExitCode(), string(out)
}

// The line prompter takes a whole conversation from a pipe, to its last line
// without a line break: choices by number and by value, a wrong answer asked for
// again, a way back.
func TestAccessiblePiped(t *testing.T) {
	t.Parallel()
	h := newHome(t)
	code, out := h.piped(t, strings.Join([]string{
		"1",      // help me choose
		"1,7",    // building
		"9",      // no such choice
		"python", // by value
		"?", "",  // why; priorities: none
		"<", "2,4", // back to priorities
		"", "1", "1", // data: skipped; front end; no more questions
		"1",                 // FastAPI, but
		"<", "fastapi", "1", // back, no such id, again
		"Shop", "shop", // a name that is refused
		"", "", "2", "", "", // description … contact
		"", "", "2", "", "2", // preset, auth, database, ci, options
		"yes",
	}, "\n"), "--accessible")
	if code != 0 {
		t.Fatalf("exit %d\n%s", code, out)
	}
	if strings.Contains(out, "\x1b") {
		t.Errorf("escape sequences in\n%q", out)
	}
	for _, want := range []string{
		`"9" is no choice; type a number from 1 to 8`, "R01", "What would change it",
		`must be lower-case letters`, "  1  FastAPI (recommended)", "Files: ", "Created shop from python-fastapi",
		"--license=mit", "--database=postgres", "--idempotency",
	} {
		if !strings.Contains(out, want) {
			t.Errorf("no %q in\n%s", want, out)
		}
	}
	if !exists(filepath.Join(h.dir, "shop", "Makefile")) {
		t.Error("nothing was written")
	}
}

// An input that ends too early is an error that names the flag.
func TestAccessibleEnds(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		input string
		args  []string
		want  []string
	}{
		{"", []string{"--accessible"}, []string{"How do you want to choose the stack?", "--stack"}},
		{"2\n1\n", []string{"new", "--accessible"}, []string{"What is the service called?", "--name"}},
		{"Bad Name\n", []string{"new", "--accessible", "--stack", "python-fastapi"}, []string{"What is the service called?", "--name"}},
	} {
		h := newHome(t)
		code, out := h.piped(t, c.input, c.args...)
		last := out[max(strings.LastIndex(out, "scaffold: "), 0):]
		for _, want := range c.want {
			if !strings.Contains(last, want) {
				t.Errorf("%q: no %q in %q", c.input, want, last)
			}
		}
		if code != 2 {
			t.Errorf("%q: exit %d", c.input, code)
		}
		h.empty(t)
	}
}

// A terminal that cannot move its cursor, or a person who says so, gets lines.
func TestAccessibleTerminal(t *testing.T) {
	t.Parallel()
	for _, env := range [][]string{{"TERM=dumb"}, {"ACCESSIBLE=1"}} {
		h := newHome(t)
		term := h.start(t, 40, 20, env)
		term.see("1 Help me choose", "> ")
		term.send("1\n")
		term.see("(several: 1,3) [none] >")
		term.send(ctrlC) // the terminal makes it a signal
		if code := term.wait(); code != 130 {
			t.Errorf("%v: exit %d", env, code)
		}
		if strings.Contains(term.output(), "\x1b") {
			t.Errorf("%v: escape sequences in %q", env, term.output())
		}
		h.empty(t)
		if !exists(h.kept()) {
			t.Errorf("%v: the answers are not kept", env)
		}
	}
}

// Without a terminal nothing is asked and nothing hangs.
func TestNoTerminal(t *testing.T) {
	t.Parallel()
	h := newHome(t)
	code, out := h.piped(t, "1\n1\n")
	if code != 2 || !strings.Contains(out, "no terminal") {
		t.Errorf("exit %d: %s", code, out)
	}
	if entries, _ := os.ReadDir(h.dir); len(entries) > 0 {
		t.Error("something was written")
	}
}
