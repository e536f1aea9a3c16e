package jinja

import (
	"regexp"
	"strings"
)

// The delimiters of the pack's dialect.
const (
	left  = "<%"
	right = "%>"
)

// writer writes nodes as a file of a pack.
type writer struct {
	out    strings.Builder
	scope  Scope
	set    map[string]Value // by {% set %}
	mark   func(action string) string
	inline bool // a text of one line: no markers
}

func (w *writer) find(name string) (Value, bool) {
	if v, ok := w.set[name]; ok {
		return v, true
	}
	return w.scope(name)
}

func (w *writer) nodes(nodes []node, depth int) error {
	for _, n := range nodes {
		var err error
		switch n.kind {
		case literal:
			w.text(n.text)
		case printed:
			err = w.print(n)
		case choice:
			err = w.choice(n, depth)
		case setting:
			err = w.setting(n, depth)
		}
		if err != nil {
			return at(n.line, err)
		}
	}
	return nil
}

// text writes a literal. A delimiter of the dialect in it is printed by an action,
// and so is a line that only looks like a marker.
func (w *writer) text(s string) {
	w.out.WriteString(strings.ReplaceAll(s, left, left+` "`+left+`" `+right))
}

func (w *writer) print(n node) error {
	v, err := parseExpr(n.text, w.find)
	if err != nil {
		return err
	}
	switch v.Type {
	case Text, Int:
	case Bool: // Jinja writes Python's words
		v = Value{`ternary "True" "False" ` + v.arg(), Text}
	default:
		return fault("prints %s", v.Type)
	}
	w.out.WriteString(left + " " + v.Expr + " " + right)
	return nil
}

func (w *writer) choice(n node, depth int) error {
	w.text(n.text)
	for i, b := range n.branches {
		action := "else"
		if b.cond != "" {
			v, err := parseExpr(b.cond, w.find)
			if err != nil {
				return at(b.line, err)
			}
			action = "if " + v.Cond()
			if i > 0 {
				action = "else " + action
			}
		}
		w.control(action)
		if err := w.nodes(b.nodes, depth+1); err != nil {
			return err
		}
	}
	w.control("end")
	return nil
}

var plainName = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_]*$`)

func (w *writer) setting(n node, depth int) error {
	if depth > 0 {
		return fault("{%% set %%} inside another block")
	}
	if !plainName.MatchString(n.name) {
		return fault("{%% set %%} of %s", n.name)
	}
	v, err := parseExpr(n.text, w.find)
	if err != nil {
		return err
	}
	w.control("$" + n.name + " := " + v.Expr)
	w.set[n.name] = Value{"$" + n.name, v.Type}
	return nil
}

// control writes an action that prints nothing: on a line of its own where a line
// begins, which then disappears as a whole. Behind white space alone an empty
// text follows it, because the line would disappear with what is before it.
func (w *writer) control(action string) {
	written := w.out.String()
	line := written[strings.LastIndexByte(written, '\n')+1:]
	switch {
	case w.inline:
		w.out.WriteString(left + " " + action + " " + right)
	case line == "":
		w.out.WriteString(w.mark(action) + "\n")
	case strings.TrimSpace(line) == "":
		w.out.WriteString(left + " " + action + " " + right + left + ` "" ` + right)
	default:
		w.out.WriteString(left + " " + action + " " + right)
	}
}
