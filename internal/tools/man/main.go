// Command man writes the manual pages of scaffold into a folder:
//
//	go run ./internal/tools/man DIR
package main

import (
	"fmt"
	"os"

	"github.com/spf13/cobra"
	"github.com/spf13/cobra/doc"

	"example.com/scaffold/internal/cli"
)

func main() {
	if len(os.Args) != 2 {
		fmt.Fprintln(os.Stderr, "usage: man DIR")
		os.Exit(2)
	}
	if err := write(os.Args[1]); err != nil {
		fmt.Fprintln(os.Stderr, "man:", err)
		os.Exit(1)
	}
}

// write puts one page a command into dir. The pages bear the month of
// SOURCE_DATE_EPOCH, where that is set, so that a release can be built again.
func write(dir string) error {
	root, err := cli.Command()
	if err != nil {
		return err
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	visit(root, func(c *cobra.Command) { c.DisableAutoGenTag = true })
	header := &doc.GenManHeader{Title: "SCAFFOLD", Section: "1", Source: "scaffold " + root.Version, Manual: "scaffold"}
	return doc.GenManTree(root, header, dir)
}

func visit(c *cobra.Command, do func(*cobra.Command)) {
	do(c)
	for _, sub := range c.Commands() {
		visit(sub, do)
	}
}
