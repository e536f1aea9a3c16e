package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"os/exec"
	"path/filepath"
	"time"
)

// suite measures how long `scaffold verify` takes without its slow-clock tests.
func (b *bench) suite() error {
	dir := filepath.Join(b.dir, "verified")
	if _, err := b.cost(b.dir, b.scaffold, "new", "shop", "--stack", "python-fastapi", "--yes", "--no-git", "--output", dir); err != nil {
		return err
	}
	if _, err := b.cost(dir, "make", "setup"); err != nil {
		return err
	}
	started := time.Now()
	out, err := b.command(dir, nil, b.scaffold, "verify", ".", "--json").Output()
	took := time.Since(started)
	if exit := (*exec.ExitError)(nil); err != nil && !errors.As(err, &exit) {
		return err
	}
	var report struct {
		Counts map[string]int `json:"counts"`
		Tests  []struct {
			ID string  `json:"id"`
			MS float64 `json:"ms"`
		} `json:"tests"`
	}
	if err := json.Unmarshal(out, &report); err != nil {
		return fmt.Errorf("verify --json: %w", err)
	}
	line("scaffold verify ., everything", took.Round(time.Second).String(), "")
	line("tests", fmt.Sprintf("%v", report.Counts), "")
	return nil
}
