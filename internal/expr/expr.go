// Package expr is the one template dialect of packs: text/template between
// <% and %>, an allow-list of functions, errors for unknown names, and limits on
// steps and output, because a pack may be hostile.
package expr

import (
	"bytes"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"text/template"
	"text/template/parse"
)

// The delimiters of an action. No language that packs hold uses them.
const (
	Left  = "<%"
	Right = "%>"
)

const (
	maxSteps  = 200_000 // loop rounds and template calls in one execution
	maxOutput = 8 << 20 // bytes from one execution
)

// Template is a parsed text. It is safe for concurrent use.
type Template struct {
	t *template.Template
}

// base is an empty template that knows the functions; copying it is cheaper than
// naming them all again for each file.
var base = sync.OnceValue(func() *template.Template {
	return template.New("").Funcs(Funcs())
})

// Parse reads a template. Name is what errors call it, in the form name:line.
func Parse(name, text string) (*Template, error) {
	root, err := base().Clone()
	if err != nil {
		return nil, err
	}
	t, err := root.New(name).Delims(Left, Right).Option("missingkey=error").Parse(text)
	if err != nil {
		return nil, err
	}
	for _, sub := range t.Templates() {
		if sub.Tree != nil {
			countSteps(sub.Root)
		}
	}
	return &Template{t}, nil
}

// ReplaceText passes every literal text of the template through f; the texts
// that actions print are left alone.
func (t *Template) ReplaceText(f func([]byte) []byte) {
	for _, sub := range t.t.Templates() {
		if sub.Tree != nil {
			visit(sub.Root, func(n parse.Node) {
				if text, ok := n.(*parse.TextNode); ok {
					text.Text = f(text.Text)
				}
			})
		}
	}
}

// Names lists the fields of the data that the template reads, sorted.
func (t *Template) Names() []string {
	var names []string
	for _, sub := range t.t.Templates() {
		if sub.Tree != nil {
			visit(sub.Root, func(n parse.Node) {
				switch n := n.(type) {
				case *parse.FieldNode:
					names = append(names, n.Ident[0])
				case *parse.VariableNode:
					if n.Ident[0] == "$" && len(n.Ident) > 1 {
						names = append(names, n.Ident[1])
					}
				}
			})
		}
	}
	slices.Sort(names)
	return slices.Compact(names)
}

// Execute renders the template. The same data give the same bytes.
func (t *Template) Execute(data map[string]any) ([]byte, error) {
	var out limited
	if err := t.t.Execute(&out, data); err != nil {
		return nil, err
	}
	return out.Bytes(), nil
}

// Text renders a one-line template, such as a manifest's computed value.
func Text(name, text string, data map[string]any) (string, error) {
	if !strings.Contains(text, Left) {
		return text, nil
	}
	t, err := Parse(name, text)
	if err != nil {
		return "", Plain(err)
	}
	out, err := t.Execute(data)
	return string(out), Plain(err)
}

// Cond is a condition: a template pipeline without delimiters.
type Cond struct {
	t    *Template
	text string
}

// ParseCond reads a condition such as: and .mfa (eq .auth "accounts").
func ParseCond(text string) (*Cond, error) {
	if strings.Contains(text, Right) || strings.Contains(text, Left) {
		return nil, fmt.Errorf("condition %q: write it without %s and %s", text, Left, Right)
	}
	t, err := Parse("condition", Left+"if "+text+Right+"1"+Left+"end"+Right)
	if err != nil {
		return nil, fmt.Errorf("condition %q: %w", text, Plain(err))
	}
	return &Cond{t, text}, nil
}

// Names lists the ids the condition reads, sorted.
func (c *Cond) Names() []string { return c.t.Names() }

// Holds tells whether the condition is true of the data.
func (c *Cond) Holds(data map[string]any) (bool, error) {
	out, err := c.t.Execute(data)
	if err != nil {
		return false, fmt.Errorf("condition %q: %w", c.text, Plain(err))
	}
	return len(out) > 0, nil
}

// Holds parses and evaluates a condition at once. An empty one holds always.
func Holds(text string, data map[string]any) (bool, error) {
	if text == "" {
		return true, nil
	}
	c, err := ParseCond(text)
	if err != nil {
		return false, err
	}
	return c.Holds(data)
}

// Plain says an error of text/template without the engine's own preamble.
func Plain(err error) error {
	if err == nil {
		return nil
	}
	msg := err.Error()
	if _, after, ok := strings.Cut(msg, ">: "); ok {
		msg = after
	} else if rest, ok := strings.CutPrefix(msg, "template: "); ok {
		// name:line: message
		if parts := strings.SplitN(rest, ":", 3); len(parts) == 3 {
			msg = strings.TrimSpace(parts[2])
		}
	}
	return errors.New(msg)
}

// limited collects output. Every loop round and template call begins with an
// empty write (countSteps), so that counting writes also bounds the time of a
// template that prints nothing.
type limited struct {
	bytes.Buffer
	steps int
}

func (l *limited) Write(p []byte) (int, error) {
	if len(p) == 0 {
		if l.steps++; l.steps > maxSteps {
			return 0, fmt.Errorf("more than %d loop rounds and template calls", maxSteps)
		}
		return 0, nil
	}
	if l.Len()+len(p) > maxOutput {
		return 0, fmt.Errorf("more than %d bytes of output", maxOutput)
	}
	return l.Buffer.Write(p)
}

// countSteps puts an empty text at the start of a template and of each of its
// loops: text/template writes it, and limited counts it.
func countSteps(root *parse.ListNode) {
	step := func(list *parse.ListNode) {
		if list != nil {
			list.Nodes = slices.Insert(list.Nodes, 0, parse.Node(&parse.TextNode{NodeType: parse.NodeText, Pos: list.Pos}))
		}
	}
	visit(root, func(n parse.Node) {
		if loop, ok := n.(*parse.RangeNode); ok {
			step(loop.List)
		}
	})
	step(root)
}

// visit calls f for a node and everything below it.
func visit(n parse.Node, f func(parse.Node)) {
	switch n := n.(type) {
	case *parse.ListNode:
		if n == nil {
			return
		}
		for _, c := range n.Nodes {
			visit(c, f)
		}
	case *parse.PipeNode:
		if n == nil {
			return
		}
		for _, c := range n.Cmds {
			visit(c, f)
		}
	case *parse.CommandNode:
		for _, c := range n.Args {
			visit(c, f)
		}
	case *parse.ActionNode:
		visit(n.Pipe, f)
	case *parse.IfNode:
		visitBranch(&n.BranchNode, f)
	case *parse.WithNode:
		visitBranch(&n.BranchNode, f)
	case *parse.RangeNode:
		visitBranch(&n.BranchNode, f)
	case *parse.TemplateNode:
		visit(n.Pipe, f)
	case *parse.ChainNode:
		visit(n.Node, f)
	}
	f(n)
}

func visitBranch(b *parse.BranchNode, f func(parse.Node)) {
	visit(b.Pipe, f)
	visit(b.List, f)
	visit(b.ElseList, f)
}
