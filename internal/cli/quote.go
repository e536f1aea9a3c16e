package cli

import "strings"

// shellQuote writes an argument so that a POSIX shell reads it back unchanged,
// and leaves those alone that need no quotes. Of --flag=value it quotes the value.
func shellQuote(arg string) string {
	if flag, value, ok := strings.Cut(arg, "="); ok && strings.HasPrefix(flag, "--") && !strings.ContainsAny(flag, " '\"$`\\") {
		return flag + "=" + shellQuote(value)
	}
	if arg != "" && strings.IndexFunc(arg, func(r rune) bool {
		plain := r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || strings.ContainsRune("-_./=:,@+%", r)
		return !plain
	}) < 0 {
		return arg
	}
	return "'" + strings.ReplaceAll(arg, "'", `'\''`) + "'"
}

// shellLine joins arguments to one line for a POSIX shell.
func shellLine(args ...string) string {
	quoted := make([]string, len(args))
	for i, a := range args {
		quoted[i] = shellQuote(a)
	}
	return strings.Join(quoted, " ")
}
