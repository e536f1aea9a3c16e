package project

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"testing"

	"example.com/scaffold/internal/tree"
)

func write(dir string, opts Options) error {
	s, err := Open(context.Background(), dir, sample(), opts)
	if err != nil {
		return err
	}
	err = os.MkdirAll(filepath.Join(s.Dir(), ".git", "refs"), 0o755)
	if err == nil {
		err = os.WriteFile(filepath.Join(s.Dir(), ".git", "HEAD"), []byte("ref: refs/heads/main\n"), 0o644)
	}
	if err == nil {
		err = s.Publish(context.Background())
	}
	return errors.Join(err, s.Close())
}

func sample() *tree.Tree {
	t := &tree.Tree{}
	for p, f := range map[string]tree.File{
		"README.md":       {Data: []byte("# sample\n")},
		"bin/run":         {Data: []byte("#!/bin/sh\n"), Exec: true},
		"src/app/main.py": {Data: []byte("print()\n")},
		"src/app/db.py":   {Data: []byte("x = 1\n")},
	} {
		if err := t.Add(p, f); err != nil {
			panic(err)
		}
	}
	return t
}

// files reads what is under dir: slash-separated path -> content; folders end in "/".
func files(t *testing.T, dir string) map[string]string {
	t.Helper()
	got := map[string]string{}
	err := filepath.WalkDir(dir, func(p string, d fs.DirEntry, err error) error {
		if err != nil || p == dir {
			return err
		}
		rel, err := filepath.Rel(dir, p)
		if err != nil {
			return err
		}
		rel = filepath.ToSlash(rel)
		if d.IsDir() {
			got[rel+"/"] = ""
			return nil
		}
		data, err := os.ReadFile(p)
		got[rel] = string(data)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return got
}

func plant(t *testing.T, dir string, content map[string]string) {
	t.Helper()
	if err := os.MkdirAll(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	for p, data := range content {
		at := filepath.Join(dir, filepath.FromSlash(p))
		if p[len(p)-1] == '/' {
			if err := os.MkdirAll(at, 0o755); err != nil {
				t.Fatal(err)
			}
			continue
		}
		if err := os.MkdirAll(filepath.Dir(at), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(at, []byte(data), 0o644); err != nil {
			t.Fatal(err)
		}
	}
}
