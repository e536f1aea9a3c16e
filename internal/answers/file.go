package answers

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/parser"
	"github.com/goccy/go-yaml/token"
)

// MaxFile bounds an answers file, in bytes.
const MaxFile = 64 << 10

// Header says what the answers in a file are for.
type Header struct {
	Stack   string // a stack's id, such as "python-fastapi"
	Pack    string // the pack's source, such as "builtin:python-fastapi"
	Version string // the pack's version
}

// File is a parsed answers file.
type File struct {
	Header
	Requirements Layer // what was said about the project to come, for the recommendation
	Answers      Layer
}

// fileKeys are the keys an answers file may have.
var fileKeys = [...]string{"stack", "pack", "version", "requirements", "answers"}

// ParseFile reads an answers file. Errors name the file, line and column. Values
// are checked against the questions later, by Resolve, which knows their places.
func ParseFile(name string, data []byte) (*File, error) {
	f := &File{
		Requirements: Layer{Source: FromFile, Name: name, Values: Values{}},
		Answers:      Layer{Source: FromFile, Name: name, Values: Values{}},
	}
	root, err := parseMapping(name, data)
	if err != nil {
		return nil, err
	}
	for _, pair := range root {
		key := keyText(pair.Key)
		switch key {
		case "stack":
			f.Stack, err = scalarText(name, pair)
		case "pack":
			f.Pack, err = scalarText(name, pair)
		case "version":
			f.Version, err = scalarText(name, pair)
		case "requirements":
			err = f.Requirements.read(pair)
		case "answers":
			err = f.Answers.read(pair)
		default:
			hint := DidYouMean(key, fileKeys[:])
			if strings.HasPrefix(hint, "one of") {
				hint = "answers to questions go below the key \"answers\"; the keys are: " + strings.Join(fileKeys[:], ", ")
			}
			err = Problem{ID: key, Unknown: true, Place: placeOf(name, pair.Key), Message: fmt.Sprintf("unknown key %q", key), Hint: hint}
		}
		if err != nil {
			return nil, err
		}
	}
	return f, nil
}

// ParseSet reads the argument of --set.
func ParseSet(arg string) (id, value string, err error) {
	id, value, ok := strings.Cut(arg, "=")
	id = strings.ReplaceAll(strings.TrimSpace(id), "-", "_")
	if !ok || id == "" {
		return "", "", fmt.Errorf("--set %s: write it as --set id=value", arg)
	}
	return id, value, nil
}

// parseMapping reads a YAML document that is one mapping, or empty.
func parseMapping(name string, data []byte) ([]*ast.MappingValueNode, error) {
	if len(data) > MaxFile {
		return nil, Problem{Place: name, Message: fmt.Sprintf("is larger than %d KiB", MaxFile>>10)}
	}
	data = bytes.TrimPrefix(data, []byte("\uFEFF")) // some editors begin a file so
	parsed, err := parser.ParseBytes(data, 0)
	if err != nil {
		return nil, yamlProblem(name, err)
	}
	var bodies []ast.Node
	for _, doc := range parsed.Docs {
		if doc.Body != nil && doc.Body.Type() != ast.CommentType && doc.Body.Type() != ast.NullType {
			bodies = append(bodies, doc.Body)
		}
	}
	switch {
	case len(bodies) == 0:
		return nil, nil
	case len(bodies) > 1:
		return nil, Problem{Place: placeOf(name, bodies[1]), Message: "has a second document", Hint: "one file, one document"}
	}
	pairs, ok := mappingOf(bodies[0])
	if !ok {
		return nil, Problem{Place: placeOf(name, bodies[0]), Message: "is not a mapping of keys to values"}
	}
	return pairs, nil
}

func mappingOf(n ast.Node) ([]*ast.MappingValueNode, bool) {
	switch n := n.(type) {
	case *ast.MappingNode:
		return n.Values, true
	case *ast.MappingValueNode:
		return []*ast.MappingValueNode{n}, true
	default:
		return nil, false
	}
}

// read fills the layer from the mapping below a key.
func (l *Layer) read(pair *ast.MappingValueNode) error {
	if pair.Value == nil || pair.Value.Type() == ast.NullType {
		return nil
	}
	pairs, ok := mappingOf(pair.Value)
	if !ok {
		return Problem{Place: placeOf(l.Name, pair.Value), Message: fmt.Sprintf("%s is not a mapping of ids to values", pair.Key)}
	}
	l.at = make(map[string]string, len(pairs))
	for _, p := range pairs {
		value, err := plainValue(l.Name, p.Value)
		if err != nil {
			return err
		}
		id := keyText(p.Key)
		l.Values[id] = value
		l.at[id] = position(p.Value, p.Key)
	}
	return nil
}

func keyText(key ast.MapKeyNode) string {
	if s, ok := key.(*ast.StringNode); ok {
		return s.Value
	}
	return key.String()
}

// plainValue takes scalars and lists of scalars. Anchors, aliases and tags are
// refused: answers need none, and they can make a small file large.
func plainValue(name string, n ast.Node) (any, error) {
	switch n := n.(type) {
	case nil, *ast.NullNode:
		return nil, nil
	case *ast.StringNode:
		return n.Value, nil
	case *ast.LiteralNode:
		return n.Value.Value, nil
	case *ast.BoolNode:
		return n.Value, nil
	case *ast.IntegerNode:
		if v, ok := asInt(n.Value); ok {
			return v, nil
		}
		return n.Value, nil
	case *ast.FloatNode:
		return n.Value, nil
	case *ast.SequenceNode:
		list := []any{}
		for _, item := range n.Values {
			if _, nested := item.(*ast.SequenceNode); nested {
				return nil, Problem{Place: placeOf(name, item), Message: "a list within a list is no answer"}
			}
			v, err := plainValue(name, item)
			if err != nil {
				return nil, err
			}
			list = append(list, v)
		}
		return list, nil
	default:
		return nil, Problem{Place: placeOf(name, n), Message: fmt.Sprintf("a %s is no answer", strings.ToLower(n.Type().YAMLName())), Hint: "write a text, number, true, false, or a list of texts"}
	}
}

func scalarText(name string, pair *ast.MappingValueNode) (string, error) {
	v, err := plainValue(name, pair.Value)
	if err != nil {
		return "", err
	}
	text, ok := v.(string)
	if !ok {
		return "", Problem{Place: placeOf(name, pair.Value), Message: fmt.Sprintf("%s wants a text, not %s%s", pair.Key, describe(v), quoteHint(v))}
	}
	return text, nil
}

func placeOf(name string, n ast.Node) string {
	if at := position(n, nil); at != "" {
		return name + ":" + at
	}
	return name
}

// position is "line:column" of a node, or of a second one if the first has none.
func position(n, otherwise ast.Node) string {
	for _, node := range []ast.Node{n, otherwise} {
		if node == nil {
			continue
		}
		if t := node.GetToken(); t != nil && t.Position != nil {
			return fmt.Sprintf("%d:%d", t.Position.Line, t.Position.Column)
		}
	}
	return ""
}

// yamlProblem turns an error of the YAML library into one line with its place.
func yamlProblem(name string, err error) error {
	var at *token.Token
	message := err.Error()
	if e, ok := errors.AsType[yaml.Error](err); ok {
		at, message = e.GetToken(), e.GetMessage()
	}
	place := name
	if at != nil && at.Position != nil {
		place = fmt.Sprintf("%s:%d:%d", name, at.Position.Line, at.Position.Column)
	}
	message, _, _ = strings.Cut(strings.TrimSpace(message), "\n")
	return Problem{Place: place, Message: message, Hint: "not valid YAML"}
}

// Encode writes .scaffold/answers.yaml: stable, without secrets or a clock. It
// has every answer that applies, so that a changed default changes no project,
// and what was said about the project to come, on which its decision rests.
func Encode(h Header, requirements Values, r Resolved) []byte {
	var out strings.Builder
	out.WriteString("# yaml-language-server: $schema=answers.schema.json\n")
	out.WriteString("# What this repository was generated from.\n")
	fmt.Fprintf(&out, "stack: %s\npack: %s\nversion: %s\n", scalar(h.Stack), scalar(h.Pack), scalar(h.Version))
	if len(requirements) > 0 {
		out.WriteString("requirements:\n")
		for _, id := range slices.Sorted(maps.Keys(requirements)) {
			writeAnswer(&out, id, requirements[id])
		}
	}
	var answered strings.Builder
	for _, e := range r.entries {
		if e.Question.Kind != Secret {
			writeAnswer(&answered, e.Question.ID, e.Value)
		}
	}
	if answered.Len() == 0 {
		out.WriteString("answers: {}\n")
	} else {
		out.WriteString("answers:\n" + answered.String())
	}
	return []byte(out.String())
}

func writeAnswer(out *strings.Builder, id string, value any) {
	switch v := value.(type) {
	case string:
		fmt.Fprintf(out, "  %s: %s\n", id, scalar(v))
	case []string:
		items := make([]string, len(v))
		for i, item := range v {
			items[i] = scalar(item)
		}
		fmt.Fprintf(out, "  %s: [%s]\n", id, strings.Join(items, ", "))
	case []any: // a list as a file gave it
		items := make([]string, len(v))
		for i, item := range v {
			if text, ok := item.(string); ok {
				items[i] = scalar(text)
			} else {
				items[i] = fmt.Sprint(item)
			}
		}
		fmt.Fprintf(out, "  %s: [%s]\n", id, strings.Join(items, ", "))
	default:
		fmt.Fprintf(out, "  %s: %v\n", id, v)
	}
}

var plainScalar = regexp.MustCompile(`^[A-Za-z][A-Za-z0-9_./@+-]*(?: [A-Za-z0-9_./@+-]+|:[A-Za-z0-9_./@+-]+)*$`)

// scalar writes a text plain where YAML reads it back as the same text in every
// version of the language, and in JSON's quotes elsewhere.
func scalar(text string) string {
	if plainScalar.MatchString(text) && !slices.Contains(yamlWords[:], strings.ToLower(text)) {
		return text
	}
	var quoted strings.Builder
	enc := json.NewEncoder(&quoted)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(text); err != nil {
		panic(err) // a string always encodes
	}
	return strings.TrimSuffix(quoted.String(), "\n")
}
