package cli

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"example.com/scaffold/internal/answers"
	"example.com/scaffold/internal/pack"
)

// teamFile is the name of a team's file where only its folder is named.
const teamFile = "scaffold-team.yaml"

// settings are what holds for every project of this person.
type settings struct {
	user answers.UserConfig
	team *answers.TeamConfig // empty without a team
}

// settings reads the person's configuration and the team's file, once.
func (f *factory) settings(ctx context.Context) (*settings, error) {
	if f.configured != nil {
		return f.configured, nil
	}
	user, dir, err := f.userConfig()
	if err != nil {
		return nil, f.answersError(err)
	}
	s := &settings{user: user, team: &answers.TeamConfig{}}
	if at := cmp.Or(f.env("SCAFFOLD_TEAM"), user.Team); at != "" {
		if f.env("SCAFFOLD_TEAM") != "" {
			dir = "."
		}
		if s.team, err = f.readTeam(ctx, at, dir); err != nil {
			return nil, f.answersError(err)
		}
	}
	f.configured = s
	return s, nil
}

// userConfig reads the person's configuration file, if there is one, and says in
// which folder it would be.
func (f *factory) userConfig() (config answers.UserConfig, dir string, err error) {
	if dir = f.env("XDG_CONFIG_HOME"); dir == "" {
		if dir, err = os.UserConfigDir(); err != nil {
			return config, "", nil //nolint:nilerr // no home, no configuration
		}
	}
	dir = filepath.Join(dir, "scaffold")
	name := filepath.Join(dir, "config.yaml")
	data, err := os.ReadFile(name)
	if errors.Is(err, fs.ErrNotExist) {
		return config, dir, nil
	}
	if err != nil {
		return config, dir, fmt.Errorf("your configuration cannot be read: %w", err)
	}
	config, err = answers.ParseConfig(name, data)
	return config, dir, err
}

// readTeam reads the team's file: a path, seen from dir, or a folder in git.
func (f *factory) readTeam(ctx context.Context, at, dir string) (*answers.TeamConfig, error) {
	cannot := func(err error) error {
		return usagef("SCAFFOLD_TEAM or the key \"team\" of your configuration names it", "your team's file %s cannot be read: %w", at, err)
	}
	if s, err := pack.ParseSource(at); err == nil && s.Git != "" {
		finder, err := f.finder(dir)
		if err != nil {
			return nil, err
		}
		folder, err := finder.Open(ctx, at)
		if err != nil {
			return nil, cannot(err)
		}
		data, err := fs.ReadFile(folder, teamFile)
		if err != nil {
			return nil, cannot(err)
		}
		return answers.ParseTeam(at+"/"+teamFile, data)
	}
	name := filepath.FromSlash(at)
	if !filepath.IsAbs(name) {
		name = filepath.Join(dir, name)
	}
	if info, err := os.Stat(name); err == nil && info.IsDir() {
		name = filepath.Join(name, teamFile)
	}
	data, err := os.ReadFile(name)
	if err != nil {
		return nil, cannot(err)
	}
	team, err := answers.ParseTeam(name, data)
	if err != nil {
		return nil, err
	}
	for id, entry := range team.Packs {
		if entry.Source, err = besideFile(entry.Source, name); err != nil {
			return nil, usagef("", "%s: packs: %s: %w", name, id, err)
		}
		team.Packs[id] = entry
	}
	return team, nil
}

// besideFile is a source as the file sees it that names it.
func besideFile(source, file string) (string, error) {
	s, err := pack.ParseSource(source)
	if err != nil {
		return "", err
	}
	for _, local := range []*string{&s.Folder, &s.Git} {
		if *local != "" && !strings.Contains(*local, ":") && !filepath.IsAbs(*local) {
			*local = filepath.ToSlash(filepath.Join(filepath.Dir(file), filepath.FromSlash(*local)))
		}
	}
	return s.String(), nil
}

// layers are what the settings say to a pack's questions.
func (s *settings) layers() []answers.Layer {
	return []answers.Layer{s.team.Defaults, s.user.Defaults, s.team.Required}
}
