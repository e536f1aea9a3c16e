package cli

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"example.com/scaffold/internal/answers"
	"example.com/scaffold/internal/guidance"
)

type listOptions struct {
	f                *factory
	stack            string
	json, rules      bool
	matrix, markdown bool
}

func newListCmd(f *factory) *cobra.Command {
	o := &listOptions{f: f}
	cmd := &cobra.Command{
		Use:   "list",
		Short: "Show stacks, questions, options and rules",
		Long: "Show the stacks this version can generate and the packs of your team, the questions each asks with their values and defaults, its " +
			"presets and options, and what a recommendation can be based on; or, with --rules, the rules that recommendations rest on; " +
			"or, with --matrix, what each stack makes each concern and option of.",
		Example: "  scaffold list\n  scaffold list --stack python-fastapi --json\n  scaffold list --rules\n  scaffold list --matrix",
		Args:    noArguments,
		RunE:    func(cmd *cobra.Command, _ []string) error { return runList(cmd.Context(), o) },
	}
	cmd.Flags().StringVar(&o.stack, "stack", "", "show only the stack of this `ID`")
	cmd.Flags().BoolVar(&o.rules, "rules", false, "show the recommendation's rules instead")
	cmd.Flags().BoolVar(&o.matrix, "matrix", false, "show what each stack makes each option of instead")
	cmd.Flags().BoolVar(&o.markdown, "markdown", false, "with --matrix: print a table in Markdown")
	cmd.Flags().BoolVar(&o.json, "json", false, "print JSON")
	if err := cmd.RegisterFlagCompletionFunc("stack", completeStack(f)); err != nil {
		panic(err) // the flag was made above
	}
	return cmd
}

// The JSON of list.
type (
	stackReport struct {
		ID          string           `json:"id"`
		Title       string           `json:"title"`
		Description string           `json:"description"`
		Version     string           `json:"version"`
		Parts       []partReport     `json:"parts,omitempty"`
		Questions   []questionReport `json:"questions"`
		Presets     []presetReport   `json:"presets"`
		Options     []optionReport   `json:"options"`
	}
	partReport struct {
		Into   string `json:"into"`   // folder in the project
		Source string `json:"source"` // its pack
		Title  string `json:"title"`
	}
	questionReport struct {
		ID       string         `json:"id"`
		Flag     string         `json:"flag"`
		Type     answers.Kind   `json:"type"`
		Title    string         `json:"title"`
		Help     string         `json:"help,omitempty"`
		Default  any            `json:"default,omitempty"`
		Required bool           `json:"required"`
		When     string         `json:"when,omitempty"`
		Choices  []choiceReport `json:"choices,omitempty"`
	}
	choiceReport struct {
		Value string `json:"value"`
		Label string `json:"label,omitempty"`
		Help  string `json:"help,omitempty"`
	}
	presetReport struct {
		ID   string         `json:"id"`
		Help string         `json:"help,omitempty"`
		Set  answers.Values `json:"set"`
	}
	optionReport struct {
		ID       string   `json:"id"`
		Flag     string   `json:"flag"`
		Title    string   `json:"title"`
		Help     string   `json:"help,omitempty"`
		Default  bool     `json:"default"`
		Needs    []string `json:"needs"`
		Excludes []string `json:"excludes"`
		Why      string   `json:"why,omitempty"`
	}
)

func runList(ctx context.Context, o *listOptions) error {
	if o.matrix && o.rules {
		return usagef("leave one of them out", "--matrix and --rules exclude each other")
	}
	if o.markdown && o.json {
		return usagef("leave one of them out", "--markdown and --json exclude each other")
	}
	if o.rules {
		return o.listRules(ctx)
	}
	if o.markdown && !o.matrix {
		return usagef("scaffold list --matrix --markdown", "--markdown is a form of --matrix")
	}
	ids, err := o.f.rendered()
	if err != nil {
		return err
	}
	if o.stack != "" {
		id, err := knownStack(o.stack, ids)
		if err != nil {
			return err
		}
		ids = []string{id}
	}
	if o.matrix {
		return o.listMatrix(ids)
	}
	stacks := []stackReport{}
	for _, id := range ids {
		r, err := o.stackReport(id)
		if err != nil {
			return err
		}
		stacks = append(stacks, r)
	}
	packs, err := o.registeredPacks(ctx)
	if err != nil {
		return err
	}
	if o.json {
		return printJSON(o.f.io.Out, map[string]any{"stacks": stacks, "packs": packs, "requirements": guidance.Vocabulary()})
	}
	var out strings.Builder
	for i, s := range stacks {
		if i > 0 {
			out.WriteString("\n")
		}
		s.print(&out, o.f.io.Width())
	}
	printPacks(&out, packs, o.f.io.Width())
	printVocabulary(&out, o.f.io.Width())
	_, err = fmt.Fprint(o.f.io.Out, out.String())
	return err
}

func (o *listOptions) stackReport(id string) (stackReport, error) {
	p, err := o.f.load(id)
	if err != nil {
		return stackReport{}, err
	}
	schema := p.Answerable()
	r := stackReport{
		ID: id, Title: p.Title, Description: p.Description, Version: p.Version,
		Questions: []questionReport{}, Presets: []presetReport{}, Options: []optionReport{},
	}
	for _, part := range p.Parts {
		r.Parts = append(r.Parts, partReport{Into: part.Into, Source: part.Source, Title: part.Title})
	}
	for _, q := range schema.Questions {
		one := questionReport{
			ID: q.ID, Flag: "--" + q.Flag(), Type: q.Kind, Title: q.Title, Help: q.Help,
			Default: q.Default, Required: q.Default == nil && !q.Optional, When: q.When,
		}
		for _, c := range q.Choices {
			one.Choices = append(one.Choices, choiceReport(c))
		}
		r.Questions = append(r.Questions, one)
	}
	for _, s := range schema.Presets {
		r.Presets = append(r.Presets, presetReport(s))
	}
	for _, t := range schema.Options {
		flag := "--" + answers.Question{ID: t.ID}.Flag()
		r.Options = append(r.Options, optionReport{
			ID: t.ID, Flag: flag, Title: t.Title, Help: t.Help, Default: t.Default,
			Needs: append([]string{}, t.Needs...), Excludes: append([]string{}, t.Excludes...), Why: t.Why,
		})
	}
	return r, nil
}

func (s stackReport) print(out *strings.Builder, width int) {
	fmt.Fprintf(out, "%s: %s\n%s\n\n", s.ID, s.Title, wrap(s.Description, "  ", width))
	if len(s.Parts) > 0 {
		out.WriteString("Parts:\n")
		for _, part := range s.Parts {
			fmt.Fprintln(out, wrap(fmt.Sprintf("%s/: %s (%s)", part.Into, part.Title, part.Source), "  ", width))
		}
		out.WriteString("\n")
	}
	out.WriteString("Questions:\n")
	for _, q := range s.Questions {
		fmt.Fprintf(out, "  %s (%s)\n%s\n", q.Flag, describeDefault(q), wrap(q.Title, "      ", width))
		for _, c := range q.Choices {
			text := c.Value
			if detail := cmp.Or(c.Help, c.Label); detail != "" {
				text += ": " + detail
			}
			fmt.Fprintln(out, wrap(text, "      - ", width))
		}
	}
	out.WriteString("\nOptions:\n")
	for _, t := range s.Options {
		fmt.Fprintf(out, "  %s\n%s\n", t.Flag, wrap(cmp.Or(t.Help, t.Title), "      ", width))
		if len(t.Needs) > 0 {
			fmt.Fprintln(out, wrap("needs "+strings.Join(t.Needs, ", "), "      ", width))
		}
		if len(t.Excludes) > 0 {
			fmt.Fprintln(out, wrap("excludes "+strings.Join(t.Excludes, ", "), "      ", width))
		}
	}
}

// printVocabulary shows what a recommendation can be based on.
func printVocabulary(out *strings.Builder, width int) {
	out.WriteString("\nRequirements, for scaffold recommend and the recommended stack of scaffold new (--set id=value):\n")
	for _, c := range guidance.Vocabulary() {
		values := "0 to 5"
		if c.Kind == guidance.Choice {
			values = strings.Join(c.Values, ", ")
		}
		fmt.Fprintln(out, wrap(fmt.Sprintf("%s: %s (%s)", c.ID, c.Title, values), "  ", width))
	}
}

func describeDefault(q questionReport) string {
	switch {
	case q.Required:
		return "required"
	case q.Default == nil || q.Default == "":
		return "optional"
	default:
		return fmt.Sprintf("default %v", q.Default)
	}
}

// packReport is one pack of the team's registry, as its file has it: listing asks
// no repository.
type packReport struct {
	Name   string `json:"name"`
	Title  string `json:"title,omitempty"`
	Source string `json:"source"`
	Commit string `json:"commit,omitempty"`
	Digest string `json:"digest,omitempty"`
}

func (o *listOptions) registeredPacks(ctx context.Context) ([]packReport, error) {
	s, err := o.f.settings(ctx)
	if err != nil {
		return nil, err
	}
	packs := []packReport{}
	for _, name := range slices.Sorted(maps.Keys(s.team.Packs)) {
		e := s.team.Packs[name]
		packs = append(packs, packReport{Name: name, Title: e.Title, Source: e.Source, Commit: e.Commit, Digest: e.Digest})
	}
	return packs, nil
}

func printPacks(out *strings.Builder, packs []packReport, width int) {
	if len(packs) == 0 {
		return
	}
	out.WriteString("\nPacks of your team, for scaffold new --pack NAME:\n")
	for _, p := range packs {
		pinned := ""
		if p.Commit != "" || p.Digest != "" {
			pinned = ", pinned"
		}
		fmt.Fprintln(out, wrap(fmt.Sprintf("%s: %s (%s%s)", p.Name, cmp.Or(p.Title, p.Name), p.Source, pinned), "  ", width))
	}
}

func (o *listOptions) listRules(ctx context.Context) error {
	rules := guidance.Rules()
	own, err := o.f.rules(ctx)
	if err != nil {
		return err
	}
	if o.json {
		return printJSON(o.f.io.Out, map[string]any{"rules": rules, "team": append([]guidance.TeamRule{}, own...)})
	}
	var out strings.Builder
	for _, r := range own {
		fmt.Fprintln(&out, wrap(fmt.Sprintf("%s  %s (%s)", r.ID, r.Statement, r.From), "", o.f.io.Width()))
	}
	for _, r := range rules {
		fmt.Fprintln(&out, wrap(fmt.Sprintf("%s  %s (%s)", r.ID, r.Statement, r.Section), "", o.f.io.Width()))
	}
	_, err = fmt.Fprint(o.f.io.Out, out.String())
	return err
}

// wrap breaks a text at spaces so that no line is wider than width, where words
// allow. The first line begins with indent, the others with as many spaces.
func wrap(text, indent string, width int) string {
	var out strings.Builder
	out.WriteString(indent)
	at := len(indent)
	for i, word := range strings.Fields(text) {
		n := len([]rune(word))
		switch {
		case i == 0:
		case at+1+n > width:
			out.WriteString("\n" + strings.Repeat(" ", len(indent)))
			at = len(indent)
		default:
			out.WriteString(" ")
			at++
		}
		out.WriteString(word)
		at += n
	}
	return out.String()
}
