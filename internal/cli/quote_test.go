package cli

import (
	"os/exec"
	"strings"
	"testing"
)

// TestShellLine asks the shell itself what it understands.
func TestShellLine(t *testing.T) {
	for _, args := range [][]string{
		{"plain", "a-b_c.d/e=f:g,h@i+j%k"},
		{"", " ", "two words"},
		{"it's", `"quoted"`, "`id`", "$HOME", "$(id)", `back\slash`, "semi;colon", "a&b", "a|b", "*", "~", "#x", "!x", "a\nb", "tab\t"},
		{"--author=Ada Lovelace", "--description=it's $HOME", "--x=", "--we ird=1", "schöne"},
	} {
		script := "printf '%s\\0' " + shellLine(args...)
		out, err := exec.CommandContext(t.Context(), "sh", "-c", script).Output()
		if err != nil {
			t.Fatalf("%s: %v", script, err)
		}
		if got, want := string(out), strings.Join(args, "\x00")+"\x00"; got != want {
			t.Errorf("%s\ngives %q, want %q", script, got, want)
		}
	}
	if got, want := shellLine("cd", "services/shop"), "cd services/shop"; got != want {
		t.Errorf("quotes where none are needed: %s", got)
	}
	if got, want := shellLine("--author=Ada Lovelace"), "--author='Ada Lovelace'"; got != want {
		t.Errorf("%s, want %s", got, want)
	}
}
