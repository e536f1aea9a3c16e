package form

import (
	"strings"
	"unicode"

	"github.com/charmbracelet/x/ansi"
)

// clean makes a text from a pack or a file safe to print on one line: no escape
// sequences, no control characters, and none of the invisible ones that reorder
// or hide what stands around them.
func clean(text string) string {
	text = strings.Map(func(r rune) rune {
		switch {
		case r == '\n' || r == '\t' || unicode.In(r, unicode.Zl, unicode.Zp):
			return ' '
		case unicode.IsControl(r), unicode.Is(unicode.Cf, r), r == unicode.ReplacementChar:
			return -1
		}
		return r
	}, ansi.Strip(strings.ToValidUTF8(text, "")))
	return strings.TrimSpace(text)
}
