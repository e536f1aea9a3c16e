package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"

	"example.com/scaffold/internal/answers"
	"example.com/scaffold/internal/project"
)

// The exit codes of every command.
const (
	exitDone      = 0   // it is done
	exitFailed    = 1   // the environment did not allow it: disk, network, a missing program
	exitUsage     = 2   // wrong usage or answers, or a folder with files; nothing was touched
	exitConflicts = 3   // conflicts are left, or a service does not keep the contract
	exitWaiting   = 4   // an update is waiting
	exitAborted   = 130 // the person stopped it
)

// exitError is an error with an exit code and a way out.
type exitError struct {
	code int
	err  error
	hint string // what to do, in one sentence; may be empty
}

func (e *exitError) Error() string { return e.err.Error() }
func (e *exitError) Unwrap() error { return e.err }

// usagef is an error of the person's input, with a way out.
func usagef(hint, format string, args ...any) error {
	return &exitError{code: exitUsage, err: fmt.Errorf(format, args...), hint: hint}
}

// quiet is an error that has said everything already and only sets the code.
func quiet(code int) error { return &exitError{code: code} }

// report prints an error once and returns the exit code that belongs to it.
func report(w io.Writer, err error) int {
	if err == nil {
		return exitDone
	}
	if errors.Is(err, context.Canceled) {
		_, _ = fmt.Fprintln(w, "scaffold: stopped; nothing was left behind")
		return exitAborted
	}
	code, hint := exitFailed, ""
	var exit *exitError
	var refused *project.RefusedError
	switch {
	case errors.As(err, &exit):
		code, hint = exit.code, exit.hint
		if exit.err == nil {
			return code
		}
	case errors.As(err, &refused):
		code, hint = exitUsage, refused.Hint
	}
	msg := strings.ReplaceAll(printable(err.Error()), "\n", "\n  ")
	_, _ = fmt.Fprintf(w, "scaffold: %s\n", msg)
	if hint != "" {
		_, _ = fmt.Fprintf(w, "  %s\n", strings.ReplaceAll(printable(hint), "\n", "\n  "))
	}
	return code
}

// printable replaces what would do something to the terminal: messages quote
// file names and lines of packs.
func printable(text string) string {
	return strings.Map(func(r rune) rune {
		if answers.Unseen(r) {
			return '\uFFFD'
		}
		return r
	}, text)
}
