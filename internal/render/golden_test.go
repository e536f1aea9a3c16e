package render_test

import (
	"bytes"
	"fmt"
	"path"
	"strings"
	"testing"

	"example.com/scaffold/internal/answers"
	"example.com/scaffold/internal/pack"
	"example.com/scaffold/internal/pack/packtest"
	"example.com/scaffold/internal/render"
	"example.com/scaffold/internal/tree"
	"example.com/scaffold/internal/tree/treetest"
	"example.com/scaffold/templates"
)

// Every golden file here is written anew by:
//
//	go test ./internal/render -update

// opaque names the files that no person reads: a hash stands for them.
func opaque(file string) bool {
	switch path.Base(file) {
	case "requirements.lock", "requirements-dev.lock", "package-lock.json", "openapi.json", "passwords.txt", "LICENSE":
		return true
	}
	return false
}

// names are the stacks that this version renders.
func names(t *testing.T) []string {
	t.Helper()
	all, err := pack.Names(templates.FS)
	if err != nil {
		t.Fatal(err)
	}
	return all
}

func TestGoldenTrees(t *testing.T) {
	for _, stack := range names(t) {
		got := treetest.Format(rendered(t, stack, service()), opaque)
		treetest.Golden(t, "testdata/"+stack+"-service.golden", got)
		p := load(t, stack)
		if p.Answerable().Check("preset", "minimal") != nil {
			continue // a stack that is about accounts
		}
		minimal := answers.Values{"name": "corner-shop", "preset": "minimal", "database": "postgres", "ci": "gitlab", "license": "none"}
		treetest.Golden(t, "testdata/"+stack+"-minimal.golden", treetest.Format(rendered(t, stack, minimal), opaque))
	}
}

// TestPairwiseTrees keeps the hash of a tree for each row of a matrix in which
// every two values of two answers stand together once, and looks at all of them
// for what no rendering may hold.
func TestPairwiseTrees(t *testing.T) {
	for _, stack := range names(t) {
		t.Run(stack, func(t *testing.T) { pairwiseTrees(t, stack) })
	}
}

func pairwiseTrees(t *testing.T, stack string) {
	var hashes bytes.Buffer
	said := make(map[string]bool) // each complaint once, with the first row that shows it
	for _, row := range packtest.Pairwise(load(t, stack)) {
		complain := func(format string, args ...any) {
			if text := fmt.Sprintf(format, args...); !said[text] {
				said[text] = true
				t.Errorf("%s (in %s)", text, row)
			}
		}
		values := row.Values()
		values["name"] = "corner-shop"
		tr := rendered(t, stack, values)
		fmt.Fprintf(&hashes, "%s %s\n", tr.Hash(), row)
		for file, f := range tr.All() {
			if opaque(file) {
				continue
			}
			for _, trace := range []string{"<%", "%>", "scaffold-sample", "scaffold_sample", "Scaffold Sample", "__assets__"} {
				if bytes.Contains(f.Data, []byte(trace)) || strings.Contains(file, trace) {
					complain("%s holds %q", file, trace)
				}
			}
			if what := whitespace(file, f); what != "" {
				complain("%s %s", file, what)
			}
		}
	}
	treetest.Golden(t, "testdata/"+stack+"-pairwise.golden", hashes.Bytes())
}

// whitespace says what a removed block left behind, when the lines that separate
// it stand outside it; "" if nothing.
func whitespace(file string, f tree.File) string {
	longest := "\n\n\n"
	switch path.Ext(file) {
	case ".py":
		longest = "\n\n\n\n" // two empty lines between definitions
	case ".mako":
		longest = strings.Repeat("\n", 5) // a template of Python
	}
	switch {
	case len(f.Data) == 0 && path.Base(file) == "__init__.py":
		return ""
	case len(f.Data) == 0:
		return "is empty"
	case f.Data[len(f.Data)-1] != '\n':
		return "does not end in a newline"
	case bytes.HasSuffix(f.Data, []byte("\n\n")):
		return "ends in an empty line"
	case f.Data[0] == '\n':
		return "begins with an empty line"
	case bytes.Contains(f.Data, []byte(longest)):
		return "has more empty lines together than its formatter allows"
	}
	return ""
}

// The packs themselves: every branch parses, every rule matches a file.
func TestBuiltinPacksAreClean(t *testing.T) {
	for _, stack := range names(t) {
		if err := render.Lint(load(t, stack)); err != nil {
			t.Error(err)
		}
	}
}
