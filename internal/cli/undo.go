package cli

import (
	"errors"
	"fmt"
	"path/filepath"

	"github.com/spf13/cobra"

	"example.com/scaffold/internal/project"
	"example.com/scaffold/internal/vcs"
)

func newUndoCmd(f *factory) *cobra.Command {
	var json bool
	cmd := &cobra.Command{
		Use:   "undo [DIR]",
		Short: "Take the last update, add or remove back",
		Long: "Take the last update, add or remove of a project back: every file becomes what it was before that run. " +
			"If one of them was changed since, nothing is touched. A second undo makes the changes again.",
		Example: "  scaffold undo",
		Args:    atMostOneFolder,
		RunE: func(cmd *cobra.Command, args []string) (err error) {
			p, err := f.follow(folderArg(args))
			if err != nil {
				return err
			}
			defer func() { err = errors.Join(err, p.root.Close()) }()
			u, err := project.Undo(cmd.Context(), p.dir, project.Options{})
			if err != nil {
				return err
			}
			if err := vcs.SettleConflicts(cmd.Context(), p.dir, u.Paths); err != nil {
				fmt.Fprintf(f.io.Err, "scaffold: git's index still has the conflicts: %v\n", err)
			}
			if json {
				return printJSON(f.io.Out, map[string]any{"dir": p.dir, "undone": u.Title, "files": u.Paths})
			}
			fmt.Fprintf(f.io.Out, "Took back the %s in %s: %s.\n", u.Title, filepath.Clean(p.dir), count(len(u.Paths), "file"))
			return nil
		},
	}
	cmd.Flags().BoolVar(&json, "json", false, "print it as JSON")
	return cmd
}
