package expr

import (
	"errors"
	"fmt"
	"reflect"
	"strings"
	"sync"
	"text/template"
	"unicode"

	"github.com/Masterminds/sprig/v3"
	"golang.org/x/text/unicode/norm"
)

// maxResult bounds what one function call may return, in bytes or elements, so
// that doubling a string in a loop cannot fill the memory.
const maxResult = 64 << 10

// allowed are the functions of sprig that a template may call. They depend on
// their arguments alone: no clock, chance, environment, network or keys.
var allowed = [...]string{
	"trim", "trimAll", "trimPrefix", "trimSuffix", "upper", "lower", "title", "untitle", "substr", "trunc", "nospace",
	"snakecase", "camelcase", "kebabcase", "quote", "squote", "cat", "contains", "hasPrefix", "hasSuffix", "plural",
	"toString", "int", "int64", "atoi", "add", "add1", "sub", "mul", "div", "mod", "max", "min",
	"splitList", "sortAlpha", "list", "first", "last", "rest", "initial", "append", "prepend", "concat", "uniq", "without", "has", "compact",
	"dict", "get", "hasKey", "default", "empty", "coalesce", "ternary", "all", "any", "kindIs",
	"b64enc", "sha256sum", "toJson", "toPrettyJson", "regexMatch", "semverCompare", "fail",
}

// Funcs are the functions every template and condition may call, by name.
var Funcs = sync.OnceValue(func() template.FuncMap {
	funcs := template.FuncMap{
		// text/template's own printers, so that their results are bounded too.
		"print":   fmt.Sprint,
		"println": fmt.Sprintln,
		"printf":  printf,
		"esc":     esc,
		"indent":  indent,
		"replace": replace,
		"slug":    slug,
		"join":    join,
	}
	all := sprig.HermeticTxtFuncMap()
	for _, name := range allowed {
		funcs[name] = all[name]
	}
	for name, f := range funcs {
		funcs[name] = bounded(name, f)
	}
	return funcs
})

// bounded wraps a function so that too long a result is an error. Functions
// that cannot return text or a list are left as they are.
func bounded(name string, f any) any {
	v := reflect.ValueOf(f)
	t := v.Type()
	switch t.Out(0).Kind() {
	case reflect.String, reflect.Slice, reflect.Interface, reflect.Map:
	default:
		return f
	}
	in := make([]reflect.Type, t.NumIn())
	for i := range in {
		in[i] = t.In(i)
	}
	errType := reflect.TypeFor[error]()
	wrapped := reflect.FuncOf(in, []reflect.Type{t.Out(0), errType}, t.IsVariadic())
	return reflect.MakeFunc(wrapped, func(args []reflect.Value) []reflect.Value {
		var results []reflect.Value
		if t.IsVariadic() {
			results = v.CallSlice(args)
		} else {
			results = v.Call(args)
		}
		if len(results) == 1 {
			results = append(results, reflect.Zero(errType))
		}
		if n := length(results[0]); n > maxResult {
			err := fmt.Errorf("%s: the result has %d bytes or elements; the limit is %d", name, n, maxResult)
			results[0], results[1] = reflect.Zero(t.Out(0)), reflect.ValueOf(&err).Elem()
		}
		return results
	}).Interface()
}

func length(v reflect.Value) int {
	if v.Kind() == reflect.Interface {
		v = v.Elem()
	}
	switch v.Kind() {
	case reflect.String, reflect.Slice, reflect.Map, reflect.Array:
		return v.Len()
	default:
		return 0
	}
}

// esc writes a value so that it may stand between the double quotes of a string
// in JSON, TOML, YAML, Python, JavaScript and TypeScript alike.
func esc(v any) string {
	var out strings.Builder
	for _, r := range fmt.Sprint(v) {
		switch {
		case r == '"' || r == '\\':
			out.WriteByte('\\')
			out.WriteRune(r)
		case r == '\n':
			out.WriteString(`\n`)
		case r == '\t':
			out.WriteString(`\t`)
		case r == '\r':
			out.WriteString(`\r`)
		case r < 0x20 || r == 0x7f || r == 0x85 || r == 0x2028 || r == 0x2029:
			fmt.Fprintf(&out, `\u%04x`, r)
		default:
			out.WriteRune(r)
		}
	}
	return out.String()
}

// indent puts n spaces before every line of a text but empty ones.
func indent(n int, text string) (string, error) {
	if n < 0 || n > 100 {
		return "", fmt.Errorf("indent: %d spaces; the limit is 100", n)
	}
	lines := strings.Split(text, "\n")
	for i, line := range lines {
		if line != "" {
			lines[i] = strings.Repeat(" ", n) + line
		}
	}
	return strings.Join(lines, "\n"), nil
}

// printf is fmt.Sprintf with a short format, since a long one could print one
// argument many times.
func printf(format string, args ...any) (string, error) {
	if len(format) > 200 {
		return "", errors.New("printf: the format is longer than 200 bytes")
	}
	return fmt.Sprintf(format, args...), nil
}

// slug writes a text in lower-case ASCII letters and digits, with a separator in
// place of each run of anything else: slug "-" "Ünser Shop!" is unser-shop.
func slug(separator, text string) string {
	var out strings.Builder
	gap := false
	for _, r := range norm.NFKD.String(text) {
		r = unicode.ToLower(r)
		switch {
		case r >= 'a' && r <= 'z' || r >= '0' && r <= '9':
			if gap && out.Len() > 0 {
				out.WriteString(separator)
			}
			out.WriteRune(r)
			gap = false
		case !unicode.Is(unicode.Mn, r) && r != '\'': // an accent divides nothing
			gap = true
		}
	}
	return out.String()
}

// replace and join count before they allocate.
func replace(old, with, text string) (string, error) {
	if n := len(text) + strings.Count(text, old)*len(with); n > maxResult {
		return "", fmt.Errorf("replace: the result may have %d bytes; the limit is %d", n, maxResult)
	}
	return strings.ReplaceAll(text, old, with), nil
}

func join(separator string, list any) (string, error) {
	var parts []string
	n := 0
	v := reflect.ValueOf(list)
	if v.Kind() != reflect.Slice {
		return "", fmt.Errorf("join: %T is not a list", list)
	}
	for i := range v.Len() {
		part := fmt.Sprint(v.Index(i).Interface())
		if n += len(part) + len(separator); n > maxResult {
			return "", fmt.Errorf("join: the result is longer than %d bytes", maxResult)
		}
		parts = append(parts, part)
	}
	return strings.Join(parts, separator), nil
}
