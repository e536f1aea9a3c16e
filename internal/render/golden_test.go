package render_test

import (
	"bytes"
	"fmt"
	"path"
	"strings"
	"testing"

	"example.com/scaffold/internal/answers"
	"example.com/scaffold/internal/render"
	"example.com/scaffold/internal/tree"
	"example.com/scaffold/internal/tree/treetest"
)

// Every golden file here is written anew by:
//
//	go test ./internal/render -update

// opaque names the files that no person reads: a hash stands for them.
func opaque(file string) bool {
	switch path.Base(file) {
	case "requirements.lock", "requirements-dev.lock", "passwords.txt", "LICENSE":
		return true
	}
	return false
}

func TestGoldenTrees(t *testing.T) {
	minimal := answers.Values{"name": "corner-shop", "preset": "minimal", "database": "postgres", "ci": "gitlab", "license": "none"}
	for name, values := range map[string]answers.Values{
		"service": service(),
		"minimal": minimal,
	} {
		got := treetest.Format(renderFor(t, values), opaque)
		treetest.Golden(t, "testdata/python-fastapi-"+name+".golden", got)
	}
}

// TestPairwiseTrees keeps the hash of a tree for each row of a matrix in which
// every two values of two answers stand together once, and looks at all of them
// for what no rendering may hold.
func TestPairwiseTrees(t *testing.T) {
	var hashes bytes.Buffer
	said := make(map[string]bool) // each complaint once, with the first row that shows it
	complain := func(row answers.Values, format string, args ...any) {
		if text := fmt.Sprintf(format, args...); !said[text] {
			said[text] = true
			t.Errorf("%s (in %s)", text, label(row))
		}
	}
	for _, values := range matrix() {
		tr := renderFor(t, values)
		fmt.Fprintf(&hashes, "%s %s\n", tr.Hash(), label(values))
		for file, f := range tr.All() {
			if opaque(file) {
				continue
			}
			for _, trace := range []string{"<%", "%>", "scaffold-sample", "scaffold_sample", "Scaffold Sample", "__assets__"} {
				if bytes.Contains(f.Data, []byte(trace)) || strings.Contains(file, trace) {
					complain(values, "%s holds %q", file, trace)
				}
			}
			if what := whitespace(file, f); what != "" {
				complain(values, "%s %s", file, what)
			}
		}
	}
	treetest.Golden(t, "testdata/python-fastapi-pairwise.golden", hashes.Bytes())
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

// axes are the answers that change a tree and the values to combine.
func axes() []struct {
	id     string
	values []any
} {
	return []struct {
		id     string
		values []any
	}{
		{"auth", []any{"accounts", "none"}},
		{"database", []any{"sqlite", "postgres"}},
		{"ci", []any{"github", "gitlab", "none"}},
		{"license", []any{"apache-2.0", "mit", "none"}},
		{"native", []any{false, true}},
		{"idempotency", []any{false, true}},
		{"kubernetes", []any{false, true}},
		{"devcontainer", []any{false, true}},
		{"owner", []any{"", "@acme/backend"}},
		{"description", []any{"", "Sells things."}},
	}
}

func label(values answers.Values) string {
	var parts []string
	for _, a := range axes() {
		parts = append(parts, fmt.Sprintf("%s=%v", a.id, values[a.id]))
	}
	return strings.Join(parts, " ")
}

// matrix is a small set of rows in which every two values of two answers stand
// together at least once: each row is begun with a pair not yet seen and filled
// with the values that bring most new pairs. It is the same every time.
func matrix() []answers.Values {
	type pair struct{ a, x, b, y int }
	all := axes()
	legal := func(row []int) bool { return row[0] != 1 || row[4] != 1 } // no native sign-in without accounts
	const free = -1
	open := make(map[pair]bool)
	var order []pair
	for a := range all {
		for b := a + 1; b < len(all); b++ {
			for x := range all[a].values {
				for y := range all[b].values {
					if p := (pair{a, x, b, y}); a != 0 || b != 4 || x != 1 || y != 1 {
						open[p] = true
						order = append(order, p)
					}
				}
			}
		}
	}
	var rows []answers.Values
	for _, seed := range order {
		if !open[seed] {
			continue
		}
		row := make([]int, len(all))
		for i := range row {
			row[i] = free
		}
		row[seed.a], row[seed.b] = seed.x, seed.y
		for i := range row {
			if row[i] != free {
				continue
			}
			best, gain := 0, -1
			for v := range all[i].values {
				row[i] = v
				won := 0
				for j, w := range row {
					if j != i && w != free && open[pair{min(i, j), row[min(i, j)], max(i, j), row[max(i, j)]}] {
						won++
					}
				}
				if legal(row) && won > gain {
					best, gain = v, won
				}
			}
			row[i] = best
		}
		values := answers.Values{"name": "corner-shop"}
		for i, v := range row {
			values[all[i].id] = all[i].values[v]
			for j := i + 1; j < len(row); j++ {
				delete(open, pair{i, v, j, row[j]})
			}
		}
		rows = append(rows, values)
	}
	return rows
}

func TestMatrixHasEveryPair(t *testing.T) {
	rows := matrix()
	missing := 0
	for a, first := range axes() {
		for _, second := range axes()[a+1:] {
			for _, x := range first.values {
				for _, y := range second.values {
					found := false
					for _, row := range rows {
						found = found || row[first.id] == x && row[second.id] == y
					}
					if !found {
						missing++
					}
				}
			}
		}
	}
	// The one pair that the manifest refuses: native sign-in without accounts.
	if missing != 1 || len(rows) > 30 {
		t.Errorf("%d pairs are missing from %d rows", missing, len(rows))
	}
}

// The packs themselves: every branch parses, every rule matches a file.
func TestBuiltinPacksAreClean(t *testing.T) {
	if err := render.Lint(planFor(t, service()).Pack); err != nil {
		t.Error(err)
	}
}
