package iostreams_test

import (
	"os"
	"testing"

	"github.com/creack/pty"

	"example.com/scaffold/internal/iostreams"
)

func TestColor(t *testing.T) {
	tests := map[string]struct {
		tty  bool
		env  map[string]string
		want bool
	}{
		"pipe":                    {want: false},
		"terminal":                {tty: true, want: true},
		"NO_COLOR":                {tty: true, env: map[string]string{"NO_COLOR": "1"}},
		"dumb":                    {tty: true, env: map[string]string{"TERM": "dumb"}},
		"CLICOLOR=0":              {tty: true, env: map[string]string{"CLICOLOR": "0"}},
		"CLICOLOR=1":              {tty: true, env: map[string]string{"CLICOLOR": "1"}, want: true},
		"forced on a pipe":        {env: map[string]string{"CLICOLOR_FORCE": "1"}, want: true},
		"force 0 is no force":     {env: map[string]string{"CLICOLOR_FORCE": "0"}},
		"NO_COLOR beats the rest": {tty: true, env: map[string]string{"NO_COLOR": "1", "CLICOLOR_FORCE": "1"}},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			s, _, _, _ := iostreams.Test()
			s.OutTTY = tc.tty
			s.Env = func(k string) string { return tc.env[k] }
			if got := s.Color(); got != tc.want {
				t.Errorf("Color() = %t, want %t", got, tc.want)
			}
		})
	}
}

func TestCanPrompt(t *testing.T) {
	tests := []struct {
		name    string
		in, out bool
		ci      string
		want    bool
	}{
		{"nobody", false, false, "", false},
		{"stdin only", true, false, "", false},
		{"stdout only", false, true, "", false},
		{"a person", true, true, "", true},
		{"a build server with a terminal", true, true, "true", false},
		{"CI=false", true, true, "false", true},
	}
	for _, tc := range tests {
		t.Run(tc.name, func(t *testing.T) {
			s, _, _, _ := iostreams.Test()
			s.InTTY, s.OutTTY = tc.in, tc.out
			s.Env = func(k string) string {
				if k == "CI" {
					return tc.ci
				}
				return ""
			}
			if got := s.CanPrompt(); got != tc.want {
				t.Errorf("CanPrompt() = %t, want %t", got, tc.want)
			}
		})
	}
}

func TestWidth(t *testing.T) {
	s, _, _, _ := iostreams.Test()
	if got := s.Width(); got != 80 {
		t.Errorf("a buffer is %d columns wide, want 80", got)
	}
	s.Columns = 5
	if got := s.Width(); got != 20 {
		t.Errorf("5 columns count as %d, want 20", got)
	}
	s.Columns = 0
	s.Env = func(string) string { return "132" }
	if got := s.Width(); got != 132 {
		t.Errorf("COLUMNS=132 gives %d", got)
	}
}

func TestWidthOfTerminal(t *testing.T) {
	master, slave, err := pty.Open()
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _, _ = master.Close(), slave.Close() }()
	s := &iostreams.IOStreams{In: slave, Out: slave, InTTY: true, OutTTY: true, Env: func(string) string { return "" }}
	for _, want := range []uint16{40, 200} {
		if err := pty.Setsize(master, &pty.Winsize{Rows: 20, Cols: want}); err != nil {
			t.Fatal(err)
		}
		if got := s.Width(); got != int(want) {
			t.Errorf("Width() = %d after resizing to %d", got, want)
		}
	}
}

func TestSystemSeesPipes(t *testing.T) {
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _, _ = r.Close(), w.Close() }()
	stdin, stdout := os.Stdin, os.Stdout
	os.Stdin, os.Stdout = r, w
	defer func() { os.Stdin, os.Stdout = stdin, stdout }()
	s := iostreams.System()
	if s.InTTY || s.OutTTY || s.CanPrompt() {
		t.Errorf("pipes taken for a terminal: %+v", s)
	}
}
