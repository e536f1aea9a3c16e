package cli

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"github.com/spf13/cobra"

	"example.com/scaffold/internal/answers"
	"example.com/scaffold/internal/pack"
	"example.com/scaffold/internal/packdev"
)

func newPackLockCmd(f *factory) *cobra.Command {
	var upgrade bool
	cmd := &cobra.Command{
		Use:   "lock [DIR]",
		Short: "Make a pack's dependency locks anew",
		Long: "Make a pack's dependency locks anew, from its pyproject.toml or package.json with every option on: by uv pip compile or " +
			"npm install --package-lock-only, whichever the lock is of. A layer that adds a package to the stack below it gets the whole " +
			"lock into its own base/. What is pinned stays where it is; --upgrade takes the newest that fits.\n\n" +
			"The tool asks the registry that it is set up for, with your credentials; the lock names none.",
		Example: "  scaffold pack lock\n  scaffold pack lock --upgrade packs/acme-fastapi",
		Args:    atMostOneFolder,
		RunE: func(cmd *cobra.Command, args []string) error {
			return runPackLock(cmd.Context(), f, folderArg(args), upgrade)
		},
	}
	cmd.Flags().BoolVar(&upgrade, "upgrade", false, "take the newest versions that fit")
	return cmd
}

func runPackLock(ctx context.Context, f *factory, dir string, upgrade bool) error {
	p, _, err := f.loadPack(ctx, filepath.ToSlash(dir), ".", nil)
	if err != nil {
		return f.answersError(err)
	}
	locks, err := packdev.Lock(ctx, p, upgrade)
	if errors.Is(err, packdev.ErrNoLocks) {
		return usagef("such as: locks: [{file: requirements.lock, kind: pip, from: pyproject.toml}]", "%w", err)
	}
	if err != nil {
		return err
	}
	for _, l := range locks {
		at := filepath.Join(dir, "base", filepath.FromSlash(l.File))
		if l.Same {
			fmt.Fprintf(f.io.Out, "%s is up to date\n", l.File)
			continue
		}
		if err := replaceFile(at, l.Data); err != nil {
			return err
		}
		if len(l.Changes) == 0 {
			fmt.Fprintf(f.io.Out, "%s: the same packages, asked for by others\n", at)
			continue
		}
		fmt.Fprintf(f.io.Out, "%s: %s changed\n", at, count(len(l.Changes), "package"))
		for _, change := range l.Changes {
			fmt.Fprintf(f.io.Out, "  %s\n", change)
		}
	}
	return nil
}

// replaceFile puts a file in the place of another at once, so that no half of it is
// ever seen.
func replaceFile(name string, data []byte) (err error) {
	if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
		return err
	}
	draft, err := os.CreateTemp(filepath.Dir(name), "."+filepath.Base(name)+"-*")
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, os.Remove(draft.Name()))
		}
	}()
	_, err = draft.Write(data)
	if err = errors.Join(err, draft.Chmod(0o644), draft.Sync(), draft.Close()); err != nil {
		return err
	}
	return os.Rename(draft.Name(), name)
}

func newPackSchemaCmd(f *factory) *cobra.Command {
	schemas := map[string]func() []byte{"manifest": pack.ManifestSchema, "team": answers.TeamSchema, "config": answers.ConfigSchema}
	cmd := &cobra.Command{
		Use:   "schema [manifest | team | config | answers DIR]",
		Short: "Print the JSON Schema of a file that people write",
		Long: "Print a JSON Schema (draft 2020-12), for editors that complete and check YAML: of a pack's " + pack.ManifestFile +
			" (manifest, the default), of a team's " + teamFile + " (team), of your own config.yaml (config), or of the answers that " +
			"the pack in DIR takes (answers).",
		Example: "  scaffold pack schema >scaffold.schema.json\n  scaffold pack schema team >scaffold-team.schema.json\n  scaffold pack schema answers packs/service",
		Args: func(cmd *cobra.Command, args []string) error {
			return atMostOneFolder(cmd, args[min(len(args), 1):])
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			which := "manifest"
			if len(args) > 0 {
				which = args[0]
			}
			if which == "answers" {
				p, _, err := f.loadPack(cmd.Context(), filepath.ToSlash(folderArg(args[1:])), ".", nil)
				if err != nil {
					return f.answersError(err)
				}
				data, err := p.Answerable().JSONSchema()
				if err == nil {
					_, err = f.io.Out.Write(data)
				}
				return err
			}
			schema, ok := schemas[which]
			if !ok || len(args) > 1 {
				return usagef("there are: manifest, team, config, answers DIR", "there is no schema of %q", which)
			}
			_, err := f.io.Out.Write(schema())
			return err
		},
	}
	return cmd
}
