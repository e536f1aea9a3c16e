// Package quiet keeps the program silent until it has something to say.
//
// Bubble Tea asks the terminal for its background colour while its package is
// initialised, so at every start of a program that contains it: also for help,
// with escape sequences on the terminal and a wait of up to five seconds for one
// that does not answer. Lip Gloss does not ask if it knows the answer already.
// The form uses none of the colours that depend on it, so any answer will do.
//
// Go initialises packages that are ready in the order of their import paths, and
// this one's is before Bubble Tea's. A test of the form runs the program on a
// terminal and would see it if that were no longer so.
package quiet

import "github.com/charmbracelet/lipgloss"

var _ = answered()

func answered() bool {
	lipgloss.SetHasDarkBackground(true)
	return true
}
