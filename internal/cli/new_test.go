package cli

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"example.com/scaffold/internal/iostreams"
)

// testFactory has a small pack of its own, so that these tests are about the
// command line and not about the templates that ship.
func testFactory(t *testing.T) (f *factory, out, errOut *bytes.Buffer) {
	t.Helper()
	t.Chdir(t.TempDir())
	io, _, out, errOut := iostreams.Test()
	f = newFactory(io)
	f.version = "0.0.1"
	f.now = func() time.Time { return time.Unix(1_700_000_000, 0).UTC() }
	f.env = func(string) string { return "" }
	f.builtin = fstest.MapFS{
		"tiny/scaffold.yaml": {Data: []byte(`schema: 1
name: tiny
version: 1.2.3
title: Tiny
description: A pack for tests.
questions:
  - {id: name, type: text, title: Name?, format: name}
  - {id: author, type: text, title: Author?, default: "", optional: true}
  - {id: port, type: int, title: Port?, default: 80, min: 1, max: 65535}
  - {id: tags, type: list, title: Tags?, default: []}
  - {id: db_kind, type: select, title: Database?, default: a, choices: [{value: a}, {value: b}]}
options:
  - {id: extra, title: Extra}
files:
  - {glob: extra.txt, when: .extra, option: extra}
next_steps:
  - {run: ./run, say: runs it}
  - {run: no-such-program-anywhere, say: does not}
`)},
		"tiny/base/README.md": {Data: []byte("# <% .name %> <% .port %> <% .db_kind %> <% .tags %>\n")},
		"tiny/base/extra.txt": {Data: []byte("more\n")},
	}
	return f, out, errOut
}

// run runs a command line and returns the exit code.
func run(t *testing.T, f *factory, errOut *bytes.Buffer, args ...string) int {
	t.Helper()
	cmd, err := newRootCmd(t.Context(), f, args)
	if err != nil {
		t.Fatal(err)
	}
	cmd.SetArgs(args)
	return report(errOut, cmd.ExecuteContext(t.Context()))
}

// TestPrecedence gives one question a value at each source in turn, weakest
// first; each must win over those before it.
func TestPrecedence(t *testing.T) {
	f, out, errOut := testFactory(t)
	f.env = func(name string) string {
		if name == "XDG_CONFIG_HOME" {
			return "config"
		}
		return ""
	}
	write := func(name, text string) {
		t.Helper()
		if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(name, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	args := []string{"new", "shop", "--stack", "tiny", "--yes", "--dry-run", "--json"}
	for _, step := range []struct {
		source string
		add    func()
		want   float64
	}{
		{"the pack's default", func() {}, 80},
		{"the team's default", func() {
			write("config/scaffold/config.yaml", "team: team.yaml\n")
			write("config/scaffold/team.yaml", "defaults:\n  port: 85\n")
		}, 85},
		{"the person's configuration", func() { write("config/scaffold/config.yaml", "team: team.yaml\ndefaults:\n  port: 81\n") }, 81},
		{"the answers file", func() {
			write("answers.yaml", "answers:\n  port: 82\n")
			args = append(args, "--answers", "answers.yaml")
		}, 82},
		{"--set", func() { args = append(args, "--set", "port=1", "--set", "port=83") }, 83},
		{"the flag", func() { args = append(args, "--port=84") }, 84},
	} {
		step.add()
		out.Reset()
		f.configured = nil
		if code := run(t, f, errOut, args...); code != exitDone {
			t.Fatalf("%s: exit %d: %s", step.source, code, errOut)
		}
		var report newReport
		if err := json.Unmarshal(out.Bytes(), &report); err != nil {
			t.Fatal(err)
		}
		if got := report.Answers["port"]; got != step.want {
			t.Errorf("%s: port is %v, want %v", step.source, got, step.want)
		}
	}
}

func TestNew(t *testing.T) {
	f, out, errOut := testFactory(t)
	code := run(t, f, errOut, "new", "shop", "--stack", "tiny", "--tags", "x", "--tags=y,z", "--db-kind", "b", "--extra", "--yes")
	if code != exitDone {
		t.Fatalf("exit %d: %s", code, errOut)
	}
	readme, err := os.ReadFile("shop/README.md")
	if err != nil {
		t.Fatal(err)
	}
	if got, want := string(readme), "# shop 80 b [x y z]\n"; got != want {
		t.Errorf("README %q, want %q", got, want)
	}
	for _, want := range []string{
		"Created shop from tiny: 6 files in shop\n",
		"with     extra\n",
		"again    scaffold new shop --stack tiny --tags=x,y,z --db-kind=b --extra --yes\n",
		"  ./run ",
		"(no-such-program-anywhere is not installed\n" + strings.Repeat(" ", 29) + "here)", // within 80 columns
	} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("the summary lacks %q:\n%s", want, out)
		}
	}
	if !strings.Contains(errOut.String(), "git does not know you") {
		t.Errorf("it does not say who made the commit: %s", errOut)
	}
}

// TestDryRunTree holds the picture of what would be made.
func TestDryRunTree(t *testing.T) {
	f, out, errOut := testFactory(t)
	if code := run(t, f, errOut, "new", "shop", "--stack", "tiny", "--extra", "--dry-run"); code != exitDone {
		t.Fatalf("exit %d: %s", code, errOut)
	}
	want := `shop would be created from tiny: 6 files in shop
  README.md               base
  extra.txt               extra
  .scaffold/
    answers.schema.json   scaffold
    answers.yaml          scaffold
    base.tar.gz           scaffold
    lock.json             scaffold

Nothing was written. To write it:
  scaffold new shop --stack tiny --extra --yes
`
	if out.String() != want {
		t.Errorf("got\n%s\nwant\n%s", out, want)
	}
	if entries, err := os.ReadDir("."); err != nil || len(entries) != 0 {
		t.Errorf("it wrote %v (%v)", entries, err)
	}
}

func TestWrap(t *testing.T) {
	tests := []struct {
		text, indent string
		width        int
		want         string
	}{
		{"one two three", "", 80, "one two three"},
		{"one two three", "", 7, "one two\nthree"},
		{"one two three", "  - ", 11, "  - one two\n    three"},
		{"a-word-that-is-too-long x", "", 5, "a-word-that-is-too-long\nx"},
		{"größe weiß", "", 10, "größe weiß"},
	}
	for _, tc := range tests {
		if got := wrap(tc.text, tc.indent, tc.width); got != tc.want {
			t.Errorf("wrap(%q, %q, %d) = %q, want %q", tc.text, tc.indent, tc.width, got, tc.want)
		}
	}
}
