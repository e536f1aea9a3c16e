//go:build unix

package main

import (
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
)

// life is a project and its pack on a disk, and all that happens to them. Each line
// that either of them writes is written once, so that it can be found again.
type life struct {
	r       *rand.Rand
	dir     string
	version int
	line    int
	pack    map[string]string // path in the pack -> text
	log     []string
}

func (l *life) project() string { return filepath.Join(l.dir, "shop") }

func (l *life) fresh(who string) string {
	l.line++
	return fmt.Sprintf("%s %d\n", who, l.line)
}

func (l *life) text(who string) string {
	var s strings.Builder
	for range 3 + l.r.IntN(8) {
		s.WriteString(l.fresh(who))
	}
	return s.String()
}

// insert puts a new line somewhere, or instead of one of the pack's.
func (l *life) insert(s, who string) string {
	lines := strings.SplitAfter(s, "\n")
	at := l.r.IntN(len(lines))
	if strings.HasPrefix(lines[at], "pack ") && l.r.IntN(2) == 0 {
		lines[at] = l.fresh(who)
		return strings.Join(lines, "")
	}
	return strings.Join(slices.Insert(lines, at, l.fresh(who)), "")
}

// files are those of the project that are neither git's nor scaffold's.
func (l *life) files(t *testing.T) map[string]string {
	t.Helper()
	all := map[string]string{}
	err := filepath.WalkDir(l.project(), func(p string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			if err == nil && (d.Name() == ".git" || d.Name() == ".scaffold") {
				return fs.SkipDir
			}
			return err
		}
		data, err := os.ReadFile(p)
		all[strings.TrimPrefix(p, l.project()+"/")] = string(data)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return all
}

func anyOf[V any](r *rand.Rand, m map[string]V) string {
	return slices.Sorted(maps.Keys(m))[r.IntN(len(m))]
}

func (l *life) user(t *testing.T) {
	t.Helper()
	files := l.files(t)
	if len(files) == 0 {
		return
	}
	name := anyOf(l.r, files)
	at := filepath.Join(l.project(), name)
	var err error
	switch l.r.IntN(6) {
	case 0:
		err = os.Remove(at)
		l.log = append(l.log, "user deletes "+name)
	case 1:
		to := filepath.Join(l.project(), "own", strings.TrimSpace(l.fresh("moved")))
		err = errors.Join(os.MkdirAll(filepath.Dir(to), 0o755), os.Rename(at, to))
		l.log = append(l.log, "user moves "+name)
	default:
		err = os.WriteFile(at, []byte(l.insert(files[name], "user")), 0o644)
		l.log = append(l.log, "user edits "+name)
	}
	if err != nil {
		t.Fatal(err)
	}
}

func (l *life) release(t *testing.T) {
	t.Helper()
	name := anyOf(l.r, l.pack)
	folder, _, _ := strings.Cut(name, "/")
	to := fmt.Sprintf("%s/d%d/f%d", folder, l.r.IntN(2), l.line)
	if folder == "features" {
		to = fmt.Sprintf("features/docs/notes/f%d", l.line)
	}
	what := "edits"
	switch l.r.IntN(6) {
	case 0:
		what = "adds a file beside"
		l.pack[to] = l.text("pack")
	case 1:
		what = "moves"
		l.pack[to] = l.pack[name]
		delete(l.pack, name)
	case 2:
		if len(l.pack) > 4 {
			what = "drops"
			delete(l.pack, name)
		}
	default:
		l.pack[name] = l.insert(l.pack[name], "pack")
	}
	l.log = append(l.log, "pack "+what+" "+name)
	l.publish(t)
}

func (l *life) publish(t *testing.T) {
	t.Helper()
	l.version++
	at := filepath.Join(l.dir, "pack")
	if err := os.RemoveAll(at); err != nil {
		t.Fatal(err)
	}
	files := maps.Clone(l.pack)
	files["scaffold.yaml"] = fmt.Sprintf(tinyPack, fmt.Sprintf("%d.0.0", l.version)) + "options:\n  - {id: docs, title: Docs, help: Notes.}\n"
	files["features/docs/always"] = "docs\n"
	writeAll(t, at, files)
}

// written counts the person's lines, and the places where markers or a file beside
// wait for a decision.
func (l *life) written(t *testing.T) (lines map[string]bool, open int) {
	t.Helper()
	lines = map[string]bool{}
	for name, text := range l.files(t) {
		if strings.HasSuffix(name, ".theirs") {
			open++
		}
		for line := range strings.Lines(text) {
			if strings.HasPrefix(line, "user ") {
				lines[line] = true
			}
			if strings.HasPrefix(line, "<<<<<<< ") {
				open++
			}
		}
	}
	return lines, open
}

func (l *life) fail(t *testing.T, format string, args ...any) {
	t.Helper()
	t.Fatalf(format+"\n%s", append(args, strings.Join(l.log, "\n"))...)
}

// run runs scaffold in the project, killed on its way if so wished; the next command
// finds a way on. It checks what must hold after any run.
func (l *life) run(t *testing.T, killed bool, args ...string) (code int, out string) {
	t.Helper()
	before, openBefore := l.written(t)
	cmd := program(t, l.project(), args...)
	var said strings.Builder
	cmd.Stdout, cmd.Stderr = &said, &said
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	if killed {
		time.Sleep(time.Duration(l.r.Int64N(int64(40 * time.Millisecond))))
		_ = cmd.Process.Kill() // it may have ended
	}
	_ = cmd.Wait() // the code says it
	code, out = cmd.ProcessState.ExitCode(), said.String()
	l.log = append(l.log, fmt.Sprintf("scaffold %s: %d, killed %t\n%s", strings.Join(args, " "), code, killed, out))
	if killed && code < 0 {
		if code, out := l.run(t, false, "status"); code != 0 {
			l.fail(t, "the command after a kill ends with %d\n%s", code, out)
		}
	}
	after, open := l.written(t)
	for _, line := range slices.Sorted(maps.Keys(before)) {
		if !after[line] {
			l.fail(t, "lost: %q", line)
		}
	}
	if !killed && args[0] != "undo" && code == 0 && open > openBefore {
		l.fail(t, "conflicts are left, and the exit code is 0")
	}
	return code, out
}

// follow runs a command that updates, settling what an earlier conflict left beside.
func (l *life) follow(t *testing.T, args ...string) {
	t.Helper()
	killed := l.r.IntN(3) == 0
	code, out := l.run(t, killed, args...)
	if code == 1 && strings.Contains(out, ".theirs is in the way") {
		for name := range l.files(t) {
			if strings.HasSuffix(name, ".theirs") {
				if err := os.Remove(filepath.Join(l.project(), name)); err != nil {
					t.Fatal(err)
				}
			}
		}
		l.log = append(l.log, "user settles what lies beside")
		code, out = l.run(t, false, args...)
	}
	switch {
	case killed && code < 0:
	case code != 0 && code != 3:
		l.fail(t, "scaffold %v ends with %d\n%s", args, code, out)
	case (code == 3) != strings.Contains(out, "conflict "):
		l.fail(t, "scaffold %v ends with %d, and says\n%s", args, code, out)
	case l.r.IntN(2) == 0:
		if code, out := l.run(t, false, "update"); code != 0 || !strings.Contains(out, "Nothing to do") {
			l.fail(t, "an update right after scaffold %v does something\n%s", args, out)
		}
	}
}

// TestLives makes random histories with the program itself: edits, versions, options,
// undo and kills. After every run what the person wrote is there, the exit code is
// honest, and an update right after another does nothing.
func TestLives(t *testing.T) {
	const lives, events = 8, 24
	for seed := range uint64(lives) {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			l := &life{r: rand.New(rand.NewPCG(seed, 3)), dir: t.TempDir(), pack: map[string]string{}}
			l.log = append(l.log, fmt.Sprintf("seed %d", seed))
			for _, name := range []string{"base/a", "base/b", "base/d0/c", "base/d1/d", "features/docs/notes/n"} {
				l.pack[name] = l.text("pack")
			}
			l.publish(t)
			if out, err := program(t, l.dir, "new", "shop", "--pack", "pack", "--yes", "--no-git").CombinedOutput(); err != nil {
				t.Fatalf("%v\n%s", err, out)
			}
			for range events {
				switch l.r.IntN(10) {
				case 0, 1, 2:
					l.user(t)
				case 3, 4, 5:
					l.release(t)
				case 6:
					l.follow(t, "add", "docs")
				case 7:
					l.follow(t, "remove", "docs")
				case 8:
					if code, out := l.run(t, false, "undo"); code != 0 && code != 2 {
						l.fail(t, "undo ends with %d\n%s", code, out)
					}
				default:
					l.follow(t, "update")
				}
			}
		})
	}
}
