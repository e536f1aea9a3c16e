package project

import (
	"context"
	"errors"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

func TestWriteModesAndBytes(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "with space", "shöp")
	if err := write(dir, Options{}); err != nil {
		t.Fatal(err)
	}
	for p, f := range sample().All() {
		info, err := os.Stat(filepath.Join(dir, filepath.FromSlash(p)))
		if err != nil {
			t.Fatal(err)
		}
		if got := info.Mode().Perm()&0o100 != 0; got != f.Exec {
			t.Errorf("%s: executable %t, want %t", p, got, f.Exec)
		}
		if got := files(t, dir)[p]; got != string(f.Data) {
			t.Errorf("%s holds %q", p, got)
		}
	}
	if left := runs(t, filepath.Dir(filepath.Dir(dir))); len(left) > 0 {
		t.Errorf("left behind: %v", left)
	}
}

// TestRefusals holds the reason and way out of each refusal, that Check and Open
// agree, and that nothing changes.
func TestRefusals(t *testing.T) {
	tests := []struct {
		name  string
		make  func(t *testing.T, dir string) string // returns the target
		force bool
		want  string
		paths []string
	}{
		{
			name: "has files",
			make: func(t *testing.T, dir string) string {
				plant(t, dir, map[string]string{"a": "", "b": "", "c": "", "d": ""})
				return dir
			},
			want: "has files (a, b, c, …)",
		},
		{
			name: "differing files, forced", force: true,
			make: func(t *testing.T, dir string) string {
				plant(t, dir, map[string]string{"README.md": "mine", "src/app/db.py": "mine"})
				return dir
			},
			want: "has files of its own", paths: []string{"README.md", "src/app/db.py"},
		},
		{
			name: "folder where a file goes, forced", force: true,
			make: func(t *testing.T, dir string) string {
				plant(t, dir, map[string]string{"README.md/": ""})
				return dir
			},
			want: "has files of its own", paths: []string{"README.md"},
		},
		{
			name: "file where a folder goes, forced", force: true,
			make: func(t *testing.T, dir string) string {
				plant(t, dir, map[string]string{"src": "x"})
				return dir
			},
			want: "has files of its own", paths: []string{"src"},
		},
		{
			name: "a link where a folder goes, forced", force: true,
			make: func(t *testing.T, dir string) string {
				plant(t, dir, map[string]string{"real/": ""})
				symlink(t, "real", filepath.Join(dir, "src"))
				return dir
			},
			want: "has files of its own", paths: []string{"src"},
		},
		{
			name: "a link out of the folder where a file goes, forced", force: true,
			make: func(t *testing.T, dir string) string {
				plant(t, dir, nil)
				symlink(t, filepath.Join(t.TempDir(), "elsewhere"), filepath.Join(dir, "README.md"))
				return dir
			},
			want: "has files of its own", paths: []string{"README.md"},
		},
		{
			name: "target is a link",
			make: func(t *testing.T, dir string) string {
				to := t.TempDir()
				symlink(t, to, dir)
				return dir
			},
			want: "is a symbolic link to",
		},
		{
			name: "target is a file",
			make: func(t *testing.T, dir string) string {
				if err := os.WriteFile(dir, nil, 0o644); err != nil {
					t.Fatal(err)
				}
				return dir
			},
			want: "is a file, not a folder",
		},
		{
			name: "target inside a file",
			make: func(t *testing.T, dir string) string {
				if err := os.WriteFile(dir, nil, 0o644); err != nil {
					t.Fatal(err)
				}
				return filepath.Join(dir, "x", "y")
			},
			want: "which is a file",
		},
		{
			name: "target behind a dangling link",
			make: func(t *testing.T, dir string) string {
				symlink(t, filepath.Join(t.TempDir(), "nowhere"), dir)
				return filepath.Join(dir, "x")
			},
			want: "a symbolic link to nowhere",
		},
	}
	for _, tc := range tests {
		t.Run(tc.name, func(t *testing.T) {
			parent := t.TempDir()
			dir := tc.make(t, filepath.Join(parent, "shop"))
			before := list(t, parent)
			opts := Options{Force: tc.force}

			var refused *RefusedError
			if err := Check(dir, sample(), opts); !errors.As(err, &refused) {
				t.Fatalf("Check = %v, want a refusal", err)
			}
			err := write(dir, opts)
			if !errors.As(err, &refused) {
				t.Fatalf("write = %v, want a refusal", err)
			}
			if !strings.Contains(err.Error(), tc.want) || refused.Hint == "" {
				t.Errorf("error %q with hint %q, want %q", err, refused.Hint, tc.want)
			}
			if !slices.Equal(refused.Paths, tc.paths) {
				t.Errorf("names %v, want %v", refused.Paths, tc.paths)
			}
			if after := list(t, parent); !slices.Equal(after, before) {
				t.Errorf("changed the disk: %v -> %v", before, after)
			}
		})
	}
}

func TestIntoFolderWithOnlyARepository(t *testing.T) {
	dir := t.TempDir()
	plant(t, dir, map[string]string{".git/HEAD": "ref: refs/heads/main\n"})
	if err := Check(dir, sample(), Options{}); err != nil {
		t.Error("a folder with nothing but .git counts as empty:", err)
	}
}

// TestFailureHalfWayIsTakenBack lets the move of the third file fail.
func TestFailureHalfWayIsTakenBack(t *testing.T) {
	dir := t.TempDir()
	plant(t, dir, map[string]string{"mine": "1"})
	before := files(t, dir)
	s, err := Open(t.Context(), dir, sample(), Options{Force: true})
	if err != nil {
		t.Fatal(err)
	}
	// Someone else makes the very file after it was looked at.
	plant(t, dir, map[string]string{"src/app/db.py": "theirs"})
	err = s.Publish(t.Context())
	if err = errors.Join(err, s.Close()); err == nil || !strings.Contains(err.Error(), "src/app/db.py") {
		t.Fatalf("Publish = %v, want an error that names src/app/db.py", err)
	}
	before["src/"], before["src/app/"], before["src/app/db.py"] = "", "", "theirs"
	if after := files(t, dir); !maps.Equal(after, before) {
		t.Errorf("before %v\nafter %v", before, after)
	}
}

func TestTargetAppearsMeanwhile(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "shop")
	s, err := Open(t.Context(), dir, sample(), Options{})
	if err != nil {
		t.Fatal(err)
	}
	plant(t, dir, map[string]string{"theirs": "x"})
	var refused *RefusedError
	if err := errors.Join(s.Publish(t.Context()), s.Close()); !errors.As(err, &refused) {
		t.Fatalf("Publish = %v, want a refusal", err)
	}
	if got := files(t, dir); len(got) != 1 {
		t.Errorf("wrote into it: %v", got)
	}
}

func TestCancelLeavesNothing(t *testing.T) {
	for name, force := range map[string]bool{"new folder": false, "existing folder": true} {
		t.Run(name, func(t *testing.T) {
			parent := t.TempDir()
			dir := filepath.Join(parent, "shop")
			if force {
				dir = parent
				plant(t, dir, map[string]string{"mine": "1"})
			}
			before := list(t, parent)
			// Cancelled at each step in turn, until one comes too late.
			for n := 1; n < 40; n++ {
				ctx, cancel := context.WithCancel(t.Context())
				left := n
				opts := Options{Force: force, step: func() {
					if left--; left == 0 {
						cancel()
					}
				}}
				s, err := Open(ctx, dir, sample(), opts)
				if err == nil {
					err = errors.Join(s.Publish(ctx), s.Close())
				}
				cancel()
				if err == nil {
					if n < 5 {
						t.Fatalf("cancelled at step %d and ran on", n)
					}
					return
				}
				if !errors.Is(err, context.Canceled) {
					t.Fatalf("step %d: %v", n, err)
				}
				if after := list(t, parent); !slices.Equal(after, before) {
					t.Fatalf("step %d left %v", n, after)
				}
			}
		})
	}
}

// TestRecoverKeepsWhatChanged: a file of an interrupted run that the person has
// edited since is theirs.
func TestRecoverKeepsWhatChanged(t *testing.T) {
	dir := t.TempDir()
	moved := 0
	s, err := Open(t.Context(), dir, sample(), Options{})
	if err != nil {
		t.Fatal(err)
	}
	j, err := s.plan()
	if err != nil {
		t.Fatal(err)
	}
	if err := s.writeJournal(j); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	s.opts.step = func() {
		if moved++; moved > len(j.Dirs)+2 {
			cancel()
		}
	}
	if err := s.move(ctx, j); !errors.Is(err, context.Canceled) {
		t.Fatal(err)
	}
	if done, err := Recover(dir); err != nil || len(done) != 0 {
		t.Fatalf("Recover took a run that still holds its lock: %v, %v", done, err)
	}
	if err := errors.Join(s.lock.Close(), s.root.Close()); err != nil { // as the system does when a process dies
		t.Fatal(err)
	}
	plant(t, dir, map[string]string{"bin/run": "edited"})
	done, err := Recover(dir)
	if err != nil {
		t.Fatal(err)
	}
	if len(done) != 1 || done[0].Removed != 2 || !slices.Equal(done[0].Kept, []string{"bin/run"}) {
		t.Errorf("Recover = %+v, want README.md and one more gone and bin/run kept", done)
	}
	want := map[string]string{"bin/": "", "bin/run": "edited"}
	if got := files(t, dir); !maps.Equal(got, want) {
		t.Errorf("left %v, want %v", got, want)
	}
}

// TestRecoverBelievesNoForeignJournal: a journal may come with a cloned
// repository; it must not reach outside the folder.
func TestRecoverBelievesNoForeignJournal(t *testing.T) {
	parent := t.TempDir()
	plant(t, parent, map[string]string{
		"victim":                          "",
		"repo/" + runPrefix + "x/journal": `{"schema":1,"files":{"../victim":"e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"}}`,
	})
	_, err := Recover(filepath.Join(parent, "repo"))
	if err == nil || !strings.Contains(err.Error(), runPrefix+"x") {
		t.Errorf("Recover = %v, want an error that names the run", err)
	}
	if _, err := os.Stat(filepath.Join(parent, "victim")); err != nil {
		t.Error("the file outside is gone:", err)
	}
}

func symlink(t *testing.T, to, at string) {
	t.Helper()
	if err := os.Symlink(to, at); err != nil {
		t.Fatal(err)
	}
}

// list names everything under dir without following links.
func list(t *testing.T, dir string) []string {
	t.Helper()
	var got []string
	err := filepath.WalkDir(dir, func(p string, d fs.DirEntry, err error) error {
		got = append(got, d.Type().String()+p)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return got
}

func runs(t *testing.T, dir string) []string {
	t.Helper()
	found, err := filepath.Glob(filepath.Join(dir, runPrefix+"*"))
	if err != nil {
		t.Fatal(err)
	}
	return found
}
