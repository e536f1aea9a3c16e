package cli

import (
	"fmt"
	"maps"
	"os/exec"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"example.com/scaffold/internal/answers"
	"example.com/scaffold/internal/iostreams"
	"example.com/scaffold/internal/packdev"
	"example.com/scaffold/internal/vcs"
)

// newReport is what new --json prints.
type newReport struct {
	Name    string         `json:"name"`
	Stack   string         `json:"stack"`
	Dir     string         `json:"dir"`
	DryRun  bool           `json:"dry_run"`
	Options []string       `json:"options"`
	Answers answers.Values `json:"answers"`
	Files   []fileReport   `json:"files"`
	Git     gitReport      `json:"git"`
	Next    []stepReport   `json:"next_steps"`
	Command string         `json:"command"` // reproduces the run
}

type fileReport struct {
	Path   string `json:"path"`
	Owner  string `json:"owner"` // "base", the option or question that put it there, or "scaffold"
	Bytes  int    `json:"bytes"`
	Exec   bool   `json:"exec"`
	SHA256 string `json:"sha256"`
	Runs   string `json:"runs,omitempty"` // when it runs without anybody starting it
}

type gitReport struct {
	Commit    string `json:"commit,omitempty"`
	Branch    string `json:"branch,omitempty"`
	Enclosing string `json:"enclosing,omitempty"` // root of the repository that the folder lies in
}

type stepReport struct {
	Run string `json:"run"`
	Say string `json:"say"`
}

func (g *generation) report() newReport {
	r := newReport{
		Name: g.req.answers.Text("name"), Stack: g.req.stack, Dir: g.req.dir, DryRun: g.o.dryRun,
		Options: g.req.answers.Options(), Answers: answers.Values{},
		Git:     gitReport{Commit: g.commit, Enclosing: g.enclosing},
		Command: g.command(), Next: g.steps(),
	}
	for _, e := range g.req.answers.Entries() {
		if e.Question.Kind != answers.Secret {
			r.Answers[e.Question.ID] = e.Value
		}
	}
	if g.commit != "" {
		r.Git.Branch = vcs.Branch
	}
	for p, f := range g.tree.All() {
		r.Files = append(r.Files, fileReport{Path: p, Owner: g.owner(p), Bytes: len(f.Data), Exec: f.Exec, SHA256: f.Sum(), Runs: packdev.RunsByItself(p, f.Data)})
	}
	return r
}

// command is the line that reproduces the run elsewhere, without this machine's
// configuration. Requirements belong to it: the decision record tells of them.
func (g *generation) command() string {
	name := g.req.answers.Text("name")
	args := []string{"scaffold", newVerb, name}
	if filepath.Clean(g.req.dir) != name {
		if filepath.Base(g.req.dir) == name {
			args[2] = g.req.dir
		} else {
			args = append(args, "--output", g.req.dir)
		}
	}
	if p := g.req.pack.Source; strings.HasPrefix(p, "builtin:") {
		args = append(args, "--stack", g.req.stack)
	} else {
		args = append(args, "--pack", p)
	}
	for _, a := range g.req.answers.Args() {
		if !strings.HasPrefix(a, "--name=") {
			args = append(args, a)
		}
	}
	for _, id := range slices.Sorted(maps.Keys(g.req.requirements)) {
		value := fmt.Sprint(g.req.requirements[id])
		if list, ok := g.req.requirements[id].([]string); ok {
			value = strings.Join(list, ",")
		}
		args = append(args, "--set", id+"="+value)
	}
	if g.o.noGit {
		args = append(args, "--no-git")
	}
	return shellLine(append(args, "--yes")...)
}

// steps are the commands to try next, from where the person stands. One whose
// program is not on this machine says so.
func (g *generation) steps() []stepReport {
	steps := []stepReport{}
	if filepath.Clean(g.req.dir) != "." {
		steps = append(steps, stepReport{Run: shellLine("cd", g.req.dir)})
	}
	for _, s := range g.plan.NextSteps {
		say := s.Say
		program, _, _ := strings.Cut(s.Run, " ")
		if _, err := exec.LookPath(program); err != nil && !strings.Contains(program, "/") {
			say += fmt.Sprintf(" (%s is not installed here)", program)
		}
		steps = append(steps, stepReport{Run: s.Run, Say: say})
	}
	return append(steps, g.ciStep()...)
}

// ciStep tells how a project in the repository of others gets its CI: build
// servers look for it at the repository's root only.
func (g *generation) ciStep() []stepReport {
	if g.subpath == "" {
		return nil
	}
	up := strings.Repeat("../", strings.Count(g.subpath, "/")+1)
	name := g.req.answers.Text("name")
	if _, ok := g.tree.Get(".github/workflows/ci.yml"); ok {
		to := up + ".github/workflows/" + name + ".yml"
		return []stepReport{{
			Run: "mkdir -p " + up + ".github/workflows && mv .github/workflows/ci.yml " + shellQuote(to),
			Say: "GitHub reads workflows at the repository's root only",
		}}
	}
	if _, ok := g.tree.Get(".gitlab-ci.yml"); ok {
		return []stepReport{{
			Run: fmt.Sprintf("echo 'include: {local: %s/.gitlab-ci.yml}' >> %s.gitlab-ci.yml", g.subpath, up),
			Say: "GitLab reads the root's file only; join the include with one that is there",
		}}
	}
	return nil
}

// printSummary says what was made, how to make it again, and what to do next.
func (g *generation) printSummary(io *iostreams.IOStreams) error {
	var out strings.Builder
	fmt.Fprintf(&out, "Created %s from %s: %d files in %s\n", g.req.answers.Text("name"), g.req.stack, g.tree.Len(), g.req.dir)
	if on := g.req.answers.Options(); len(on) > 0 {
		fmt.Fprintf(&out, "  with     %s\n", strings.Join(on, ", "))
	}
	fmt.Fprintf(&out, "  git      %s\n", g.gitLine())
	fmt.Fprintf(&out, "  again    %s\n\nNext:\n", g.command())
	printSteps(&out, g.steps(), io.Width())
	if _, err := fmt.Fprint(io.Out, out.String()); err != nil {
		return fmt.Errorf("%s is made, but the summary could not be printed: %w", g.req.dir, err)
	}
	if g.commit != "" && !g.req.author.Known() {
		g.o.say("\ngit does not know you, so %s made the commit. To put your name on it:\n"+
			"  git config --global user.name \"Your Name\"\n  git config --global user.email you@example.com\n"+
			"  git commit --amend --reset-author --no-edit", vcs.Nobody().Name)
	}
	if g.commit != "" && g.req.author.Signs {
		g.o.say("\nYour git signs commits; this one is not signed yet:\n  git commit --amend --no-edit -S")
	}
	return nil
}

// printSteps puts each command beside what it does, and a long one above it.
func printSteps(out *strings.Builder, steps []stepReport, columns int) {
	const longest = 24
	width := 0
	for _, s := range steps {
		if len(s.Run) <= longest {
			width = max(width, len(s.Run))
		}
	}
	for _, s := range steps {
		beside := fmt.Sprintf("  %-*s   ", width, s.Run)
		if len(s.Run) > longest && s.Say != "" {
			fmt.Fprintf(out, "  %s\n", s.Run)
			beside = strings.Repeat(" ", width+5)
		}
		fmt.Fprintln(out, strings.TrimRight(wrap(s.Say, beside, columns), " "))
	}
}

// shownOwner is the owner, and of a pack that is not built in also whether the
// file runs by itself: nothing in a pack can, but what it writes might.
func (g *generation) shownOwner(p string) string {
	owner := g.owner(p)
	f, _ := g.tree.Get(p)
	if why := packdev.RunsByItself(p, f.Data); why != "" && !strings.HasPrefix(g.req.pack.Source, "builtin:") {
		owner += "; it " + why
	}
	return owner
}

func (g *generation) gitLine() string {
	switch {
	case g.commit != "":
		return fmt.Sprintf("commit %.7s on %s", g.commit, vcs.Branch)
	case g.o.noGit:
		return "no repository, as asked"
	default:
		return "nothing committed: it lies in the repository " + g.enclosing
	}
}

// printTree shows the files to come, folder by folder, each with what puts it
// there.
func (g *generation) printTree(io *iostreams.IOStreams) error {
	var out strings.Builder
	fmt.Fprintf(&out, "%s would be created from %s: %d files in %s\n", g.req.answers.Text("name"), g.req.stack, g.tree.Len(), g.req.dir)
	paths := foldersFirst(g.tree.Paths())
	width := 0
	for _, p := range paths {
		width = max(width, len(path.Base(p))+indent(p))
	}
	last := "."
	for _, p := range paths {
		if dir := path.Dir(p); dir != last {
			fmt.Fprintf(&out, "  %s/\n", dir)
			last = dir
		}
		fmt.Fprintf(&out, "  %-*s   %s\n", width, strings.Repeat(" ", indent(p))+path.Base(p), g.shownOwner(p))
	}
	fmt.Fprintf(&out, "\nNothing was written. To write it:\n  %s\n", g.command())
	_, err := fmt.Fprint(io.Out, out.String())
	return err
}

// indent is how far a file stands in, below its folder's line.
func indent(p string) int {
	if path.Dir(p) == "." {
		return 0
	}
	return 2
}
