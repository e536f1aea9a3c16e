// Package report writes what a comparison found for people: a page, the same in
// Markdown, a decision record, and the rounds as a table for a spreadsheet.
//
// The page is one file without a script or a remote asset: it works offline, prints,
// follows the reader's light or dark setting, and says in tables all that its charts show.
package report

import (
	"bytes"
	"fmt"
	"path/filepath"

	"example.com/scaffold/internal/compare/result"
)

// Names of the files that Write makes.
const (
	Page     = "report.html"
	Text     = "report.md"
	Decision = "decision.md"
	Table    = "rounds.csv"
)

// Write makes all files of a comparison in a folder, each whole or not at all. Errors
// name the file.
func Write(dir string, c *result.Comparison) error {
	v := newView(c)
	for _, f := range []struct {
		name string
		make func(*bytes.Buffer, *view) error
	}{
		{Page, page}, {Text, markdown}, {Decision, decision}, {Table, table},
	} {
		var out bytes.Buffer
		if err := f.make(&out, v); err != nil {
			return fmt.Errorf("%s: %w", f.name, err)
		}
		if err := result.Write(filepath.Join(dir, f.name), out.Bytes()); err != nil {
			return err
		}
	}
	return nil
}
