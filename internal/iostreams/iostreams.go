// Package iostreams says where the program reads and prints, and what is at the
// other end: a terminal or not, how wide, with colour or without, and whether a
// person is there to be asked.
package iostreams

import (
	"bytes"
	"io"
	"os"
	"strconv"
	"strings"

	"golang.org/x/term"
)

// fallbackWidth is assumed where nothing tells the width, in columns.
const fallbackWidth = 80

// IOStreams are the three standard streams and what is known about them. The
// fields are fixed at construction: a test sets them, a program asks System.
type IOStreams struct {
	In  io.Reader
	Out io.Writer
	Err io.Writer

	// InTTY, OutTTY and ErrTTY say whether the stream is a terminal.
	InTTY, OutTTY, ErrTTY bool
	// Env is the environment that decides on colour and prompting.
	Env func(string) string
	// Columns is the fixed width of the output; 0 asks the terminal each time,
	// because a window may be resized while the program runs.
	Columns int
}

// System returns the streams of the process.
func System() *IOStreams {
	return &IOStreams{
		In:     os.Stdin,
		Out:    os.Stdout,
		Err:    os.Stderr,
		InTTY:  isTerminal(os.Stdin),
		OutTTY: isTerminal(os.Stdout),
		ErrTTY: isTerminal(os.Stderr),
		Env:    os.Getenv,
	}
}

// Test returns streams over buffers, with an empty environment, no terminal and
// 80 columns, and the buffers behind In, Out and Err.
func Test() (s *IOStreams, in, out, errOut *bytes.Buffer) {
	in, out, errOut = &bytes.Buffer{}, &bytes.Buffer{}, &bytes.Buffer{}
	return &IOStreams{
		In: in, Out: out, Err: errOut,
		Env:     func(string) string { return "" },
		Columns: fallbackWidth,
	}, in, out, errOut
}

// Width is the width of the output in columns, never less than 20. COLUMNS
// overrules what the terminal says, as shells and tests expect.
func (s *IOStreams) Width() int {
	if s.Columns > 0 {
		return max(s.Columns, 20)
	}
	if n, err := strconv.Atoi(s.env("COLUMNS")); err == nil && n > 0 {
		return max(n, 20)
	}
	if f, ok := s.Out.(*os.File); ok && s.OutTTY {
		if w, _, err := term.GetSize(int(f.Fd())); err == nil && w > 0 {
			return max(w, 20)
		}
	}
	return fallbackWidth
}

// Color says whether output may be coloured. NO_COLOR (any value) and
// TERM=dumb forbid it, CLICOLOR_FORCE other than 0 demands it, CLICOLOR=0
// forbids it, and otherwise a terminal decides.
func (s *IOStreams) Color() bool {
	switch {
	case s.env("NO_COLOR") != "":
		return false
	case s.env("CLICOLOR_FORCE") != "" && s.env("CLICOLOR_FORCE") != "0":
		return true
	case s.env("TERM") == "dumb", s.env("CLICOLOR") == "0":
		return false
	default:
		return s.OutTTY
	}
}

// CanPrompt says whether a person can be asked: both ends are a terminal and no
// build server (CI) claims the run.
func (s *IOStreams) CanPrompt() bool {
	ci := strings.ToLower(s.env("CI"))
	return s.InTTY && s.OutTTY && (ci == "" || ci == "0" || ci == "false")
}

func (s *IOStreams) env(name string) string {
	if s.Env == nil {
		return ""
	}
	return s.Env(name)
}

func isTerminal(f *os.File) bool { return term.IsTerminal(int(f.Fd())) }
