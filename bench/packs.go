package main

import (
	"cmp"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"time"
)

const (
	largeFiles = 5_000
	largeFile  = 10_000 // bytes of each, so 50 MB in all
)

func manifest(name, version, more string) string {
	return fmt.Sprintf("schema: 1\nname: %s\nversion: %s\ntitle: Measured\ndescription: A pack that is measured.\n%s", name, version, more)
}

const asksName = "questions:\n  - {id: name, type: text, title: Name?, format: name}\nnames:\n  sample-name: <% .name %>\n"

// packs measures how projects follow their pack, and packs of a size and from a
// place that the built-in ones do not have.
func (b *bench) packs() error {
	return errors.Join(b.following(), b.largePack(), b.gitPack())
}

func byCPU(a, b cost) int { return cmp.Compare(a.cpu, b.cpu) }

func (b *bench) write(files map[string]string) error {
	for name, data := range files {
		at := filepath.Join(b.dir, filepath.FromSlash(name))
		if err := errors.Join(os.MkdirAll(filepath.Dir(at), 0o755), os.WriteFile(at, []byte(data), 0o600)); err != nil {
			return err
		}
	}
	return nil
}

// following measures an update of a project of sixty files, four of them edited,
// to a version of its pack that changes three, and one that changes nothing.
func (b *bench) following() error {
	layer := manifest("layer", "1.0.0", "extends: builtin:python-fastapi\n")
	if err := b.write(map[string]string{"layer/scaffold.yaml": layer, "layer/base/one.txt": "one\n", "layer/base/two.txt": "two\n"}); err != nil {
		return err
	}
	project := filepath.Join(b.dir, "followed")
	if _, err := b.cost(b.dir, b.scaffold, "new", "shop", "--pack", "layer", "--yes", "--output", project); err != nil {
		return err
	}
	for _, name := range []string{"README.md", "pyproject.toml", "Makefile", "compose.yaml"} {
		f, err := os.OpenFile(filepath.Join(project, name), os.O_APPEND|os.O_WRONLY, 0)
		if err != nil {
			return err
		}
		_, err = f.WriteString("# mine\n")
		if err := errors.Join(err, f.Close()); err != nil {
			return err
		}
	}
	nothing, err := median(rounds, func(int) (cost, error) { return b.cost(project, b.scaffold, "update") }, byCPU)
	if err != nil {
		return err
	}
	ignored, err := os.ReadFile(filepath.Join(project, ".gitignore"))
	if err != nil {
		return err
	}
	err = b.write(map[string]string{
		"layer/scaffold.yaml": strings.Replace(layer, "1.0.0", "1.1.0", 1),
		"layer/base/one.txt":  "one, changed\n", "layer/base/two.txt": "two, changed\n",
		"layer/base/.gitignore": "# changed\n" + string(ignored),
	})
	if err != nil {
		return err
	}
	update, err := median(rounds, func(i int) (cost, error) {
		at := filepath.Join(b.dir, fmt.Sprintf("followed%d", i))
		if _, err := b.cost(b.dir, "cp", "-r", project, at); err != nil {
			return cost{}, err
		}
		return b.cost(at, b.scaffold, "update")
	}, byCPU)
	if err != nil {
		return err
	}
	line("update of 60 files, 4 edited and 3 changed, CPU", ms(update.cpu), "at most 120 ms")
	line("update that finds nothing to do, CPU", ms(nothing.cpu), "")
	line("update, peak memory", fmt.Sprintf("%d MiB", update.rss/1024), "")
	return nil
}

// largePack measures one of 5,000 files and 50 MB, each with a marker and a name.
func (b *bench) largePack() error {
	r := rand.New(rand.NewPCG(1, 1)) //nolint:gosec // text to measure with
	files := map[string]string{"large/scaffold.yaml": manifest("large", "1.0.0", asksName)}
	for i := range largeFiles {
		var s strings.Builder
		s.WriteString("# <% if .name %>\n# sample-name\n# <% end %>\n")
		for s.Len() < largeFile {
			fmt.Fprintf(&s, "%x of sample and other words\n", r.Uint64())
		}
		files[fmt.Sprintf("large/base/d%d/f%d.txt", i%70, i)] = s.String()
	}
	if err := b.write(files); err != nil {
		return err
	}
	for _, m := range []struct {
		what   string
		args   []string
		target string
	}{
		{"rendered", []string{"--dry-run"}, "at most 2 s and 300 MiB"},
		{"written", []string{"--no-git"}, ""},
		{"written with a commit", nil, ""},
	} {
		const few = 5
		c, err := median(few, func(i int) (cost, error) {
			at := filepath.Join(b.dir, fmt.Sprintf("large%d", i))
			c, err := b.cost(b.dir, append([]string{b.scaffold, "new", "shop", "--pack", "large", "--yes", "--output", at}, m.args...)...)
			return c, errors.Join(err, os.RemoveAll(at))
		}, byCPU)
		if err != nil {
			return err
		}
		line("5,000 files, 50 MB, "+m.what+", CPU and peak memory", fmt.Sprintf("%.2f s, %d MiB", c.cpu.Seconds(), c.rss/1024), m.target)
	}
	return nil
}

// gitPack measures the same pack from a folder and from a commit that is kept, in turn.
func (b *bench) gitPack() error {
	if err := b.write(map[string]string{"repo/scaffold.yaml": manifest("small", "1.0.0", asksName), "repo/base/a.txt": "a\n"}); err != nil {
		return err
	}
	repo := filepath.Join(b.dir, "repo")
	byGit := "git init -q && git add -A && git -c user.name=a -c user.email=a@example.com commit -qm one && git tag v1.0.0 && git rev-parse HEAD"
	out, err := b.command(repo, nil, "sh", "-c", byGit).Output()
	if err != nil {
		return err
	}
	commit := strings.TrimSpace(string(out))
	figures := map[string][]cost{}
	sources := []string{repo, repo + "//.@" + commit, repo + "//.@v1.0.0"}
	for i := range rounds + 1 {
		for _, source := range sources {
			c, err := b.cost(b.dir, "env", "XDG_CACHE_HOME="+filepath.Join(b.dir, "cache"), b.scaffold, "new", "shop", "--pack", source, "--yes", "--dry-run")
			if err != nil {
				return err
			}
			if i > 0 {
				figures[source] = append(figures[source], c)
			}
		}
	}
	cpu := func(c cost) time.Duration { return c.cpu }
	folder := mid(figures[sources[0]], cpu)
	line("a pack from a folder, CPU", ms(folder), "")
	line("a kept commit in git, CPU beyond that", ms(mid(figures[sources[1]], cpu)-folder), "at most 20 ms")
	line("a tag that the repository is asked for, CPU beyond that", ms(mid(figures[sources[2]], cpu)-folder), "")
	return nil
}
