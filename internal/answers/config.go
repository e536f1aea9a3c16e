package answers

import (
	"fmt"
	"regexp"

	"github.com/goccy/go-yaml/ast"
)

// UserConfig is the person's own configuration file.
type UserConfig struct {
	Stack    string // the usual one
	Defaults Layer  // answers for every project
	Team     string // where the team's file is, "" for none
}

// ParseConfig reads the person's own configuration file: below "defaults" answers
// for every project, and perhaps a stack, and at "team" the path of the team's
// file. The defaults count above a pack's and the team's, and below everything
// else.
func ParseConfig(name string, data []byte) (UserConfig, error) {
	c := UserConfig{Defaults: Layer{Source: Config, Name: name, Values: Values{}}}
	root, err := parseMapping(name, data)
	if err != nil {
		return c, err
	}
	for _, pair := range root {
		switch key := keyText(pair.Key); key {
		case "defaults":
			err = c.Defaults.read(pair)
		case "team":
			c.Team, err = scalarText(name, pair)
		default:
			err = Problem{Place: placeOf(name, pair.Key), Message: fmt.Sprintf("unknown key %q", key), Hint: "the keys are \"defaults\" and \"team\""}
		}
		if err != nil {
			return c, err
		}
	}
	if text, ok := c.Defaults.Values["stack"].(string); ok {
		c.Stack = text
	}
	delete(c.Defaults.Values, "stack")
	return c, nil
}

// TeamConfig is what a team shares: defaults, what nobody may switch off, how
// projects are called, and the packs that have a name.
type TeamConfig struct {
	Defaults Layer // below a person's own
	Required Layer // above everything
	Name     *regexp.Regexp
	NameHelp string // the rule in words
	Packs    map[string]RegisteredPack
}

// RegisteredPack is an entry of the registry. With commit and digest the team
// vouches for exactly these bytes.
type RegisteredPack struct {
	Source string // as for --pack
	Title  string
	Commit string // of a source in git, "" to follow its ref
	Digest string // of the whole pack, "" for any
}

// ParseTeam reads a team's file.
func ParseTeam(name string, data []byte) (*TeamConfig, error) {
	t := &TeamConfig{
		Defaults: Layer{Source: Team, Name: name, Values: Values{}},
		Required: Layer{Source: Required, Name: name, Values: Values{}},
		Packs:    map[string]RegisteredPack{},
	}
	root, err := parseMapping(name, data)
	if err != nil {
		return nil, err
	}
	for _, pair := range root {
		switch key := keyText(pair.Key); key {
		case "defaults":
			err = t.Defaults.read(pair)
		case "required":
			err = t.Required.read(pair)
		case "name":
			err = t.readName(name, pair)
		case "packs":
			err = t.readPacks(name, pair)
		default:
			err = Problem{Place: placeOf(name, pair.Key), Message: fmt.Sprintf("unknown key %q", key), Hint: DidYouMean(key, []string{"defaults", "required", "name", "packs"})}
		}
		if err != nil {
			return nil, err
		}
	}
	return t, nil
}

func (t *TeamConfig) readName(file string, pair *ast.MappingValueNode) error {
	return eachText(file, pair, func(key, value string, at Problem) (err error) {
		switch key {
		case "pattern":
			if t.Name, err = regexp.Compile("^(?:" + value + ")$"); err != nil {
				at.Message, at.Hint = fmt.Sprintf("pattern: %v", err), "a regular expression for the whole name"
				return at
			}
		case "help":
			t.NameHelp = value
		default:
			at.Message, at.Hint = fmt.Sprintf("unknown key %q", key), DidYouMean(key, []string{"pattern", "help"})
			return at
		}
		return nil
	})
}

func (t *TeamConfig) readPacks(file string, pair *ast.MappingValueNode) error {
	entries, ok := mappingOf(pair.Value)
	if !ok {
		return Problem{Place: placeOf(file, pair.Value), Message: "packs is not a mapping of names to packs"}
	}
	for _, entry := range entries {
		name := keyText(entry.Key)
		if CheckName(name) != nil {
			return Problem{Place: placeOf(file, entry.Key), Message: fmt.Sprintf("pack %q: a name has lower case letters, digits and single hyphens", name)}
		}
		var p RegisteredPack
		err := eachText(file, entry, func(key, value string, at Problem) error {
			field := map[string]*string{"source": &p.Source, "title": &p.Title, "commit": &p.Commit, "digest": &p.Digest}[key]
			if field == nil {
				at.Message, at.Hint = fmt.Sprintf("unknown key %q", key), DidYouMean(key, []string{"source", "title", "commit", "digest"})
				return at
			}
			*field = value
			return nil
		})
		if err != nil {
			return err
		}
		if p.Source == "" {
			return Problem{Place: placeOf(file, entry.Key), Message: fmt.Sprintf("pack %s has no source", name), Hint: "such as source: https://git.example.com/platform/packs.git//service@v1.2.0"}
		}
		t.Packs[name] = p
	}
	return nil
}

// eachText visits a mapping of keys to texts. A problem returned by visit should
// be the one it is given, completed.
func eachText(file string, pair *ast.MappingValueNode, visit func(key, value string, at Problem) error) error {
	members, ok := mappingOf(pair.Value)
	if !ok {
		return Problem{Place: placeOf(file, pair.Value), Message: keyText(pair.Key) + " is not a mapping"}
	}
	for _, m := range members {
		value, err := scalarText(file, m)
		if err != nil {
			return err
		}
		if err := visit(keyText(m.Key), value, Problem{Place: placeOf(file, m.Key)}); err != nil {
			return err
		}
	}
	return nil
}

// CheckProjectName holds a project's name against the team's rule.
func (t *TeamConfig) CheckProjectName(name string) error {
	if t == nil || t.Name == nil || t.Name.MatchString(name) {
		return nil
	}
	hint := t.NameHelp
	if hint == "" {
		hint = "it must match " + t.Name.String()
	}
	return Problem{ID: "name", Place: t.Defaults.Name, Message: fmt.Sprintf("your team calls no project %q", name), Hint: hint}
}
