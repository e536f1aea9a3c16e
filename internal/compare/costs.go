package compare

import (
	"bytes"
	"context"
	"errors"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"time"

	"example.com/scaffold/internal/compare/change"
	"example.com/scaffold/internal/compare/result"
	"example.com/scaffold/internal/contract"
	"example.com/scaffold/internal/service"
)

// tally counts what a repository consists of and depends on.
type tally struct {
	files, source, tests int
	depends              dependencies
	python, node         bool
}

// isSource knows hand-written code by its ending.
func isSource(name string) bool {
	return slices.Contains([]string{".py", ".ts", ".mts", ".js", ".mjs", ".cjs"}, filepath.Ext(name))
}

// foreign knows the folders that hold no source of the service: what was installed, built,
// or generated for others.
func foreign(name string) bool {
	return slices.Contains([]string{".git", ".scaffold", ".venv", "node_modules", "dist", "client", "var", "__pycache__"}, name)
}

func isTest(path string) bool {
	return slices.ContainsFunc(strings.Split(filepath.ToSlash(path), "/"), func(part string) bool {
		return part == "test" || part == "tests" || strings.Contains(part, ".test.") || part == "conftest.py"
	})
}

// count walks through a repository.
func count(dir string) (t tally, err error) {
	err = filepath.WalkDir(dir, func(file string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case d.IsDir() && file != dir && foreign(d.Name()):
			return fs.SkipDir
		case !d.Type().IsRegular():
			return nil
		}
		t.files++
		rel, err := filepath.Rel(dir, file)
		if err != nil {
			return err
		}
		switch name := d.Name(); {
		case name == "requirements.lock":
			t.python = true
			return t.depends.addPython(filepath.Dir(file))
		case name == "package-lock.json":
			t.node = true
			return t.depends.addNode(file)
		case !isSource(name):
			return nil
		}
		text, err := os.ReadFile(file) //nolint:gosec // regular files of a repository that is about to be run
		if err != nil {
			return err
		}
		lines := 0
		for row := range bytes.Lines(text) {
			if len(bytes.TrimSpace(row)) > 0 {
				lines++
			}
		}
		if isTest(rel) {
			t.tests += lines
		} else {
			t.source += lines
		}
		return nil
	})
	return t, err
}

// language is the one that a repository is written in, "" for several.
func (t tally) language() string {
	switch {
	case t.python && !t.node:
		return "python"
	case t.node && !t.python:
		return "node"
	default:
		return ""
	}
}

// weigh notes what a repository costs without running it.
func (r *run) weigh(ctx context.Context, candidate Candidate, facts contract.Facts, about *result.Service) error {
	dir := candidate.Plain
	if dir == "" {
		dir = candidate.Dir
	}
	t, err := count(dir)
	if err != nil {
		return err
	}
	if about.Language == "" {
		about.Language = t.language()
	}
	about.Runtime = runtimeOf(ctx, candidate.Dir, facts)
	c := &about.Costs
	c.Files, c.SourceLines, c.TestLines = &t.files, &t.source, &t.tests
	c.Direct, c.Transitive = &t.depends.direct, &t.depends.all
	if !t.python { // whether a wheel was built here cannot be told from the lock
		c.InstallScripts = &t.depends.scripts
	}
	if c.Change, err = change.Of(candidate.Stack, os.DirFS(dir)); err != nil {
		r.say("%s: what a small change costs is not known: %v", about.ID, err)
	}
	if c.Audit == "" {
		c.Audit = r.audit(ctx, candidate, facts)
	}
	return ctx.Err()
}

// runtimeOf is what the program behind a service says it is.
func runtimeOf(ctx context.Context, dir string, facts contract.Facts) string {
	if len(facts.Run.Start) == 0 {
		return ""
	}
	ctx, cancel := context.WithTimeout(ctx, 10*time.Second)
	defer cancel()
	cmd := exec.CommandContext(ctx, facts.Run.Start[0], "--version")
	cmd.Dir = dir
	out, err := cmd.Output()
	if err != nil {
		return ""
	}
	version := firstLine(strings.TrimSpace(string(out)))
	if strings.HasPrefix(version, "v") { // node says its number only
		return filepath.Base(facts.Run.Start[0]) + " " + version[1:]
	}
	return version
}

// auditLimit is how long a look for known vulnerabilities may take: without a
// network it would wait for long.
const auditLimit = time.Minute

var findings = regexp.MustCompile(`(?i)\d+[a-z ]* vulnerabilit[^\n]*`)

// audit runs the repository's own search for known vulnerabilities.
func (r *run) audit(ctx context.Context, candidate Candidate, facts contract.Facts) string {
	if r.c.Plan.Quick {
		return "could not audit: a quick run does not look"
	}
	commands := service.Commands(facts.Run)
	commands.Setup = []string{"make", "audit"}
	host, err := service.Open(ctx, service.Config{Dir: candidate.Dir, Commands: commands})
	if err != nil {
		return "could not audit: " + firstLine(err.Error())
	}
	ctx, cancel := context.WithTimeoutCause(ctx, auditLimit, errors.New("no database answered within "+inWords(auditLimit)))
	defer cancel()
	err = errors.Join(host.Setup(ctx), host.Close())
	if err == nil {
		return "no known vulnerability"
	}
	if found := findings.FindString(err.Error()); found != "" && ctx.Err() == nil {
		return found
	}
	if ctx.Err() != nil {
		return "could not audit: " + context.Cause(ctx).Error()
	}
	return "could not audit: " + whyFailed(err.Error())
}

// noReason are last words of make, and of npm, which says where its log lies.
var noReason = regexp.MustCompile(`^make(\[\d+\])?: |A complete log of this run`)

// whyFailed is the last line of what a target of make printed that gives a reason.
func whyFailed(out string) string {
	lines := strings.Split(strings.TrimSpace(out), "\n")
	for _, line := range slices.Backward(lines) {
		if line = strings.TrimSpace(line); line != "" && !noReason.MatchString(line) {
			return line
		}
	}
	return lines[len(lines)-1]
}
