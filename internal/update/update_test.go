package update_test

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"example.com/scaffold/internal/pack"
	"example.com/scaffold/internal/tree"
	"example.com/scaffold/internal/update"
)

// disk is a project in memory. A path that ends in "@" is a symbolic link.
type disk map[string]tree.File

func (d disk) Look(path string) (update.Found, error) {
	if f, ok := d[path]; ok {
		return update.Found{Kind: update.Regular, File: f}, nil
	}
	if _, ok := d[path+"@"]; ok {
		return update.Found{Kind: update.Other}, nil
	}
	for p := range d {
		if strings.HasPrefix(p, path+"/") {
			return update.Found{Kind: update.Folder}, nil
		}
	}
	return update.Found{}, nil
}

func (d disk) Files() ([]string, error) {
	return slices.DeleteFunc(slices.Sorted(maps.Keys(d)), func(p string) bool { return strings.HasSuffix(p, "@") }), nil
}

// files is a set of files, written "path: content"; "*path" is executable.
type files map[string]string

func (fs files) disk() disk {
	d := disk{}
	for p, s := range fs {
		d[strings.TrimPrefix(p, "*")] = tree.File{Data: []byte(s), Exec: strings.HasPrefix(p, "*")}
	}
	return d
}

func (fs files) tree(t *testing.T) *tree.Tree {
	t.Helper()
	tr := &tree.Tree{}
	for p, f := range fs.disk() {
		if err := tr.Add(p, f); err != nil {
			t.Fatal(err)
		}
	}
	return tr
}

// apply does to a copy of the disk what the steps say.
func (d disk) apply(steps []update.Step) disk {
	d = maps.Clone(d)
	for _, s := range steps {
		if s.Remove {
			delete(d, s.Path)
		}
	}
	for _, s := range steps {
		if s.File != nil {
			d[s.Path] = *s.File
		}
		if s.Beside != "" {
			d[s.Beside] = *s.Theirs
		}
	}
	return d
}

func (d disk) String() string {
	var s []string
	for _, p := range slices.Sorted(maps.Keys(d)) {
		x := ""
		if d[p].Exec {
			x = "*"
		}
		s = append(s, fmt.Sprintf("%s%s: %q", x, p, d[p].Data))
	}
	return strings.Join(s, "\n")
}

// text is a file of many lines, so that it can be recognised after a move.
func text(changes ...string) string {
	s := "alpha line\nbravo line\ncharlie line\ndelta line\necho line\nfoxtrot line\ngolf line\nhotel line\n"
	for i := 0; i < len(changes); i += 2 {
		if !strings.Contains(s, changes[i]) {
			panic(changes[i])
		}
		s = strings.Replace(s, changes[i], changes[i+1], 1)
	}
	return s
}

// TestCases is the table of packs.md as far as no disk is needed.
func TestCases(t *testing.T) {
	both := text("alpha", "ALPHA", "hotel", "HOTEL")
	marked := text("echo line\n", "<<<<<<< yours\nmine line\n=======\ntheirs line\n>>>>>>> pack 2\n")
	for _, tc := range []struct {
		name               string
		base, ours, theirs files
		want               files
		states             string // "state path", one a line
		policy             map[string]string
		renames            map[string]string
		theirsFile         bool
	}{
		{name: "far edits in one file by both", base: files{"f": text()}, ours: files{"f": text("alpha", "ALPHA")}, theirs: files{"f": text("hotel", "HOTEL")}, want: files{"f": both}, states: "merge f"},
		{name: "same line edited by both", base: files{"f": text()}, ours: files{"f": text("echo", "mine")}, theirs: files{"f": text("echo", "theirs")}, want: files{"f": marked}, states: "conflict f"},
		{name: "same line, theirs in a file", base: files{"f": text()}, ours: files{"f": text("echo", "mine")}, theirs: files{"f": text("echo", "theirs")}, want: files{"f": text("echo", "mine"), "f.theirs": text("echo", "theirs")}, states: "conflict f", theirsFile: true},
		{name: "both made the same change", base: files{"f": "a\n"}, ours: files{"f": "b\n"}, theirs: files{"f": "b\n"}, want: files{"f": "b\n"}},
		{name: "only the person", base: files{"f": "a\n"}, ours: files{"f": "b\n"}, theirs: files{"f": "a\n"}, want: files{"f": "b\n"}},
		{name: "only the pack", base: files{"f": "a\n"}, ours: files{"f": "a\n"}, theirs: files{"f": "b\n"}, want: files{"f": "b\n"}, states: "update f"},
		{name: "pack renames a file the user edited", base: files{"f": text()}, ours: files{"f": text("alpha", "ALPHA")}, theirs: files{"d/g": text()}, want: files{"d/g": text("alpha", "ALPHA")}, states: "rename d/g\nrename f"},
		{name: "pack renames and edits what the user edited", base: files{"f": text()}, ours: files{"f": text("alpha", "ALPHA")}, theirs: files{"g": text("hotel", "HOTEL")}, want: files{"g": both}, states: "rename f\nrename g"},
		{name: "pack renames by declaration what is not alike", base: files{"f": "a\nb\nc\n"}, ours: files{"f": "A\nb\nc\n"}, theirs: files{"g": "a\nb\nC\nd\ne\nf\ng\nh\n"}, renames: map[string]string{"f": "g"}, want: files{"g": "A\nb\nC\nd\ne\nf\ng\nh\n"}, states: "rename f\nrename g"},
		{name: "pack renames onto a file of the user", base: files{"f": text()}, ours: files{"f": text("alpha", "ALPHA"), "g": "mine\n"}, theirs: files{"g": text()}, want: files{"f": text("alpha", "ALPHA"), "g": "mine\n", "g.theirs": text()}, states: "conflict f\nconflict g"},
		{name: "both rename alike", base: files{"f": text()}, ours: files{"g": text("alpha", "ALPHA")}, theirs: files{"g": text("hotel", "HOTEL")}, want: files{"g": both}, states: "merge g"},
		{name: "user renames a file the pack edits", base: files{"f": text()}, ours: files{"x/y": text("alpha", "ALPHA")}, theirs: files{"f": text("hotel", "HOTEL")}, want: files{"x/y": both}, states: "merge x/y"},
		{name: "user deleted, pack edits", base: files{"f": text(), "o": "o\n"}, ours: files{"o": "o\n"}, theirs: files{"f": text("hotel", "HOTEL"), "o": "o\n"}, want: files{"o": "o\n"}, states: "keep f"},
		{name: "user deleted, pack leaves", base: files{"f": "a\n", "o": "o\n"}, ours: files{"o": "o\n"}, theirs: files{"f": "a\n", "o": "p\n"}, want: files{"o": "p\n"}, states: "update o"},
		{name: "pack deletes, user edited", base: files{"f": "a\n"}, ours: files{"f": "b\n"}, theirs: files{}, want: files{"f": "b\n"}, states: "conflict f"},
		{name: "pack deletes, user untouched", base: files{"f": "a\n"}, ours: files{"f": "a\n"}, theirs: files{}, want: files{}, states: "delete f"},
		{name: "both delete", base: files{"f": "a\n"}, ours: files{}, theirs: files{}, want: files{}},
		{name: "both add one path, different content", base: files{}, ours: files{"f": "mine\n"}, theirs: files{"f": "theirs\n"}, want: files{"f": "mine\n", "f.theirs": "theirs\n"}, states: "conflict f"},
		{name: "both add the same", base: files{}, ours: files{"f": "a\n"}, theirs: files{"f": "a\n"}, want: files{"f": "a\n"}},
		{name: "pack adds", base: files{}, ours: files{"o": "o\n"}, theirs: files{"*d/f": "a\n"}, want: files{"o": "o\n", "*d/f": "a\n"}, states: "add d/f"},
		{name: "binary: only the user", base: files{"f": "\x00a"}, ours: files{"f": "\x00b"}, theirs: files{"f": "\x00a"}, want: files{"f": "\x00b"}},
		{name: "binary: only the pack", base: files{"f": "\x00a"}, ours: files{"f": "\x00a"}, theirs: files{"f": "\x00c"}, want: files{"f": "\x00c"}, states: "update f"},
		{name: "binary: both", base: files{"f": "\x00a"}, ours: files{"f": "\x00b"}, theirs: files{"f": "\x00c"}, want: files{"f": "\x00b", "f.theirs": "\x00c"}, states: "conflict f"},
		{name: "exec bit: the user sets it, the pack edits", base: files{"f": "a\n"}, ours: files{"*f": "a\n"}, theirs: files{"f": "b\n"}, want: files{"*f": "b\n"}, states: "update f"},
		{name: "exec bit: the pack sets it, the user edits", base: files{"f": "a\n"}, ours: files{"f": "b\n"}, theirs: files{"*f": "a\n"}, want: files{"*f": "b\n"}, states: "merge f"},
		{name: "a symlink in place of a file, pack edits", base: files{"f": "a\n"}, ours: files{"f@": ""}, theirs: files{"f": "b\n"}, want: files{"f@": "", "f.theirs": "b\n"}, states: "conflict f"},
		{name: "a symlink in place of a file, pack deletes", base: files{"f": "a\n"}, ours: files{"f@": ""}, theirs: files{}, want: files{"f@": ""}, states: "conflict f"},
		{name: "a folder in place of a new file", base: files{}, ours: files{"f/x": "mine\n"}, theirs: files{"f": "b\n"}, want: files{"f/x": "mine\n", "f.theirs": "b\n"}, states: "conflict f"},
		{name: "a file where the pack needs a folder", base: files{}, ours: files{"d": "mine\n"}, theirs: files{"d/f": "b\n"}, want: files{"d": "mine\n"}, states: "conflict d/f"},
		{name: "the pack turns a file into a folder", base: files{"d": "a\n"}, ours: files{"d": "a\n"}, theirs: files{"d/f": "b\n"}, want: files{"d/f": "b\n"}, states: "delete d\nadd d/f"},
		{name: "create-once is written once", base: files{"f": "a\n"}, ours: files{"f": "a\n"}, theirs: files{"f": "b\n", "g": "g\n"}, policy: map[string]string{"f": pack.CreateOnce, "g": pack.CreateOnce}, want: files{"f": "a\n", "g": "g\n"}, states: "add g"},
		{name: "user-owned is left alone", base: files{"f": "a\n"}, ours: files{}, theirs: files{"f": "b\n", "g": "g\n"}, policy: map[string]string{"f": pack.UserOwned, "g": pack.UserOwned}, want: files{}},
		{
			name: "JSON: both add a member at one place, by structure", base: files{"p.json": "{\n    \"a\": 1,\n    \"d\": {\n        \"x\": \"1\"\n    }\n}\n"},
			ours: files{"p.json": "{\n    \"a\": 1,\n    \"d\": {\n        \"mine\": \"2\",\n        \"x\": \"1\"\n    }\n}\n"}, theirs: files{"p.json": "{\n    \"a\": 1,\n    \"d\": {\n        \"theirs\": \"3\",\n        \"x\": \"2\"\n    }\n}\n"},
			want: files{"p.json": "{\n    \"a\": 1,\n    \"d\": {\n        \"mine\": \"2\",\n        \"theirs\": \"3\",\n        \"x\": \"2\"\n    }\n}\n"}, states: "merge p.json",
		},
		{name: "JSON: both change one member", base: files{"p.json": "{\n  \"a\": 1\n}\n"}, ours: files{"p.json": "{\n  \"a\": 2\n}\n"}, theirs: files{"p.json": "{\n  \"a\": 3\n}\n"}, want: files{"p.json": "{\n<<<<<<< yours\n  \"a\": 2\n=======\n  \"a\": 3\n>>>>>>> pack 2\n}\n"}, states: "conflict p.json"},
		{name: "JSON: one removes a member, the other adds one beside it", base: files{"p.json": "{\n  \"a\": 1,\n  \"b\": 2\n}\n"}, ours: files{"p.json": "{\n  \"a\": 1,\n  \"b\": 2,\n  \"c\": 3\n}"}, theirs: files{"p.json": "{\n  \"a\": 1\n}\n"}, want: files{"p.json": "{\n  \"a\": 1,\n  \"c\": 3\n}"}, states: "merge p.json"},
		{name: "odd paths", base: files{"-a b/ü.txt": "a\n"}, ours: files{"-a b/ü.txt": "a\n"}, theirs: files{"-a b/ü.txt": "b\n"}, want: files{"-a b/ü.txt": "b\n"}, states: "update -a b/ü.txt"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			ours := tc.ours.disk()
			plan, err := update.New(tc.base.tree(t), tc.theirs.tree(t), ours, update.Options{
				Policy: func(p string) string { return tc.policy[p] }, Renames: tc.renames, TheirsFile: tc.theirsFile, Label: "pack 2",
			})
			if err != nil {
				t.Fatal(err)
			}
			got := ours.apply(plan.Steps)
			var states []string
			for _, s := range plan.Steps {
				states = append(states, string(s.State)+" "+s.Path)
			}
			if got.String() != tc.want.disk().String() || strings.Join(states, "\n") != tc.states {
				t.Errorf("got\n%s\n%s\nwant\n%s\n%s", got, strings.Join(states, "\n"), tc.want.disk(), tc.states)
			}
			if changes := got.String() != ours.String(); plan.Changes() != changes {
				t.Errorf("Changes() is %v, the disk says %v", plan.Changes(), changes)
			}
		})
	}
}

func TestLeftOverOfAnEarlierConflictIsNotOverwritten(t *testing.T) {
	ours := files{"f": "mine\n", "f.theirs": "theirs, of last time\n"}.disk()
	_, err := update.New(files{}.tree(t), files{"f": "theirs\n"}.tree(t), ours, update.Options{})
	if err == nil || !strings.Contains(err.Error(), "f.theirs is in the way") {
		t.Errorf("error %v", err)
	}
}

type broken struct{ disk }

func (broken) Look(string) (update.Found, error) { return update.Found{}, errors.New("no permission") }

func TestReadErrorsNameThePath(t *testing.T) {
	_, err := update.New(files{"f": "a\n"}.tree(t), files{"f": "b\n"}.tree(t), broken{}, update.Options{})
	if err == nil || err.Error() != "f: no permission" {
		t.Errorf("error %v", err)
	}
}
