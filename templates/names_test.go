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

var lockedPackage = regexp.MustCompile(`(?m)^([a-z0-9][a-z0-9.-]*)==`)

// A project named like a package it depends on cannot be locked again.
func TestNamesOfDependenciesAreRefused(t *testing.T) {
	p, err := pack.Load("builtin:python-fastapi", pack.Builtin(templates.FS))
	if err != nil {
		t.Fatal(err)
	}
	i := slices.IndexFunc(p.Questions, func(q answers.Question) bool { return q.ID == "name" })
	if i < 0 {
		t.Fatal("the pack does not ask for a name")
	}
	lock, err := fs.ReadFile(templates.FS, "python-fastapi/base/requirements-dev.lock")
	if err != nil {
		t.Fatal(err)
	}
	packages := lockedPackage.FindAllSubmatch(lock, -1)
	if len(packages) < 20 {
		t.Fatalf("only %d packages found in the lock", len(packages))
	}
	for _, match := range packages {
		name := string(match[1])
		if answers.CheckName(name) == nil && !slices.Contains(p.Questions[i].Refuse, name) {
			t.Errorf("%s is a package of the lock but an accepted name", name)
		}
	}
}
