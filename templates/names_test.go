package templates_test

import (
	"io/fs"
	"regexp"
	"slices"
	"testing"

	"example.com/scaffold/internal/answers"
	"example.com/scaffold/internal/pack"
	"example.com/scaffold/templates"
)

// lockedPackage finds the names of packages in the locks of both worlds: at the
// start of a line with its version, or as a folder of node_modules.
var lockedPackage = map[string]*regexp.Regexp{
	pack.LockPip: regexp.MustCompile(`(?m)^([a-z0-9][a-z0-9.-]*)==`),
	pack.LockNpm: regexp.MustCompile(`(?m)^    "(?:.*/)?node_modules/([a-z0-9][a-z0-9.-]*)": `),
}

// A project named like a package it depends on cannot be locked again.
func TestNamesOfDependenciesAreRefused(t *testing.T) {
	stacks, err := pack.Names(templates.FS)
	if err != nil {
		t.Fatal(err)
	}
	for _, stack := range stacks {
		p, err := pack.Load("builtin:"+stack, pack.Builtin(templates.FS))
		if err != nil {
			t.Fatal(err)
		}
		i := slices.IndexFunc(p.Questions, func(q answers.Question) bool { return q.ID == "name" })
		if i < 0 {
			t.Fatalf("%s does not ask for a name", stack)
		}
		for _, lock := range p.Locks {
			text, err := fs.ReadFile(templates.FS, stack+"/base/"+lock.File)
			if err != nil {
				t.Fatal(err)
			}
			packages := lockedPackage[lock.Kind].FindAllSubmatch(text, -1)
			if len(packages) < 10 {
				t.Fatalf("only %d packages found in %s of %s", len(packages), lock.File, stack)
			}
			for _, match := range packages {
				name := string(match[1])
				if answers.CheckName(name) == nil && !slices.Contains(p.Questions[i].Refuse, name) {
					t.Errorf("%s: %s is a package of %s but an accepted name", stack, name, lock.File)
				}
			}
		}
	}
}
