package cli

import (
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"example.com/scaffold/internal/answers"
)

// plainUsage takes the marks of a flag's value out of its description, which
// completion would show as they are.
func plainUsage(cmd *cobra.Command) {
	cmd.Flags().VisitAll(func(f *pflag.Flag) { _, f.Usage = pflag.UnquoteUsage(f) })
}

func newCompletionCmd(f *factory) *cobra.Command {
	shells := []string{"bash", "zsh", "fish", "powershell"}
	return &cobra.Command{
		Use:   "completion SHELL",
		Short: "Print the completion script of a shell",
		Long: "Print a script that lets a shell complete commands, flags and their values: stacks, options, answers. " +
			"SHELL is bash, zsh, fish or powershell.",
		Example: "  scaffold completion bash > ~/.local/share/bash-completion/completions/scaffold\n" +
			"  scaffold completion zsh > \"${fpath[1]}/_scaffold\"\n" +
			"  scaffold completion fish > ~/.config/fish/completions/scaffold.fish\n" +
			"  scaffold completion powershell | Out-String | Invoke-Expression",
		ValidArgs: shells,
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) != 1 {
				return usagef("such as: scaffold completion bash", "completion wants one shell: %s", strings.Join(shells, ", "))
			}
			if !slices.Contains(shells, args[0]) {
				return usagef(answers.DidYouMean(args[0], shells), "there is no completion for %q", args[0])
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			root, out := cmd.Root(), f.io.Out
			switch args[0] {
			case "bash":
				return root.GenBashCompletionV2(out, true)
			case "zsh":
				return root.GenZshCompletion(out)
			case "fish":
				return root.GenFishCompletion(out, true)
			default:
				return root.GenPowerShellCompletionWithDesc(out)
			}
		},
	}
}

// completeStack offers the stacks with their titles.
func completeStack(f *factory) cobra.CompletionFunc {
	return func(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
		stacks, err := f.rendered()
		if err != nil {
			return nil, cobra.ShellCompDirectiveError
		}
		var out []string
		for _, id := range stacks {
			if p, err := f.load(id); err == nil {
				out = append(out, cobra.CompletionWithDesc(id, p.Title))
			}
		}
		return out, cobra.ShellCompDirectiveNoFileComp
	}
}

// completeValue offers the values of a question.
func completeValue(q answers.Question) cobra.CompletionFunc {
	return func(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
		return questionValues(q), cobra.ShellCompDirectiveNoFileComp
	}
}

func questionValues(q answers.Question) []string {
	if q.Kind == answers.Bool {
		return []string{"true", "false"}
	}
	var out []string
	for _, c := range q.Choices {
		out = append(out, cobra.CompletionWithDesc(c.Value, c.Label))
	}
	return out
}

// completeAnswers offers the ids of questions and, after the equals sign, values.
func completeAnswers(questions func() []answers.Question) cobra.CompletionFunc {
	return func(_ *cobra.Command, _ []string, word string) ([]string, cobra.ShellCompDirective) {
		id, _, valued := strings.Cut(word, "=")
		var out []string
		for _, q := range questions() {
			if !valued {
				out = append(out, cobra.CompletionWithDesc(q.ID+"=", q.Title))
			} else if q.ID == id {
				for _, v := range questionValues(q) {
					out = append(out, id+"="+v)
				}
			}
		}
		return out, cobra.ShellCompDirectiveNoFileComp | cobra.ShellCompDirectiveNoSpace
	}
}
