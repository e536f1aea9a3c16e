// Package treetest compares trees with golden files.
package treetest

import (
	"bytes"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"unicode/utf8"

	"example.com/scaffold/internal/tree"
)

var update = flag.Bool("update", false, "write the golden files instead of comparing with them")

// Update tells whether golden files are to be written (go test -update).
func Update() bool { return *update }

// Format shows a tree as one text in the manner of txtar: a line per path, then
// the content. Files that opaque names, and those that are not text, are shown
// by their hash.
func Format(t *tree.Tree, opaque func(path string) bool) []byte {
	var out bytes.Buffer
	for path, f := range t.All() {
		mark := ""
		if f.Exec {
			mark = " (exec)"
		}
		fmt.Fprintf(&out, "-- %s%s --\n", path, mark)
		if opaque(path) || !utf8.Valid(f.Data) || bytes.IndexByte(f.Data, 0) >= 0 {
			fmt.Fprintf(&out, "sha256 %s\n", f.Sum())
			continue
		}
		out.Write(f.Data)
		if len(f.Data) > 0 && f.Data[len(f.Data)-1] != '\n' {
			out.WriteString("\n(no newline at the end)\n")
		}
	}
	return out.Bytes()
}

// Golden compares got with a golden file, or writes it with -update.
func Golden(t *testing.T, file string, got []byte) {
	t.Helper()
	if *update {
		if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, got, 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatalf("%v (write it with: go test %s -update)", err, "./...")
	}
	if bytes.Equal(got, want) {
		return
	}
	t.Errorf("%s differs; if that is meant, run the test with -update\n%s", file, firstDifference(string(want), string(got)))
}

func firstDifference(want, got string) string {
	w, g := strings.Split(want, "\n"), strings.Split(got, "\n")
	section := ""
	for i := range max(len(w), len(g)) {
		wl, gl := lineAt(w, i), lineAt(g, i)
		if wl != gl {
			return fmt.Sprintf("line %d, in %s\n  want %q\n  got  %q", i+1, section, wl, gl)
		}
		if strings.HasPrefix(wl, "-- ") {
			section = wl
		}
	}
	return "no line differs"
}

func lineAt(lines []string, i int) string {
	if i < len(lines) {
		return lines[i]
	}
	return "(end)"
}
