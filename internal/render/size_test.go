package render_test

import (
	"bytes"
	"fmt"
	"os"
	"path"
	"slices"
	"strings"
	"testing"

	"example.com/scaffold/internal/tree"
	"example.com/scaffold/internal/tree/treetest"
)

// limits are the figures of each stack that must not be exceeded: a ratchet, which
// -update lowers and never lifts. A stack that is not in it is held to the targets.
const limits = "testdata/sizes.txt"

// figure is one size of a rendered project and the design's target for it.
type figure struct {
	what        string
	got, target int
	which       string // the file, where one file is meant
}

// People read what is generated; security that nobody can read is none. The
// project is that of the preset "service".
func TestSize(t *testing.T) {
	held := readLimits(t)
	for _, stack := range names(t) {
		for _, f := range sizes(rendered(t, stack, service())) {
			key := stack + ": " + f.what
			limit, known := held[key]
			if !known {
				limit = f.target
			}
			if treetest.Update() && (!known || f.got < limit) {
				limit = max(f.got, f.target)
				held[key] = limit
			}
			t.Logf("%-15s %5d (target %4d, limit %4d) %s %s", stack, f.got, f.target, limit, f.what, f.which)
			if f.got > limit {
				t.Errorf("%s: %d %s %s; the limit is %d", stack, f.got, f.what, f.which, limit)
			}
		}
	}
	if treetest.Update() {
		writeLimits(t, held)
	}
}

func sizes(tr *tree.Tree) []figure {
	var files, lines, source, auth, tests, longest int
	var which string
	for file, f := range tr.All() {
		if opaque(file) && path.Base(file) != "LICENSE" || strings.HasPrefix(file, ".scaffold/") {
			continue
		}
		n := bytes.Count(f.Data, []byte("\n"))
		files++
		lines += n
		in := func(names ...string) bool {
			return slices.ContainsFunc(strings.Split(path.Dir(file), "/"), func(s string) bool { return slices.Contains(names, s) })
		}
		switch ext := path.Ext(file); {
		case in("test", "tests"):
			tests += n
		case ext == ".py" || ext == ".ts" || ext == ".mts":
			source += n
			if in("auth", "accounts") {
				auth += n
			}
			if n > longest {
				longest, which = n, file
			}
		}
	}
	return []figure{
		{"files", files, 70, ""},
		{"lines", lines, 4200, ""},
		{"lines of source", source, 2300, ""},
		{"lines of accounts", auth, 1000, ""},
		{"lines of tests", tests, 1200, ""},
		{"lines of the longest source", longest, 250, which},
	}
}

func readLimits(t *testing.T) map[string]int {
	t.Helper()
	text, err := os.ReadFile(limits)
	if err != nil {
		t.Fatal(err)
	}
	held := make(map[string]int)
	for line := range strings.Lines(string(text)) {
		var n int
		key, number, _ := strings.Cut(strings.TrimSpace(line), " = ")
		if _, err := fmt.Sscan(number, &n); err != nil {
			t.Fatalf("%s: %q: %v", limits, line, err)
		}
		held[key] = n
	}
	return held
}

func writeLimits(t *testing.T, held map[string]int) {
	t.Helper()
	var lines []string
	for key, n := range held {
		lines = append(lines, fmt.Sprintf("%s = %d\n", key, n))
	}
	slices.Sort(lines)
	if err := os.WriteFile(limits, []byte(strings.Join(lines, "")), 0o644); err != nil {
		t.Fatal(err)
	}
}
