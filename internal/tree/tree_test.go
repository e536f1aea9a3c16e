package tree_test

import (
	"bytes"
	"strings"
	"testing"

	"example.com/scaffold/internal/tree"
)

func TestCheckPath(t *testing.T) {
	good := []string{
		"a", "a/b.py", ".env.example", ".gitignore", ".github/workflows/ci.yml", "-lead", "with space/x y.txt",
		"ünïcode/ß.md", "git~x", "git~", "console.py", "nul_value", "com10", "a..b", "...a", strings.Repeat("a", tree.MaxSegment),
	}
	for _, p := range good {
		if err := tree.CheckPath(p); err != nil {
			t.Errorf("CheckPath(%q) = %v, want nil", p, err)
		}
	}
	bad := map[string]string{
		"":              "empty",
		"/etc/passwd":   "absolute",
		"//host/share":  "absolute",
		"C:/x":          "Windows refuses",
		"c:x":           "Windows refuses",
		`a\b`:           "backslash",
		`\\host\share`:  "backslash",
		"a/../b":        "segment",
		"..":            "segment",
		".":             "segment",
		"a/./b":         "segment",
		"a//b":          "empty segment",
		"a/":            "empty segment",
		"a\x00b":        "control",
		"a\nb":          "control",
		"a\x1b[31m":     "control",
		"a\u0085b":      "control",
		".git/config":   "git's own",
		"x/.GIT/hooks":  "git's own",
		".Git":          "git's own",
		".git.":         "dot or space",
		".git /x":       "dot or space",
		"GIT~1/x":       "git's own",
		"git~27":        "git's own",
		".g\u200cit/x":  "invisible",
		".gi\ufefft/x":  "invisible",
		"a\u202eb":      "invisible",
		"a\ufe0fb":      "invisible",
		"a\u2028b":      "invisible",
		"con":           "device",
		"x/AUX.txt":     "device",
		"nul.tar.gz":    "device",
		"lpt1":          "device",
		"COM¹.log":      "device",
		"con .txt":      "device",
		"a?":            "Windows refuses",
		"a::$DATA":      "Windows refuses",
		"e\u0301":       "normal form",
		"a\xffb":        "UTF-8",
		"trailing./x":   "dot or space",
		"trailing /x":   "dot or space",
		longPath():      "longer than",
		longSegment():   "segment longer",
		"conin$":        "device",
		"a/b\u00adc/.x": "invisible",
	}
	for p, want := range bad {
		err := tree.CheckPath(p)
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("CheckPath(%q) = %v, want an error with %q", p, err, want)
		}
	}
}

func longPath() string    { return strings.Repeat("abcdefghi/", tree.MaxPath/10) + "x" }
func longSegment() string { return strings.Repeat("a", tree.MaxSegment+1) }

func TestAddRefusesTwins(t *testing.T) {
	cases := []struct{ first, second, want string }{
		{"a/b", "a/b", "two sources"},
		{"a/b", "a/B", "ignores case"},
		{"a/b", "A/c", "ignores case"},
		{"straße", "STRAẞE", "ignores case"},
		{"K", "\u212a", "normal form"}, // Kelvin sign
		{"a", "a/b", "both a file and a folder"},
		{"a/b/c", "a/b", "both a file and a folder"},
		{"a", "A/b", "ignores case"},
		{"σ", "ς", "ignores case"},
	}
	for _, c := range cases {
		var tr tree.Tree
		if err := tr.Add(c.first, tree.File{}); err != nil {
			t.Fatalf("Add(%q): %v", c.first, err)
		}
		err := tr.Add(c.second, tree.File{})
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("Add(%q) after %q = %v, want an error with %q", c.second, c.first, err, c.want)
		}
	}
}

func TestHashSeesPathModeAndContent(t *testing.T) {
	build := func(path, data string, exec bool) string {
		var tr tree.Tree
		if err := tr.Add(path, tree.File{Data: []byte(data), Exec: exec}); err != nil {
			t.Fatal(err)
		}
		return tr.Hash()
	}
	seen := map[string]bool{}
	for _, h := range []string{build("a", "x", false), build("a", "x", true), build("a", "y", false), build("b", "x", false), new(tree.Tree).Hash()} {
		if seen[h] {
			t.Fatal("two different trees have one hash")
		}
		seen[h] = true
	}
	if first, second := build("a", "x", false), build("a", "x", false); first != second {
		t.Fatal("one tree has two hashes")
	}
}

func TestArchiveRoundTrip(t *testing.T) {
	var tr tree.Tree
	for path, f := range map[string]tree.File{
		"a":       {Data: []byte("no newline")},
		"b/run":   {Data: []byte("#!/bin/sh\n"), Exec: true},
		"b/empty": {},
		"z/ü.bin": {Data: bytes.Repeat([]byte{0, 255}, 5000)},
	} {
		if err := tr.Add(path, f); err != nil {
			t.Fatal(err)
		}
	}
	packed, err := tree.Archive(&tr)
	if err != nil {
		t.Fatal(err)
	}
	again, err := tree.Archive(&tr)
	if err != nil || !bytes.Equal(packed, again) {
		t.Fatalf("archive is not deterministic (%v)", err)
	}
	back, err := tree.Extract(packed)
	if err != nil {
		t.Fatal(err)
	}
	if back.Hash() != tr.Hash() {
		t.Fatal("the extracted tree differs")
	}
	if _, err := tree.Extract(packed[:len(packed)/2]); err == nil {
		t.Fatal("a cut archive was accepted")
	}
}

func FuzzCheckPath(f *testing.F) {
	for _, s := range []string{"a/b", ".git/x", "a\u200bb", "CON", "..", "e\u0301", "a b/c.d", "git~1"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, path string) {
		if tree.CheckPath(path) != nil {
			return
		}
		for segment := range strings.SplitSeq(path, "/") {
			if segment == "" || segment == ".." || segment == "." || strings.EqualFold(segment, ".git") {
				t.Fatalf("accepted %q", path)
			}
		}
		if strings.ContainsAny(path, "\\:\x00\n\r") {
			t.Fatalf("accepted %q", path)
		}
		var tr tree.Tree
		if err := tr.Add(path, tree.File{}); err != nil {
			t.Fatalf("CheckPath accepts %q, Add does not: %v", path, err)
		}
		if err := tr.Add(strings.ToUpper(path), tree.File{}); err == nil && strings.EqualFold(path, strings.ToUpper(path)) {
			t.Fatalf("%q and its upper-case twin both accepted", path)
		}
	})
}
