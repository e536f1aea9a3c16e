package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

var (
	shownFile = regexp.MustCompile("(?ms)^<!-- file: (\\S+) -->\n```[a-z]*\n(.*?)^```$")
	console   = regexp.MustCompile("(?ms)^```console\n(.*?)^```$")
)

// TestGuide does what docs/packs.md says, in its order: it writes each file that
// is shown under its name, and runs each command, which must succeed.
func TestGuide(t *testing.T) {
	text, err := os.ReadFile(filepath.Join("..", "..", "docs", "packs.md"))
	if err != nil {
		t.Fatal(err)
	}
	dir, bin, home := t.TempDir(), t.TempDir(), t.TempDir()
	if out, err := exec.Command("go", "build", "-o", filepath.Join(bin, "scaffold"), ".").CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	env := append(os.Environ(), "PATH="+bin+string(os.PathListSeparator)+os.Getenv("PATH"), "HOME="+home, "XDG_CONFIG_HOME="+home, "XDG_CACHE_HOME="+home, "GIT_CONFIG_NOSYSTEM=1")
	commands := 0
	for rest := string(text); ; {
		file, block := shownFile.FindStringSubmatchIndex(rest), console.FindStringSubmatchIndex(rest)
		switch {
		case file == nil && block == nil:
			if commands < 20 {
				t.Errorf("only %d commands found", commands)
			}
			return
		case file != nil && (block == nil || file[0] < block[0]):
			at := filepath.Join(dir, filepath.FromSlash(rest[file[2]:file[3]]))
			mode := os.FileMode(0o644)
			if strings.HasSuffix(at, ".sh") {
				mode = 0o755
			}
			if err := os.MkdirAll(filepath.Dir(at), 0o755); err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(at, []byte(rest[file[4]:file[5]]), mode); err != nil {
				t.Fatal(err)
			}
			rest = rest[file[1]:]
		default:
			for line := range strings.Lines(rest[block[2]:block[3]]) {
				line, isCommand := strings.CutPrefix(strings.TrimSpace(line), "$ ")
				if !isCommand {
					continue
				}
				commands++
				cmd := exec.Command("sh", "-c", line)
				cmd.Dir, cmd.Env = dir, env
				if out, err := cmd.CombinedOutput(); err != nil {
					t.Fatalf("$ %s\n%v\n%s", line, err, out)
				}
			}
			rest = rest[block[1]:]
		}
	}
}
