package cli

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"example.com/scaffold/internal/compare/workspace"
)

// sideBySide renders the prototypes into one workspace, for people who want to read
// and try them rather than measure.
func (o *compareOptions) sideBySide(ctx context.Context) error {
	if len(o.targets) > 0 {
		return usagef("leave out "+shellLine(o.targets...), "--prototype-only renders stacks: it has no use for folders and addresses")
	}
	compose, readme := filepath.Join(o.out, "compose.yaml"), filepath.Join(o.out, "README.md")
	for _, file := range []string{compose, readme} {
		if _, err := os.Lstat(file); !errors.Is(err, fs.ErrNotExist) {
			return usagef("choose another folder with --out", "%s is there already", file)
		}
	}
	var projects []workspace.Project
	for _, candidate := range o.compare.Candidates {
		dir := filepath.Join(o.out, candidate.ID)
		if err := o.renderTo(ctx, candidate.Stack, dir, false); err != nil {
			return fmt.Errorf("%s: %w", candidate.ID, err)
		}
		text, err := os.ReadFile(filepath.Join(dir, "compose.yaml"))
		if err != nil {
			return err
		}
		projects = append(projects, workspace.Project{Folder: candidate.ID, Title: candidate.Title, Compose: text})
	}
	text, addresses, err := workspace.Compose(projects)
	if err != nil {
		return err
	}
	if err := errors.Join(create(compose, text), create(readme, workspace.Readme(addresses))); err != nil {
		return err
	}
	if o.json {
		return printJSON(o.f.io.Out, map[string]any{"dir": o.out, "stacks": o.stacks})
	}
	fmt.Fprintf(o.f.io.Out, "%s tells how to read and run them.\n", readme)
	return nil
}

// create writes a file that is not there.
func create(name string, data []byte) error {
	f, err := os.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o644)
	if err != nil {
		return err
	}
	_, err = f.Write(data)
	return errors.Join(err, f.Close())
}
