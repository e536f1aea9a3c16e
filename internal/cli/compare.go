package cli

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"time"

	"github.com/spf13/cobra"

	"example.com/scaffold/internal/answers"
	"example.com/scaffold/internal/compare"
	comparison "example.com/scaffold/internal/compare/report"
	"example.com/scaffold/internal/compare/result"
	"example.com/scaffold/internal/project"
)

// Folders of --out with the services of stacks: as they are measured, and as people
// get them.
const (
	renderedTo = "services"
	plainTo    = "plain"
)

type compareOptions struct {
	f *factory

	stacks     []string
	targets    []string // folders and URLs
	out        string
	user       string
	files      []string // of workloads
	fullSuite  bool
	prototypes bool
	price      result.Price
	json, keep bool
	compare    compare.Options
}

func newCompareCmd(f *factory) *cobra.Command {
	o := &compareOptions{f: f}
	cmd := &cobra.Command{
		Use:   "compare [DIR|URL...]",
		Short: "Measure services side by side",
		Long: "Render the same service in several stacks, install it, hold each against the security contract, measure " +
			"them on this machine in a balanced order and write a report.\n\n" +
			"Instead of stacks, or beside them, give folders that scaffold made or addresses of running services.\n\n" +
			"Ctrl-C ends it at any moment: the finished rounds stay in DIR, and --resume goes on. docs/compare.md tells how to " +
			"read the report and what it cannot tell.",
		Example: "  scaffold compare --stacks python-fastapi,node-express --out comparison\n" +
			"  scaffold compare --stacks python-fastapi,python-django,node-express,node-nest --out comparison --budget 20m\n" +
			"  scaffold compare --stacks python-fastapi,node-nest --out quick --quick --workloads read,login\n" +
			"  scaffold compare ./shop http://127.0.0.1:9000 --out comparison --workload orders.yaml\n" +
			"  scaffold compare --resume --out comparison",
		RunE: func(cmd *cobra.Command, args []string) error {
			o.targets = args
			return runCompare(cmd.Context(), o)
		},
	}
	fs := cmd.Flags()
	fs.StringSliceVar(&o.stacks, "stacks", nil, "the `IDS` of the stacks to compare (scaffold list shows them)")
	fs.StringVarP(&o.out, "out", "o", "", "the `DIR` that takes report and result; made unless it is there")
	fs.BoolVar(&o.compare.Quick, "quick", false, "a few short rounds at one rate, and the quick part of the contract")
	fs.StringSliceVar(&o.compare.Workloads, "workloads", nil, "what to measure: "+strings.Join(compare.Workloads(), ", "))
	fs.StringArrayVar(&o.files, "workload", nil, "a `FILE` with requests of your own to measure; alone, unless --workloads names others (docs/compare.md)")
	fs.Float64SliceVar(&o.compare.Rates, "rates", nil, "`RATES` in requests a second, such as 50,200, the same for all workloads (default: parts of what the slowest service can do)")
	fs.Lookup("rates").DefValue = "" // not "[]"
	fs.IntVar(&o.compare.Rounds, "rounds", 0, "how often each is measured (default 10, quick 5)")
	fs.DurationVar(&o.compare.Duration, "duration", 0, "of one measurement (default 5s, quick 2s)")
	fs.DurationVar(&o.compare.Budget, "budget", 0, "fit rounds, rates and workloads into this time")
	fs.StringVar(&o.compare.Database, "database", "sqlite", "sqlite, or postgres in a server that is started for it")
	fs.IntVar(&o.compare.Workers, "workers", 1, "processes of each service")
	fs.BoolVar(&o.compare.Resume, "resume", false, "go on with the comparison in DIR")
	fs.BoolVar(&o.compare.KeepGoing, "keep-going", false, "leave out a service that cannot be set up and compare the others")
	fs.BoolVar(&o.fullSuite, "full-contract", false, "hold services against the whole contract in a quick run too")
	fs.BoolVar(&o.prototypes, "prototype-only", false, "only render the stacks side by side, with one compose file and one README")
	fs.BoolVar(&o.keep, "keep", false, "keep the rendered services and their logs in DIR")
	fs.Float64Var(&o.price.PerCoreHour, "core-hour-price", 0, "what an hour of one core costs, for the cost of a million requests")
	fs.StringVar(&o.price.Currency, "currency", "EUR", "of that price")
	fs.StringVar(&o.user, "user", "", "`EMAIL:PASSWORD` of an account of the services given by their address")
	fs.BoolVar(&o.json, "json", false, "print the result as JSON")
	for flag, values := range map[string][]string{"workloads": compare.Workloads(), "database": {"sqlite", "postgres"}} {
		err := cmd.RegisterFlagCompletionFunc(flag, cobra.FixedCompletions(values, cobra.ShellCompDirectiveNoFileComp))
		if err != nil {
			panic(err) // the flag was made above
		}
	}
	return cmd
}

func runCompare(ctx context.Context, o *compareOptions) error {
	if err := o.check(); err != nil {
		return err
	}
	if o.compare.Resume {
		if err := o.recall(); err != nil {
			return err
		}
	}
	if err := o.gather(); err != nil {
		return err
	}
	if o.prototypes {
		return o.sideBySide(ctx)
	}
	if !o.compare.Resume {
		if err := o.clear(); err != nil {
			return err
		}
	}
	for i := range o.compare.Candidates {
		candidate := &o.compare.Candidates[i]
		if err := o.render(ctx, candidate); err != nil {
			return fmt.Errorf("%s: %w", candidate.ID, err)
		}
		if candidate.Dir == "" {
			continue
		}
		var err error
		if candidate.Benchmark, err = measurable(candidate.Dir); err != nil {
			return fmt.Errorf("%s: %w", candidate.ID, err)
		}
	}
	o.compare.Dir, o.compare.Version, o.compare.Contract = o.out, o.f.version, o.fullSuite
	o.compare.ID = "compare-" + o.f.now().UTC().Format("20060102-150405")
	o.compare.Command = append([]string{"scaffold"}, os.Args[1:]...)
	o.compare.Say = func(format string, args ...any) { fmt.Fprintf(o.f.io.Err, format+"\n", args...) }
	c, err := compare.Run(ctx, o.compare)
	if c != nil && len(c.Rounds) > 0 && !errors.Is(err, syscall.ENOSPC) {
		err = errors.Join(err, comparison.Write(o.out, c))
	}
	if err != nil {
		return o.explain(ctx, err, c != nil && len(c.Rounds) > 0)
	}
	if !o.keep {
		if err := o.tidy(); err != nil {
			return err
		}
	}
	if o.json {
		return printJSON(o.f.io.Out, c)
	}
	fmt.Fprintf(o.f.io.Out, "%s is the report; beside it lie the same as text, the decision record, the rounds as a table and %s.\n",
		filepath.Join(o.out, comparison.Page), compare.File)
	return nil
}

// check refuses what makes no sense, before anything is done.
func (o *compareOptions) check() error {
	c := &o.compare
	if o.out == "" {
		return usagef("such as --out comparison", "say with --out where report and result go")
	}
	for _, w := range c.Workloads {
		if !slices.Contains(compare.Workloads(), w) {
			hint := answers.DidYouMean(w, compare.Workloads())
			if strings.ContainsAny(w, "./") {
				hint = "--workload takes the file of one of your own"
			}
			return usagef(hint, "there is no workload %q", w)
		}
	}
	if err := o.readWorkloads(); err != nil {
		return err
	}
	for _, rate := range c.Rates {
		if rate <= 0 {
			return usagef("", "--rates %g: a rate is a number of requests a second above 0", rate)
		}
	}
	switch {
	case c.Database != "sqlite" && c.Database != "postgres":
		return usagef("sqlite or postgres", "there is no database %q", c.Database)
	case c.Rounds < 0, c.Duration < 0, c.Budget < 0:
		return usagef("", "--rounds, --duration and --budget cannot be negative")
	case c.Duration > 0 && c.Duration < 100*time.Millisecond:
		return usagef("give at least 100ms", "--duration %s is too short to measure anything", c.Duration)
	case o.price.PerCoreHour < 0:
		return usagef("", "--core-hour-price cannot be negative")
	case c.Workers < 1 || c.Workers > 64:
		return usagef("", "--workers %d: from 1 to 64", c.Workers)
	}
	if o.price.PerCoreHour > 0 {
		c.Price = &o.price
	}
	if o.user != "" {
		email, password, found := strings.Cut(o.user, ":")
		if !found || email == "" || password == "" {
			return usagef("", "--user takes EMAIL:PASSWORD")
		}
		c.User = compare.Account{Email: email, Password: password}
	}
	return nil
}

// recall takes what is compared from the run that is gone on with.
func (o *compareOptions) recall() error {
	old, err := compare.Load(o.out)
	if errors.Is(err, fs.ErrNotExist) {
		return usagef("leave out --resume to begin one", "%s holds no comparison", o.out)
	}
	if err != nil {
		return err
	}
	if len(o.stacks)+len(o.targets) > 0 {
		return nil // compared with the plan later
	}
	for _, s := range old.Services {
		switch {
		case s.Control:
		case s.Stack != "":
			o.stacks = append(o.stacks, s.ID)
		default:
			o.targets = append(o.targets, s.Place)
		}
	}
	o.compare.Database, o.compare.Workers, o.compare.Quick = old.Plan.Database, old.Plan.Workers, old.Plan.Quick
	return nil
}

// gather makes candidates of what was named.
func (o *compareOptions) gather() error {
	stacks, err := o.f.rendered()
	if err != nil {
		return err
	}
	for _, name := range o.stacks {
		id, err := knownStack(strings.TrimSpace(name), stacks)
		if err != nil {
			return err
		}
		p, err := o.f.load(id)
		if err != nil {
			return err
		}
		o.compare.Candidates = append(o.compare.Candidates, compare.Candidate{
			ID: id, Title: p.Title, Stack: id, Rendered: true,
			Dir: filepath.Join(o.out, renderedTo, id), Plain: filepath.Join(o.out, plainTo, id), Place: id,
		})
	}
	for _, target := range o.targets {
		candidate, err := targeted(target)
		if err != nil {
			return err
		}
		o.compare.Candidates = append(o.compare.Candidates, candidate)
	}
	seen := map[string]bool{}
	for _, c := range o.compare.Candidates {
		if seen[c.ID] {
			return usagef("name each once; every comparison measures its first service twice, as a control", "%s was named twice", c.ID)
		}
		seen[c.ID] = true
	}
	if len(seen) < 2 {
		return usagef("such as --stacks python-fastapi,node-express (there is: "+strings.Join(stacks, ", ")+"), or two folders or addresses",
			"a comparison needs two services or more, not %d", len(seen))
	}
	return nil
}

// targeted is a folder or an address as a candidate.
func targeted(target string) (compare.Candidate, error) {
	if strings.Contains(target, "://") {
		u, err := url.Parse(target)
		if err != nil || u.Scheme != "http" || u.Host == "" || strings.Trim(u.Path, "/") != "" {
			return compare.Candidate{}, usagef("give http://HOST:PORT; the generator speaks no TLS, so measure behind the proxy", "%q is no address that can be measured", target)
		}
		return compare.Candidate{ID: u.Host, Title: u.Host, URL: "http://" + u.Host, Place: target}, nil
	}
	dir, err := filepath.Abs(target)
	if err != nil {
		return compare.Candidate{}, err
	}
	if info, err := os.Stat(filepath.Join(dir, ".scaffold", "contract.yaml")); err != nil || info.IsDir() {
		return compare.Candidate{}, usagef("give the root of a generated repository, or an address such as http://127.0.0.1:8000",
			"%s is no repository made by scaffold: it has no .scaffold/contract.yaml", target)
	}
	name := filepath.Base(dir)
	return compare.Candidate{ID: name, Title: name, Dir: dir, Place: dir}, nil
}

// measurable says whether a repository has the routes that some workloads need.
func measurable(dir string) (bool, error) {
	data, err := readFile(filepath.Join(dir, filepath.FromSlash(project.AnswersPath)))
	if errors.Is(err, fs.ErrNotExist) {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	file, err := answers.ParseFile(project.AnswersPath, data)
	if err != nil {
		return false, err
	}
	return file.Answers.Values["benchmark"] == true, nil
}

// render makes a stack's service twice: as it is measured, with the routes that the
// workloads need, and as people get it, whose files and dependencies are counted.
func (o *compareOptions) render(ctx context.Context, c *compare.Candidate) error {
	if !c.Rendered {
		return nil
	}
	if err := errors.Join(o.renderTo(ctx, c.Stack, c.Dir, true), o.renderTo(ctx, c.Stack, c.Plain, false)); err != nil {
		return err
	}
	return o.placeBare(c)
}

// placeBare writes a stack's bare application into the service that it is measured
// beside, whose packages it uses. A stack need not have one.
func (o *compareOptions) placeBare(c *compare.Candidate) error {
	p, err := o.f.load(c.Stack)
	if err != nil {
		return err
	}
	for _, layer := range slices.Backward(p.Layers) {
		files, err := fs.Glob(layer.FS, "bare/bare.*")
		if err != nil {
			return err
		}
		if len(files) == 0 {
			continue // perhaps that of a pack it extends
		}
		text, err := fs.ReadFile(layer.FS, files[0])
		if err != nil {
			return err
		}
		c.Bare = path.Base(files[0])
		return os.WriteFile(filepath.Join(c.Dir, c.Bare), text, 0o644)
	}
	return nil
}

func (o *compareOptions) renderTo(ctx context.Context, stack, dir string, benchmark bool) error {
	if _, err := os.Stat(filepath.Join(dir, ".scaffold")); err == nil && o.compare.Resume {
		return nil // by the run this one goes on with
	}
	p, err := o.f.load(stack)
	if err != nil {
		return err
	}
	n := &newOptions{f: o.f, stack: stack, output: dir, noGit: true, yes: true, noInput: true, given: answers.Values{"name": "shop"}}
	for id, value := range map[string]any{"benchmark": benchmark, "database": o.compare.Database} {
		if _, asked := p.Answerable().Question(id); asked && p.Answerable().Check(id, value) == nil {
			n.sets = append(n.sets, fmt.Sprintf("%s=%v", id, value))
		}
	}
	req, err := n.gather(ctx)
	if err != nil {
		return err
	}
	gen, err := n.generate(req)
	if err != nil {
		return err
	}
	return gen.write(ctx)
}

// tidy removes the rendered services and the logs, and the folders around them that
// are empty then.
func (o *compareOptions) tidy() error {
	var errs []error
	for _, c := range o.compare.Candidates {
		log := filepath.Join(o.out, compare.Logs, c.ID)
		errs = append(errs, os.RemoveAll(log), os.RemoveAll(log+"-control"))
		if c.Rendered {
			errs = append(errs, os.RemoveAll(c.Dir), os.RemoveAll(c.Plain))
		}
	}
	for _, folder := range []string{renderedTo, plainTo, compare.Logs} {
		err := os.Remove(filepath.Join(o.out, folder))
		if !errors.Is(err, fs.ErrNotExist) && !errors.Is(err, syscall.ENOTEMPTY) {
			errs = append(errs, err)
		}
	}
	return errors.Join(errs...)
}

// clear makes room for a comparison where an earlier one came to nothing, and refuses
// to where it came to something.
func (o *compareOptions) clear() error {
	old, err := compare.Load(o.out)
	switch {
	case errors.Is(err, fs.ErrNotExist), errors.Is(err, syscall.ENOTDIR):
		return nil
	case err != nil:
		return err
	case len(old.Rounds) > 0:
		return usagef("go on with it (--resume), or choose another folder", "%s holds a comparison", o.out)
	default:
		return o.tidy()
	}
}

// explain gives an error of a comparison its way out.
func (o *compareOptions) explain(ctx context.Context, err error, rounds bool) error {
	kept := "nothing was measured yet; every process has ended"
	if rounds {
		kept = "the finished rounds are kept; scaffold compare --resume --out " + shellLine(o.out) + " goes on"
	}
	switch {
	case ctx.Err() != nil:
		return &exitError{code: exitAborted, err: errors.New("stopped"), hint: kept}
	case errors.Is(err, syscall.ENOSPC):
		return &exitError{code: exitFailed, err: err, hint: "make room; " + kept}
	case errors.Is(err, compare.ErrTooFew):
		return &exitError{code: exitConflicts, err: err}
	}
	return &exitError{code: exitFailed, err: err, hint: kept}
}
