package packdev

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"slices"
	"strings"

	"example.com/scaffold/internal/answers"
	"example.com/scaffold/internal/expr"
	"example.com/scaffold/internal/tree"
)

// Start is a new pack that passes its own tests. extends is the source of a pack
// to layer it over, "" for one of its own.
func Start(name, extends string) (*tree.Tree, error) {
	if err := answers.CheckName(name); err != nil {
		return nil, fmt.Errorf("name %w", err)
	}
	t := &tree.Tree{}
	if extends != "" {
		return t, errors.Join(
			add(t, "scaffold.yaml", fmt.Sprintf(`# A layer over %[2]s: what stands here comes on top of it, and a file of the
# same path takes the place of its file. "scaffold pack lint" and "scaffold pack
# test" check it.
schema: 1
name: %[1]s
version: 0.1.0
title: %[1]s
description: What our team adds to %[2]s.
extends: %[2]s

questions:
  - id: team
    type: text
    title: Which team runs it?
    default: platform

tests:
  - name: says-who-runs-it
    answers: {team: payments}
    contains: {docs/team.md: payments}
`, name, extends)),
			add(t, "base/docs/team.md", "# Who runs this\n\nTeam <% .team %>.\n"),
		)
	}
	return t, errors.Join(
		add(t, "scaffold.yaml", manifest(name, `options:
  - id: docs
    title: Documents
    help: A folder for what is worth writing down.

tests:
  - name: with-documents
    answers: {docs: true}
    files: [docs/README.md]
  - name: without
    absent: [docs/README.md]
    contains: {README.md: "# shop"}
`)),
		add(t, "base/README.md", "# <% .name %>\n<!-- <% if .docs %> -->\n\nMore is in docs.\n<!-- <% end %> -->\n"),
		add(t, "features/docs/docs/README.md", "# Documents of <% .name %>\n"),
	)
}

func manifest(name, rest string) string {
	return fmt.Sprintf(`# "scaffold pack lint" and "scaffold pack test" check this pack.
schema: 1
name: %[1]s
version: 0.1.0
title: %[1]s
description: A pack of our own.

questions:
  - id: name
    type: text
    title: What is it called?
    format: name

%[2]s`, name, rest)
}

func add(t *tree.Tree, p, data string) error {
	return t.Add(p, tree.File{Data: []byte(data)})
}

// Left says what From did not take in, and why.
type Left struct {
	Path string
	Line int // in a file of another tool's template, 0 for a file as a whole
	Why  string
}

func (l Left) String() string {
	if l.Line == 0 {
		return fmt.Sprintf("left out %s: it %s", l.Path, l.Why)
	}
	return fmt.Sprintf("%s:%d: %s", l.Path, l.Line, l.Why)
}

// From starts a pack from a template of copier or cookiecutter, which it
// translates, or from an existing project.
func From(project fs.FS, name string) (pack *tree.Tree, left []Left, err error) {
	if err := answers.CheckName(name); err != nil {
		return nil, nil, fmt.Errorf("name %w", err)
	}
	for _, settings := range []string{"copier.yml", "copier.yaml"} {
		if _, err := fs.Stat(project, settings); err == nil {
			return copier(project, settings, name)
		}
	}
	if _, err := fs.Stat(project, cookiecutterSettings); err == nil {
		return cookiecutter(project, name)
	}
	return fromProject(project, name)
}

// fromProject starts a pack from an existing project. The project's own name
// becomes a placeholder wherever it stands, so that base/ stays the working project
// that it is. What is generated, installed, ignored or secret is left out and named.
func fromProject(project fs.FS, name string) (pack *tree.Tree, left []Left, err error) {
	t := &tree.Tree{}
	names := []string{"  " + name + ": <% .name %>"}
	snake := strings.ReplaceAll(name, "-", "_")
	if snake != name {
		names = append(names, "  "+snake+`: '<% .name | replace "-" "_" %>'`)
	}
	var raw []string
	var execs []string
	used := map[string]bool{}
	err = fs.WalkDir(project, ".", func(p string, d fs.DirEntry, err error) error {
		if err != nil || p == "." {
			return err
		}
		if why := unwanted(p, d); why != "" {
			left = append(left, Left{Path: p, Why: why})
			if d.IsDir() {
				return fs.SkipDir
			}
			return nil
		}
		if d.IsDir() {
			return nil
		}
		info, err := d.Info()
		if err != nil {
			return err
		}
		data, err := fs.ReadFile(project, p)
		if err != nil {
			return err
		}
		if secrets.Match(data) {
			left = append(left, Left{Path: p, Why: "looks like it holds a secret"})
			return nil
		}
		binary := bytes.IndexByte(data, 0) >= 0
		if binary || bytes.Contains(data, []byte(expr.Left)) {
			raw = append(raw, p)
		} else {
			used[name] = used[name] || bytes.Contains(data, []byte(name)) || strings.Contains(p, name)
			used[snake] = used[snake] || bytes.Contains(data, []byte(snake)) || strings.Contains(p, snake)
		}
		if info.Mode()&0o100 != 0 {
			execs = append(execs, p)
		}
		return t.Add("base/"+p, tree.File{Data: data, Exec: info.Mode()&0o100 != 0})
	})
	if err != nil {
		return nil, nil, err
	}
	var rest strings.Builder
	names = slices.DeleteFunc(names, func(line string) bool {
		placeholder, _, _ := strings.Cut(strings.TrimSpace(line), ":")
		return !used[placeholder]
	})
	if len(names) > 0 {
		fmt.Fprintf(&rest, "names:\n%s\n\n", strings.Join(names, "\n"))
	}
	if len(raw)+len(execs) > 0 {
		rest.WriteString("files:\n")
		for _, p := range raw {
			fmt.Fprintf(&rest, "  - {glob: %q, raw: true}\n", escapeGlob(p))
		}
		for _, p := range execs {
			fmt.Fprintf(&rest, "  - {glob: %q, exec: true}\n", escapeGlob(p))
		}
		rest.WriteString("\n")
	}
	rest.WriteString("tests:\n  - name: as-it-was\n    golden: true\n")
	return t, left, add(t, "scaffold.yaml", manifest(name, rest.String()))
}

func escapeGlob(p string) string {
	return strings.NewReplacer(`\`, `\\`, "*", `\*`, "?", `\?`, "[", `\[`, "{", `\{`).Replace(p)
}

// unwanted says why a path of a project has no place in a pack.
func unwanted(p string, d fs.DirEntry) string {
	name := path.Base(p)
	switch {
	case d.IsDir() && slices.Contains([]string{".git", ".hg", ".svn"}, name):
		return "belongs to version control"
	case d.IsDir() && slices.Contains([]string{"node_modules", ".venv", "venv", "__pycache__", ".mypy_cache", ".ruff_cache", ".pytest_cache", "dist", "target", ".next", "coverage", ".idea"}, name):
		return "is installed or built"
	case p == ".scaffold":
		return "says where the project itself comes from"
	case name == ".env" || strings.HasPrefix(name, ".env.") && !strings.HasSuffix(name, "example") && !strings.HasSuffix(name, "sample"):
		return "holds secrets"
	case slices.Contains([]string{"id_rsa", "id_ed25519", ".netrc", ".pgpass"}, name), strings.HasSuffix(name, ".pem"), strings.HasSuffix(name, ".key"):
		return "holds secrets"
	case slices.Contains([]string{".DS_Store", "Thumbs.db", ".coverage"}, name), strings.HasSuffix(name, ".pyc"):
		return "is left by a tool"
	case !d.IsDir() && !d.Type().IsRegular():
		return "is a symbolic link or a device"
	}
	if err := tree.CheckPath(p); err != nil {
		return err.Error()
	}
	return ""
}
