package form_test

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/creack/pty"
	"github.com/hinshun/vt10x"
)

// program is the real program, built once for all tests of the package.
var program = sync.OnceValues(func() (string, error) {
	dir, err := os.MkdirTemp("", "scaffold-form-")
	if err != nil {
		return "", err
	}
	bin := filepath.Join(dir, "scaffold")
	out, err := exec.Command("go", "build", "-o", bin, "example.com/scaffold/cmd/scaffold").CombinedOutput()
	if err != nil {
		return "", fmt.Errorf("%w\n%s", err, out)
	}
	return bin, nil
})

func TestMain(m *testing.M) {
	code := m.Run()
	if bin, err := program(); err == nil {
		_ = os.RemoveAll(filepath.Dir(bin))
	}
	os.Exit(code)
}

// patience is how long a screen may take to appear, on a busy machine.
const patience = 30 * time.Second

// Keys as a terminal sends them.
const (
	enter    = "\r"
	up       = "\x1b[A"
	down     = "\x1b[B"
	shiftTab = "\x1b[Z"
	ctrlC    = "\x03"
	ctrlN    = "\x0e"
	pageDown = "\x1b[6~"
)

// home is the world of one person: where they stand and what is theirs.
type home struct{ dir, state, config string }

func newHome(t *testing.T) home {
	t.Helper()
	root := t.TempDir()
	h := home{filepath.Join(root, "work"), filepath.Join(root, "state"), filepath.Join(root, "config")}
	for _, d := range []string{h.dir, h.config} {
		if err := os.Mkdir(d, 0o755); err != nil {
			t.Fatal(err)
		}
	}
	return h
}

func (h home) kept() string { return filepath.Join(h.state, "scaffold", "form.json") }

// command is the program in that world, with a clean environment.
func (h home) command(t *testing.T, env []string, args ...string) *exec.Cmd {
	t.Helper()
	bin, err := program()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(bin, args...)
	cmd.Dir = h.dir
	cmd.Env = append([]string{
		"HOME=" + filepath.Dir(h.dir), "PATH=" + os.Getenv("PATH"), "TERM=xterm-256color",
		"XDG_STATE_HOME=" + h.state, "XDG_CONFIG_HOME=" + h.config,
		"GIT_CONFIG_GLOBAL=" + os.DevNull, "GIT_CONFIG_NOSYSTEM=1",
	}, env...)
	return cmd
}

// terminal is a program on a terminal with a screen.
type terminal struct {
	t    *testing.T
	cmd  *exec.Cmd
	pty  *os.File
	exit chan error

	mu      sync.Mutex
	vt      vt10x.Terminal
	raw     []byte
	drawn   int           // bytes of raw that the screen has
	changed chan struct{} // has an element when the screen changed
}

// start runs the program on a terminal of so many columns and lines.
func (h home) start(t *testing.T, cols, rows int, env []string, args ...string) *terminal {
	t.Helper()
	cmd := h.command(t, env, args...)
	f, err := pty.StartWithSize(cmd, &pty.Winsize{Cols: uint16(cols), Rows: uint16(rows)})
	if err != nil {
		t.Fatal(err)
	}
	term := &terminal{t: t, cmd: cmd, pty: f, vt: vt10x.New(vt10x.WithSize(cols, rows)), exit: make(chan error, 1), changed: make(chan struct{}, 1)}
	read := make(chan struct{})
	go func() {
		defer close(read)
		buf := make([]byte, 32<<10)
		for {
			n, err := f.Read(buf)
			term.take(buf[:n])
			if err != nil {
				return
			}
		}
	}()
	go func() {
		<-read // the program's last words, then its end
		term.exit <- cmd.Wait()
	}()
	t.Cleanup(func() {
		_ = cmd.Process.Signal(syscall.SIGKILL)
		_ = f.Close()
	})
	return term
}

func (term *terminal) take(data []byte) {
	term.mu.Lock()
	term.raw = append(term.raw, data...)
	whole := len(term.raw) // without a character that is not complete yet
	for i := 1; i < utf8.UTFMax && i <= whole; i++ {
		if b := term.raw[whole-i]; utf8.RuneStart(b) {
			if !utf8.FullRune(term.raw[whole-i:]) {
				whole -= i
			}
			break
		}
	}
	_, _ = term.vt.Write(term.raw[term.drawn:whole])
	term.drawn = whole
	term.mu.Unlock()
	select {
	case term.changed <- struct{}{}:
	default:
	}
}

// screen is what the person sees.
func (term *terminal) screen() string {
	term.mu.Lock()
	defer term.mu.Unlock()
	return term.vt.String()
}

// output is everything that was written.
func (term *terminal) output() string {
	term.mu.Lock()
	defer term.mu.Unlock()
	return string(term.raw)
}

// await waits until the condition holds for the screen.
func (term *terminal) await(what string, holds func(screen string) bool) string {
	term.t.Helper()
	deadline := time.After(patience)
	for {
		s := term.screen()
		if holds(s) {
			return s
		}
		select {
		case <-term.changed:
		case <-deadline:
			term.t.Fatalf("never saw %s; the screen is\n%s", what, s)
		}
	}
}

// see waits for texts, all on one screen.
func (term *terminal) see(texts ...string) string {
	term.t.Helper()
	return term.await(fmt.Sprintf("%q", texts), func(s string) bool {
		for _, text := range texts {
			if !strings.Contains(flat(s), text) {
				return false
			}
		}
		return true
	})
}

var blanks = regexp.MustCompile(`\s+`)

// flat joins the lines, so that a text is found where it is wrapped.
func flat(screen string) string {
	return blanks.ReplaceAllString(screen, " ")
}

func (term *terminal) send(keys ...string) {
	term.t.Helper()
	for _, k := range keys {
		if _, err := term.pty.WriteString(k); err != nil {
			term.t.Fatal(err)
		}
	}
}

func (term *terminal) resize(cols, rows int) {
	term.t.Helper()
	term.mu.Lock()
	term.vt.Resize(cols, rows)
	term.mu.Unlock()
	if err := pty.Setsize(term.pty, &pty.Winsize{Cols: uint16(cols), Rows: uint16(rows)}); err != nil {
		term.t.Fatal(err)
	}
}

// wait waits for the program's end and returns its exit code.
func (term *terminal) wait() int {
	term.t.Helper()
	select {
	case err := <-term.exit:
		if exit := (*exec.ExitError)(nil); err != nil && !errors.As(err, &exit) {
			term.t.Fatal(err)
		}
		return term.cmd.ProcessState.ExitCode()
	case <-time.After(patience):
		term.t.Fatalf("the program did not end; the screen is\n%s", term.screen())
		return -1
	}
}
