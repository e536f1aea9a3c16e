package report

import (
	"bytes"
	"fmt"
	"slices"
	"strings"

	"example.com/scaffold/internal/compare/claims"
	"example.com/scaffold/internal/compare/result"
)

// limits are what a report of this kind cannot tell.
func (v *view) limits() []string {
	protections := "The services carry the same contract and the same protections. What a bare framework would do was not measured."
	if len(v.Protections) > 0 {
		protections = "The services carry the same contract and the same protections. Of bare frameworks only a read was measured."
	}
	return []string{
		"It tells how these services behaved on this machine, with this database and this load; another machine can order them otherwise.",
		"Ratios of CPU time hold from machine to machine far better than latencies and rates; take the latter as an example.",
		protections,
		"One worker on one core says nothing of scaling out, and a loopback connection nothing of a network.",
		"“No difference shown” is not “the same”: the interval says how large a difference could still hide.",
		"It does not measure people: what a team knows well is usually worth more than any ratio here.",
	}
}

// method is how the figures came about, in sentences.
func (v *view) method() []string {
	p := v.Plan
	said := []string{
		"Each service was held against the HTTP contract first; one that fails it gets no numbers.",
		"Load is open loop: requests leave at fixed intended times, and latency counts from those, so a stall is seen by every request that it delayed.",
		fmt.Sprintf("%d rounds of %.3g s for each service, workload and rate, in a balanced order: over whole blocks of it each service comes equally often at each place.", p.Rounds, p.RoundSecs),
		"Ratios are paired within a round, with the effect of the place taken out; their 95 % intervals come from how much the rounds differ.",
	}
	for _, own := range p.Own {
		said = append(said, fmt.Sprintf("%s is a workload of whoever ran this: %s", own.Name, brought(own)))
	}
	if p.Control != "" {
		said = append(said, fmt.Sprintf("%s ran twice in every round. Where the interval of that A/A control leaves out 1, nothing is ranked.", v.title(p.Control)))
	}
	if g := v.Generator; g.TrueP99 > 0 {
		verdict := "and the figures count"
		if !g.Holds {
			verdict = "which is more than the 10 % allowed, so latencies of this run are not to be trusted"
		}
		said = append(said, fmt.Sprintf("The generator proved itself against a server that freezes: true p90 %s ms, read %s; true p99 %s ms, read %s; %s.",
			number(g.TrueP90), number(g.SeenP90), number(g.TrueP99), number(g.SeenP99), verdict))
	}
	place := "Server and generator ran on cores of their own"
	if !v.Machine.Pinned {
		place = "Not pinned: server and generator shared the machine's cores"
	}
	if v.Machine.Placement != "" {
		place += " (" + v.Machine.Placement + ")"
	}
	return append(said, place+".")
}

// brought says what a person's own workload asks for.
func brought(own result.Own) string {
	var all []string
	for _, q := range own.Requests {
		line := q.Line()
		if q.SignedIn {
			line += ", signed in"
		}
		all = append(all, line)
	}
	text := strings.Join(all, "; ")
	if len(all) > 1 {
		text += "; in turn"
	}
	if own.About != "" {
		return own.About + " (" + text + ")"
	}
	return text + "."
}

// Tally counts the claims by outcome.
func (v *view) Tally() string {
	n := map[claims.Outcome]int{}
	for _, c := range v.Claims {
		n[c.Outcome]++
	}
	return fmt.Sprintf("%d supported, %d refuted, %d inconclusive here", n[claims.Supported], n[claims.Refuted], n[claims.Inconclusive])
}

// State says what is missing from a run that was cut short.
func (v *view) State() string {
	if v.Complete {
		return ""
	}
	why := v.Stopped
	if why == "" {
		why = "it has not ended"
	}
	return "This run is not complete (" + why + "): the rounds that were finished count, the others are missing."
}

// printer prints lines of Markdown. Names come from folders and addresses that people
// give, so nothing in them is markup.
func printer(out *bytes.Buffer) func(format string, args ...any) {
	return func(format string, args ...any) {
		out.WriteString(plain(fmt.Sprintf(format, args...)) + "\n")
	}
}

func plain(text string) string { return strings.ReplaceAll(text, "<", "&lt;") }

func markdown(out *bytes.Buffer, v *view) error {
	p := printer(out)
	p("# Comparison %s\n", v.ID)
	if s := v.State(); s != "" {
		p("> %s\n", s)
	}
	p("Measured on %s, %d cores of %s, %s; started %s, took %s.\n", v.Machine.OS, v.Machine.Cores, v.Machine.CPU, v.Machine.Kernel,
		v.Started.UTC().Format("2006-01-02 15:04 UTC"), duration(v.Seconds))
	for _, w := range v.Machine.Warnings {
		p("> %s\n", w)
	}
	p("## Verdicts\n")
	for _, w := range v.Workloads {
		for _, s := range w.Says {
			p("- **%s** – %s", w.Title, s)
		}
	}
	for _, s := range v.Excluded {
		p("- **%s** has no numbers: %s", s.Title, s.Excluded)
	}
	p("\n## The article's claims\n\n%s.\n", v.Tally())
	for _, c := range slices.Concat(v.Decided(), v.Open()) {
		p("- **%s %s.** %s *(%s)* Threshold: %s. %s.", c.Rule, c.Outcome, c.Statement, c.Section, c.Threshold, strings.Join(c.Because, "; "))
	}
	p("\n## Figures\n")
	for _, w := range v.Workloads {
		out.WriteString(v.figures(w).markdown())
	}
	out.WriteString(v.costs().markdown())
	out.WriteString(v.protections().markdown())
	out.WriteString(v.money().markdown())
	out.WriteString(v.parity().markdown())
	out.WriteString(v.rejected().markdown())
	p("## Method\n")
	for _, s := range v.method() {
		p("- %s", s)
	}
	p("\n## What this cannot tell\n")
	for _, s := range v.limits() {
		p("- %s", s)
	}
	p("\nRepeat it: `%s` (scaffold %s)", strings.Join(v.Command, " "), v.Scaffold)
	return nil
}

// decision writes a record in the form of MADR 4, for somebody to finish: measuring
// does not decide.
func decision(out *bytes.Buffer, v *view) error {
	p := printer(out)
	p("---\nstatus: proposed\ndate: %s\n---\n", v.Started.UTC().Format("2006-01-02"))
	p("# Choose a backend stack by measurement (%s)\n", v.ID)
	p("## Context and Problem Statement\n")
	p("Which of %s serves this project best? The same service was generated in each, held against one HTTP", v.titles(v.Plan.Stacks))
	p("contract, and measured side by side.\n")
	p("## Considered Options\n")
	for _, s := range v.Services {
		switch {
		case s.Control:
		case s.Excluded != "":
			p("- %s: no numbers (%s)", s.Title, s.Excluded)
		default:
			p("- %s: contract %d passed, %d failed, %d skipped", s.Title, s.Contract.Passed, s.Contract.Failed, s.Contract.Skipped)
		}
	}
	p("\n## Decision Outcome\n")
	p("Not decided yet: write the option that was chosen here, and which of the measurements below weighed.\n")
	p("### Confirmation\n")
	p("Run `%s` again (scaffold %s, seed %d).\n", strings.Join(v.Command, " "), v.Scaffold, v.Plan.Seed)
	p("## More Information\n")
	p("Measured on %s, %d cores of %s. Details: %s.\n", v.Machine.OS, v.Machine.Cores, v.Machine.CPU, Page)
	for _, w := range v.Workloads {
		for _, s := range w.Says {
			p("- %s: %s", w.Title, s)
		}
	}
	p("- The article's claims: %s.", v.Tally())
	return nil
}

func duration(seconds float64) string {
	switch {
	case seconds < 120:
		return fmt.Sprintf("%.0f seconds", seconds)
	case seconds < 7200:
		return fmt.Sprintf("%.0f minutes", seconds/60)
	}
	return fmt.Sprintf("%.1f hours", seconds/3600)
}

// Took is how long the run was, for the page.
func (v *view) Took() string { return duration(v.Seconds) }
