// Package answers is what the person asked for: the questions a pack puts, the
// typed values given, and the one precedence by which several sources of values
// become one set (flag > answers file > user config > pack default).
package answers

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

// Choice is one possible value of a Select or MultiSelect.
type Choice struct {
	Value string `yaml:"value"`
	Label string `yaml:"label,omitempty"`
	Help  string `yaml:"help,omitempty"`
}

// Question is one thing a pack wants to know. Its id is also a flag's name
// (underscores written as dashes) and the name templates use.
type Question struct {
	ID       string   `yaml:"id"`
	Kind     Kind     `yaml:"type"`
	Title    string   `yaml:"title"`
	Help     string   `yaml:"help,omitempty"`
	Group    string   `yaml:"group,omitempty"`
	Default  any      `yaml:"default,omitempty"` // nil: the question is required
	Choices  []Choice `yaml:"choices,omitempty"`
	Min      *int     `yaml:"min,omitempty"` // bound of an int, or of a text's length
	Max      *int     `yaml:"max,omitempty"`
	Pattern  string   `yaml:"pattern,omitempty"` // RE2, must match the whole value
	When     string   `yaml:"when,omitempty"`    // condition over earlier answers; empty: always
	Optional bool     `yaml:"optional,omitempty"`
}

// Values maps a question's id to its value: string, int, bool or []string.
type Values map[string]any
