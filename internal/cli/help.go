package cli

import (
	"fmt"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"example.com/scaffold/internal/iostreams"
)

// answerFlag annotates a flag that answers a question of a pack.
const answerFlag = "answers"

// widest is the width, in columns, beyond which text is hard to read.
const widest = 100

// help prints what a command is for, how it is called, its sub-commands and its
// flags, those that answer questions apart.
func help(io *iostreams.IOStreams, cmd *cobra.Command) {
	var out strings.Builder
	text := cmd.Long
	if text == "" {
		text = cmd.Short + "."
	}
	width := min(io.Width(), widest)
	for paragraph := range strings.SplitSeq(text, "\n\n") {
		fmt.Fprintf(&out, "%s\n\n", wrap(paragraph, "", width))
	}
	fmt.Fprintf(&out, "Usage:\n  %s\n", cmd.UseLine())
	if cmd.HasAvailableSubCommands() {
		out.WriteString("\nCommands:\n")
		for _, c := range cmd.Commands() {
			if c.IsAvailableCommand() || c.Name() == "help" {
				fmt.Fprintf(&out, "  %-12s %s\n", c.Name(), c.Short)
			}
		}
	}
	if cmd.Example != "" {
		fmt.Fprintf(&out, "\nExamples:\n%s\n", cmd.Example)
	}
	own, questions := splitFlags(cmd)
	for title, set := range pairs("Flags", own, "Answers", questions) {
		if set.HasAvailableFlags() {
			fmt.Fprintf(&out, "\n%s:\n%s", title, set.FlagUsagesWrapped(width))
		}
	}
	fmt.Fprint(io.Out, out.String())
}

// pairs yields its two pairs in order.
func pairs(a string, x *pflag.FlagSet, b string, y *pflag.FlagSet) func(yield func(string, *pflag.FlagSet) bool) {
	return func(yield func(string, *pflag.FlagSet) bool) {
		_ = yield(a, x) && yield(b, y)
	}
}

func splitFlags(cmd *cobra.Command) (own, questions *pflag.FlagSet) {
	own, questions = pflag.NewFlagSet("", pflag.ContinueOnError), pflag.NewFlagSet("", pflag.ContinueOnError)
	questions.SortFlags = false
	add := func(f *pflag.Flag) {
		if f.Annotations[answerFlag] != nil {
			questions.AddFlag(f)
		} else {
			own.AddFlag(f)
		}
	}
	cmd.LocalFlags().SortFlags = false
	cmd.LocalFlags().VisitAll(add)
	cmd.InheritedFlags().VisitAll(add)
	return own, questions
}
