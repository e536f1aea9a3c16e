package cli

import (
	"fmt"
	"strings"

	"example.com/scaffold/internal/packdev"
	"example.com/scaffold/internal/update"
)

// printCheck says whether an update is waiting.
func (o *updateOptions) printCheck(u *following) error {
	if o.json {
		if err := printJSON(o.f.io.Out, u.report()); err != nil {
			return err
		}
	}
	if len(u.edits) == 0 {
		if !o.json {
			fmt.Fprintf(o.f.io.Out, "%s is up to date with %s.%s\n", u.p.dir, u.pack(), stays(u.newer))
		}
		return nil
	}
	if !o.json {
		fmt.Fprintf(o.f.io.Out, "An update to %s%s is waiting: scaffold update --plan shows it.\n", u.pack(), u.older())
	}
	return quiet(exitWaiting)
}

// printAsked says that an update is waiting, and for what it waits.
func (o *updateOptions) printAsked(p *followed, asks *asksError) error {
	if o.json {
		r := updateReport{Dir: p.dir, Pack: asks.pack.Source, From: p.lock.Pack.Version, To: asks.pack.Version, Steps: []updateStep{}, Notes: []string{"An update " + asks.waiting()}}
		if err := printJSON(o.f.io.Out, r); err != nil {
			return err
		}
	} else {
		fmt.Fprintf(o.f.io.Out, "An update to %s %s %s\n", asks.pack.Name, asks.pack.Version, asks.waiting())
	}
	return quiet(exitWaiting)
}

// stays says that a project stays at the tag it names although there is a newer one.
func stays(newer string) string {
	if newer == "" {
		return ""
	}
	return " It stays at the tag it names; there is " + newer + ": scaffold update --to " + newer
}

// older says that the pack went back, "" if it did not.
func (u *following) older() string {
	if was := u.p.lock.Pack.Version; u.back() {
		return " (older than " + was + ", which the project has)"
	}
	return ""
}

func (u *following) back() bool {
	return u.gen.req.pack.Name == u.p.file.Stack && u.gen.req.pack.Older(u.p.lock.Pack.Version)
}

func (u *following) pack() string { return u.gen.req.pack.Name + " " + u.gen.req.pack.Version }

// dropped says, for each option that the project had and has no longer, what is left
// for a person to do.
func (u *following) dropped() []string {
	notes := []string{}
	for _, o := range u.gen.req.pack.Answerable().Options {
		had, _ := u.p.file.Answers.Values[o.ID].(bool)
		has, _ := u.gen.req.answers.Value(o.ID)
		if had && has == false && o.Removal != "" {
			notes = append(notes, o.ID+": "+o.Removal)
		}
	}
	return notes
}

// updateReport is what update --json prints.
type updateReport struct {
	Dir       string       `json:"dir"`
	Pack      string       `json:"pack"`
	From      string       `json:"from"` // version of the pack the project was at
	To        string       `json:"to"`
	Older     bool         `json:"older"` // To is older than From
	Written   bool         `json:"written"`
	Steps     []updateStep `json:"steps"`
	Conflicts int          `json:"conflicts"`
	Notes     []string     `json:"notes"` // what is left for a person to do
}

// updateStep is a step, and when the file it writes runs by itself.
type updateStep struct {
	update.Step
	Runs string `json:"runs,omitempty"`
}

// runs says when a file that comes from another's pack runs by itself, "" if never.
func (u *following) runs(s update.Step) string {
	if s.File == nil || strings.HasPrefix(u.gen.req.pack.Source, "builtin:") {
		return ""
	}
	return packdev.RunsByItself(s.Path, s.File.Data)
}

func (u *following) report() updateReport {
	steps := []updateStep{} // a list in JSON, not null
	for _, s := range u.plan.Steps {
		steps = append(steps, updateStep{s, u.runs(s)})
	}
	return updateReport{
		Dir: u.p.dir, Pack: u.gen.req.pack.Source, From: u.p.lock.Pack.Version, To: u.gen.req.pack.Version, Older: u.back(),
		Steps: steps, Conflicts: len(u.plan.Conflicts()), Notes: u.dropped(),
	}
}

func (o *updateOptions) print(u *following) error {
	if o.json {
		r := u.report()
		r.Written = !o.plan && len(u.edits) > 0
		return printJSON(o.f.io.Out, r)
	}
	out := o.f.io.Out
	for _, s := range u.plan.Steps {
		line := fmt.Sprintf("%-9s %s", s.State, s.Path)
		switch {
		case s.From != "":
			line += " (from " + s.From + ")"
		case s.Remove && s.State == update.Rename:
			continue // told by the step that has its new place
		}
		if s.Note != "" {
			line += ": " + s.Note
		}
		if why := u.runs(s); why != "" {
			line += "; it " + why
		}
		if s.Beside != "" {
			line += "; the pack's is " + s.Beside
		}
		fmt.Fprintln(out, line)
	}
	for _, note := range u.dropped() {
		fmt.Fprintln(out, "note      "+strings.TrimLeft(wrap(note, "          ", o.f.io.Width()), " "))
	}
	conflicts := len(u.plan.Conflicts())
	switch {
	case len(u.edits) == 0 && conflicts == 0 && o.wish.idle != "":
		fmt.Fprintf(out, "Nothing to do: %s %s.\n", u.p.dir, o.wish.idle)
	case len(u.edits) == 0 && conflicts == 0:
		fmt.Fprintf(out, "Nothing to do: %s is up to date with %s.%s\n", u.p.dir, u.pack(), stays(u.newer))
	case o.plan:
		fmt.Fprintf(out, "Nothing was written. Without --plan this would be done, with %s to settle.\n", count(conflicts, "conflict"))
	case conflicts > 0:
		fmt.Fprintf(out, "%s%s, with %s left to settle; scaffold undo takes all of it back.\n", u.done, u.older(), count(conflicts, "conflict"))
	default:
		fmt.Fprintf(out, "%s%s; scaffold undo takes it back.\n", u.done, u.older())
	}
	return nil
}

func count(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return fmt.Sprintf("%d %ss", n, what)
}
