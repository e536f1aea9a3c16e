package render

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"

	"github.com/pelletier/go-toml/v2"
)

// pipLock is the output of uv pip compile --universal --generate-hashes.
type pipLock struct {
	header   []string
	packages []pipPackage // in the order of the file
}

// pipPackage is one pinned requirement.
type pipPackage struct {
	name  string   // normalised
	lines []string // the requirement and its hashes
	via   []string // who asked for it: packages, "project (pyproject.toml:group)", "-r file", "-c file"
}

// prunePip keeps of a lock what the rendered pyproject.toml still reaches: its
// dependencies, the given groups (dependency groups or extras), and whatever
// those ask for by the lock's own "# via" lines. The result is what uv writes
// when it compiles that project with the lock as its constraint. Sibling finds
// another lock of the same folder, for "-c file".
func prunePip(lock, manifest []byte, groups []string, sibling func(name string) ([]byte, bool)) ([]byte, error) {
	l, err := parsePip(lock)
	if err != nil {
		return nil, err
	}
	roots, err := pythonRoots(manifest, groups)
	if err != nil {
		return nil, err
	}
	if err := l.covers(roots); err != nil {
		return nil, err
	}
	constraints := make(map[string]map[string]bool) // by "-c file"
	rootVia := func(name, via string) bool {
		if group, ok := rootGroup(via); ok {
			return roots[group][name]
		}
		return strings.HasPrefix(via, "-r ")
	}
	kept := l.reach(rootVia)
	packages := slices.DeleteFunc(l.packages, func(p pipPackage) bool { return !kept[p.name] })
	for i, p := range packages {
		var failed error
		packages[i].via = slices.DeleteFunc(p.via, func(via string) bool {
			file, isConstraint := strings.CutPrefix(via, "-c ")
			_, isRoot := rootGroup(via)
			switch {
			case isConstraint:
				names, err := constraintNames(file, constraints, sibling)
				failed = cmp.Or(failed, err)
				return !names[p.name]
			case isRoot || strings.HasPrefix(via, "-r "):
				return !rootVia(p.name, via)
			default:
				return !kept[normalize(via)]
			}
		})
		if failed != nil {
			return nil, failed
		}
		slices.SortFunc(packages[i].via, compareVia)
	}
	l.packages = packages
	return l.bytes(), nil
}

// compareVia is uv's order: files and the project first, then packages.
func compareVia(a, b string) int {
	rank := func(via string) int {
		if strings.HasPrefix(via, "-") || strings.HasSuffix(via, ")") {
			return 0
		}
		return 1
	}
	return cmp.Or(cmp.Compare(rank(a), rank(b)), cmp.Compare(a, b))
}

func constraintNames(file string, known map[string]map[string]bool, sibling func(string) ([]byte, bool)) (map[string]bool, error) {
	if names, ok := known[file]; ok {
		return names, nil
	}
	data, ok := sibling(file)
	if !ok {
		return nil, fmt.Errorf("its constraint file %s is not in the project", file)
	}
	other, err := parsePip(data)
	if err != nil {
		return nil, fmt.Errorf("constraint file %s: %w", file, err)
	}
	known[file] = make(map[string]bool)
	for _, p := range other.packages {
		known[file][p.name] = true
	}
	return known[file], nil
}

// reach names the packages that some root leads to.
func (l *pipLock) reach(rootVia func(name, via string) bool) map[string]bool {
	children := make(map[string][]string)
	var todo []string
	for _, p := range l.packages {
		for _, via := range p.via {
			if rootVia(p.name, via) {
				todo = append(todo, p.name)
			} else if !strings.HasPrefix(via, "-") && !strings.HasSuffix(via, ")") {
				children[normalize(via)] = append(children[normalize(via)], p.name)
			}
		}
	}
	kept := make(map[string]bool)
	for len(todo) > 0 {
		name := todo[len(todo)-1]
		todo = todo[:len(todo)-1]
		if !kept[name] {
			kept[name] = true
			todo = append(todo, children[name]...)
		}
	}
	return kept
}

// covers refuses a lock that lacks a package the manifest asks for.
func (l *pipLock) covers(roots map[string]map[string]bool) error {
	has := make(map[string]bool)
	locked := make(map[string]bool) // groups the lock was compiled with
	for _, p := range l.packages {
		for _, via := range p.via {
			if group, ok := rootGroup(via); ok {
				locked[group] = true
				has[group+" "+p.name] = true
			}
		}
	}
	for _, group := range slices.Sorted(maps.Keys(roots)) {
		for _, name := range slices.Sorted(maps.Keys(roots[group])) {
			if locked[group] && !has[group+" "+name] {
				return fmt.Errorf("has no entry for %s, which the manifest asks for; compile it again", name)
			}
		}
	}
	return nil
}

var rootForm = regexp.MustCompile(`^\S+ \((?:\S*/)?pyproject\.toml(?::(\S+))?\)$`)

// rootGroup tells whether a "# via" entry is the project itself, and by which of
// its groups; "" is its dependencies.
func rootGroup(via string) (group string, ok bool) {
	m := rootForm.FindStringSubmatch(via)
	if m == nil {
		return "", false
	}
	return m[1], true
}

var separators = regexp.MustCompile(`[-_.]+`)

// normalize is the one spelling of a Python package's name.
func normalize(name string) string {
	return separators.ReplaceAllString(strings.ToLower(name), "-")
}

// checkExtras refuses to prune where the lock cannot tell what to drop: its "via"
// lines name packages, not extras. So a package that stays must keep the extras
// that the pack's own manifest, with every option on, asks of it.
func checkExtras(source, rendered []byte, kept func(name string) bool) error {
	before, after := requestedExtras(source), requestedExtras(rendered)
	for _, name := range slices.Sorted(maps.Keys(before)) {
		for _, extra := range before[name] {
			if !slices.Contains(after[name], extra) && kept(name) {
				return fmt.Errorf("cannot be pruned: %s stays without its extra %q, and a lock does not say what the extra alone brought", name, extra)
			}
		}
	}
	return nil
}

var withExtras = regexp.MustCompile(`"([A-Za-z0-9][A-Za-z0-9._-]*)\s*\[([^\]"]+)\]`)

// requestedExtras finds the extras in the requirements of a pyproject.toml, by
// package. It reads the text, since a source with markers need not be valid TOML.
func requestedExtras(manifest []byte) map[string][]string {
	extras := make(map[string][]string)
	for _, m := range withExtras.FindAllSubmatch(manifest, -1) {
		name := normalize(string(m[1]))
		for extra := range strings.SplitSeq(string(m[2]), ",") {
			extras[name] = append(extras[name], strings.TrimSpace(extra))
		}
	}
	return extras
}

var requirementName = regexp.MustCompile(`^[A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?`)

// parsePip reads a lock. It takes what uv writes and nothing else, so that a
// line nobody understood is never dropped in silence.
func parsePip(data []byte) (*pipLock, error) {
	l := new(pipLock)
	inVia := false
	n := 0
	for raw := range strings.Lines(string(data)) {
		n++
		line := strings.TrimSuffix(raw, "\n")
		if line != raw {
			line = strings.TrimSuffix(line, "\r")
		}
		bad := func(what string) error { return fmt.Errorf("line %d: %s: %.80q", n, what, line) }
		if len(l.packages) == 0 && (strings.HasPrefix(line, "#") || strings.HasPrefix(line, "--") || line == "") {
			l.header = append(l.header, line)
			continue
		}
		if line != "" && line[0] != ' ' && line[0] != '#' {
			name := requirementName.FindString(line)
			if name == "" {
				return nil, bad("not a requirement")
			}
			l.packages = append(l.packages, pipPackage{name: normalize(name), lines: []string{line}})
			inVia = false
			continue
		}
		if len(l.packages) == 0 {
			return nil, bad("stands before the first requirement")
		}
		p := &l.packages[len(l.packages)-1]
		text := strings.TrimSpace(line)
		switch {
		case strings.HasPrefix(text, "--hash=") && !inVia:
			p.lines = append(p.lines, line)
		case text == "# via" && !inVia:
			inVia = true
		case strings.HasPrefix(text, "# via ") && !inVia:
			inVia = true
			p.via = append(p.via, strings.TrimPrefix(text, "# via "))
		case strings.HasPrefix(text, "#   ") && inVia:
			p.via = append(p.via, strings.TrimPrefix(text, "#   "))
		default:
			return nil, bad("not a line uv writes into a lock")
		}
	}
	return l, nil
}

// bytes writes the lock as uv does.
func (l *pipLock) bytes() []byte {
	var out bytes.Buffer
	for _, line := range l.header {
		out.WriteString(line + "\n")
	}
	for _, p := range l.packages {
		for _, line := range p.lines {
			out.WriteString(line + "\n")
		}
		switch len(p.via) {
		case 0:
		case 1:
			out.WriteString("    # via " + p.via[0] + "\n")
		default:
			out.WriteString("    # via\n")
			for _, via := range p.via {
				out.WriteString("    #   " + via + "\n")
			}
		}
	}
	return out.Bytes()
}

// pythonRoots lists the packages that a pyproject.toml names, by group; "" is
// its dependencies.
func pythonRoots(manifest []byte, groups []string) (map[string]map[string]bool, error) {
	var doc struct {
		Project struct {
			Dependencies []string            `toml:"dependencies"`
			Optional     map[string][]string `toml:"optional-dependencies"`
		} `toml:"project"`
		Groups map[string][]any `toml:"dependency-groups"`
	}
	if err := toml.Unmarshal(manifest, &doc); err != nil {
		if at, ok := errors.AsType[*toml.DecodeError](err); ok {
			row, column := at.Position()
			return nil, fmt.Errorf("the rendered pyproject.toml, line %d column %d: %w", row, column, err)
		}
		return nil, fmt.Errorf("the rendered pyproject.toml: %w", err)
	}
	roots := map[string]map[string]bool{"": {}}
	add := func(group, requirement string) error {
		name := requirementName.FindString(strings.TrimSpace(requirement))
		if name == "" {
			return fmt.Errorf("the rendered pyproject.toml: %q is not a requirement", requirement)
		}
		roots[group][normalize(name)] = true
		return nil
	}
	for _, requirement := range doc.Project.Dependencies {
		if err := add("", requirement); err != nil {
			return nil, err
		}
	}
	for _, group := range groups {
		roots[group] = make(map[string]bool)
		for _, requirement := range doc.Project.Optional[group] {
			// uv names no extra in a "# via" line, as it does a dependency group.
			if err := add("", requirement); err != nil {
				return nil, err
			}
		}
		requirements, err := includeGroup(doc.Groups, group, 0)
		if err != nil {
			return nil, err
		}
		for _, requirement := range requirements {
			if err := add(group, requirement); err != nil {
				return nil, err
			}
		}
	}
	return roots, nil
}

// includeGroup lists a dependency group with those it includes.
func includeGroup(groups map[string][]any, name string, depth int) ([]string, error) {
	if depth > 10 {
		return nil, fmt.Errorf("the rendered pyproject.toml: dependency group %q includes itself", name)
	}
	var all []string
	for _, item := range groups[name] {
		switch item := item.(type) {
		case string:
			all = append(all, item)
		case map[string]any:
			other, ok := item["include-group"].(string)
			if !ok {
				return nil, fmt.Errorf("the rendered pyproject.toml: dependency group %q holds something that is no requirement", name)
			}
			included, err := includeGroup(groups, other, depth+1)
			if err != nil {
				return nil, err
			}
			all = append(all, included...)
		}
	}
	return all, nil
}
