package main

import (
	"github.com/rogpeppe/go-internal/testscript"
)

// newProject makes a project of the folder "pack", which becomes a copy of v1
// first: project NAME.
func newProject(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 1 {
		ts.Fatalf("usage: project NAME")
	}
	becomes(ts, "v1")
	exitCode(ts, false, []string{"0", "scaffold", "new", args[0], "--pack", "pack", "--yes"})
}

// release makes the folder "pack" a copy of v2.
func release(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) > 0 {
		ts.Fatalf("usage: release")
	}
	becomes(ts, "v2")
}

func becomes(ts *testscript.TestScript, version string) {
	ts.Check(ts.Exec("rm", "-rf", "pack"))
	ts.Check(ts.Exec("cp", "-r", version, "pack"))
}

// cleanTree checks that git sees no change in the folder the script is in.
func cleanTree(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) > 0 {
		ts.Fatalf("usage: clean")
	}
	ts.Check(ts.Exec("git", "status", "--porcelain"))
	if out := ts.ReadFile("stdout"); out != "" {
		ts.Fatalf("the tree is not clean:\n%s", out)
	}
}
