package cli

import (
	"context"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"example.com/scaffold/internal/answers"
	"example.com/scaffold/internal/guidance"
)

// register makes each question and option of the stacks a flag of the command,
// and completes values. Packs are only read if args mention the command, and of
// these only the one that --stack names, if it does.
func (o *newOptions) register(ctx context.Context, cmd *cobra.Command, args []string) error {
	if !slices.Contains(args, newVerb) {
		return nil
	}
	if source := flagArg(args, "pack"); source != "" {
		name, err := o.f.usePack(ctx, source)
		if err != nil {
			return err
		}
		o.stack = name
	}
	stacks, err := o.f.rendered()
	if err != nil {
		return err
	}
	if chosen := flagArg(args, "stack"); slices.Contains(stacks, chosen) {
		stacks = []string{chosen}
	}
	schema, err := o.f.schema(stacks)
	if err != nil {
		return err
	}
	complete := map[string]cobra.CompletionFunc{
		"stack": completeStack(o.f),
		"set": completeAnswers(func() []answers.Question {
			return slices.Concat(schema.All(), guidance.Schema().Questions)
		}),
	}
	for _, q := range schema.All() {
		if cmd.Flags().Lookup(q.Flag()) != nil {
			continue // a flag of the command itself; --set reaches the question
		}
		f := cmd.Flags().VarPF(&answerValue{q: q, into: o.given}, q.Flag(), "", usageOf(q))
		f.Annotations = map[string][]string{answerFlag: {q.ID}}
		if q.Kind == answers.Bool {
			f.NoOptDefVal = "true"
		}
		if q.Kind == answers.Bool || len(q.Choices) > 0 {
			complete[q.Flag()] = completeValue(q)
		}
	}
	for name, fn := range complete {
		if err := cmd.RegisterFlagCompletionFunc(name, fn); err != nil {
			return err
		}
	}
	return nil
}

// flagArg finds the value of a flag before flags are parsed.
func flagArg(args []string, name string) string {
	for i, a := range args {
		if value, ok := strings.CutPrefix(a, "--"+name+"="); ok {
			return value
		}
		if a == "--"+name && i+1 < len(args) {
			return args[i+1]
		}
	}
	return ""
}

// usageOf describes a question in the list of flags.
func usageOf(q answers.Question) string {
	text := strings.TrimSuffix(q.Title, "?")
	if len(q.Choices) > 0 {
		var values []string
		for _, c := range q.Choices {
			values = append(values, c.Value)
		}
		text += ": " + strings.Join(values, ", ")
	}
	return text
}

// answerValue keeps what a flag was given as text; the question's type decides
// later what it means, in one place for all sources.
type answerValue struct {
	q    answers.Question
	into answers.Values
}

var _ pflag.Value = (*answerValue)(nil)

func (v *answerValue) Set(text string) error {
	if before, ok := v.into[v.q.ID].(string); ok && (v.q.Kind == answers.List || v.q.Kind == answers.MultiSelect) {
		text = before + "," + text // a list may be given piece by piece
	}
	v.into[v.q.ID] = text
	return nil
}

// String is the default that help shows.
func (v *answerValue) String() string {
	if v.q.Kind == answers.Bool {
		return "false" // which help leaves out
	}
	if text, ok := v.q.Default.(string); ok && !strings.Contains(text, "<%") {
		return text
	}
	return ""
}

// Type names the value in help.
func (v *answerValue) Type() string {
	switch v.q.Kind {
	case answers.Bool:
		return "bool"
	case answers.Int:
		return "number"
	case answers.List, answers.MultiSelect:
		return "list"
	case answers.Path:
		return "path"
	case answers.Select:
		return "choice"
	default:
		return "text"
	}
}
