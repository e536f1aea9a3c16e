package cli

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"example.com/scaffold/internal/answers"
	"example.com/scaffold/internal/merge3"
	"example.com/scaffold/internal/update"
)

// statusReport is what status --json prints.
type statusReport struct {
	Dir      string   `json:"dir"`
	Pack     string   `json:"pack"`
	Version  string   `json:"version"`
	Latest   string   `json:"latest,omitempty"` // of the pack, if it can be reached
	Newer    string   `json:"newer,omitempty"`  // tag of a newer version than the one that the project names
	Waiting  bool     `json:"waiting"`          // an update would change something
	Asks     []string `json:"asks,omitempty"`   // answers that the update waits for
	Merged   bool     `json:"merged"`           // two branches that both updated were merged
	Changed  []string `json:"changed"`          // generated files that differ from what was generated
	Deleted  []string `json:"deleted"`
	Unsolved []string `json:"unsolved"` // files with conflict markers, and theirs laid beside
	// What an update would do: how many files in each state.
	Steps   map[update.State]int `json:"steps,omitempty"`
	Problem string               `json:"problem,omitempty"`
}

func newStatusCmd(f *factory) *cobra.Command {
	var json bool
	var repos string
	cmd := &cobra.Command{
		Use:   "status [DIR]",
		Short: "Say where a project stands: its pack, what you changed, whether an update is waiting",
		Long: "Say where a project stands: its pack, what you changed, whether an update is waiting.\n\n" +
			"With --repos FILE, a list of folders, one a line: which of many are behind, and by what. Exit code 4 if one is, else 1 if one cannot be told.",
		Example: "  scaffold status\n  scaffold status --json ../shop\n  scaffold status --repos repos.txt",
		Args:    atMostOneFolder,
		RunE: func(cmd *cobra.Command, args []string) (err error) {
			if repos != "" {
				return f.statusOfMany(cmd.Context(), repos, json)
			}
			p, err := f.follow(folderArg(args))
			if err != nil {
				return err
			}
			defer func() { err = errors.Join(err, p.root.Close()) }()
			r, err := f.status(cmd.Context(), p)
			if err != nil {
				return err
			}
			if json {
				return printJSON(f.io.Out, r)
			}
			f.printStatus(r)
			return nil
		},
	}
	cmd.Flags().BoolVar(&json, "json", false, "print it as JSON")
	cmd.Flags().StringVar(&repos, "repos", "", "look at every folder that `FILE` lists, relative ones as seen from it")
	return cmd
}

// statusOfMany tells which of many projects are behind.
func (f *factory) statusOfMany(ctx context.Context, list string, asJSON bool) error {
	data, err := os.ReadFile(list)
	if err != nil {
		return usagef("a file with the path of one project a line", "--repos: %w", err)
	}
	reports := []statusReport{}
	behind, told := false, true
	for line := range strings.Lines(string(data)) {
		dir := strings.TrimSpace(line)
		if dir == "" || strings.HasPrefix(dir, "#") {
			continue
		}
		at := filepath.FromSlash(dir)
		if !filepath.IsAbs(at) {
			at = filepath.Join(filepath.Dir(list), at)
		}
		r := f.statusAt(ctx, at)
		r.Dir = dir
		behind, told = behind || r.Waiting, told && r.Problem == ""
		reports = append(reports, r)
		if !asJSON {
			fmt.Fprintln(f.io.Out, r.line())
		}
	}
	if asJSON {
		if err := printJSON(f.io.Out, reports); err != nil {
			return err
		}
	}
	switch {
	case behind:
		return quiet(exitWaiting)
	case !told:
		return quiet(exitFailed)
	}
	return nil
}

// statusAt is the status of one of many: what keeps it from being told is told.
func (f *factory) statusAt(ctx context.Context, dir string) statusReport {
	p, err := f.follow(dir)
	if err != nil {
		return statusReport{Problem: err.Error()}
	}
	r, err := f.status(ctx, p)
	if err := errors.Join(err, p.root.Close()); err != nil {
		r.Problem = err.Error()
	}
	return r
}

// line says in one line what is waiting.
func (r statusReport) line() string {
	switch {
	case r.Problem != "":
		return fmt.Sprintf("%s: cannot be told: %s", r.Dir, r.Problem)
	case len(r.Unsolved) > 0:
		return fmt.Sprintf("%s: %s %s, %s to settle", r.Dir, r.Pack, r.Version, count(len(r.Unsolved), "conflict"))
	case !r.Waiting && r.Newer != "":
		return fmt.Sprintf("%s: %s %s, stays there although there is %s", r.Dir, r.Pack, r.Version, r.Newer)
	case !r.Waiting:
		return fmt.Sprintf("%s: %s %s, up to date", r.Dir, r.Pack, r.Version)
	}
	var what []string
	if len(r.Asks) > 0 {
		what = append(what, "asks for "+strings.Join(r.Asks, ", "))
	}
	for _, state := range slices.Sorted(maps.Keys(r.Steps)) {
		what = append(what, fmt.Sprintf("%d %s", r.Steps[state], state))
	}
	return fmt.Sprintf("%s: %s %s, behind %s (%s)", r.Dir, r.Pack, r.Version, r.Latest, strings.Join(what, ", "))
}

func (f *factory) status(ctx context.Context, p *followed) (statusReport, error) {
	r := statusReport{
		Dir: p.dir, Pack: p.lock.Pack.Source, Version: p.lock.Pack.Version, Merged: p.merge,
		Changed: []string{}, Deleted: []string{}, Unsolved: []string{},
	}
	err := p.drift(func(path string, now update.Found, was []byte, same bool) {
		switch {
		case now.Kind == update.Missing:
			r.Deleted = append(r.Deleted, path)
		case !same:
			r.Changed = append(r.Changed, path)
		}
		if now.Kind == update.Regular && hasMarkers(now.File.Data) && !hasMarkers(was) {
			r.Unsolved = append(r.Unsolved, path)
		}
	})
	if err != nil {
		return r, err
	}
	disk := onDisk{p.root}
	files, err := disk.Files()
	if err != nil {
		return r, err
	}
	for _, path := range files {
		if strings.HasSuffix(path, update.BesideSuffix) {
			r.Unsolved = append(r.Unsolved, path)
		}
	}
	u, err := f.plan(ctx, p, wish{set: answers.Layer{Source: answers.Set}}, false)
	if asks := (*asksError)(nil); errors.As(err, &asks) {
		r.Latest, r.Waiting, r.Asks = asks.pack.Version, true, asks.ids
		return r, nil
	}
	if err != nil {
		// A pack out of reach keeps nobody from seeing the rest.
		r.Problem = err.Error()
		return r, nil //nolint:nilerr // it is in the report
	}
	r.Latest, r.Newer, r.Waiting = u.gen.req.pack.Version, u.newer, len(u.edits) > 0
	r.Steps = map[update.State]int{}
	for _, s := range u.plan.Steps {
		r.Steps[s.State]++
	}
	return r, nil
}

// drift visits every generated file as it is now, in the order of paths.
func (p *followed) drift(visit func(path string, now update.Found, was []byte, same bool)) error {
	disk := onDisk{p.root}
	for path, f := range p.base.All() {
		if carried(path) {
			continue
		}
		now, err := disk.Look(path)
		if err != nil {
			return fmt.Errorf("%s: %w", p.path(path), err)
		}
		visit(path, now, f.Data, now.Kind == update.Regular && now.File.Exec == f.Exec && bytes.Equal(now.File.Data, f.Data))
	}
	return nil
}

func hasMarkers(data []byte) bool {
	return bytes.Contains(data, []byte("<<<<<<< yours\n")) && bytes.Contains(data, []byte("\n>>>>>>> "))
}

func (f *factory) printStatus(r statusReport) {
	out := f.io.Out
	fmt.Fprintf(out, "%s follows %s %s.\n", r.Dir, r.Pack, r.Version)
	list := func(title string, paths []string) {
		if len(paths) > 0 {
			fmt.Fprintf(out, "%s:\n  %s\n", title, strings.Join(paths, "\n  "))
		}
	}
	list("Changed by you", r.Changed)
	list("Deleted by you", r.Deleted)
	list("Conflicts left to settle", r.Unsolved)
	switch {
	case r.Problem != "":
		fmt.Fprintf(out, "Whether an update is waiting cannot be said: %s\n", r.Problem)
	case r.Merged:
		fmt.Fprintln(out, "Two branches that both updated were merged: scaffold update settles what .scaffold/ says.")
	case len(r.Asks) > 0:
		fmt.Fprintf(out, "An update to %s %s\n", r.Latest, (&asksError{ids: r.Asks}).waiting())
	case r.Waiting && r.Latest == r.Version:
		fmt.Fprintln(out, "An update is waiting: scaffold update --plan shows it.")
	case r.Waiting:
		fmt.Fprintf(out, "An update to %s is waiting: scaffold update --plan shows it.\n", r.Latest)
	default:
		fmt.Fprintf(out, "It is up to date.%s\n", stays(r.Newer))
	}
}

func newDiffCmd(f *factory) *cobra.Command {
	cmd := &cobra.Command{
		Use:     "diff [DIR]",
		Short:   "Show what you changed in the generated files, as a patch",
		Long:    "Show how the generated files differ from what was generated, as a unified diff. Files of your own are not in it.",
		Example: "  scaffold diff\n  scaffold diff ../shop > shop.patch",
		Args:    atMostOneFolder,
		RunE: func(_ *cobra.Command, args []string) (err error) {
			p, err := f.follow(folderArg(args))
			if err != nil {
				return err
			}
			defer func() { err = errors.Join(err, p.root.Close()) }()
			var patches [][]byte
			err = p.drift(func(path string, now update.Found, was []byte, same bool) {
				switch {
				case same:
				case now.Kind == update.Missing:
					patches = append(patches, merge3.Unified("a/"+path, "/dev/null", was, nil))
				case now.Kind != update.Regular:
					patches = append(patches, fmt.Appendf(nil, "%s is no regular file any more\n", path))
				default:
					patches = append(patches, merge3.Unified("a/"+path, "b/"+path, was, now.File.Data))
				}
			})
			if err != nil {
				return err
			}
			_, err = f.io.Out.Write(slices.Concat(patches...))
			return err
		},
	}
	return cmd
}
