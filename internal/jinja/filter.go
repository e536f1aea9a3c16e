package jinja

import (
	"fmt"
	"slices"
	"strings"
)

// arguments are those of a filter or method; a keyword is as good as a place.
func (p *exprParser) arguments() ([]Value, error) {
	var args []Value
	if !p.take("(") {
		return nil, nil
	}
	for !p.take(")") {
		if len(p.tokens) > 1 && p.tokens[1] == "=" {
			if !slices.Contains([]string{"separator", "default_value", "boolean", "d"}, p.tokens[0]) {
				return nil, fault("the argument %s=", p.tokens[0])
			}
			p.tokens = p.tokens[2:]
		}
		v, err := p.whole()
		if err != nil {
			return nil, err
		}
		args = append(args, v)
		if !p.take(",") && p.peek() != ")" {
			return nil, fault("arguments that do not end")
		}
	}
	return args, nil
}

// filter applies {{ v | name(arguments) }}.
func (p *exprParser) filter(v Value) (Value, error) {
	name := p.peek()
	p.take(name)
	args, err := p.arguments()
	if err != nil {
		return v, err
	}
	switch {
	case (name == "default" || name == "d") && len(args) == 1 && args[0].Type == v.Type:
		return v, nil // every name that is known has a value
	case (name == "default" || name == "d") && len(args) == 2 && args[1].Expr == "true" && args[0].Type == v.Type:
		return Value{fmt.Sprintf("default %s %s", args[0].arg(), v.arg()), v.Type}, nil
	case name == "slugify" && v.Type == Text && len(args) <= 1:
		separator := Value{`"-"`, Text}
		if len(args) == 1 {
			separator = args[0]
		}
		return call(Text, "slug", separator, v), nil
	case name == "join" && v.Type == List && len(args) == 1:
		return call(Text, "join", args[0], v), nil
	case (name == "length" || name == "count") && v.Type == List && len(args) == 0:
		return call(Int, "len", v), nil
	case (name == "first" || name == "last") && v.Type == List && len(args) == 0:
		return call(Text, name, v), nil
	case name == "tojson" && len(args) == 0 && v.Type != Other:
		return call(Text, "toJson", v), nil
	case name == "string" && v.Type == Int && len(args) == 0:
		return call(Text, "toString", v), nil
	case name == "bool" && v.Type == Bool, name == "string" && v.Type == Text, name == "safe" && v.Type == Text:
		if len(args) == 0 {
			return v, nil
		}
	case name == "trim":
		return textFunc("strip", v, args)
	case slices.Contains([]string{"lower", "upper", "replace"}, name):
		return textFunc(name, v, args)
	}
	return v, fault("the filter %s of %s", name, v.Type)
}

// method applies {{ v.name(arguments) }}.
func (p *exprParser) method(v Value) (Value, error) {
	name := p.peek()
	p.take(name)
	if p.peek() != "(" {
		return v, fault("the member .%s", name)
	}
	args, err := p.arguments()
	if err != nil {
		return v, err
	}
	if name == "join" && v.Type == Text && len(args) == 1 && args[0].Type == List {
		return call(Text, "join", v, args[0]), nil
	}
	return textFunc(name, v, args)
}

// textFunc are the methods and filters of a text that give the same of any text.
// Not among them: title and capitalize, which Python, Jinja and Go each do in
// their own way.
func textFunc(name string, v Value, args []Value) (Value, error) {
	names := map[string]struct {
		to    string
		takes int
		gives Type
	}{
		"lower": {"lower", 0, Text}, "upper": {"upper", 0, Text}, "strip": {"trim", 0, Text},
		"replace": {"replace", 2, Text}, "startswith": {"hasPrefix", 1, Bool}, "endswith": {"hasSuffix", 1, Bool},
	}
	f, known := names[name]
	fits := known && v.Type == Text && len(args) == f.takes
	for _, a := range args {
		fits = fits && a.Type == Text
	}
	if !fits {
		return v, fault("%s of %s", name, v.Type)
	}
	return call(f.gives, f.to, append(slices.Clone(args), v)...), nil
}

func call(t Type, name string, args ...Value) Value {
	words := []string{name}
	for _, a := range args {
		words = append(words, a.arg())
	}
	return Value{strings.Join(words, " "), t}
}
