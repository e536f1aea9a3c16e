//go:build unix

package main

import (
	"errors"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

const tinyPack = "schema: 1\nname: tiny\nversion: %s\ntitle: Tiny\ndescription: Files.\nquestions:\n  - {id: name, type: text, title: Name?, format: name}\n"

// writeAll writes files below dir, making the folders that are missing.
func writeAll(t *testing.T, dir string, files map[string]string) {
	t.Helper()
	for p, data := range files {
		at := filepath.Join(dir, filepath.FromSlash(p))
		if err := errors.Join(os.MkdirAll(filepath.Dir(at), 0o755), os.WriteFile(at, []byte(data), 0o644)); err != nil {
			t.Fatal(err)
		}
	}
}

// manyPoems is a pack of so many files that writing them takes a while.
func manyPoems(version string) map[string]string {
	files := map[string]string{"scaffold.yaml": fmt.Sprintf(tinyPack, version)}
	for i := range 250 {
		name := fmt.Sprintf("base/d%d/f%d.txt", i%7, i)
		switch {
		case version == "2.0.0" && i%10 == 3:
			continue // dropped
		case version == "2.0.0" && i%10 == 4:
			name = fmt.Sprintf("base/moved/f%d.txt", i)
		}
		files[name] = strings.Repeat(fmt.Sprintf("line of %d\n", i), 20) + "last of version " + version + "\n"
	}
	return files
}

// state is every file below dir, but for git's own and what undo keeps.
func state(t *testing.T, dir string) string {
	t.Helper()
	kept := filepath.Join(dir, ".scaffold", "undo")
	if err := os.RemoveAll(kept); err != nil {
		t.Fatal(err)
	}
	return digest(t, dir)
}

// TestKilledWhileUpdating kills an update at random moments: early, and again and
// again as soon as it has begun to write. The next command leaves all of the update
// or nothing of it, and everything the person wrote.
func TestKilledWhileUpdating(t *testing.T) {
	const rounds, enough = 15, 3 // and more rounds until so many were killed while they wrote
	dir := t.TempDir()
	command := func(at string, argv ...string) {
		t.Helper()
		cmd := exec.CommandContext(t.Context(), argv[0], argv[1:]...)
		if argv[0] == "scaffold" {
			cmd = program(t, at, argv[1:]...)
		}
		cmd.Dir = at
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Fatalf("%v: %v\n%s", argv, err, out)
		}
	}
	writeAll(t, filepath.Join(dir, "pack"), manyPoems("1.0.0"))
	command(dir, "scaffold", "new", "shop", "--pack", "pack", "--yes", "--no-git")
	shop := filepath.Join(dir, "shop")
	for i := range 60 { // what the person wrote, in each kind of file
		at := filepath.Join(shop, fmt.Sprintf("d%d/f%d.txt", i%7, i))
		data, err := os.ReadFile(at)
		if err != nil {
			t.Fatal(err)
		}
		if i%10 != 3 { // a dropped file that was edited would be a conflict
			data = append([]byte("mine\n"), data...)
		}
		if err := os.WriteFile(at, data, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	writeAll(t, shop, map[string]string{"own/notes.txt": "mine\n", ".env": "SECRET=1\n"})
	if err := os.RemoveAll(filepath.Join(dir, "pack")); err != nil {
		t.Fatal(err)
	}
	writeAll(t, filepath.Join(dir, "pack"), manyPoems("2.0.0"))
	before := state(t, shop)

	command(dir, "cp", "-r", "shop", "whole")
	begun := time.Now()
	command(filepath.Join(dir, "whole"), "scaffold", "update")
	takes, whole := time.Since(begun), state(t, filepath.Join(dir, "whole"))
	if whole == before {
		t.Fatal("the update does nothing")
	}

	writing := func(at string) bool {
		found, err := filepath.Glob(filepath.Join(at, ".scaffold-*"))
		return err == nil && len(found) > 0
	}
	caught, stopped, finished := 0, 0, 0
	for round := 0; round < rounds || caught < enough && round < 10*rounds; round++ {
		at := filepath.Join(dir, fmt.Sprintf("round%d", round))
		command(dir, "cp", "-r", "shop", at)
		cmd := program(t, at, "update")
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		ended := make(chan struct{})
		go func() {
			defer close(ended)
			_ = cmd.Wait() // killed, mostly
		}()
		if round%3 > 0 { // in the middle of writing
			for !writing(at) {
				select {
				case <-ended:
				default:
					continue
				}
				break
			}
			time.Sleep(time.Duration(rand.Int64N(int64(takes / 4))))
		} else {
			time.Sleep(time.Duration(rand.Int64N(int64(takes))))
		}
		_ = cmd.Process.Signal(syscall.SIGKILL) // it may have ended
		<-ended
		if writing(at) {
			caught++
		}
		command(at, "scaffold", "status")
		switch state(t, at) {
		case before:
			stopped++
		case whole:
			finished++
		default:
			t.Fatalf("neither as before nor updated: %s", strings.Join(names(t, at), "\n"))
		}
		// Whatever it was, the update can be made now.
		command(at, "scaffold", "update")
		if state(t, at) != whole {
			t.Fatal("the update after a kill gives something else")
		}
		if err := os.RemoveAll(at); err != nil && !errors.Is(err, fs.ErrNotExist) {
			t.Fatal(err)
		}
	}
	t.Logf("%d killed while writing; %d taken back, %d finished, in %v each", caught, stopped, finished, takes)
	if caught < enough {
		t.Error("no run was killed while it wrote: the test proves nothing")
	}
}
