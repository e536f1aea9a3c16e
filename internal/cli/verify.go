package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"example.com/scaffold/internal/answers"
	"example.com/scaffold/internal/contract"
	"example.com/scaffold/internal/contract/selfhost"
)

type verifyOptions struct {
	f      *factory
	target string // address or directory

	run      []string // test ids and groups
	json     bool
	junit    string
	maxWait  time.Duration
	contract string // contract.yaml for an address

	remote remoteOptions // for an address
	asIs   bool          // for a directory, like those below: no setup command
	db     bool
	redis  bool
	proxy  bool
	copies int
	logs   string
}

func newVerifyCmd(f *factory) *cobra.Command {
	o := &verifyOptions{f: f}
	cmd := &cobra.Command{
		Use:   "verify [URL|DIR]",
		Short: "Hold a running service against the security contract",
		Long: "Test a service from outside, clause by clause. Given a directory (the current one by default), it starts the " +
			"service of that repository itself, as in production, on loopback, with its own mail server and throw-away keys, and runs every test. " +
			"Given the address of a running service, it runs what that allows: a test that needs more is skipped and says what it needs.\n\n" +
			"It sends attacks and makes accounts, so an address that is not on loopback needs --allow-remote. The resources under test " +
			"are those of .scaffold/contract.yaml. It exits with 3 when the contract is not kept, and when nothing passed.",
		Example: "  scaffold verify                                      the service of this repository\n" +
			"  scaffold verify http://127.0.0.1:8000 --run GEN,CORS what needs no account\n" +
			"  scaffold verify http://127.0.0.1:8000 --smtp-listen 127.0.0.1:2525\n" +
			"  scaffold verify --json > report.json",
		Args: func(cmd *cobra.Command, args []string) error {
			if len(args) > 1 {
				return usagef("see scaffold verify --help", "%s takes one address or folder, not %d", cmd.CommandPath(), len(args))
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			o.target = "."
			if len(args) == 1 {
				o.target = args[0]
			}
			return runVerify(cmd.Context(), o)
		},
	}
	flags := cmd.Flags()
	flags.StringSliceVar(&o.run, "run", nil, "only these `TESTS` or groups, such as GEN-04,CORS")
	flags.BoolVar(&o.json, "json", false, "print JSON")
	flags.StringVar(&o.junit, "junit", "", "also write the report as JUnit XML to `FILE`")
	flags.DurationVar(&o.maxWait, "max-wait", 15*time.Second, "skip tests that would wait longer")
	flags.StringVar(&o.contract, "contract", "", "contract `FILE` of a service given by address (default .scaffold/contract.yaml)")
	flags.BoolVar(&o.asIs, "no-setup", false, "DIR: do not run the repository's setup command first")
	flags.BoolVar(&o.db, "postgres", false, "DIR: use a throw-away PostgreSQL instead of SQLite")
	flags.BoolVar(&o.redis, "redis", false, "DIR: use a throw-away Redis instead of memory")
	flags.BoolVar(&o.proxy, "proxied", false, "DIR: send everything through the shipped TLS proxy")
	flags.IntVar(&o.copies, "replicas", 1, "DIR: how many processes serve (more than one needs --redis and --proxied)")
	flags.StringVar(&o.logs, "log-dir", "", "DIR: keep the services' logs in this `FOLDER`")
	o.remote.flags(flags)
	if err := cmd.RegisterFlagCompletionFunc("run", completeTests); err != nil {
		panic(err) // the flag was made above
	}
	return cmd
}

func completeTests(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
	return testNames(), cobra.ShellCompDirectiveNoFileComp
}

// testNames are the groups and then the ids of all tests.
func testNames() []string {
	var groups, ids []string
	for _, t := range contract.Tests() {
		if g := t.Group(); !slices.Contains(groups, g) {
			groups = append(groups, g)
		}
		ids = append(ids, t.ID)
	}
	return append(groups, ids...)
}

func runVerify(ctx context.Context, o *verifyOptions) (err error) {
	only, err := chosen(o.run)
	if err != nil {
		return err
	}
	if o.junit != "" { // not after a minute of tests
		if _, err := os.Stat(filepath.Dir(o.junit)); err != nil {
			return usagef("make the folder, or name another", "cannot write the report: %w", err)
		}
	}
	tg, done, err := o.open(ctx)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, done()) }()
	tg.MaxWait = o.maxWait
	rep, err := contract.Run(ctx, tg, contract.Tests(), contract.Options{Only: only, Done: o.progress()})
	o.clear()
	if err != nil {
		return err
	}
	if o.json {
		err = rep.WriteJSON(o.f.io.Out)
	} else {
		err = rep.WriteText(o.f.io.Out, o.f.io.Color())
	}
	if o.junit != "" {
		err = errors.Join(err, writeFile(o.junit, rep.WriteJUnit))
	}
	if err == nil && !rep.OK() {
		err = quiet(exitConflicts)
	}
	return err
}

// chosen is the filter behind --run.
func chosen(names []string) (func(contract.Test) bool, error) {
	if len(names) == 0 {
		return nil, nil
	}
	want := map[string]bool{}
	known := testNames()
	for _, n := range names {
		n = strings.ToUpper(strings.TrimSpace(n))
		if !slices.Contains(known, n) {
			return nil, usagef(answers.DidYouMean(n, known), "there is no test and no group %q", n)
		}
		want[n] = true
	}
	return func(t contract.Test) bool { return want[t.ID] || want[t.Group()] }, nil
}

// open makes the target of an address or of a directory. The caller calls done.
func (o *verifyOptions) open(ctx context.Context) (tg *contract.Target, done func() error, err error) {
	if strings.Contains(o.target, "://") {
		if o.asIs || o.db || o.redis || o.proxy || o.copies != 1 || o.logs != "" {
			return nil, nil, usagef("give a directory, or leave them out", "--no-setup, --postgres, --redis, --proxied, --replicas and --log-dir are for a service that verify starts itself")
		}
		return o.remote.open(ctx, o)
	}
	if o.remote.given() || o.contract != "" {
		return nil, nil, usagef("give the address of a running service, or leave them out", "flags that describe a running service, such as --contract and --user-a, make no sense for a directory")
	}
	if o.copies < 1 || o.copies > 1 && (!o.redis || !o.proxy) {
		return nil, nil, usagef("add --redis --proxied", "--replicas %d: several processes share their counters in Redis and are reached through the proxy", o.copies)
	}
	info, err := os.Stat(o.target)
	if err != nil || !info.IsDir() {
		hint := "give the root of a generated repository, or an address such as http://127.0.0.1:8000"
		if host, _, bad := net.SplitHostPort(o.target); bad == nil && host != "" && err != nil {
			hint = "did you mean http://" + o.target + "?"
		}
		return nil, nil, usagef(hint, "%s is no directory", o.target)
	}
	dir, err := above(o.target, selfhost.FactsFile)
	if err != nil {
		return nil, nil, err
	}
	if dir == "" {
		return nil, nil, usagef("give a generated repository, or an address such as http://127.0.0.1:8000", "%s is not in a repository made by scaffold: there is no %s", o.target, selfhost.FactsFile)
	}
	run, err := selfhost.Open(ctx, selfhost.Options{
		Dir: dir, Setup: !o.asIs, Postgres: o.db, Redis: o.redis, Proxied: o.proxy, Replicas: o.copies,
		LogDir: o.logs, Progress: func(message string) {
			o.clear()
			fmt.Fprintln(o.f.io.Err, message)
		},
	})
	if err != nil && o.asIs {
		return nil, nil, &exitError{code: exitFailed, err: err, hint: "without --no-setup the repository's setup command runs first"}
	}
	if err != nil {
		return nil, nil, err
	}
	return run.Target, run.Close, nil
}

// progress says on a terminal how far the run is, on one line that clear
// removes again.
func (o *verifyOptions) progress() func(contract.Result) {
	if !o.f.io.CanPrompt() {
		return nil
	}
	n := 0
	return func(r contract.Result) {
		n++
		o.clear()
		fmt.Fprintf(o.f.io.Err, "%d tests done, last %s", n, r.Test.ID)
	}
}

func (o *verifyOptions) clear() {
	if o.f.io.CanPrompt() {
		fmt.Fprint(o.f.io.Err, "\r\x1b[K")
	}
}

// writeFile writes a report to a file.
func writeFile(path string, write func(io.Writer) error) error {
	f, err := os.Create(path)
	if err != nil {
		return fmt.Errorf("cannot write the report: %w", err)
	}
	return errors.Join(write(f), f.Close())
}
