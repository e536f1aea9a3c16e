// Command bench prints the figures of bench/README.md: ratios between things
// measured turn by turn in one run, because machines differ and are noisy.
//
//	go run ./bench [cli] [load] [packs] [service] [suite] [STACK...]
package main

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"slices"
	"syscall"
	"time"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	err := run(ctx, os.Args[1:])
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

// bench is one run: a scratch folder, the program under test and the tools.
type bench struct {
	ctx      context.Context //nolint:containedctx // one run, one context; every method is a step of it
	root     string          // of this checkout
	dir      string          // scratch
	scaffold string
}

func run(ctx context.Context, parts []string) error {
	if done, err := peer(ctx, parts); done {
		return err
	}
	root, err := os.Getwd()
	if err != nil {
		return err
	}
	if _, err := os.Stat(filepath.Join(root, "cmd", "scaffold")); err != nil {
		return fmt.Errorf("run it in the root of the checkout: %w", err)
	}
	dir, err := os.MkdirTemp("", "scaffold-bench-")
	if err != nil {
		return err
	}
	defer func() { _ = os.RemoveAll(dir) }() // scratch
	b := &bench{ctx: ctx, root: root, dir: dir, scaffold: filepath.Join(dir, "bin", "scaffold")}
	var stacks []string
	parts = slices.DeleteFunc(parts, func(part string) bool {
		_, err := os.Stat(filepath.Join(root, "bench", "forgetful", part+".yaml"))
		if err == nil {
			stacks = append(stacks, part)
		}
		return err == nil
	})
	all := map[string]func() error{"cli": b.cli, "load": b.load, "packs": b.packs, "service": func() error { return b.service(stacks) }, "suite": b.suite}
	if len(parts) == 0 {
		parts = []string{"cli", "load", "packs", "service", "suite"}
	}
	if !slices.Equal(parts, []string{"load"}) { // the one that needs no scaffold
		if out, err := b.command(root, nil, "go", "build", "-trimpath", "-o", b.scaffold, "./cmd/scaffold").CombinedOutput(); err != nil {
			return fmt.Errorf("building scaffold: %w\n%s", err, out)
		}
	}
	for _, part := range parts {
		measure, known := all[part]
		if !known {
			return fmt.Errorf("%q is neither a part (cli, load, packs, service, suite) nor a stack of bench/forgetful", part)
		}
		fmt.Printf("## %s\n", part) //nolint:forbidigo // a command's own output
		if err := measure(); err != nil {
			return fmt.Errorf("%s: %w", part, err)
		}
	}
	return nil
}

func (b *bench) command(dir string, env []string, argv ...string) *exec.Cmd {
	cmd := exec.CommandContext(b.ctx, argv[0], argv[1:]...)
	cmd.Dir = dir
	path := filepath.Join(b.root, ".cache", "bin") + ":" + filepath.Dir(b.scaffold) + ":" + os.Getenv("PATH")
	cmd.Env = append(append(os.Environ(), "PATH="+path), env...)
	return cmd
}

// cost is what one run of a command and its children took.
type cost struct {
	wall, cpu time.Duration
	rss       int64 // KiB, of the largest process
}

func (b *bench) cost(dir string, argv ...string) (cost, error) {
	cmd := b.command(dir, nil, argv...)
	started := time.Now()
	out, err := cmd.CombinedOutput()
	wall := time.Since(started)
	if err != nil {
		return cost{}, fmt.Errorf("%v: %w\n%s", argv, err, out)
	}
	usage, ok := cmd.ProcessState.SysUsage().(*syscall.Rusage)
	if !ok {
		return cost{}, fmt.Errorf("this system does not tell what %s cost", argv[0])
	}
	return cost{wall, cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime(), usage.Maxrss}, nil
}

// median of n measurements after one that does not count.
func median[T any](n int, measure func(i int) (T, error), less func(a, b T) int) (T, error) {
	var all []T
	for i := range n + 1 {
		one, err := measure(i)
		if err != nil {
			return one, err
		}
		if i > 0 {
			all = append(all, one)
		}
	}
	slices.SortFunc(all, less)
	return all[len(all)/2], nil
}

func line(what, figure, target string) {
	fmt.Printf("%-62s %-26s %s\n", what, figure, target) //nolint:forbidigo // a command's own output
}

func ms(d time.Duration) string { return fmt.Sprintf("%.1f ms", float64(d.Microseconds())/1000) }
