// Package cli is the command line: one file a verb, and the only place that
// wires the other packages together.
//
// Each command is an options struct, a constructor newXCmd that fills it from
// flags, and a function runX that does the work and can be tested without flags.
package cli

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os/signal"
	"slices"
	"strings"
	"syscall"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"example.com/scaffold/internal/answers"
	"example.com/scaffold/internal/iostreams"
	"example.com/scaffold/internal/project"
)

// Main runs the program with its arguments, without the program's name, and
// returns its exit code. An interrupt cancels what runs; a second one kills it.
func Main(ctx context.Context, args []string, io *iostreams.IOStreams) int {
	ctx, stop := signal.NotifyContext(ctx, syscall.SIGINT, syscall.SIGTERM)
	defer stop()
	context.AfterFunc(ctx, stop)

	f := newFactory(io)
	root, err := newRootCmd(ctx, f, args)
	f.running = err != nil // a pack that does not load is no fault of the arguments
	if err == nil {
		root.SetArgs(args)
		err = root.ExecuteContext(ctx)
	}
	if exit := (*exitError)(nil); err != nil && !f.running && !errors.As(err, &exit) {
		err = usagef("scaffold --help explains the commands", "%w", err)
	}
	return report(io.Err, err)
}

// Command is the whole command tree with every flag, from which the manual
// pages are made.
func Command() (*cobra.Command, error) {
	return newRootCmd(context.Background(), newFactory(iostreams.System()), []string{newVerb})
}

// newRootCmd builds the commands for one run. The flags that answer questions
// come from the packs, and those are read only when args need them.
func newRootCmd(ctx context.Context, f *factory, args []string) (*cobra.Command, error) {
	start := &newOptions{f: f, given: answers.Values{}}
	cmd := &cobra.Command{
		Use:   "scaffold",
		Short: "From requirements to a running service that keeps a security contract",
		Long: "scaffold asks what you are building, recommends a backend and says why, and writes a repository " +
			"that runs: with sign-in, tests, container, CI and documents. scaffold verify then holds the running " +
			"service against a security contract.\n\n" +
			"Without a command it starts the form of scaffold new.",
		Example: "  scaffold                                            ask, recommend, generate\n" +
			"  scaffold new shop --stack python-fastapi --yes      generate with the defaults\n" +
			"  scaffold recommend --set team=python --set ai_ml=4  only say which stack fits\n" +
			"  scaffold verify http://127.0.0.1:8000               test a running service",
		Version:           f.version,
		SilenceErrors:     true,
		SilenceUsage:      true,
		Args:              noCommand,
		CompletionOptions: cobra.CompletionOptions{DisableDefaultCmd: true},
		PersistentPreRun:  func(cmd *cobra.Command, _ []string) { recoverHere(f, cmd) },
		RunE: func(cmd *cobra.Command, _ []string) error {
			if !start.interactive() {
				return usagef("without one: scaffold new NAME --stack STACK --yes (scaffold list shows the stacks)", "there is no terminal to ask on")
			}
			return runNew(cmd.Context(), start)
		},
	}
	cmd.Flags().BoolVar(&start.accessible, "accessible", false, "ask line by line, for screen readers and simple terminals")
	cmd.SetIn(f.io.In)
	cmd.SetOut(f.io.Out)
	cmd.SetErr(f.io.Err)
	cmd.SetVersionTemplate("scaffold {{.Version}}\n")
	cmd.SetFlagErrorFunc(flagError)
	cmd.SetHelpFunc(func(cmd *cobra.Command, _ []string) { help(f.io, cmd) })
	cmd.SetHelpCommand(newHelpCmd())
	cmd.PersistentFlags().BoolP("help", "h", false, "explain this command")
	cmd.Flags().BoolP("version", "v", false, "say which scaffold this is")

	create, err := newNewCmd(ctx, f, args)
	if err != nil {
		return nil, err
	}
	cmd.AddCommand(create, newRecommendCmd(f), newListCmd(f), newVerifyCmd(f), newCompareCmd(f),
		newUpdateCmd(f), newOptionCmd(f, "add", "Add an option to a project", true), newOptionCmd(f, "remove", "Remove an option from a project", false),
		newStatusCmd(f), newDiffCmd(f), newUndoCmd(f), newPackCmd(f), newVersionCmd(f), newCompletionCmd(f))
	completing := len(args) > 0 && strings.HasPrefix(args[0], cobra.ShellCompRequestCmd)
	f.watch(cmd, completing)
	return cmd, nil
}

// watch notes of every command when it begins, and shortens usages that a shell
// completes.
func (f *factory) watch(cmd *cobra.Command, completing bool) {
	for _, c := range cmd.Commands() {
		f.watch(c, completing)
	}
	if completing {
		plainUsage(cmd)
	}
	run := cmd.RunE
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		f.running = true
		return run(cmd, args)
	}
}

func newHelpCmd() *cobra.Command {
	return &cobra.Command{
		Use:   "help [COMMAND...]",
		Short: "Explain a command",
		ValidArgsFunction: func(cmd *cobra.Command, _ []string, _ string) ([]string, cobra.ShellCompDirective) {
			return commandNames(cmd.Root()), cobra.ShellCompDirectiveNoFileComp
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			if len(args) == 0 {
				return cmd.Root().Help()
			}
			for c, left := cmd.Root(), args; ; left = left[1:] {
				if len(left) == 0 {
					return c.Help()
				}
				i := slices.IndexFunc(c.Commands(), func(sub *cobra.Command) bool { return sub.Name() == left[0] })
				if i < 0 {
					named := strings.Join(args[:len(args)-len(left)+1], " ")
					return usagef(answers.DidYouMean(left[0], commandNames(c)), "there is no command %q", named)
				}
				c = c.Commands()[i]
			}
		},
	}
}

// noArguments is for commands that are told everything by flags.
func noArguments(cmd *cobra.Command, args []string) error {
	if len(args) == 0 {
		return nil
	}
	return usagef(fmt.Sprintf("see %s --help", cmd.CommandPath()), "%s takes no argument (%s)", cmd.CommandPath(), shellLine(args...))
}

// noCommand is the error for a first word that is no command.
func noCommand(cmd *cobra.Command, args []string) error {
	if len(args) == 0 {
		return nil
	}
	return usagef(answers.DidYouMean(args[0], commandNames(cmd)), "there is no command %q", args[0])
}

func commandNames(cmd *cobra.Command) []string {
	var names []string
	for _, c := range cmd.Commands() {
		if c.IsAvailableCommand() {
			names = append(names, c.Name())
		}
	}
	return names
}

// flagError says which flag is wrong and which one may have been meant.
func flagError(cmd *cobra.Command, err error) error {
	hint := fmt.Sprintf("see %s --help", cmd.CommandPath())
	var unknown *pflag.NotExistError
	var invalid *pflag.InvalidValueError
	var bare *pflag.ValueRequiredError
	switch {
	case errors.As(err, &unknown):
	case errors.As(err, &invalid):
		return usagef(hint, "--%s: %s", invalid.GetFlag().Name, unfit(invalid))
	case errors.As(err, &bare):
		return usagef(hint, "--%s needs a value", bare.GetFlag().Name)
	default:
		return usagef(hint, "%w", err)
	}
	name := unknown.GetSpecifiedName()
	if unknown.GetSpecifiedShortnames() != "" {
		return usagef(hint, "there is no flag -%s", name)
	}
	var names []string
	cmd.Flags().VisitAll(func(f *pflag.Flag) { names = append(names, f.Name) })
	if near, ok := strings.CutPrefix(answers.DidYouMean(name, names), "did you mean \""); ok {
		hint = "did you mean \"--" + near
	}
	return usagef(hint, "%s has no flag --%s", cmd.CommandPath(), name)
}

// unfit says in words what a flag's value is not.
func unfit(err *pflag.InvalidValueError) string {
	kinds := map[string]string{
		"bool": "is neither true nor false", "int": "is no whole number", "float64": "is no number",
		"duration": "is no duration such as 30s", "durationSlice": "is no list of durations such as 10s,1m",
	}
	kind, ok := kinds[err.GetFlag().Value.Type()]
	if !ok {
		return errors.Unwrap(err).Error()
	}
	return fmt.Sprintf("%q %s", err.GetValue(), kind)
}

// recoverHere takes back a run that was killed in the folder the person stands
// in, whatever command comes next, and says so. Commands that only explain
// something leave the disk alone.
func recoverHere(f *factory, cmd *cobra.Command) {
	if slices.Contains([]string{"help", "version", "completion", cobra.ShellCompRequestCmd, cobra.ShellCompNoDescRequestCmd}, cmd.Name()) {
		return
	}
	done, err := project.Recover(".")
	f.sayRecovered(done)
	if err != nil && !errors.Is(err, fs.ErrPermission) {
		fmt.Fprintf(f.io.Err, "scaffold: %v\n", err) // it need not keep this command from its work
	}
}

func (f *factory) sayRecovered(done []project.Recovered) {
	for _, r := range done {
		if r.Removed > 0 {
			fmt.Fprintf(f.io.Err, "Took back %d files of a run that was interrupted in %s.\n", r.Removed, r.Dir)
		}
		for _, p := range r.Kept {
			fmt.Fprintf(f.io.Err, "Kept %s of that run: it was changed since.\n", p)
		}
	}
}
