package cli

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"example.com/scaffold/internal/answers"
	"example.com/scaffold/internal/guidance"
	"example.com/scaffold/internal/pack"
	"example.com/scaffold/internal/packdev"
	"example.com/scaffold/internal/project"
	"example.com/scaffold/internal/tree"
)

func newPackCmd(f *factory) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "pack COMMAND",
		Short: "Write, check and test template packs of your own",
		Long: "Write, check and test template packs of your own.\n\n" +
			"A pack is a folder with a " + pack.ManifestFile + " that asks questions, a base/ with the files of every project, and a " +
			"features/ with those of options. docs/packs.md is a guide.",
		DisableFlagsInUseLine: true,
		Args:                  noCommand,
		RunE:                  func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	cmd.AddCommand(newPackNewCmd(f), newPackLintCmd(f), newPackRenderCmd(f), newPackTestCmd(f), newPackLockCmd(f), newPackSchemaCmd(f))
	return cmd
}

func newPackNewCmd(f *factory) *cobra.Command {
	var from, extends, output string
	cmd := &cobra.Command{
		Use:   "new NAME",
		Short: "Start a pack: a skeleton, a layer over another pack, an existing project or template",
		Long: "Start a pack: a skeleton, or a layer over another pack, or with --from an existing project, whose name becomes a placeholder.\n\n" +
			"Of a template for copier or cookiecutter, --from takes over questions and files and translates what is simple. What it cannot " +
			"translate is said with file and line, left out, and kept in the pack's " + packdev.NotImported + "/ and IMPORT.md.",
		Example: "  scaffold pack new service\n" +
			"  scaffold pack new acme-fastapi --extends builtin:python-fastapi\n" +
			"  scaffold pack new orders --from ../orders",
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) != 1 {
				return usagef("such as: scaffold pack new service", "pack new takes one name")
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			if from != "" && extends != "" {
				return usagef("give one of them", "--from and --extends start in two different ways")
			}
			return runPackNew(cmd.Context(), f, args[0], from, extends, output)
		},
	}
	cmd.Flags().StringVar(&from, "from", "", "start from the project, or the template of copier or cookiecutter, in `DIR`; of a project NAME is its name there")
	cmd.Flags().StringVar(&extends, "extends", "", "make a layer over the pack of this `SOURCE`")
	cmd.Flags().StringVarP(&output, "output", "o", "", "write it to `DIR` (default ./NAME)")
	return cmd
}

func runPackNew(ctx context.Context, f *factory, name, from, extends, output string) (err error) {
	if err := answers.CheckName(name); err != nil {
		return usagef("", "name %w", err)
	}
	dir := output
	if dir == "" {
		dir = name
		if from != "" {
			dir += "-pack" // the project itself often stands here
		}
	}
	var files *tree.Tree
	var left []packdev.Left
	if from == "" {
		if extends != "" {
			if _, err := f.settings(ctx); err != nil {
				return err
			}
			if extends, err = sourceFrom(extends, dir); err != nil {
				return usagef("", "--extends: %w", err)
			}
		}
		files, err = packdev.Start(name, extends)
	} else {
		root, openErr := os.OpenRoot(from)
		if openErr != nil {
			return usagef("", "--from: %w", openErr)
		}
		defer func() { _ = root.Close() }()
		files, left, err = packdev.From(root.FS(), name)
	}
	if err != nil {
		return err
	}
	stage, err := project.Open(ctx, dir, files, project.Options{})
	var refused *project.RefusedError
	if errors.As(err, &refused) {
		return usagef("choose another place with --output", "%w", err)
	}
	if err != nil {
		return err
	}
	if err := stage.Publish(ctx); err != nil {
		_ = stage.Close()
		return err
	}
	if err := stage.Close(); err != nil {
		return err
	}
	out := f.io.Out
	fmt.Fprintf(out, "Wrote the pack %s: %s in %s\n", name, count(files.Len(), "file"), dir)
	for _, l := range left {
		fmt.Fprintf(out, "  %s\n", l)
	}
	next := "scaffold pack test " + dir
	if from != "" {
		next += " --update" // the first time writes the golden tree down
	}
	fmt.Fprintf(out, "\nNext:\n  %s\n  scaffold new shop --pack %s\n", next, "./"+filepath.ToSlash(filepath.Clean(dir)))
	return nil
}

func newPackLintCmd(f *factory) *cobra.Command {
	var json bool
	cmd := &cobra.Command{
		Use:     "lint [DIR]",
		Short:   "Say what is wrong with a pack, with file and line",
		Long:    "Say what is wrong with a pack, and what only looks wrong: questions nobody uses, secrets, files that run by themselves. Remarks do not fail.",
		Example: "  scaffold pack lint\n  scaffold pack lint --json packs/service",
		Args:    atMostOneFolder,
		RunE: func(cmd *cobra.Command, args []string) error {
			p, _, err := f.loadPack(cmd.Context(), filepath.ToSlash(folderArg(args)), ".", nil)
			if err != nil {
				return f.answersError(err)
			}
			problems, remarks := packdev.Lint(p)
			var wrong answers.Problem
			if errors.As(guidance.CheckTeam(teamRules(p)), &wrong) {
				problems = append(problems, wrong)
			}
			if json {
				texts := func(list []answers.Problem) []string {
					all := []string{}
					for _, p := range list {
						all = append(all, p.Error())
					}
					return all
				}
				if err := printJSON(f.io.Out, map[string]any{"pack": p.Name, "problems": texts(problems), "remarks": texts(remarks)}); err != nil {
					return err
				}
			} else {
				for _, r := range remarks {
					fmt.Fprintf(f.io.Out, "remark: %v\n", r)
				}
				for _, p := range problems {
					fmt.Fprintf(f.io.Out, "%v\n", p)
				}
				fmt.Fprintf(f.io.Out, "%s %s: %s, %s\n", p.Name, p.Version, count(len(problems), "problem"), count(len(remarks), "remark"))
			}
			if len(problems) > 0 {
				return quiet(exitUsage)
			}
			return nil
		},
	}
	cmd.Flags().BoolVar(&json, "json", false, "print it as JSON")
	return cmd
}

func newPackRenderCmd(f *factory) *cobra.Command {
	var sets []string
	var output string
	var watch bool
	cmd := &cobra.Command{
		Use:   "render [DIR]",
		Short: "Render a pack into a folder, to look at; again on every change with --watch",
		Long: "Render a pack into a folder, to look at. Answers that are required and not given are filled with samples. " +
			"The folder is the rendering's: what it has besides is removed.",
		Example: "  scaffold pack render --output /tmp/look --set docs=true\n  scaffold pack render packs/service --output out --watch",
		Args:    atMostOneFolder,
		RunE: func(cmd *cobra.Command, args []string) error {
			if output == "" {
				return usagef("such as --output /tmp/look", "say where to render to")
			}
			layer, err := setLayer(sets)
			if err != nil {
				return err
			}
			r := &packRendering{f: f, dir: folderArg(args), output: output, given: layer.Values}
			if !watch {
				return r.once(cmd.Context())
			}
			return r.watch(cmd.Context())
		},
	}
	cmd.Flags().StringArrayVar(&sets, "set", nil, "answer a question by `id=value`; may be repeated")
	cmd.Flags().StringVarP(&output, "output", "o", "", "render into `DIR`")
	cmd.Flags().BoolVar(&watch, "watch", false, "render again whenever the pack changes, until you stop it")
	return cmd
}

// packRendering keeps a folder in step with a pack.
type packRendering struct {
	f           *factory
	dir, output string
	given       answers.Values
}

// renderedMark tells a folder that this command may empty from any other.
const renderedMark = ".scaffold-rendering"

func (r *packRendering) once(ctx context.Context) error {
	p, _, err := r.f.loadPack(ctx, filepath.ToSlash(r.dir), ".", nil)
	if err != nil {
		return r.f.answersError(err)
	}
	files, err := packdev.Render(p, texts(p, r.given))
	if err != nil {
		return r.f.answersError(err)
	}
	if err := r.write(files); err != nil {
		return err
	}
	fmt.Fprintf(r.f.io.Out, "Rendered %s %s into %s: %s\n", p.Name, p.Version, r.output, count(files.Len(), "file"))
	return nil
}

// texts gives the values of --set the types of their questions.
func texts(p *pack.Pack, given answers.Values) answers.Values {
	typed := answers.Values{}
	resolved, _ := answers.Resolve(p.Answerable(), answers.Layer{Source: answers.Set, Values: given})
	for id, value := range given {
		typed[id] = value
		if v, ok := resolved.Value(id); ok {
			typed[id] = v
		}
	}
	return typed
}

func (r *packRendering) write(files *tree.Tree) error {
	if entries, err := os.ReadDir(r.output); err == nil && len(entries) > 0 {
		if _, err := os.Stat(filepath.Join(r.output, renderedMark)); err != nil {
			return usagef("name an empty folder, or one that this command made", "%s has files of its own", r.output)
		}
	}
	if err := os.MkdirAll(r.output, 0o755); err != nil {
		return err
	}
	root, err := os.OpenRoot(r.output)
	if err != nil {
		return err
	}
	defer func() { _ = root.Close() }()
	entries, err := os.ReadDir(r.output)
	if err != nil {
		return err
	}
	if err := root.WriteFile(renderedMark, nil, 0o644); err != nil {
		return err
	}
	for _, e := range entries {
		if e.Name() != renderedMark {
			if err := root.RemoveAll(e.Name()); err != nil {
				return err
			}
		}
	}
	for p, file := range files.All() {
		mode := os.FileMode(0o644)
		if file.Exec {
			mode = 0o755
		}
		if err := root.MkdirAll(filepath.Dir(filepath.FromSlash(p)), 0o755); err != nil {
			return err
		}
		if err := root.WriteFile(filepath.FromSlash(p), file.Data, mode); err != nil {
			return err
		}
	}
	return nil
}

// watch renders whenever a file of the pack has another size or time. A fault in
// the pack is shown, and the next change is waited for.
func (r *packRendering) watch(ctx context.Context) error {
	const pause = 300 * time.Millisecond
	for seen := ""; ; {
		if now := r.stamp(); now != seen {
			seen = now
			if err := r.once(ctx); err != nil {
				report(r.f.io.Err, err)
			}
		}
		select {
		case <-ctx.Done():
			return nil
		case <-time.After(pause):
		}
	}
}

func (r *packRendering) stamp() string {
	var b strings.Builder
	_ = filepath.WalkDir(r.dir, func(p string, d os.DirEntry, err error) error {
		if err == nil {
			if info, err := d.Info(); err == nil {
				fmt.Fprintf(&b, "%s %d %d\n", p, info.Size(), info.ModTime().UnixNano())
			}
		}
		return nil
	})
	return b.String()
}
