package cli

import (
	"bytes"
	"context"
	"encoding/xml"
	"errors"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"example.com/scaffold/internal/pack"
	"example.com/scaffold/internal/packdev"
	"example.com/scaffold/internal/project"
)

type packTestOptions struct {
	f                    *factory
	dir                  string
	json, update, verify bool
	junit                string
}

func newPackTestCmd(f *factory) *cobra.Command {
	o := &packTestOptions{f: f}
	cmd := &cobra.Command{
		Use:   "test [DIR]",
		Short: "Run a pack's tests: every two answers together, and the cases of its manifest",
		Long: "Run a pack's tests. It is rendered with few sets of answers in which every two that may stand together do, and each must " +
			"come out the same twice, with no placeholder left and with locks that hold what is asked for. Then the cases below \"tests\" in " +
			"its manifest run: answers and what must come of them, and updates from an earlier version, with what a person changed since. " +
			"Exit code 3 if one fails.\n\n" +
			"With --verify the commands below \"verify\" run as well, in a project with the defaults and in one for each case. They are " +
			"the pack's own programs, such as its build, and run as you; so they never run unasked.",
		Example: "  scaffold pack test\n  scaffold pack test --update packs/service\n  scaffold pack test --junit report.xml\n  scaffold pack test --verify",
		Args:    atMostOneFolder,
		RunE: func(cmd *cobra.Command, args []string) error {
			o.dir = folderArg(args)
			return runPackTest(cmd.Context(), o)
		},
	}
	cmd.Flags().BoolVar(&o.json, "json", false, "print it as JSON")
	cmd.Flags().BoolVar(&o.update, "update", false, "write the golden trees anew")
	cmd.Flags().BoolVar(&o.verify, "verify", false, "also run the manifest's verify commands, in rendered projects; they are programs of the pack")
	cmd.Flags().StringVar(&o.junit, "junit", "", "also write the results to `FILE`, as JUnit's XML")
	return cmd
}

func runPackTest(ctx context.Context, o *packTestOptions) error {
	p, _, err := o.f.loadPack(ctx, filepath.ToSlash(o.dir), ".", nil)
	if err != nil {
		return o.f.answersError(err)
	}
	t := packdev.Tester{
		Pack: p, Goldens: packdev.Goldens{FS: os.DirFS(o.dir)},
		Load: func(source string) (*pack.Pack, error) {
			if strings.HasPrefix(source, "./") || strings.HasPrefix(source, "../") {
				source = filepath.ToSlash(o.dir) + "/" + source
			}
			earlier, _, err := o.f.loadPack(ctx, source, ".", nil)
			return earlier, err
		},
	}
	if o.update {
		t.Goldens.Update = map[string][]byte{}
	}
	results := t.Run()
	for _, name := range slices.Sorted(maps.Keys(t.Goldens.Update)) {
		at := filepath.Join(o.dir, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(at), 0o755); err != nil {
			return err
		}
		if err := os.WriteFile(at, t.Goldens.Update[name], 0o644); err != nil {
			return err
		}
		fmt.Fprintf(o.f.io.Err, "wrote %s\n", at)
	}
	if o.verify {
		verified, err := o.f.verifyPack(ctx, p)
		if err != nil {
			return err
		}
		results = append(results, verified...)
	}
	if o.junit != "" {
		if err := writeJUnit(o.junit, p.Name, results); err != nil {
			return err
		}
	}
	return o.f.printPackTests(results, o.json)
}

// verifyPack runs the verify commands in a project with the defaults and in one for
// each case that makes a project.
func (f *factory) verifyPack(ctx context.Context, p *pack.Pack) ([]packdev.Result, error) {
	if len(p.Verify) == 0 {
		return nil, usagef("such as: verify: [[make, test]]", "--verify: the pack has no \"verify\" in its %s", pack.ManifestFile)
	}
	var results []packdev.Result
	for _, c := range append([]pack.TestCase{{Name: "defaults"}}, p.Tests...) {
		if c.Error != "" || c.From != nil {
			continue
		}
		r := packdev.Result{Name: "verify: " + c.Name}
		if err := f.verifyCase(ctx, p, c); err != nil {
			r.Failed = err.Error()
		}
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		results = append(results, r)
	}
	return results, nil
}

func (f *factory) verifyCase(ctx context.Context, p *pack.Pack, c pack.TestCase) (err error) {
	files, err := packdev.Render(p, c.Answers)
	if err != nil {
		return err
	}
	top, err := os.MkdirTemp("", "scaffold-pack-")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(top)) }()
	dir := filepath.Join(top, "project")
	stage, err := project.Open(ctx, dir, files, project.Options{})
	if err != nil {
		return err
	}
	if err := errors.Join(stage.Publish(ctx), stage.Close()); err != nil {
		return err
	}
	for _, argv := range p.Verify {
		fmt.Fprintf(f.io.Err, "%s: %s\n", c.Name, shellLine(argv...))
		cmd := exec.CommandContext(ctx, argv[0], argv[1:]...)
		cmd.Dir = dir
		out, err := cmd.CombinedOutput()
		if err != nil {
			return fmt.Errorf("%s: %w\n%s", shellLine(argv...), err, lastLines(out))
		}
	}
	return nil
}

// lastLines is the end of what a command printed, where its reason stands.
func lastLines(out []byte) string {
	const most = 40
	lines := bytes.Split(bytes.TrimRight(out, "\n"), []byte("\n"))
	return string(bytes.Join(lines[max(0, len(lines)-most):], []byte("\n")))
}

func (f *factory) printPackTests(results []packdev.Result, asJSON bool) error {
	failed := 0
	for _, r := range results {
		if r.Failed != "" {
			failed++
		}
	}
	if asJSON {
		if err := printJSON(f.io.Out, map[string]any{"passed": len(results) - failed, "failed": failed, "tests": results}); err != nil {
			return err
		}
	} else {
		for _, r := range results {
			if r.Failed != "" {
				fmt.Fprintf(f.io.Out, "FAIL %s: %s\n", r.Name, r.Failed)
			}
		}
		fmt.Fprintf(f.io.Out, "%d passed, %d failed\n", len(results)-failed, failed)
	}
	if failed > 0 {
		return quiet(exitConflicts)
	}
	return nil
}

// junitSuite is JUnit's XML, as CI systems read it.
type junitSuite struct {
	XMLName  xml.Name    `xml:"testsuite"`
	Name     string      `xml:"name,attr"`
	Tests    int         `xml:"tests,attr"`
	Failures int         `xml:"failures,attr"`
	Cases    []junitCase `xml:"testcase"`
}

type junitCase struct {
	Name    string        `xml:"name,attr"`
	Class   string        `xml:"classname,attr"`
	Failure *junitFailure `xml:"failure,omitempty"`
}

type junitFailure struct {
	Message string `xml:"message,attr"`
}

func writeJUnit(name, suite string, results []packdev.Result) error {
	s := junitSuite{Name: suite, Tests: len(results)}
	for _, r := range results {
		c := junitCase{Name: r.Name, Class: suite}
		if r.Failed != "" {
			c.Failure = &junitFailure{r.Failed}
			s.Failures++
		}
		s.Cases = append(s.Cases, c)
	}
	data, err := xml.MarshalIndent(s, "", "  ")
	if err != nil {
		return err
	}
	return os.WriteFile(name, append([]byte(xml.Header), append(data, '\n')...), 0o644)
}
