package render

import (
	"errors"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"example.com/scaffold/internal/answers"
	"example.com/scaffold/internal/expr"
)

// Error is a fault in a pack's file, with the lines around it.
type Error struct {
	File    string // the pack's name and the path in it
	Line    int    // from 1; 0 if the whole file is meant
	Message string
	Hint    string
	Source  string // the file's text, for the lines shown
}

// Error says file, line, fault and way out, then shows the lines around it.
func (e *Error) Error() string {
	var out strings.Builder
	out.WriteString(e.File)
	if e.Line > 0 {
		fmt.Fprintf(&out, ":%d", e.Line)
	}
	out.WriteString(": " + e.Message)
	if e.Hint != "" {
		out.WriteString(" (" + e.Hint + ")")
	}
	lines := strings.Split(e.Source, "\n")
	if e.Line < 1 || e.Line > len(lines) {
		return out.String()
	}
	for n := max(1, e.Line-1); n <= min(len(lines), e.Line+1); n++ {
		mark := " "
		if n == e.Line {
			mark = ">"
		}
		text := strings.ToValidUTF8(lines[n-1], "?")
		if runes := []rune(text); len(runes) > 160 {
			text = string(runes[:160]) + "…"
		}
		fmt.Fprintf(&out, "\n%s %4d | %s", mark, n, text)
	}
	return out.String()
}

var (
	templateError = regexp.MustCompile(`(?s)^template: source:(\d+)(?::\d+)?: (.*)$`)
	missingKey    = regexp.MustCompile(`map has no entry for key "([^"]*)"`)
)

// explain turns an error of text/template, whose template is called "source",
// into an Error.
func explain(err error, file, source string, data map[string]any) error {
	if err == nil {
		return nil
	}
	if _, done := errors.AsType[*Error](err); done {
		return err
	}
	e := &Error{File: file, Message: expr.Plain(err).Error(), Source: source}
	if m := templateError.FindStringSubmatch(err.Error()); m != nil {
		if n, convErr := strconv.Atoi(m[1]); convErr == nil {
			e.Line = n
		}
	}
	for _, word := range []string{"end", "else"} {
		if braces := "{{" + word + "}}"; strings.Contains(e.Message, braces) {
			e.Message = strings.ReplaceAll(e.Message, braces, expr.Left+" "+word+" "+expr.Right)
			e.Line = lineWith(source, word, e.Line)
		}
	}
	if strings.HasSuffix(e.Message, "unexpected EOF") {
		e.Message, e.Hint = "the file ends within a block", "an if, with or range has no end"
	}
	if m := missingKey.FindStringSubmatch(err.Error()); m != nil {
		e.Message = "nothing is called ." + m[1]
		e.Hint = answers.DidYouMean(m[1], slices.Sorted(maps.Keys(data)))
	}
	return e
}

// lineWith is the line of an action with a word that the parser stopped at: the
// line it names, or the one before, since it has already read the line's end.
func lineWith(source, word string, line int) int {
	lines := strings.Split(source, "\n")
	for n := line; n >= line-1 && n >= 1; n-- {
		if n <= len(lines) && strings.Contains(lines[n-1], expr.Left) && strings.Contains(lines[n-1], word) {
			return n
		}
	}
	return line
}
