package answers

import "unicode"

// Unseen says whether a character does something to a terminal instead of being
// shown: controls other than line feed and tab, and what turns the direction of
// writing (Trojan Source, CVE-2021-42574).
func Unseen(r rune) bool {
	switch {
	case r == '\n' || r == '\t':
		return false
	case r >= 0x202a && r <= 0x202e, r >= 0x2066 && r <= 0x2069, r == 0x200e, r == 0x200f, r == 0x061c:
		return true
	}
	return unicode.IsControl(r)
}
