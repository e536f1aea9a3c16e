package jinja

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// exprParser reads an expression, in the order in which Jinja's operators bind.
type exprParser struct {
	tokens []string // names, numbers, quoted texts, operators
	scope  Scope
}

var lexeme = regexp.MustCompile(`^(?:[A-Za-z_][A-Za-z0-9_]*|[0-9]+(?:\.[0-9]+)?|==|!=|<=|>=|//|\*\*|[-+*/%~<>|.,:=()\[\]{}])`)

// maxExpr is the longest expression, in bytes, which also bounds its depth.
const maxExpr = 2000

func parseExpr(text string, scope Scope) (Value, error) {
	if len(text) > maxExpr {
		return Value{}, fault("an expression of more than %d bytes", maxExpr)
	}
	p := exprParser{scope: scope}
	for rest := strings.TrimSpace(text); rest != ""; rest = strings.TrimSpace(rest) {
		if rest[0] == '"' || rest[0] == '\'' {
			end := endOfQuote(rest, 0)
			if end < 0 {
				return Value{}, fault("a text is not closed in %s", text)
			}
			p.tokens, rest = append(p.tokens, rest[:end]), rest[end:]
			continue
		}
		token := lexeme.FindString(rest)
		if token == "" {
			return Value{}, fault("%q in an expression", rest[:1])
		}
		p.tokens, rest = append(p.tokens, token), rest[len(token):]
	}
	v, err := p.whole()
	if err == nil && len(p.tokens) > 0 {
		err = fault("%s is too much for a translation", text)
	}
	return v, err
}

func (p *exprParser) peek() string {
	if len(p.tokens) == 0 {
		return ""
	}
	return p.tokens[0]
}

// take takes the next tokens if they are these.
func (p *exprParser) take(tokens ...string) bool {
	if len(p.tokens) < len(tokens) || !slices.Equal(p.tokens[:len(tokens)], tokens) {
		return false
	}
	p.tokens = p.tokens[len(tokens):]
	return true
}

// whole is: one [if condition else other].
func (p *exprParser) whole() (Value, error) {
	v, err := p.or()
	if err != nil || !p.take("if") {
		return v, err
	}
	cond, err := p.or()
	if err != nil {
		return v, err
	}
	otherwise := Value{`""`, Text} // as Jinja prints what is undefined
	if p.take("else") {
		if otherwise, err = p.whole(); err != nil {
			return v, err
		}
	}
	if v.Type != otherwise.Type {
		return v, fault("%s or %s, by a condition", v.Type, otherwise.Type)
	}
	return v.Or(cond, otherwise), nil
}

func (p *exprParser) or() (Value, error) {
	return p.logic("or", func() (Value, error) { return p.logic("and", p.not) })
}

func (p *exprParser) logic(op string, operand func() (Value, error)) (Value, error) {
	v, err := operand()
	for err == nil && p.take(op) {
		var right Value
		if right, err = operand(); err == nil {
			t := v.Type
			if t != right.Type {
				t = Other
			}
			v = Value{fmt.Sprintf("%s %s %s", op, v.arg(), right.arg()), t}
		}
	}
	return v, err
}

func (p *exprParser) not() (Value, error) {
	if !p.take("not") {
		return p.compare()
	}
	v, err := p.not()
	return v.Not(), err
}

func (p *exprParser) compare() (Value, error) {
	v, err := p.sum()
	if err != nil {
		return v, err
	}
	op := p.peek()
	switch {
	case p.take("not", "in"):
		op = "not in"
	case op == "in" || op == "==" || op == "!=" || op == "<" || op == "<=" || op == ">" || op == ">=":
		p.take(op)
	default:
		return v, nil
	}
	other, err := p.sum()
	if err != nil {
		return v, err
	}
	if v, err = comparison(op, v, other); err != nil {
		return v, err
	}
	if slices.Contains([]string{"in", "==", "!=", "<", "<=", ">", ">="}, p.peek()) {
		return v, fault("a chain of comparisons")
	}
	return v, nil
}

func comparison(op string, a, b Value) (Value, error) {
	call := func(f string, x, y Value) Value { return Value{fmt.Sprintf("%s %s %s", f, x.arg(), y.arg()), Bool} }
	switch op {
	case "==", "!=":
		if a.Type != b.Type || a.Type == Other || a.Type == List {
			return a, fault("compares %s with %s", a.Type, b.Type)
		}
		return call(map[string]string{"==": "eq", "!=": "ne"}[op], a, b), nil
	case "in", "not in":
		var v Value
		switch {
		case a.Type == Text && b.Type == List:
			v = call("has", a, b)
		case a.Type == Text && b.Type == Text:
			v = call("contains", a, b)
		default:
			return a, fault("looks for %s in %s", a.Type, b.Type)
		}
		if op == "not in" {
			v = v.Not()
		}
		return v, nil
	default:
		if a.Type != Int || b.Type != Int {
			return a, fault("compares %s with %s by %s", a.Type, b.Type, op)
		}
		return call(map[string]string{"<": "lt", "<=": "le", ">": "gt", ">=": "ge"}[op], a, b), nil
	}
}

// sum joins texts; arithmetic has no counterpart here.
func (p *exprParser) sum() (Value, error) {
	v, err := p.postfix()
	for err == nil && (p.peek() == "+" || p.peek() == "~") {
		op := p.tokens[0]
		p.tokens = p.tokens[1:]
		var right Value
		if right, err = p.postfix(); err != nil {
			break
		}
		joins := v.Type == Text && right.Type == Text || op == "~" && printable(v) && printable(right)
		if !joins {
			return v, fault("%s %s %s", v.Type, op, right.Type)
		}
		v = Value{fmt.Sprintf(`printf "%%v%%v" %s %s`, v.arg(), right.arg()), Text}
	}
	return v, err
}

func printable(v Value) bool { return v.Type == Text || v.Type == Int }

// postfix is a value with its filters, methods and tests.
func (p *exprParser) postfix() (Value, error) {
	v, err := p.primary()
	for err == nil {
		switch {
		case p.take("|"):
			v, err = p.filter(v)
		case p.take("."):
			v, err = p.method(v)
		case p.take("is", "not", "defined"):
			v = Value{"false", Bool}
		case p.take("is", "defined"): // an unknown name has been refused
			v = Value{"true", Bool}
		case p.peek() == "is" || p.peek() == "[" || p.peek() == "(":
			err = fault("%s behind a value", p.peek())
		default:
			return v, nil
		}
	}
	return v, err
}

func (p *exprParser) primary() (Value, error) {
	token := p.peek()
	if token == "" {
		return Value{}, fault("an expression ends too early")
	}
	p.tokens = p.tokens[1:]
	switch {
	case token == "(":
		v, err := p.whole()
		switch {
		case err != nil || p.take(")"):
			return v, err
		case p.take(","):
			return p.list(")", v)
		}
		return v, fault("parentheses that do not end")
	case token == "[":
		return p.list("]")
	case token[0] == '"' || token[0] == '\'':
		return text(token)
	case token[0] >= '0' && token[0] <= '9':
		if strings.Contains(token, ".") {
			return Value{}, fault("the number %s", token)
		}
		return Value{token, Int}, nil
	case token == "true" || token == "True":
		return Value{"true", Bool}, nil
	case token == "false" || token == "False":
		return Value{"false", Bool}, nil
	case plainName.MatchString(token):
		return p.name(token)
	}
	return Value{}, fault("%s in an expression", token)
}

// name is a variable, or a member of one such as cookiecutter.x.
func (p *exprParser) name(name string) (Value, error) {
	if v, ok := p.scope(name); ok {
		return v, nil
	}
	if len(p.tokens) > 1 && p.tokens[0] == "." {
		if v, ok := p.scope(name + "." + p.tokens[1]); ok {
			p.tokens = p.tokens[2:]
			return v, nil
		}
		return Value{}, fault("%s.%s is no answer that was taken over", name, p.tokens[1])
	}
	return Value{}, fault("%s is no answer that was taken over", name)
}

// list is what is left of a list or a tuple, up to its end.
func (p *exprParser) list(end string, values ...Value) (Value, error) {
	for !p.take(end) {
		v, err := p.whole()
		if err != nil {
			return v, err
		}
		values = append(values, v)
		if !p.take(",") && p.peek() != end {
			return v, fault("a list that does not end")
		}
	}
	items := []string{"list"}
	for _, v := range values {
		if v.Type != Text {
			return v, fault("a list of something else than texts")
		}
		items = append(items, v.arg())
	}
	return Value{strings.Join(items, " "), List}, nil
}

// text reads a literal of Python's.
func text(token string) (Value, error) {
	var out strings.Builder
	body := token[1 : len(token)-1]
	for i := 0; i < len(body); i++ {
		if body[i] != '\\' {
			out.WriteByte(body[i])
			continue
		}
		i++
		switch body[i] {
		case 'n':
			out.WriteByte('\n')
		case 't':
			out.WriteByte('\t')
		case '\\', '\'', '"':
			out.WriteByte(body[i])
		default:
			return Value{}, fault(`the escape \%c`, body[i])
		}
	}
	if strings.Contains(out.String(), left) || strings.Contains(out.String(), right) {
		return Value{}, fault("a text with a delimiter of packs, %s or %s", left, right)
	}
	return Value{strconv.Quote(out.String()), Text}, nil
}
