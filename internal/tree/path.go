package tree

import (
	"errors"
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// Limits on a path, in bytes. Windows counts 260 from the drive on, and a
// segment must leave room for the suffix of a temporary name.
const (
	MaxPath    = 220
	MaxSegment = 120
)

// CheckPath refuses a path that must not be written on some system we write to:
// one that leaves the folder, that names git's own folder in any spelling, or
// that Windows or macOS would read as another path than the one shown.
func CheckPath(path string) error {
	if err := checkWhole(path); err != nil {
		return fmt.Errorf("path %q: %w", path, err)
	}
	for segment := range strings.SplitSeq(path, "/") {
		if err := checkSegment(segment); err != nil {
			return fmt.Errorf("path %q: %w", path, err)
		}
	}
	return nil
}

func checkWhole(path string) error {
	switch {
	case path == "":
		return errors.New("is empty")
	case len(path) > MaxPath:
		return fmt.Errorf("is longer than %d bytes", MaxPath)
	case path[0] == '/':
		return errors.New("is absolute")
	case !utf8.ValidString(path):
		return errors.New("is not UTF-8")
	case !norm.NFC.IsNormalString(path):
		return errors.New("is not in normal form (NFC), so that macOS would store another name")
	}
	for _, r := range path {
		switch {
		case r == '\\':
			return errors.New("has a backslash, which Windows reads as a separator")
		case strings.ContainsRune(`<>:"|?*`, r):
			return fmt.Errorf("has %q, which Windows refuses or reads as a drive or stream", r)
		case unicode.IsControl(r):
			return fmt.Errorf("has the control character %U", r)
		case ignorable(r):
			return fmt.Errorf("has the invisible character %U", r)
		}
	}
	return nil
}

// ignorable tells the code points that some file system drops or that nobody
// sees: format characters (zero width, bidi), variation selectors, separators.
func ignorable(r rune) bool {
	return unicode.In(r, unicode.Cf, unicode.Zl, unicode.Zp, unicode.Variation_Selector, unicode.Other_Default_Ignorable_Code_Point)
}

func checkSegment(s string) error {
	switch {
	case s == "":
		return errors.New("has an empty segment")
	case s == "." || s == "..":
		return fmt.Errorf("has the segment %q", s)
	case len(s) > MaxSegment:
		return fmt.Errorf("has a segment longer than %d bytes", MaxSegment)
	case strings.HasSuffix(s, ".") || strings.HasSuffix(s, " "):
		return errors.New("has a segment that ends in a dot or space, which Windows drops")
	case isGit(s):
		return errors.New("would write into git's own folder")
	case isDevice(s):
		return fmt.Errorf("has %q, a device name on Windows", s)
	}
	return nil
}

// isGit tells ".git" in any case, and the short name that Windows gives it.
func isGit(s string) bool {
	s = strings.ToLower(s)
	if s == ".git" {
		return true
	}
	digits, ok := strings.CutPrefix(s, "git~")
	return ok && digits != "" && strings.Trim(digits, "0123456789") == ""
}

// isDevice tells the names Windows keeps for devices, whatever their extension.
func isDevice(s string) bool {
	stem, _, _ := strings.Cut(s, ".")
	stem = strings.ToUpper(strings.TrimRight(stem, " "))
	switch stem {
	case "CON", "PRN", "AUX", "NUL", "CONIN$", "CONOUT$":
		return true
	}
	number, ok := strings.CutPrefix(stem, "COM")
	if !ok {
		number, ok = strings.CutPrefix(stem, "LPT")
	}
	return ok && utf8.RuneCountInString(number) == 1 && strings.ContainsAny(number, "0123456789¹²³")
}

// fold is the spelling under which a case-insensitive file system keeps a path.
func fold(path string) string {
	ascii := true
	for i := range len(path) {
		if path[i] >= utf8.RuneSelf {
			ascii = false
			break
		}
	}
	if ascii {
		return strings.ToLower(path)
	}
	return norm.NFC.String(strings.Map(func(r rune) rune {
		// The smallest rune of its folding orbit stands for all of them.
		least := r
		for next := unicode.SimpleFold(r); next != r; next = unicode.SimpleFold(next) {
			least = min(least, next)
		}
		return unicode.ToLower(least)
	}, path))
}
