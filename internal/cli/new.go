package cli

import (
	"context"
	"fmt"
	"runtime/debug"

	"github.com/spf13/cobra"

	"example.com/scaffold/internal/answers"
	"example.com/scaffold/internal/form"
)

// newVerb is the command that generates.
const newVerb = "new"

type newOptions struct {
	f *factory

	target  string         // the argument: a name, or a path whose last part is the name
	stack   string         // --stack
	pack    string         // --pack: a folder, or a place in git
	answers string         // --answers: a file, or "-"
	sets    []string       // --set, in order
	given   answers.Values // the flags that answer questions, as texts
	form    form.Output    // what the form was told, if it asked
	output  string         // --output

	dryRun, json, noGit, force bool
	yes, noInput, accessible   bool
}

func newNewCmd(ctx context.Context, f *factory, args []string) (*cobra.Command, error) {
	o := &newOptions{f: f, given: answers.Values{}}
	cmd := &cobra.Command{
		Use:   newVerb + " [NAME]",
		Short: "Generate a repository",
		Long: "Generate a repository from a stack and your answers, with one commit.\n\n" +
			"NAME is the project's name, or a path that ends in it; the folder is made unless it is there and empty.\n\n" +
			"On a terminal a form asks for what the command line leaves open. Without one, or with --yes, defaults fill " +
			"in, and an answer that has no default is an error that names its flag. Of several sources the first wins: " +
			"a flag, --set, the answers file, your configuration, the stack's default.\n\n" +
			"Inside a repository no second one is made and nothing is committed.",
		Example: "  scaffold new shop\n" +
			"  scaffold new shop --stack python-fastapi --database postgres --yes\n" +
			"  scaffold new services/shop --stack python-fastapi --set ci=gitlab --dry-run\n" +
			"  scaffold new shop --set team=python --set ai_ml=4 --yes    (takes the recommended stack)\n" +
			"  scaffold new --answers shop.yaml --json",
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) > 1 {
				return usagef("quote a path that has spaces; a flag and its value are joined by = or one space",
					"new takes one name, not %d (%s)", len(args), shellLine(args...))
			}
			return nil
		},
		ValidArgsFunction: func(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
			return nil, cobra.ShellCompDirectiveFilterDirs
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			for _, flag := range []string{"stack", "pack", "answers", "output"} {
				if f := cmd.Flags().Lookup(flag); f.Changed && f.Value.String() == "" {
					return usagef("give it a value, or leave it out", "--%s is empty", flag)
				}
			}
			if len(args) == 1 {
				o.target = args[0]
			}
			return runNew(cmd.Context(), o)
		},
	}
	fs := cmd.Flags()
	fs.StringVar(&o.stack, "stack", o.stack, "the `ID` of the stack to generate (scaffold list shows them)")
	fs.StringVar(&o.pack, "pack", "", "generate from a template pack instead of a built-in stack: a folder, or `URL[//FOLDER][@REF]` of a git repository")
	fs.StringVar(&o.answers, "answers", "", "read answers from a YAML `FILE`; - is the standard input")
	fs.StringArrayVar(&o.sets, "set", nil, "answer a question, or one of the recommendation's, by `id=value`; may be repeated")
	fs.StringVarP(&o.output, "output", "o", "", "make `DIR` the project's folder (default ./NAME)")
	fs.BoolVarP(&o.yes, "yes", "y", false, "take the defaults and ask nothing")
	fs.BoolVar(&o.dryRun, "dry-run", false, "show the files and why each would be there; write nothing")
	fs.BoolVar(&o.json, "json", false, "print what was done as JSON")
	fs.BoolVar(&o.noGit, "no-git", false, "make no repository")
	fs.BoolVar(&o.force, "force", false, "write into a folder that has files; none is changed, and one that differs from what would be written stops the run")
	fs.BoolVar(&o.noInput, "no-input", false, "never ask, even on a terminal")
	fs.BoolVar(&o.accessible, "accessible", false, "ask line by line, for screen readers and simple terminals")
	if err := o.register(ctx, cmd, args); err != nil {
		return nil, err
	}
	return cmd, nil
}

// hurry is for one short run of a few megabytes: collecting them costs more than
// it frees. Of a large pack no more than this is left lying about.
func hurry() {
	debug.SetGCPercent(400)
	debug.SetMemoryLimit(160 << 20)
}

// runNew generates one repository, or says what it would generate.
func runNew(ctx context.Context, o *newOptions) error {
	hurry()
	asked := o.interactive()
	if asked {
		if err := o.ask(ctx); err != nil {
			return err
		}
	}
	req, err := o.gather(ctx)
	if err != nil {
		return err
	}
	gen, err := o.generate(req)
	if err != nil {
		return err
	}
	if !o.dryRun {
		if err := gen.write(ctx); err != nil {
			return err
		}
	}
	if asked {
		if err := form.Forget(o.f.stateFile()); err != nil {
			o.say("The answers that were kept could not be removed: %v", err)
		}
	}
	if o.json {
		return printJSON(o.f.io.Out, gen.report())
	}
	if o.dryRun {
		return gen.printTree(o.f.io)
	}
	return gen.printSummary(o.f.io)
}

// say prints a remark beside the result.
func (o *newOptions) say(format string, args ...any) {
	fmt.Fprintf(o.f.io.Err, format+"\n", args...)
}
