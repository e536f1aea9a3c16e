// Package workload reads the file of a person's own workload: requests that are sent
// in turn, and what their answers must be.
package workload

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"strings"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/parser"

	"example.com/scaffold/internal/answers"
	"example.com/scaffold/internal/compare/result"
)

// file is what a workload file may say.
type file struct {
	Name      string    `yaml:"name"`
	About     string    `yaml:"about"`
	Rates     []float64 `yaml:"rates"`
	P99Millis float64   `yaml:"p99_millis"`
	Requests  []request `yaml:"requests"`
}

type request struct {
	Method   string            `yaml:"method"`
	Path     string            `yaml:"path"`
	Headers  map[string]string `yaml:"headers"`
	Body     any               `yaml:"body"` // a text is sent as it stands, everything else as JSON
	Status   int               `yaml:"status"`
	Contains string            `yaml:"contains"`
	SignedIn bool              `yaml:"signed_in"`
}

// document is a parsed file that knows the places of its values.
type document struct {
	name string // of the file, for errors
	tree *ast.File
}

// Parse reads a workload file strictly. Errors are one answers.Problem with file, line
// and column, or several at once (answers.Problems). Name is what they call the file.
func Parse(name string, data []byte) (result.Own, error) {
	if len(data) > answers.MaxFile {
		return result.Own{}, answers.Problem{Place: name, Message: fmt.Sprintf("is larger than %d KiB", answers.MaxFile>>10)}
	}
	tree, err := parser.ParseBytes(bytes.TrimPrefix(data, []byte("\uFEFF")), 0) // some editors begin a file so
	if err != nil {
		return result.Own{}, problem(name, err)
	}
	d := document{name: name, tree: tree}
	body, err := d.body()
	if err != nil {
		return result.Own{}, err
	}
	var f file
	if err := yaml.NewDecoder(bytes.NewReader(nil), yaml.Strict()).DecodeFromNode(body, &f); err != nil {
		return result.Own{}, problem(name, err)
	}
	own := result.Own{Name: f.Name, About: f.About, Rates: f.Rates, P99Millis: f.P99Millis}
	for i, r := range f.Requests {
		text, err := r.text()
		if err != nil {
			return result.Own{}, d.at(fmt.Sprintf("$.requests[%d].body", i), "is no JSON: "+err.Error(), "write a mapping, a list, or the text to send")
		}
		if r.Method == "" {
			r.Method = "GET"
		}
		own.Requests = append(own.Requests, result.Request{
			Method: r.Method, Path: r.Path, Headers: r.Headers, Body: text, Status: r.Status, Contains: r.Contains, SignedIn: r.SignedIn,
		})
	}
	return own, d.check(own)
}

// body is the one document of the file.
func (d document) body() (ast.Node, error) {
	var found extras
	var bodies []ast.Node
	for _, doc := range d.tree.Docs {
		if doc.Body == nil || doc.Body.Type() == ast.CommentType || doc.Body.Type() == ast.NullType {
			continue
		}
		bodies = append(bodies, doc.Body)
		ast.Walk(&found, doc.Body)
	}
	switch {
	case len(bodies) == 0:
		return nil, answers.Problem{Place: d.name, Message: "is empty", Hint: "a workload has a name and requests; docs/compare.md shows one"}
	case len(bodies) > 1:
		return nil, answers.Problem{Place: place(d.name, bodies[1]), Message: "has a second document", Hint: "one file, one workload"}
	case found.fancy != nil:
		return nil, answers.Problem{Place: place(d.name, found.fancy), Message: "has a YAML anchor, alias or tag", Hint: "write the value out"}
	}
	return bodies[0], nil
}

// extras finds what no workload needs: anchors and aliases, which can make a small
// file large, and tags, on some of which the decoder panics.
type extras struct{ fancy ast.Node }

// Visit is called for every node.
func (e *extras) Visit(n ast.Node) ast.Visitor {
	switch n.(type) {
	case *ast.AnchorNode, *ast.AliasNode, *ast.MergeKeyNode, *ast.TagNode:
		if e.fancy == nil {
			e.fancy = n
		}
	}
	return e
}

// text is the body as it is sent.
func (r request) text() (string, error) {
	switch body := r.Body.(type) {
	case nil:
		return "", nil
	case string:
		return body, nil
	default:
		text, err := json.Marshal(body)
		return string(text), err
	}
}

// at is a problem with the value at a YAML path, such as $.requests[0].path; of a value
// that is missing, with what should have it.
func (d document) at(path, message, hint string) answers.Problem {
	p := answers.Problem{Place: d.name, ID: strings.TrimPrefix(path, "$."), Message: message, Hint: hint}
	p.Message = p.ID + " " + message
	for ; path != "$"; path = path[:strings.LastIndexAny(path, ".[")] {
		found, err := yaml.PathString(path)
		if err != nil {
			break
		}
		if node, err := found.FilterFile(d.tree); err == nil && node != nil {
			p.Place = place(d.name, node)
			break
		}
	}
	return p
}

func place(name string, n ast.Node) string {
	if t := n.GetToken(); t != nil && t.Position != nil {
		return fmt.Sprintf("%s:%d:%d", name, t.Position.Line, t.Position.Column)
	}
	return name
}

// problem turns an error of the YAML library into one line with its place.
func problem(name string, err error) error {
	p := answers.Problem{Place: name, Hint: "docs/compare.md shows a workload"}
	p.Message, _, _ = strings.Cut(strings.TrimSpace(err.Error()), "\n")
	e, ok := errors.AsType[yaml.Error](err)
	if !ok {
		return p
	}
	p.Message, _, _ = strings.Cut(e.GetMessage(), "\n")
	t := e.GetToken()
	if t == nil || t.Position == nil {
		return p
	}
	p.Place = fmt.Sprintf("%s:%d:%d", name, t.Position.Line, t.Position.Column)
	if _, unknown := errors.AsType[*yaml.UnknownFieldError](err); unknown {
		p.Message, p.Hint = fmt.Sprintf("unknown key %q", t.Value), answers.DidYouMean(t.Value, keys())
	}
	if wrong, ok := errors.AsType[*yaml.TypeError](err); ok {
		p.Message, p.Hint = fmt.Sprintf("%q does not fit here", t.Value), "write "+kind(wrong.DstType)
	}
	return p
}

// kind is what a Go type is called in YAML.
func kind(t reflect.Type) string {
	switch t.Kind() {
	case reflect.Bool:
		return "true or false"
	case reflect.String:
		return "a text"
	default:
		return "a number"
	}
}

// keys are all that a file may have, for hints.
func keys() []string {
	var all []string
	for _, t := range []reflect.Type{reflect.TypeFor[file](), reflect.TypeFor[request]()} {
		for f := range t.Fields() {
			all = append(all, f.Tag.Get("yaml"))
		}
	}
	return all
}
