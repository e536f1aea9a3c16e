package vcs_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"example.com/scaffold/internal/vcs"
)

// TestUserIdentity holds every case against what the git program answers.
func TestUserIdentity(t *testing.T) {
	const person = "[user]\n\tname = Ada\n\temail = ada@example.test\n"
	tests := []struct {
		name  string
		files map[string]string // below HOME
		env   map[string]string
		want  vcs.Identity
	}{
		{name: "nobody"},
		{
			name: "gitconfig", files: map[string]string{".gitconfig": person},
			want: vcs.Identity{Name: "Ada", Email: "ada@example.test"},
		},
		{
			name: "XDG below gitconfig",
			files: map[string]string{
				".config/git/config": "[user]\nname = Weak\nemail = weak@example.test\n",
				".gitconfig":         "[user]\nname = \"Strong; quoted\" # comment\n",
			},
			want: vcs.Identity{Name: "Strong; quoted", Email: "weak@example.test"},
		},
		{
			name: "GIT_CONFIG_GLOBAL replaces both",
			files: map[string]string{
				".gitconfig": person,
				"other":      "[user]\nname = Other\nemail = other@example.test\n",
			},
			env:  map[string]string{"GIT_CONFIG_GLOBAL": "$HOME/other"},
			want: vcs.Identity{Name: "Other", Email: "other@example.test"},
		},
		{
			name: "include counts at its place",
			files: map[string]string{
				".gitconfig": "[user]\nname = Before\nemail = before@example.test\n[include]\npath = more\n[user]\nemail = after@example.test\n",
				"more":       "[user]\nname = Included\nemail = included@example.test\n",
			},
			want: vcs.Identity{Name: "Included", Email: "after@example.test"},
		},
		{
			name: "conditional include by folder",
			files: map[string]string{
				".gitconfig": person + "[includeIf \"gitdir:~/work/\"]\npath = ~/job\n[includeIf \"gitdir:/nowhere/\"]\npath = ~/never\n",
				"job":        "[user]\nemail = ada@work.test\n",
				"never":      "[user]\nemail = never@example.test\n",
			},
			want: vcs.Identity{Name: "Ada", Email: "ada@work.test"},
		},
		{
			name: "conditional include by a part of the path, any case",
			files: map[string]string{
				".gitconfig": person + "[includeIf \"gitdir/i:WORK/shop/\"]\npath = job\n[includeIf \"gitdir:WORK/\"]\npath = never\n",
				"job":        "[user]\nemail = ada@work.test\n",
				"never":      "[user]\nemail = never@example.test\n",
			},
			want: vcs.Identity{Name: "Ada", Email: "ada@work.test"},
		},
		{
			name: "missing include", files: map[string]string{".gitconfig": person + "[include]\npath = gone\n"},
			want: vcs.Identity{Name: "Ada", Email: "ada@example.test"},
		},
		{
			name: "environment wins", files: map[string]string{".gitconfig": person},
			env:  map[string]string{"GIT_AUTHOR_NAME": "Env", "GIT_AUTHOR_EMAIL": "env@example.test"},
			want: vcs.Identity{Name: "Env", Email: "env@example.test"},
		},
		{
			name: "author section wins over user", files: map[string]string{".gitconfig": "[author]\nname = Pen Name\n" + person},
			want: vcs.Identity{Name: "Pen Name", Email: "ada@example.test"},
		},
	}
	for _, tc := range tests {
		t.Run(tc.name, func(t *testing.T) {
			home := t.TempDir()
			dir := filepath.Join(home, "work", "shop")
			if err := os.MkdirAll(dir, 0o755); err != nil {
				t.Fatal(err)
			}
			env := map[string]string{"HOME": home, "GIT_CONFIG_NOSYSTEM": "1"}
			for k, v := range tc.env {
				env[k] = strings.ReplaceAll(v, "$HOME", home)
			}
			for p, data := range tc.files {
				at := filepath.Join(home, filepath.FromSlash(p))
				if err := os.MkdirAll(filepath.Dir(at), 0o755); err != nil {
					t.Fatal(err)
				}
				if err := os.WriteFile(at, []byte(data), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			got, err := vcs.UserIdentity(dir, func(k string) string { return env[k] })
			if err != nil {
				t.Fatal(err)
			}
			if got != tc.want {
				t.Errorf("got %+v, want %+v", got, tc.want)
			}
			if tc.want.Known() {
				if judge := askGit(t, dir, env); judge != tc.want.Name+" <"+tc.want.Email+">" {
					t.Errorf("the git program says %s", judge)
				}
			}
		})
	}
}

func TestUserIdentityNamesBrokenFile(t *testing.T) {
	home := t.TempDir()
	file := filepath.Join(home, ".gitconfig")
	if err := os.WriteFile(file, []byte("[user\nname = x\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	_, err := vcs.UserIdentity(home, func(k string) string { return map[string]string{"HOME": home, "GIT_CONFIG_NOSYSTEM": "1"}[k] })
	if err == nil || !strings.Contains(err.Error(), file) {
		t.Errorf("error %v, want one that names %s", err, file)
	}
}
