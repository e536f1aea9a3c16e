package e2e

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"example.com/scaffold/internal/compare"
	"example.com/scaffold/internal/compare/change"
	"example.com/scaffold/internal/compare/report"
	"example.com/scaffold/internal/compare/result"
)

// frontPage is a workload as a person brings it.
const frontPage = `name: front-page
rates: [20]
requests:
  - {path: /v1/items?limit=5, signed_in: true, contains: '"items"'}
  - {method: PATCH, path: "/v1/items/{item}", signed_in: true, body: {title: Changed}, status: 200}
  - {path: /v1/items, status: 401}
`

// TestCompare measures every stack that has the routes for it in a quick run, stops it
// in its second round as a person would, and goes on, while one service is killed. What
// it looks at is there on a busy machine too; how fast anything was is none of it.
func TestCompare(t *testing.T) {
	t.Parallel()
	all, err := stacks()
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, s := range all {
		if s.offers("benchmark", true) {
			names = append(names, s.name)
		}
	}
	if len(names) < 4 {
		t.Fatalf("only %v can be compared", names)
	}
	dir := t.TempDir()
	out := filepath.Join(dir, "out")
	workloads := []string{"front-page", "mixed", "bare"}
	if err := os.WriteFile(filepath.Join(dir, "front-page.yaml"), []byte(frontPage), 0o600); err != nil {
		t.Fatal(err)
	}
	args := []string{
		"compare", "--out", out, "--stacks", strings.Join(names, ","), "--quick", "--workloads", "mixed,bare", "--workload", "front-page.yaml",
		"--rates", "20", "--rounds", "2", "--duration", "300ms",
	}
	if code, said := comparing(t, dir, interrupt("Round 2 of 2"), args...); code != 130 || !strings.Contains(said, "--resume") {
		t.Fatalf("stopped in its second round, it ended with %d:\n%s", code, said)
	}
	if left := orphans(t, dir); len(left) > 0 {
		t.Errorf("left running after Ctrl-C: %v", left)
	}
	stopped, err := compare.Load(out)
	if err != nil {
		t.Fatal(err)
	}
	if stopped.Complete || stopped.Stopped != "interrupted" || len(stopped.Rounds) == 0 {
		t.Errorf("complete %t, stopped %q, %d rounds", stopped.Complete, stopped.Stopped, len(stopped.Rounds))
	}
	victim := names[len(names)-1]
	killing := once("Round 2 of 2", func(*os.Process) error { return kill(filepath.Join(out, "services", victim)) })
	if code, said := comparing(t, dir, killing, "compare", "--out", out, "--resume"); code != 0 || !strings.Contains(said, victim+": the service ended") {
		t.Fatalf("going on ended with %d:\n%s", code, said)
	}
	if left := orphans(t, dir); len(left) > 0 {
		t.Errorf("left running at the end: %v", left)
	}
	c, err := compare.Load(out)
	if err != nil {
		t.Fatal(err)
	}
	if !c.Complete || len(c.Rounds) != 2*len(workloads)*(len(names)+1) {
		t.Errorf("complete %t, %d rounds", c.Complete, len(c.Rounds))
	}
	for i, row := range stopped.Rounds {
		if c.Rounds[i].Latency != row.Latency {
			t.Errorf("a finished round changed: %+v", c.Rounds[i])
		}
	}
	compared(t, c, names, workloads)
	killed(t, c, victim)
	for _, name := range []string{report.Page, report.Text, report.Decision, report.Table} {
		if info, err := os.Stat(filepath.Join(out, name)); err != nil || info.Size() == 0 {
			t.Errorf("%s is not there or empty: %v", name, err)
		}
	}
	if _, err := os.Stat(filepath.Join(out, "services")); err == nil {
		t.Error("the rendered services are still there")
	}
}

// compared looks at what is known of each service.
func compared(t *testing.T, c *result.Comparison, names, workloads []string) {
	t.Helper()
	if len(c.Services) != len(names)+1 || !c.Services[len(names)].Control || c.Plan.Control != names[0] {
		t.Fatalf("%d services, control of %s", len(c.Services), c.Plan.Control)
	}
	changes, err := change.Stacks()
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range c.Services {
		if s.Excluded != "" || s.Contract.Failed > 0 || s.Contract.Passed == 0 {
			t.Errorf("%s: excluded %q, contract %d passed, %d failed", s.ID, s.Excluded, s.Contract.Passed, s.Contract.Failed)
		}
		first := c.Services[0].Parity
		if p := s.Parity; p.Workers != 1 || p.Mode != "benchmark" || p.Argon2 == "" || p.Argon2 != first.Argon2 || p.AccessLog {
			t.Errorf("%s runs otherwise than the others: %+v", s.ID, p)
		}
		if k := s.Costs; len(k.ColdStart) == 0 || k.IdleBytes == nil || k.InstallBytes == nil || k.SourceLines == nil || k.Transitive == nil {
			t.Errorf("%s: costs are missing: %+v", s.ID, k)
		}
		if slices.Contains(changes, s.Stack) && s.Costs.Change == nil {
			t.Errorf("%s: what the change costs is missing", s.ID)
		}
		for _, w := range workloads {
			n := 0
			for _, row := range c.Rounds {
				if row.Service == s.ID && row.Workload == w {
					n++
				}
			}
			if n != 2 {
				t.Errorf("%s: %d rounds of %s", s.ID, n, w)
			}
		}
	}
	if c.Generator.SeenP99 == 0 {
		t.Error("the generator was not proven")
	}
	pairs := len(names) * (len(names) - 1) / 2
	if len(c.Verdicts) < pairs*len(workloads) {
		t.Errorf("%d verdicts of %d pairs", len(c.Verdicts), pairs)
	}
}

// killed makes sure that only the service that was killed lost a round by it.
func killed(t *testing.T, c *result.Comparison, victim string) {
	t.Helper()
	lost := 0
	for _, row := range c.Rounds {
		if !strings.Contains(row.Rejected, "the service ended") {
			continue
		}
		lost++
		if row.Service != victim || row.Round != 2 {
			t.Errorf("%s lost round %d: %s", row.Service, row.Round, row.Rejected)
		}
	}
	if lost == 0 {
		t.Errorf("%s was killed and lost no round", victim)
	}
}

// kill ends every process that runs in a folder, at once.
func kill(dir string) error {
	links, err := filepath.Glob("/proc/[0-9]*/cwd")
	if err != nil {
		return err
	}
	found := false
	for _, link := range links {
		where, err := os.Readlink(link)
		if err != nil || where != dir {
			continue // ended, or another's
		}
		pid, err := strconv.Atoi(filepath.Base(filepath.Dir(link)))
		if err != nil {
			return err
		}
		if err := syscall.Kill(pid, syscall.SIGKILL); err != nil && !errors.Is(err, syscall.ESRCH) {
			return err
		}
		found = true
	}
	if !found {
		return fmt.Errorf("nothing runs in %s", dir)
	}
	return nil
}

// once does something with the program the first time that it says a text.
func once(text string, do func(*os.Process) error) func(string, *os.Process) error {
	done := false
	return func(line string, p *os.Process) error {
		if done || !strings.Contains(line, text) {
			return nil
		}
		done = true
		return do(p)
	}
}

// interrupt is Ctrl-C once the program says a text.
func interrupt(text string) func(string, *os.Process) error {
	return once(text, func(p *os.Process) error { return p.Signal(os.Interrupt) })
}

// comparing runs scaffold in a folder, shows each line that it says to whoever acts on
// it, and returns its exit code and all that it said.
func comparing(t *testing.T, dir string, heard func(string, *os.Process) error, args ...string) (int, string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Minute)
	defer cancel()
	cmd := exec.CommandContext(ctx, scaffold, args...)
	cmd.Dir, cmd.Env = dir, environ(t.TempDir())
	cmd.Cancel = func() error { return cmd.Process.Signal(syscall.SIGTERM) }
	cmd.WaitDelay = time.Minute
	var out bytes.Buffer
	cmd.Stdout = &out
	pipe, err := cmd.StderrPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	var said strings.Builder
	lines := bufio.NewScanner(pipe)
	for lines.Scan() {
		said.WriteString(lines.Text() + "\n")
		if err := heard(lines.Text(), cmd.Process); err != nil {
			t.Fatal(err)
		}
	}
	err = cmd.Wait()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		t.Fatalf("%v\n%s", err, said.String())
	}
	return cmd.ProcessState.ExitCode(), said.String() + out.String()
}

// orphans are the programs that still run in a folder or below it, some time after
// they should have ended.
func orphans(t *testing.T, dir string) []string {
	t.Helper()
	var left []string
	for deadline := time.Now().Add(20 * time.Second); time.Now().Before(deadline); time.Sleep(200 * time.Millisecond) {
		left = nil
		links, err := filepath.Glob("/proc/[0-9]*/cwd")
		if err != nil {
			t.Fatal(err)
		}
		for _, link := range links {
			where, err := os.Readlink(link)
			if err != nil || where != dir && !strings.HasPrefix(where, dir+"/") {
				continue // ended, or another's
			}
			name, err := os.ReadFile(filepath.Join(filepath.Dir(link), "cmdline"))
			if err == nil && len(name) > 0 {
				left = append(left, string(bytes.ReplaceAll(name, []byte{0}, []byte(" "))))
			}
		}
		if len(left) == 0 {
			return nil
		}
	}
	return slices.Compact(left)
}
