// Package answers is what the person asked for: the questions a pack puts, the
// typed values given, and the one precedence by which several sources of values
// become one set (see Source).
package answers

import "slices"

// Kind is a question's type.
type Kind string

// The kinds of question a manifest may ask, and the Go type of their value.
const (
	Text        Kind = "text"        // string
	Int         Kind = "int"         // int
	Bool        Kind = "bool"        // bool
	Select      Kind = "select"      // string, one of Choices
	MultiSelect Kind = "multiselect" // []string, each one of Choices
	List        Kind = "list"        // []string
	Secret      Kind = "secret"      // string, never stored
	Path        Kind = "path"        // string
)

// Kinds lists every kind.
func Kinds() []Kind {
	return []Kind{Text, Int, Bool, Select, MultiSelect, List, Secret, Path}
}

// Zero is the value of a question of this kind that does not apply.
func (k Kind) Zero() any {
	switch k {
	case Int:
		return 0
	case Bool:
		return false
	case MultiSelect, List:
		return []string{}
	default:
		return ""
	}
}

// Choice is one possible value of a Select or MultiSelect.
type Choice struct {
	Value string `yaml:"value"`
	Label string `yaml:"label,omitempty"`
	Help  string `yaml:"help,omitempty"`
}

// FormatName is the Question.Format of a project's name: one that package
// managers, container registries, DNS labels and file systems all take.
const FormatName = "name"

// Question is one thing a pack wants to know. Its id is also a flag's name
// (underscores written as dashes) and the name templates use.
type Question struct {
	ID      string `yaml:"id"`
	Kind    Kind   `yaml:"type"`
	Title   string `yaml:"title"`
	Help    string `yaml:"help,omitempty"`
	Group   string `yaml:"group,omitempty"`
	Default any    `yaml:"default,omitempty"` // nil: required unless Optional. A text may be a template over earlier answers.

	Choices  []Choice `yaml:"choices,omitempty"`
	Min      *int     `yaml:"min,omitempty"` // bound of an int, of a text's length in characters, of a list's length
	Max      *int     `yaml:"max,omitempty"`
	Pattern  string   `yaml:"pattern,omitempty"` // RE2, must match the whole value
	Format   string   `yaml:"format,omitempty"`  // FormatName, or nothing
	Refuse   []string `yaml:"refuse,omitempty"`  // values that match but must not be taken
	When     string   `yaml:"when,omitempty"`    // condition over earlier answers; empty: always
	Optional bool     `yaml:"optional,omitempty"`
}

// Settled says that there is one answer only, so that nobody need be asked.
func (q Question) Settled() bool { return q.Kind == Select && len(q.Choices) == 1 && q.Default != nil }

// Flag is the long flag that answers the question, without dashes.
func (q Question) Flag() string { return flagName(q.ID) }

// Option is a bool question that adds files: those of features/<id>/, and
// whatever markers in base/ name it.
type Option struct {
	ID       string   `yaml:"id"`
	Title    string   `yaml:"title"`
	Help     string   `yaml:"help,omitempty"`
	Default  bool     `yaml:"default,omitempty"`
	Needs    []string `yaml:"needs,omitempty"`    // other options, or "auth=accounts", or "auth=accounts|external"
	Excludes []string `yaml:"excludes,omitempty"` // likewise
	Why      string   `yaml:"why,omitempty"`      // said when needs or excludes bite
	Removal  string   `yaml:"removal,omitempty"`  // what a person must do when a project drops it
}

// Preset is a named set of answers, chosen by the select question PresetID.
type Preset struct {
	ID   string `yaml:"id"`
	Help string `yaml:"help,omitempty"`
	Set  Values `yaml:"set,omitempty"`
}

// PresetID is the id of the question that chooses a preset.
const PresetID = "preset"

// OptionGroup is the group under which options appear among the questions.
const OptionGroup = "options"

// Values maps a question's id to its value: string, int, bool or []string.
type Values map[string]any

// Schema is everything that may be answered for one pack.
type Schema struct {
	Questions []Question
	Options   []Option
	Presets   []Preset
}

// All lists the questions, then the options as questions of kind Bool.
func (s Schema) All() []Question {
	all := slices.Clone(s.Questions)
	for _, o := range s.Options {
		all = append(all, Question{ID: o.ID, Kind: Bool, Title: o.Title, Help: o.Help, Group: OptionGroup, Default: o.Default})
	}
	return all
}

// Question finds a question or option by id.
func (s Schema) Question(id string) (Question, bool) {
	all := s.All()
	i := slices.IndexFunc(all, func(q Question) bool { return q.ID == id })
	if i < 0 {
		return Question{}, false
	}
	return all[i], true
}

// Option finds an option by id.
func (s Schema) Option(id string) (Option, bool) {
	i := slices.IndexFunc(s.Options, func(o Option) bool { return o.ID == id })
	if i < 0 {
		return Option{}, false
	}
	return s.Options[i], true
}

// IDs lists the ids of all questions and options.
func (s Schema) IDs() []string {
	var ids []string
	for _, q := range s.All() {
		ids = append(ids, q.ID)
	}
	return ids
}
