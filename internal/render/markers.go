package render

import (
	"fmt"
	"path"
	"regexp"
	"slices"
	"strings"

	"example.com/scaffold/internal/expr"
)

// A comment is how a language writes a comment on one line.
type comment struct{ open, close string }

var (
	hash  = comment{"#", ""}
	slash = comment{"//", ""}
	block = comment{"/*", "*/"}
	jsx   = comment{"{/*", "*/}"}
	html  = comment{"<!--", "-->"}
	dash  = comment{"--", ""}
	semi  = comment{";", ""}
	bare  = comment{"", ""} // an action with no comment around it, where a language has none
)

// comments tells in which comments of a file markers may stand.
func comments(file string) []comment {
	switch strings.ToLower(path.Ext(file)) {
	case ".js", ".mjs", ".cjs", ".ts", ".mts", ".cts", ".go", ".java", ".kt", ".rs", ".c", ".h", ".cc", ".cpp", ".proto", ".json", ".jsonc", ".json5", ".prisma":
		return []comment{slash, block}
	case ".jsx", ".tsx":
		return []comment{jsx, slash, block}
	case ".css", ".scss", ".less":
		return []comment{block, slash}
	case ".md", ".html", ".htm", ".xml", ".svg", ".vue":
		return []comment{html}
	case ".sql":
		return []comment{dash}
	case ".ini":
		return []comment{hash, semi}
	default:
		// Python, YAML, TOML, shell, Makefile, Dockerfile, nginx, .env, ignore files.
		return []comment{hash}
	}
}

// Marker writes an action that stands alone on its line in a file of this name,
// in a comment of the file's language.
func Marker(file, action string) string {
	c := comments(file)[0]
	return strings.TrimSpace(c.open + " " + expr.Left + " " + action + " " + expr.Right + " " + c.close)
}

// control tells the actions that print nothing, so that their line disappears.
var control = regexp.MustCompile(`^(?:(?:if|range|with|define|block)\s.*|else(?:\s.*)?|end|break|continue|\$\w*\s*:?=.*|/\*.*\*/)$`)

// marker takes the action out of a line that is nothing but a control action,
// perhaps within a comment of one of the given languages.
func marker(line string, langs []comment) (action string, ok bool) {
	line = strings.TrimSpace(line)
	for _, c := range langs {
		inner, opened := strings.CutPrefix(line, c.open)
		inner, closed := strings.CutSuffix(inner, c.close)
		if !opened || !closed {
			continue
		}
		inner = strings.TrimSpace(inner)
		inner, left := strings.CutPrefix(inner, expr.Left)
		inner, right := strings.CutSuffix(inner, expr.Right)
		if !left || !right || strings.Contains(inner, expr.Right) {
			continue
		}
		inner = strings.TrimSpace(strings.TrimSuffix(strings.TrimPrefix(inner, "-"), "-"))
		if control.MatchString(inner) {
			return inner, true
		}
	}
	return "", false
}

// scan turns a source into the text of a template: a line that is a marker
// becomes its action alone, without indentation, comment and line end. Lines
// keep their numbers, because the line end moves into the action.
func scan(file, source string) (string, error) {
	langs := append(comments(file), bare)
	var out strings.Builder
	out.Grow(len(source))
	n := 0
	for line := range strings.Lines(source) {
		n++
		if !strings.Contains(line, expr.Left) {
			out.WriteString(line)
			continue
		}
		action, ok := marker(line, langs)
		if !ok {
			if _, foreign := marker(line, []comment{hash, slash, block, jsx, html, dash, semi}); foreign {
				return "", &Error{File: file, Line: n, Message: "the marker stands in a comment of another language", Hint: "here: " + examples(langs), Source: source}
			}
			out.WriteString(line)
			continue
		}
		end := ""
		if strings.HasSuffix(line, "\n") {
			end = "\n"
		}
		if text, isComment := strings.CutSuffix(action, "*/"); isComment {
			fmt.Fprintf(&out, "%s%s%s*/%s", expr.Left, text, end, expr.Right)
		} else {
			fmt.Fprintf(&out, "%s%s %s%s", expr.Left, action, end, expr.Right)
		}
	}
	return out.String(), nil
}

func examples(langs []comment) string {
	var shown []string
	for _, c := range langs {
		shown = append(shown, strings.TrimSpace(c.open+" <% … %> "+c.close))
	}
	return strings.Join(slices.Compact(shown), " or ")
}
