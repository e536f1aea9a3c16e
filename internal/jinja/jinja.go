// Package jinja translates what is simple in a Jinja template into the dialect of
// packs: values, filters and methods with an exact counterpart, conditions, raw
// blocks, comments and the control of white space. Everything else is an
// Error with its line, never a guess.
package jinja

import (
	"cmp"
	"fmt"
	"strings"
)

// Type is that of a value, as far as a translation depends on it.
type Type int

// The types. Other is known to be true or false of, and nothing else.
const (
	Other Type = iota
	Text
	Int
	Bool
	List // of texts
)

func (t Type) String() string {
	return [...]string{"a value of no one type", "a text", "a number", "a yes or no", "a list"}[t]
}

// Value is an expression of the pack's dialect, without delimiters.
type Value struct {
	Expr string
	Type Type
}

// arg is the value as an argument of a function.
func (v Value) arg() string {
	if strings.ContainsAny(v.Expr, " ") && !quoted(v.Expr) {
		return "(" + v.Expr + ")"
	}
	return v.Expr
}

// quoted tells a text literal that has spaces from a call.
func quoted(expr string) bool {
	return strings.HasPrefix(expr, `"`) && endOfQuote(expr, 0) == len(expr)
}

// Cond is the value as a condition.
func (v Value) Cond() string { return v.Expr }

// Not is the opposite of the value, as a condition.
func (v Value) Not() Value { return Value{"not " + v.arg(), Bool} }

// Or is a value in whose place another stands where a condition does not hold.
func (v Value) Or(cond, otherwise Value) Value {
	return Value{fmt.Sprintf("ternary %s %s %s", v.arg(), otherwise.arg(), truth(cond).arg()), v.Type}
}

// And holds where both values do.
func (v Value) And(other Value) Value {
	return Value{fmt.Sprintf("and %s %s", v.arg(), other.arg()), Bool}
}

// truth makes a bool of any value.
func truth(v Value) Value {
	if v.Type == Bool {
		return v
	}
	return v.Not().Not()
}

// Scope finds the value of a name as Jinja writes it: "x", "cookiecutter.x".
type Scope func(name string) (Value, bool)

// Syntax is how an environment reads templates.
type Syntax struct {
	BlockStart, BlockEnd       string // "{%", "%}"
	VariableStart, VariableEnd string // "{{", "}}"
	CommentStart, CommentEnd   string // "{#", "#}"
	TrimBlocks, LstripBlocks   bool
	DropTrailingNewline        bool
}

// Standard is the syntax of an environment that changes nothing.
func Standard() Syntax {
	return Syntax{BlockStart: "{%", BlockEnd: "%}", VariableStart: "{{", VariableEnd: "}}", CommentStart: "{#", CommentEnd: "#}"}
}

// Error is what cannot be translated.
type Error struct {
	Line int // from 1; 0 for an expression by itself
	Why  string
}

func (f *Error) Error() string {
	if f.Line == 0 {
		return f.Why
	}
	return fmt.Sprintf("line %d: %s", f.Line, f.Why)
}

func fault(format string, args ...any) error { return &Error{Why: fmt.Sprintf(format, args...)} }

// at gives a fault that has none its line.
func at(line int, err error) error {
	if f, ok := err.(*Error); ok { //nolint:errorlint // never wrapped in this package
		return &Error{cmp.Or(f.Line, line), f.Why}
	}
	return err
}

// Translate makes a file of a pack from a template. Mark writes an action that
// stands alone on its line, such as "# <% if .x %>". The error is a *Error.
func Translate(source string, syntax Syntax, scope Scope, mark func(action string) string) (string, error) {
	nodes, err := parse(source, syntax)
	if err != nil {
		return "", err
	}
	w := writer{scope: scope, mark: mark, set: map[string]Value{}}
	if err := w.nodes(settle(nodes), 0); err != nil {
		return "", err
	}
	return w.out.String(), nil
}

// Expression translates one expression, without delimiters.
func Expression(text string, scope Scope) (Value, error) { return parseExpr(text, scope) }

// Choice is a text that is there under a condition only.
type Choice struct {
	Text string // translated, without the condition
	When Value  // Expr is "" if it is always there
}

// Inline translates a template of one line. A whole that stands in one
// {% if %} without else comes back with its condition beside it.
func Inline(source string, syntax Syntax, scope Scope) (Choice, error) {
	nodes, err := parse(source, syntax)
	if err != nil {
		return Choice{}, err
	}
	var c Choice
	if len(nodes) == 1 && len(nodes[0].branches) == 1 {
		if c.When, err = parseExpr(nodes[0].branches[0].cond, scope); err != nil {
			return c, err
		}
		nodes = nodes[0].branches[0].nodes
	}
	w := writer{scope: scope, inline: true, set: map[string]Value{}}
	err = w.nodes(nodes, 1)
	c.Text = w.out.String()
	return c, err
}

// Whole translates a template that is one {{ expression }} and nothing else, so
// that its type is kept; ok is false for any other.
func Whole(source string, syntax Syntax, scope Scope) (v Value, ok bool, err error) {
	nodes, err := parse(source, syntax)
	if err != nil || len(nodes) != 1 || nodes[0].kind != printed {
		return v, false, err
	}
	v, err = parseExpr(nodes[0].text, scope)
	return v, true, err
}
