package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"example.com/scaffold/internal/cli"
)

// TestEveryCommandHasAPage: each command with its description and each of its
// flags.
func TestEveryCommandHasAPage(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "man1")
	if err := write(dir); err != nil {
		t.Fatal(err)
	}
	root, err := cli.Command()
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range root.Commands() {
		if !c.IsAvailableCommand() || c.Name() == "help" {
			continue
		}
		page, err := os.ReadFile(filepath.Join(dir, "scaffold-"+c.Name()+".1"))
		if err != nil {
			t.Error(err)
			continue
		}
		if !strings.Contains(string(page), c.Short) {
			t.Errorf("%s: the page does not say what it is for", c.Name())
		}
	}
	page, err := os.ReadFile(filepath.Join(dir, "scaffold-new.1"))
	if err != nil {
		t.Fatal(err)
	}
	for _, flag := range []string{"database", "output", "idempotency"} {
		if !strings.Contains(string(page), "--"+flag) {
			t.Errorf("scaffold-new(1) does not mention --%s", flag)
		}
	}
}
