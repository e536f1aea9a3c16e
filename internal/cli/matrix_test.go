package cli

import (
	"encoding/json"
	"os"
	"strings"
	"testing"

	"example.com/scaffold/internal/iostreams"
	"example.com/scaffold/internal/pack"
	"example.com/scaffold/internal/tree/treetest"
	"example.com/scaffold/templates"
)

func listed(t *testing.T, args ...string) string {
	t.Helper()
	streams, _, out, errOut := iostreams.Test()
	if code := Main(t.Context(), append([]string{"list"}, args...), streams); code != exitDone {
		t.Fatalf("list %v: %d\n%s", args, code, errOut)
	}
	return out.String()
}

// What the README shows is what the program prints.
func TestMatrixOfREADME(t *testing.T) {
	const file, begin, end = "../../README.md", "<!-- scaffold list --matrix --markdown -->\n", "<!-- end -->"
	readme, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	before, rest, found := strings.Cut(string(readme), begin)
	table, after, ended := strings.Cut(rest, end)
	if !found || !ended {
		t.Fatalf("README.md has no table between %q and %q", begin, end)
	}
	want := listed(t, "--matrix", "--markdown")
	switch {
	case table == want:
	case treetest.Update():
		if err := os.WriteFile(file, []byte(before+begin+want+end+after), 0o644); err != nil {
			t.Fatal(err)
		}
	default:
		t.Errorf("the table in README.md is not what scaffold list --matrix --markdown prints (make golden):\n%s", want)
	}
}

// Every stack says what it makes each concern and option of.
func TestMatrixIsFull(t *testing.T) {
	var report struct {
		Matrix []matrixRow `json:"matrix"`
	}
	if err := json.Unmarshal([]byte(listed(t, "--matrix", "--json")), &report); err != nil {
		t.Fatal(err)
	}
	stacks, err := pack.Names(templates.FS)
	if err != nil {
		t.Fatal(err)
	}
	if len(report.Matrix) < 10 {
		t.Errorf("%d rows", len(report.Matrix))
	}
	for _, r := range report.Matrix {
		for _, id := range stacks {
			if r.Cells[id].Of == "" {
				t.Errorf("%s does not say what it makes %s of: add it to made_of in its scaffold.yaml", id, r.ID)
			}
		}
	}
}
