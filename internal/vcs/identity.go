package vcs

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/bmatcuk/doublestar/v4"
	"github.com/go-git/gcfg"
)

// Identity is who makes a commit.
type Identity struct {
	Name, Email string
	Signs       bool // git is told to sign this person's commits, which Init does not
}

// Nobody is the identity of a commit on a machine where git knows no person.
func Nobody() Identity { return Identity{Name: "scaffold", Email: "scaffold@localhost"} }

// Known says whether both parts are there, without which git makes no commit.
func (i Identity) Known() bool { return i.Name != "" && i.Email != "" }

// maxIncludes bounds files that include each other, as git does.
const maxIncludes = 10

// UserIdentity asks git's environment variables and its system-wide and
// personal configuration, with includes and the conditional ones by folder, who
// would commit in a repository at dir. Parts that nobody tells are empty. The
// error names a file that cannot be read; the rest is still filled in.
func UserIdentity(dir string, env func(string) string) (Identity, error) {
	r := &configReader{home: env("HOME"), gitDirs: gitDirs(dir)}
	if r.home == "" {
		r.home = env("USERPROFILE")
	}
	var errs []error
	for _, file := range configFiles(r.home, env) {
		if err := r.read(file, 0); err != nil && !errors.Is(err, fs.ErrNotExist) {
			errs = append(errs, err)
		}
	}
	id := Identity{
		Signs: r.signs,
		Name:  first(env("GIT_AUTHOR_NAME"), r.author.Name, r.user.Name),
		Email: first(env("GIT_AUTHOR_EMAIL"), r.author.Email, r.user.Email, env("EMAIL")),
	}
	return id, errors.Join(errs...)
}

func first(texts ...string) string {
	for _, t := range texts {
		if t != "" {
			return t
		}
	}
	return ""
}

// configFiles lists git's configuration files, the weakest first.
func configFiles(home string, env func(string) string) []string {
	var files []string
	if no := env("GIT_CONFIG_NOSYSTEM"); no == "" || no == "0" || no == "false" {
		files = append(files, first(env("GIT_CONFIG_SYSTEM"), "/etc/gitconfig"))
	}
	if global := env("GIT_CONFIG_GLOBAL"); global != "" {
		return append(files, global)
	}
	if home == "" {
		return files
	}
	xdg := first(env("XDG_CONFIG_HOME"), filepath.Join(home, ".config"))
	return append(files, filepath.Join(xdg, "git", "config"), filepath.Join(home, ".gitconfig"))
}

// configReader follows git's rule that the later of two values wins, where an
// included file counts at the place of its include.
type configReader struct {
	home         string
	signs        bool
	gitDirs      []string // slash-separated spellings of the repository's .git folder
	user, author Identity
}

func (r *configReader) read(file string, depth int) error {
	if depth > maxIncludes {
		return fmt.Errorf("%s: git configuration files include each other more than %d deep", file, maxIncludes)
	}
	f, err := os.Open(file)
	if err != nil {
		return err
	}
	defer func() { _ = f.Close() }()
	err = gcfg.ReadWithCallback(f, func(section, sub, key, value string, blank bool) error {
		section, key = strings.ToLower(section), strings.ToLower(key)
		switch {
		case section == "user" && sub == "":
			set(&r.user, key, value)
		case section == "author" && sub == "":
			set(&r.author, key, value)
		case section == "commit" && sub == "" && key == "gpgsign":
			r.signs = blank || slices.Contains([]string{"true", "yes", "on", "1"}, strings.ToLower(value))
		case key == "path" && (section == "include" && sub == "" || section == "includeif" && r.applies(sub, file)):
			err := r.read(r.expand(value, file), depth+1)
			if errors.Is(err, fs.ErrNotExist) {
				return nil // as git: a missing include is none
			}
			return err
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("%s: %w", file, err)
	}
	return nil
}

func set(id *Identity, key, value string) {
	switch key {
	case "name":
		id.Name = value
	case "email":
		id.Email = value
	}
}

// applies evaluates the condition of an includeIf. Those on a branch or a remote
// never hold, since the repository has none yet.
func (r *configReader) applies(condition, file string) bool {
	kind, pattern, _ := strings.Cut(condition, ":")
	fold := kind == "gitdir/i"
	if kind != "gitdir" && !fold {
		return false
	}
	switch {
	case strings.HasPrefix(pattern, "~/"), strings.HasPrefix(pattern, "./"):
		slash := strings.HasSuffix(pattern, "/")
		pattern = filepath.ToSlash(r.expand(pattern, file))
		if slash {
			pattern += "/"
		}
	case !filepath.IsAbs(filepath.FromSlash(pattern)):
		pattern = "**/" + pattern
	}
	if strings.HasSuffix(pattern, "/") {
		pattern += "**"
	}
	for _, dir := range r.gitDirs {
		if fold {
			dir, pattern = strings.ToLower(dir), strings.ToLower(pattern)
		}
		if ok, err := doublestar.Match(pattern, dir); err == nil && ok {
			return true
		}
	}
	return false
}

// expand resolves ~/ and makes a relative path relative to the file it is in.
func (r *configReader) expand(p, file string) string {
	if rest, ok := strings.CutPrefix(p, "~/"); ok {
		return filepath.Join(r.home, filepath.FromSlash(rest))
	}
	p = filepath.FromSlash(p)
	if filepath.IsAbs(p) {
		return filepath.Clean(p)
	}
	return filepath.Join(filepath.Dir(file), p)
}

// gitDirs spells the future .git folder as given and with links resolved.
func gitDirs(dir string) []string {
	abs, err := filepath.Abs(dir)
	if err != nil {
		return nil
	}
	spellings := []string{filepath.ToSlash(filepath.Join(abs, gitDir))}
	for up, rest := abs, gitDir; ; up, rest = filepath.Dir(up), filepath.Join(filepath.Base(up), rest) {
		if resolved, err := filepath.EvalSymlinks(up); err == nil {
			return append(spellings, filepath.ToSlash(filepath.Join(resolved, rest)))
		}
		if up == filepath.Dir(up) {
			return spellings
		}
	}
}
