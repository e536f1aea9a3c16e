package main

import (
	"bytes"
	"context"
	"errors"
	"io/fs"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
)

// head is the manifest that each hostile pack begins with.
const head = "schema: 1\nname: evil\nversion: 1.0.0\ntitle: Evil\ndescription: A pack.\nquestions:\n  - {id: name, type: text, title: Name?, format: name}\n  - {id: text, type: text, title: Text?, default: x}\n"

// TestHostilePacks generates from packs that mean harm. Each must end within a
// few seconds with an error that says why, write nothing anywhere, read nothing
// outside of itself, run nothing and send no raw control characters to the
// terminal; or, where there is nothing to refuse, give the text as it stands.
func TestHostilePacks(t *testing.T) {
	exe := filepath.Join(t.TempDir(), "scaffold")
	if out, err := exec.Command("go", "build", "-o", exe, ".").CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	many := func(n int, line string) string { return strings.Repeat(line, n) }
	for _, tc := range []struct {
		name  string
		files map[string]string // manifest is head + this one's "scaffold.yaml"
		links map[string]string
		args  []string
		want  string // in the error; "" for a run that succeeds
		shows string // what the rendered file "out" holds then
	}{
		{name: "a name leads out", files: map[string]string{"scaffold.yaml": "names:\n  AWAY: '<% .text %>'\n", "base/AWAY/x": "x"}, args: []string{"--text", "../../outside"}, want: ".."},
		{name: "a name is absolute", files: map[string]string{"scaffold.yaml": "names:\n  AWAY/: '<% .text %>'\n", "base/AWAY/x": "x"}, args: []string{"--text", "/tmp/scaffold-hostile/"}, want: "path"},
		{name: "a name makes .git", files: map[string]string{"scaffold.yaml": "names:\n  AWAY: '<% .text %>'\n", "base/AWAY/hooks/x": "x"}, args: []string{"--text", ".GIT"}, want: ".GIT"},
		{name: "a name makes git~1", files: map[string]string{"scaffold.yaml": "names:\n  AWAY: '<% .text %>'\n", "base/AWAY/hooks/x": "x"}, args: []string{"--text", "git~1"}, want: "git~1"},
		{name: "a name has a backslash", files: map[string]string{"scaffold.yaml": "names:\n  AWAY: '<% .text %>'\n", "base/AWAY": "x"}, args: []string{"--text", `a\b`}, want: "path"},
		{name: "a name is a device", files: map[string]string{"scaffold.yaml": "names:\n  AWAY: '<% .text %>'\n", "base/AWAY": "x"}, args: []string{"--text", "con.txt"}, want: "con.txt"},
		{name: "twins in case", files: map[string]string{"base/readme": "x", "base/README": "y"}, want: "case"},
		{name: "a file against a folder", files: map[string]string{"scaffold.yaml": "names:\n  AWAY: '<% .text %>'\n", "base/AWAY": "x", "base/d/x": "y"}, args: []string{"--text", "d"}, want: "both a file and a folder"},
		{name: "a symbolic link to a secret", files: map[string]string{"base/x": "x"}, links: map[string]string{"base/out": "/etc/passwd"}, want: "symbolic links"},
		{name: "a linked folder", files: map[string]string{"base/x": "x"}, links: map[string]string{"base/etc": "/etc"}, want: "symbolic links"},
		{name: "a linked manifest", files: map[string]string{"-scaffold.yaml": "", "base/x": "x"}, links: map[string]string{"scaffold.yaml": "/etc/passwd"}, want: "scaffold.yaml"},
		{name: "a billion laughs", files: map[string]string{"scaffold.yaml": "presets:\n  - &a {id: a}\n  - *a\n"}, want: "anchor"},
		{name: "a loop without end", files: map[string]string{"base/out": "<% range until 1000000 %><% range until 1000000 %>x<% end %><% end %>"}, want: "out"},
		{name: "a repetition that fills memory", files: map[string]string{"base/out": `<% repeat 1000000000 "x" %>`}, want: "out"},
		{name: "a template that calls itself", files: map[string]string{"base/out": `<% define "a" %><% template "a" %><% end %><% template "a" %>`}, want: "out"},
		{name: "the environment", files: map[string]string{"base/out": `<% env "HOME" %>`}, want: "env"},
		{name: "the clock", files: map[string]string{"base/out": `<% now %>`}, want: "now"},
		{name: "chance", files: map[string]string{"base/out": `<% randAlpha 5 %>`}, want: "randAlpha"},
		{name: "the network", files: map[string]string{"base/out": `<% getHostByName "localhost" %>`}, want: "getHostByName"},
		{name: "a regular expression that explodes", files: map[string]string{"base/out": `<% regexMatch "(a+)+$" "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa!" %>`, "scaffold.yaml": ""}, shows: "false"},
		{name: "an answer that is a template", files: map[string]string{"base/out": "<% .text %>\n"}, args: []string{"--text", `<% env "HOME" %>`}, shows: "<% env \"HOME\" %>\n"},
		{name: "too many files", files: manyFiles(10_100), want: "more than"},
		{name: "a manifest without end", files: map[string]string{"scaffold.yaml": "# " + many(400_000, "x")}, want: "larger than"},
		{name: "it extends itself", files: map[string]string{"scaffold.yaml": "extends: ./.\n"}, want: "extends itself"},
		{name: "it extends a program", files: map[string]string{"scaffold.yaml": "extends: 'ext::sh -c touch% /tmp/scaffold-hostile'\n"}, want: "runs a program"},
		{name: "a title that clears the screen", files: map[string]string{"scaffold.yaml": "options:\n  - {id: nope, title: \"\\u001b[2Jgone\", }\n"}, want: "scaffold.yaml:10:23: has a control character"},
		{name: "a message in another direction", files: map[string]string{"scaffold.yaml": "options:\n  - {id: nope, title: x, why: \"\\u202Eevil \\u001b]0;x\\u0007\"}\n"}, want: "control character"},
		{name: "a path that clears the screen", files: map[string]string{"base/a\x1b[2Jb": "x"}, want: "base"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			plant(t, dir, tc.files, tc.links)
			before := listing(t, dir)
			ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
			defer cancel()
			cmd := exec.CommandContext(ctx, exe, append([]string{"new", "shop", "--pack", "./pack", "--yes", "--no-git"}, tc.args...)...)
			cmd.Dir = dir
			cmd.Env = []string{"HOME=" + t.TempDir(), "PATH=" + os.Getenv("PATH")}
			var out bytes.Buffer
			cmd.Stdout, cmd.Stderr = &out, &out
			err := cmd.Run()
			if ctx.Err() != nil {
				t.Fatal("it hangs")
			}
			if i := strings.IndexFunc(out.String(), func(r rune) bool {
				return r < ' ' && r != '\n' || r == 0x7f || r >= 0x80 && r < 0xa0 || r >= 0x202a && r <= 0x202e || r >= 0x2066 && r <= 0x2069
			}); i >= 0 {
				t.Errorf("control characters reach the terminal: %q", out.String())
			}
			if _, err := os.Lstat("/tmp/scaffold-hostile"); err == nil {
				t.Error("something was written outside")
			}
			if tc.want == "" {
				got, readErr := os.ReadFile(filepath.Join(dir, "shop", "out"))
				if err != nil || readErr != nil || string(got) != tc.shows {
					t.Errorf("%v %v %q\n%s", err, readErr, got, out.String())
				}
				return
			}
			if err == nil || !strings.Contains(out.String(), tc.want) || strings.Contains(out.String(), "goroutine ") {
				t.Errorf("error %v, %s; want %q", err, out.String(), tc.want)
			}
			if after := listing(t, dir); !slices.Equal(before, after) {
				t.Errorf("it wrote something: %v", after)
			}
		})
	}
}

func manyFiles(n int) map[string]string {
	files := map[string]string{}
	for i := range n {
		files["base/"+strings.Repeat("d/", i%3)+"f"+string(rune('a'+i%26))+strings.Repeat("x", i/26%100)+strings.Repeat("y", i/2600)] = ""
	}
	return files
}

func plant(t *testing.T, dir string, files, links map[string]string) {
	t.Helper()
	files = maps.Clone(files)
	if _, without := files["-scaffold.yaml"]; without {
		delete(files, "-scaffold.yaml")
	} else {
		files["scaffold.yaml"] = head + files["scaffold.yaml"]
	}
	for p, data := range files {
		at := filepath.Join(dir, "pack", filepath.FromSlash(p))
		if err := errors.Join(os.MkdirAll(filepath.Dir(at), 0o755), os.WriteFile(at, []byte(data), 0o644)); err != nil {
			t.Fatal(err)
		}
	}
	for p, to := range links {
		at := filepath.Join(dir, "pack", filepath.FromSlash(p))
		if err := errors.Join(os.MkdirAll(filepath.Dir(at), 0o755), os.Symlink(to, at)); err != nil {
			t.Fatal(err)
		}
	}
}

func listing(t *testing.T, dir string) []string {
	t.Helper()
	var all []string
	err := filepath.WalkDir(dir, func(p string, _ fs.DirEntry, err error) error {
		all = append(all, p)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return all
}
