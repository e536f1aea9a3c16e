// Package archtest holds each package's direct imports against the directions
// that the architecture gives.
package archtest

import (
	"go/parser"
	"go/token"
	"io/fs"
	"maps"
	"path"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

const (
	module = "example.com/scaffold"
	root   = "../.."
)

// rule is what one package may import beyond the standard library.
type rule struct {
	pure   bool     // no disk, no network, no clock, no chance
	ours   []string // packages of this module, below internal/; "*" for all
	others []string // modules or packages of others, as prefixes
}

// rules has every package of the module.
func rules() map[string]rule {
	yaml := "github.com/goccy/go-yaml"
	glob := "github.com/bmatcuk/doublestar/v4"
	return map[string]rule{
		// From requirements to a tree in memory.
		"internal/tree":      {pure: true, others: []string{"golang.org/x/text"}},
		"internal/expr":      {pure: true, others: []string{"github.com/Masterminds/sprig/v3", "golang.org/x/text"}},
		"internal/answers":   {pure: true, ours: []string{"expr"}, others: []string{yaml, "golang.org/x/text"}},
		"internal/guidance":  {pure: true, ours: []string{"answers"}, others: []string{yaml}},
		"internal/pack":      {pure: true, ours: []string{"answers", "expr", "tree"}, others: []string{yaml, glob, "github.com/Masterminds/semver/v3"}},
		"internal/plan":      {pure: true, ours: []string{"answers", "expr", "pack", "tree"}, others: []string{glob}},
		"internal/render":    {pure: true, ours: []string{"answers", "expr", "jsondoc", "pack", "plan", "tree"}, others: []string{"github.com/pelletier/go-toml/v2"}},
		"internal/packs":     {ours: []string{"pack", "tree", "vcs"}, others: []string{"github.com/Masterminds/semver/v3"}},
		"internal/packdev":   {ours: []string{"answers", "expr", "jinja", "pack", "plan", "render", "tree", "update"}, others: []string{"github.com/rogpeppe/go-internal/txtar", "github.com/pelletier/go-toml/v2", glob, yaml}},
		"internal/jinja":     {pure: true},
		"internal/jsondoc":   {pure: true},
		"internal/merge3":    {pure: true},
		"internal/update":    {pure: true, ours: []string{"jsondoc", "merge3", "pack", "tree"}, others: []string{yaml, "github.com/pelletier/go-toml/v2"}},
		"templates":          {},
		"internal/iostreams": {others: []string{"golang.org/x/term"}},

		// From there to the disk, to git and to a person.
		"internal/project": {ours: []string{"tree"}, others: []string{"golang.org/x/sys"}},
		"internal/vcs":     {ours: []string{"tree"}, others: []string{"github.com/go-git", glob, "golang.org/x/crypto", "golang.org/x/sync", "golang.org/x/sys"}},
		"internal/form": {
			ours:   []string{"answers", "form/quiet", "guidance", "iostreams", "pack"},
			others: []string{"github.com/charmbracelet", "github.com/muesli/termenv", "golang.org/x/term"},
		},
		"internal/form/quiet": {others: []string{"github.com/charmbracelet/lipgloss"}},
		"internal/cli":        {ours: []string{"*", "templates"}, others: []string{"github.com/spf13"}},
		"cmd/scaffold":        {ours: []string{"cli", "iostreams"}},

		// The running service and its contract.
		"internal/service":           {ours: []string{"answers"}, others: []string{"golang.org/x/sys"}},
		"internal/contract":          {ours: []string{"contract/canary", "contract/smtpsink", "service"}, others: []string{yaml}},
		"internal/contract/canary":   {},
		"internal/contract/openapi":  {others: []string{yaml}},
		"internal/contract/smtpsink": {others: []string{"github.com/emersion"}},
		"internal/contract/selfhost": {ours: []string{"contract", "contract/smtpsink", "service"}},
		"internal/compare": {
			ours:   []string{"compare/change", "compare/load", "compare/result", "compare/stats", "compare/workload", "contract", "contract/selfhost", "service"},
			others: []string{"golang.org/x/sys", "github.com/pelletier/go-toml/v2"},
		},
		"internal/compare/change":    {pure: true, ours: []string{"compare/result", "merge3"}, others: []string{yaml}},
		"internal/compare/claims":    {pure: true, ours: []string{"compare/result"}},
		"internal/compare/result":    {},
		"internal/compare/load":      {others: []string{"github.com/HdrHistogram/hdrhistogram-go", "golang.org/x/sys"}},
		"internal/compare/workspace": {pure: true, others: []string{yaml}},
		"internal/compare/stats":     {pure: true},
		"internal/compare/workload":  {pure: true, ours: []string{"answers", "compare/result"}, others: []string{yaml}},
		"internal/compare/report":    {ours: []string{"compare/claims", "compare/result", "guidance"}},
	}
}

// exempt are the packages that are no part of the program.
var exempt = []string{"internal/tools/", "internal/e2e", "internal/archtest", "internal/tree/treetest", "internal/pack/packtest", "bench"}

// impure are the packages of the standard library that a pure package leaves to
// others. A seeded generator (math/rand/v2 without its global functions) is pure.
var impure = []string{"os", "net", "time", "syscall", "io/ioutil", "math/rand", "crypto/rand", "runtime", "plugin", "unsafe"}

func TestDirections(t *testing.T) {
	imports := directImports(t)
	all := rules()
	for _, pkg := range slices.Sorted(maps.Keys(imports)) {
		if slices.ContainsFunc(exempt, func(e string) bool { return strings.HasPrefix(pkg, e) }) {
			continue
		}
		r, known := all[pkg]
		if !known {
			t.Errorf("%s has no rule: say in rules() what it may import", pkg)
			continue
		}
		for _, imported := range slices.Sorted(maps.Keys(imports[pkg])) {
			if why := r.refuses(imported); why != "" {
				t.Errorf("%s imports %s: %s (%s)", pkg, imported, why, imports[pkg][imported])
			}
		}
	}
}

// TestRulesBite makes sure that the table above is one that can fail.
func TestRulesBite(t *testing.T) {
	all := rules()
	for _, tc := range []struct{ pkg, imported string }{
		{"internal/plan", "os"},
		{"internal/render", "net/http"},
		{"internal/guidance", "time"},
		{"internal/answers", module + "/internal/pack"},
		{"internal/project", "github.com/go-git/go-git/v5"},
		{"internal/cli", "github.com/charmbracelet/huh"},
		{"cmd/scaffold", module + "/internal/project"},
	} {
		if all[tc.pkg].refuses(tc.imported) == "" {
			t.Errorf("%s may import %s", tc.pkg, tc.imported)
		}
	}
}

// refuses says why a package under the rule may not import another, "" if it may.
func (r rule) refuses(imported string) string {
	if ours, ok := strings.CutPrefix(imported, module+"/"); ok {
		ours = strings.TrimPrefix(ours, "internal/")
		if !slices.Contains(r.ours, ours) && !slices.Contains(r.ours, "*") {
			return "not a direction of the architecture"
		}
		return ""
	}
	first, _, _ := strings.Cut(imported, "/")
	if strings.Contains(first, ".") {
		if !under(imported, r.others) {
			return "that library belongs to another package"
		}
		return ""
	}
	if r.pure && imported != "math/rand/v2" && under(imported, impure) {
		return "a pure package does not"
	}
	return ""
}

// under says whether a path is one of the prefixes or below it.
func under(imported string, prefixes []string) bool {
	return slices.ContainsFunc(prefixes, func(p string) bool { return imported == p || strings.HasPrefix(imported, p+"/") })
}

// directImports maps each package's folder to what its files import, for every
// system and without tests, and in which file.
func directImports(t *testing.T) map[string]map[string]string {
	t.Helper()
	imports := map[string]map[string]string{}
	err := filepath.WalkDir(root, func(file string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		name := d.Name()
		if d.IsDir() && file != root && (strings.HasPrefix(name, ".") || name == "testdata" || name == "node_modules" || isPackContent(file)) {
			return fs.SkipDir
		}
		if d.IsDir() || !strings.HasSuffix(name, ".go") || strings.HasSuffix(name, "_test.go") {
			return nil
		}
		parsed, err := parser.ParseFile(token.NewFileSet(), file, nil, parser.ImportsOnly)
		if err != nil {
			return err
		}
		rel, err := filepath.Rel(root, file)
		if err != nil {
			return err
		}
		pkg := path.Dir(filepath.ToSlash(rel))
		if imports[pkg] == nil {
			imports[pkg] = map[string]string{}
		}
		for _, spec := range parsed.Imports {
			imported, err := strconv.Unquote(spec.Path.Value)
			if err != nil {
				return err
			}
			imports[pkg][imported] = name
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if len(imports) < 10 {
		t.Fatalf("only %d packages found below %s", len(imports), root)
	}
	return imports
}

// isPackContent says whether a folder holds a pack's sources, of any language.
func isPackContent(dir string) bool {
	return filepath.Base(filepath.Dir(dir)) == "templates"
}
