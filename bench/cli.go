package main

import (
	"fmt"
	"path/filepath"
	"slices"
	"time"
)

const rounds = 15

// cli measures the program itself: start-up, and generation beside what the
// shell's own tools take for the same tree.
func (b *bench) cli() error {
	help, err := median(rounds, func(int) (cost, error) { return b.cost(b.dir, b.scaffold, "--help") }, byCPU)
	if err != nil {
		return err
	}
	line("scaffold --help, CPU", ms(help.cpu), "at most 15 ms")

	if _, err := b.cost(b.dir, b.newArgs("plain", "--no-git")...); err != nil {
		return err
	}
	byShell := fmt.Sprintf("cp -r %s $0 && cd $0 && git init -q -b main && git add -A && "+
		"git -c user.name=a -c user.email=a@example.com commit -q -m Start", filepath.Join(b.dir, "plain"))
	var ours, theirs []cost
	for i := range rounds + 1 { // in turn, so that both meet the same noise
		one, err := b.cost(b.dir, b.newArgs(fmt.Sprintf("ours%d", i))...)
		if err != nil {
			return err
		}
		other, err := b.cost(b.dir, "sh", "-c", byShell, fmt.Sprintf("theirs%d", i))
		if err != nil {
			return err
		}
		if i > 0 {
			ours, theirs = append(ours, one), append(theirs, other)
		}
	}
	wall := func(c cost) time.Duration { return c.wall }
	cpu := func(c cost) time.Duration { return c.cpu }
	line("new with commit, wall", ms(mid(ours, wall)), "")
	line("cp -r, git init, add, commit, wall", ms(mid(theirs, wall)), "")
	line("ratio of wall time", fmt.Sprintf("%.2f", ratio(mid(ours, wall), mid(theirs, wall))), "at most 1")
	line("ratio of CPU time", fmt.Sprintf("%.2f", ratio(mid(ours, cpu), mid(theirs, cpu))), "")
	peak := int64(0)
	for _, c := range ours {
		peak = max(peak, c.rss)
	}
	line("new with commit, peak memory", fmt.Sprintf("%d MiB", peak/1024), "at most 60 MiB")

	bare, err := median(rounds, func(i int) (cost, error) {
		return b.cost(b.dir, b.newArgs(fmt.Sprintf("nogit%d", i), "--no-git")...)
	}, byCPU)
	if err != nil {
		return err
	}
	line("the same without git, CPU", ms(bare.cpu), "at most 40 ms")
	return nil
}

func (b *bench) newArgs(dir string, more ...string) []string {
	return append([]string{
		b.scaffold, "new", "shop", "--stack", "python-fastapi", "--yes", "--output", filepath.Join(b.dir, dir),
		"--native", "--idempotency", "--kubernetes", "--devcontainer",
	}, more...)
}

// mid is the median of one figure of all runs.
func mid(all []cost, of func(cost) time.Duration) time.Duration {
	figures := make([]time.Duration, len(all))
	for i, c := range all {
		figures[i] = of(c)
	}
	slices.Sort(figures)
	return figures[len(figures)/2]
}

func ratio(a, b time.Duration) float64 { return float64(a) / float64(b) }
