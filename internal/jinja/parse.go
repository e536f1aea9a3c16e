package jinja

import (
	"strings"
	"unicode"
)

// The kinds of node.
type kind int

const (
	literal kind = iota
	printed      // {{ text }}
	choice       // {% if %}
	setting      // {% set name = text %}
)

type node struct {
	kind     kind
	line     int
	text     string
	name     string // of a setting
	branches []branch
}

type branch struct {
	line  int
	cond  string // "" for else
	nodes []node
}

// piece is a text, or a tag with what stands in it.
type piece struct {
	kind byte // 't' text, 'v' variable, 'b' block
	line int
	text string
}

// parse reads a template into its nodes.
func parse(source string, syntax Syntax) ([]node, error) {
	if syntax.DropTrailingNewline {
		source = strings.TrimSuffix(source, "\n")
	}
	pieces, err := split(source, syntax)
	if err != nil {
		return nil, err
	}
	p := parser{pieces: pieces}
	nodes, err := p.until()
	if err != nil {
		return nil, err
	}
	if len(p.pieces) > 0 {
		return nil, &Error{p.pieces[0].line, "{% " + p.pieces[0].text + " %} ends nothing"}
	}
	return nodes, nil
}

type tag struct {
	kind       byte
	start, end string
}

// split cuts a template into texts and tags, with white space taken away as the
// tags and the environment say.
func split(source string, syntax Syntax) ([]piece, error) {
	tags := []tag{{'v', syntax.VariableStart, syntax.VariableEnd}, {'b', syntax.BlockStart, syntax.BlockEnd}, {'c', syntax.CommentStart, syntax.CommentEnd}}
	var pieces []piece
	line := 1
	trim := "" // what the last tag takes away behind it: "-" all white space, "\n" one line end
	text := func(s string) {
		line += strings.Count(s, "\n")
		switch trim {
		case "-":
			s = strings.TrimLeftFunc(s, unicode.IsSpace)
		case "\n":
			s = strings.TrimPrefix(strings.TrimPrefix(s, "\r"), "\n")
		}
		if s != "" {
			pieces = append(pieces, piece{'t', line, s})
		}
		trim = ""
	}
	raw := false
	find := finder{source: source, tags: tags, next: []int{-1, -1, -1}}
	for source != "" {
		where, t := find.first(len(find.source)-len(source), raw)
		if where < 0 {
			break
		}
		inner := source[where+len(t.start):]
		end := closing(inner, t)
		if end < 0 {
			return nil, &Error{line + strings.Count(source[:where], "\n"), "the tag " + t.start + " is not closed"}
		}
		body := inner[:end]
		rest := inner[end+len(t.end):]
		before := source[:where]
		body, before = trimBefore(body, before, t.kind, syntax.LstripBlocks, len(pieces) == 0 || endsLine(pieces))
		counted := strings.Count(source[:where], "\n") - strings.Count(before, "\n")
		text(before)
		line += counted
		body, trim = trimAfter(body, t.kind, syntax.TrimBlocks)
		word := strings.TrimSpace(body)
		switch {
		case t.kind == 'b' && (word == "raw" || word == "endraw"):
			raw = word == "raw"
		case raw:
			// first finds nothing but endraw while raw
		case t.kind != 'c':
			pieces = append(pieces, piece{t.kind, line, word})
		}
		line += strings.Count(inner[:end], "\n")
		source = rest
	}
	if raw {
		return nil, &Error{line, "{% raw %} is not closed"}
	}
	text(source)
	return pieces, nil
}

// endsLine tells whether what comes next begins a line.
func endsLine(pieces []piece) bool {
	last := pieces[len(pieces)-1]
	return last.kind == 't' && strings.HasSuffix(last.text, "\n")
}

// finder finds tags from left to right. It remembers where the next of each kind
// is, so that a long text is searched once and not once a tag.
type finder struct {
	source string
	tags   []tag
	next   []int // of each tag, from the beginning; -1 if not known, the length if there is none
}

// first finds the first tag from a place on, or while raw the one that ends it,
// as seen from that place; -1 if there is none.
func (f *finder) first(from int, raw bool) (where int, found tag) {
	if raw {
		return f.endRaw(from)
	}
	where = -1
	for k, t := range f.tags {
		if f.next[k] < from {
			f.next[k] = len(f.source)
			if i := strings.Index(f.source[from:], t.start); i >= 0 {
				f.next[k] = from + i
			}
		}
		// Of two starts at one place the longer counts.
		i := f.next[k] - from
		if f.next[k] < len(f.source) && (where < 0 || i < where || i == where && len(t.start) > len(found.start)) {
			where, found = i, t
		}
	}
	return where, found
}

func (f *finder) endRaw(from int) (where int, found tag) {
	block := f.tags[1]
	for at := from; ; {
		i := strings.Index(f.source[at:], block.start)
		if i < 0 {
			return -1, found
		}
		at += i + len(block.start)
		if strings.HasPrefix(strings.TrimLeft(f.source[at:], "-+ \t\n"), "endraw") {
			return at - len(block.start) - from, block
		}
	}
}

// closing finds the end of a tag, which may stand in a text of an expression.
func closing(inner string, t tag) int {
	if t.kind == 'c' {
		return strings.Index(inner, t.end)
	}
	for i := 0; i < len(inner); i++ {
		if strings.HasPrefix(inner[i:], t.end) {
			return i
		}
		if inner[i] == '"' || inner[i] == '\'' {
			end := endOfQuote(inner, i)
			if end < 0 {
				return -1
			}
			i = end - 1
		}
	}
	return -1
}

// endOfQuote is the index behind the text literal that begins at an index, -1 if it
// is not closed.
func endOfQuote(s string, start int) int {
	for i := start + 1; i < len(s); i++ {
		switch s[i] {
		case '\\':
			i++
		case s[start]:
			return i + 1
		}
	}
	return -1
}

func trimBefore(body, before string, kind byte, lstrip, lineStart bool) (string, string) {
	switch {
	case strings.HasPrefix(body, "-"):
		return body[1:], strings.TrimRightFunc(before, unicode.IsSpace)
	case strings.HasPrefix(body, "+"):
		return body[1:], before
	case lstrip && kind != 'v':
		stripped := strings.TrimRight(before, " \t")
		if strings.HasSuffix(stripped, "\n") || stripped == "" && lineStart {
			return body, stripped
		}
	}
	return body, before
}

func trimAfter(body string, kind byte, trimBlocks bool) (string, string) {
	switch {
	case strings.HasSuffix(body, "-"):
		return body[:len(body)-1], "-"
	case strings.HasSuffix(body, "+"):
		return body[:len(body)-1], ""
	case trimBlocks && kind != 'v':
		return body, "\n"
	}
	return body, ""
}

// maxDepth bounds how deep blocks may lie in each other.
const maxDepth = 50

type parser struct {
	pieces []piece
	depth  int
}

// until reads nodes up to a tag that ends or divides a block, which stays.
func (p *parser) until() ([]node, error) {
	var nodes []node
	for len(p.pieces) > 0 {
		next := p.pieces[0]
		switch next.kind {
		case 't':
			nodes = append(nodes, node{kind: literal, line: next.line, text: next.text})
			p.pieces = p.pieces[1:]
			continue
		case 'v':
			nodes = append(nodes, node{kind: printed, line: next.line, text: next.text})
			p.pieces = p.pieces[1:]
			continue
		}
		word, rest, _ := strings.Cut(next.text, " ")
		switch word {
		case "elif", "else", "endif":
			return nodes, nil
		case "if":
			n, err := p.choice()
			if err != nil {
				return nil, err
			}
			nodes = append(nodes, n)
		case "set":
			name, value, ok := strings.Cut(rest, "=")
			if !ok {
				return nil, &Error{next.line, "a {% set %} block"}
			}
			nodes = append(nodes, node{kind: setting, line: next.line, name: strings.TrimSpace(name), text: strings.TrimSpace(value)})
			p.pieces = p.pieces[1:]
		default:
			return nil, &Error{next.line, "{% " + word + " %} has no counterpart"}
		}
	}
	return nodes, nil
}

func (p *parser) choice() (node, error) {
	n := node{kind: choice, line: p.pieces[0].line}
	if p.depth++; p.depth > maxDepth {
		return n, &Error{n.line, "blocks that lie too deep in each other"}
	}
	defer func() { p.depth-- }()
	for {
		head := p.pieces[0]
		word, cond, _ := strings.Cut(head.text, " ")
		p.pieces = p.pieces[1:]
		if word == "endif" {
			return n, nil
		}
		inner, err := p.until()
		if err != nil {
			return n, err
		}
		cond = strings.TrimSpace(cond)
		last := len(n.branches) > 0 && n.branches[len(n.branches)-1].cond == ""
		if (cond == "") != (word == "else") || last {
			return n, &Error{head.line, "{% " + head.text + " %} does not fit the block"}
		}
		n.branches = append(n.branches, branch{head.line, cond, inner})
		if len(p.pieces) == 0 {
			return n, &Error{n.line, "{% if %} is not closed"}
		}
	}
}

// settle moves line ends so that choices between lines stand between lines: where
// each branch, and what follows, begins with a line end, it may as well end with
// one. "a[if]\nb[end]\nc" is "a\n[if]b\n[end]c".
func settle(nodes []node) []node {
	for i := range nodes {
		n := &nodes[i]
		if n.kind != choice {
			continue
		}
		begins := func(list []node) bool {
			return len(list) > 0 && list[0].kind == literal && strings.HasPrefix(list[0].text, "\n")
		}
		movable := begins(nodes[i+1:])
		for _, b := range n.branches {
			movable = movable && begins(b.nodes)
		}
		if movable {
			for j := range n.branches {
				b := &n.branches[j]
				b.nodes[0].text = b.nodes[0].text[1:]
				b.nodes = append(b.nodes, node{kind: literal, text: "\n"})
			}
			nodes[i+1].text = nodes[i+1].text[1:]
			n.text = "\n" // goes before it
		}
		for j := range n.branches {
			n.branches[j].nodes = settle(n.branches[j].nodes)
		}
	}
	return nodes
}
