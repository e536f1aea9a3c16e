package pack

import (
	"bytes"
	"errors"
	"fmt"
	"reflect"
	"strings"

	"github.com/Masterminds/semver/v3"
	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/parser"

	"example.com/scaffold/internal/answers"
)

// Parse reads a manifest strictly. Errors name the file, line and column. Name
// is what they call the file.
func Parse(name string, data []byte) (Manifest, error) {
	var m Manifest
	if len(data) > maxManifest {
		return m, answers.Problem{Place: name, Message: fmt.Sprintf("is larger than %d KiB", maxManifest>>10)}
	}
	parsed, err := parser.ParseBytes(data, 0)
	if err != nil {
		return m, manifestProblem(name, err)
	}
	if len(parsed.Docs) != 1 || parsed.Docs[0].Body == nil {
		return m, answers.Problem{Place: name, Message: fmt.Sprintf("holds %d documents, not one", len(parsed.Docs)), Hint: "not a manifest"}
	}
	var found extras
	ast.Walk(&found, parsed.Docs[0])
	if found.unseen != nil {
		at := found.unseen.GetToken().Position
		return m, answers.Problem{Place: fmt.Sprintf("%s:%d:%d", name, at.Line, at.Column), Message: "has a control character, or one that turns the direction of writing", Hint: "people read these texts on a terminal"}
	}
	if found.line > 0 {
		return m, answers.Problem{Place: fmt.Sprintf("%s:%d", name, found.line), Message: "has a YAML anchor, alias or tag", Hint: "write the value out"}
	}
	err = yaml.NewDecoder(bytes.NewReader(nil), yaml.Strict()).DecodeFromNode(parsed.Docs[0].Body, &m)
	if err != nil {
		return m, manifestProblem(name, err)
	}
	return m, nil
}

// extras finds what no manifest needs: anchors and aliases, which can make a
// small file large, tags, some of which the decoder panics on, and characters
// that would reach into the terminal of whoever reads a title.
type extras struct {
	line   int
	unseen ast.Node
}

// Visit is called for every node.
func (e *extras) Visit(n ast.Node) ast.Visitor {
	switch n := n.(type) {
	case *ast.StringNode:
		if e.unseen == nil && strings.ContainsFunc(n.Value, answers.Unseen) {
			e.unseen = n
		}
	case *ast.LiteralNode:
		if e.unseen == nil && strings.ContainsFunc(n.Value.Value, answers.Unseen) {
			e.unseen = n
		}
	case *ast.AnchorNode, *ast.AliasNode, *ast.MergeKeyNode, *ast.TagNode:
		if t := n.GetToken(); t != nil && t.Position != nil && e.line == 0 {
			e.line = t.Position.Line
		}
	}
	return e
}

func manifestProblem(name string, err error) error {
	if e, ok := errors.AsType[yaml.Error](err); ok {
		p := answers.Problem{Place: name, Message: e.GetMessage()}
		if t := e.GetToken(); t != nil && t.Position != nil {
			p.Place = fmt.Sprintf("%s:%d:%d", name, t.Position.Line, t.Position.Column)
			if _, unknown := errors.AsType[*yaml.UnknownFieldError](err); unknown {
				p.Message = fmt.Sprintf("unknown key %q", t.Value)
				p.Hint = answers.DidYouMean(t.Value, keys())
			}
		}
		return p
	}
	message, _, _ := strings.Cut(err.Error(), "\n")
	return answers.Problem{Place: name, Message: message, Hint: "not a manifest"}
}

// keys lists every key a manifest may have at any depth, for hints.
func keys() []string {
	var all []string
	for _, t := range []reflect.Type{
		reflect.TypeFor[Manifest](), reflect.TypeFor[answers.Question](), reflect.TypeFor[answers.Choice](), reflect.TypeFor[Preset](),
		reflect.TypeFor[Option](), reflect.TypeFor[Computed](), reflect.TypeFor[FileRule](), reflect.TypeFor[Merge](), reflect.TypeFor[Lock](), reflect.TypeFor[NextStep](), reflect.TypeFor[Migration](), reflect.TypeFor[TestCase](), reflect.TypeFor[TestFrom](), reflect.TypeFor[TestEdit](), reflect.TypeFor[Part](), reflect.TypeFor[GuidanceRule](),
	} {
		for f := range t.Fields() {
			key, _, _ := strings.Cut(f.Tag.Get("yaml"), ",")
			all = append(all, key)
		}
	}
	return all
}

// Supports says why this version of scaffold cannot render the pack, or nil.
// Builds without a release behind them ("dev", v0.0.0-…, a bare commit) render
// every pack; one some commits after a release counts as that release.
func (p *Pack) Supports(version string) error {
	v, err := semver.NewVersion(version)
	if err != nil {
		return nil //nolint:nilerr // not a release
	}
	if *v, err = v.SetPrerelease(""); err != nil {
		return err
	}
	if v.Equal(semver.New(0, 0, 0, "", "")) {
		return nil
	}
	for _, part := range p.Parts {
		if err := part.Supports(version); err != nil {
			return fmt.Errorf("part %s: %w", part.Into, err)
		}
	}
	for _, l := range p.Layers {
		if l.Manifest.Requires == "" {
			continue
		}
		c, err := semver.NewConstraint(l.Manifest.Requires)
		if err != nil {
			return fmt.Errorf("%s: requires %q: %w", layerFile(l.Source), l.Manifest.Requires, err)
		}
		if ok, _ := c.Validate(v); !ok {
			return fmt.Errorf("pack %s needs scaffold %s; this is %s", l.Source, l.Manifest.Requires, version)
		}
	}
	return nil
}

// lineOf finds the line and column of a value in a manifest, by its path such
// as $.questions[2].when; "" if it is not there.
func lineOf(data []byte, path string) string {
	parsed, err := parser.ParseBytes(data, 0)
	if err != nil || path == "" {
		return ""
	}
	for {
		if node := nodeAt(parsed, path); node != nil {
			if t := node.GetToken(); t != nil && t.Position != nil {
				return fmt.Sprintf(":%d:%d", t.Position.Line, t.Position.Column)
			}
		}
		i := strings.LastIndexAny(path, ".[")
		if i <= 0 {
			return ""
		}
		path = path[:i]
	}
}

func nodeAt(parsed *ast.File, path string) ast.Node {
	p, err := yaml.PathString(path)
	if err != nil {
		return nil
	}
	node, err := p.FilterFile(parsed)
	if err != nil {
		return nil
	}
	return node
}
