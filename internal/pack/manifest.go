// Package pack loads and checks template packs: a folder with a scaffold.yaml,
// from any fs.FS. The four built-in stacks are packs like any other.
package pack

import "example.com/scaffold/internal/answers"

// ManifestFile is the file that makes a folder a pack.
const ManifestFile = "scaffold.yaml"

// SchemaVersion is the manifest format this program reads.
const SchemaVersion = 1

// Manifest is a pack's scaffold.yaml. Conditions ("when") are template pipelines
// without delimiters over the answers, such as: and .idempotency (eq .auth "accounts").
type Manifest struct {
	Schema      int    `yaml:"schema"`
	Name        string `yaml:"name"`
	Version     string `yaml:"version"`
	Title       string `yaml:"title"`
	Description string `yaml:"description"`
	Requires    string `yaml:"requires,omitempty"` // version range of scaffold itself
	// Extends is the pack this one is layered over: "builtin:common", or a
	// source as given to --pack. A file here replaces the same path there.
	Extends string `yaml:"extends,omitempty"`
	// Abstract packs (builtin:common) exist only to be extended, or to be a part.
	Abstract bool `yaml:"abstract,omitempty"`

	Questions []answers.Question `yaml:"questions,omitempty"`
	Presets   []Preset           `yaml:"presets,omitempty"`
	Options   []Option           `yaml:"options,omitempty"`
	Computed  []Computed         `yaml:"computed,omitempty"`
	// Names are the literal placeholders that base/ uses so that it runs in
	// place, and what replaces them in contents and paths.
	Names     map[string]string `yaml:"names,omitempty"`
	Files     []FileRule        `yaml:"files,omitempty"`
	Merges    []Merge           `yaml:"merges,omitempty"`
	Locks     []Lock            `yaml:"locks,omitempty"`
	NextSteps []NextStep        `yaml:"next_steps,omitempty"`
	// Tests are the pack's own, for its author.
	Tests []TestCase `yaml:"tests,omitempty"`
	// Migrations tell updates what changed its name between versions.
	Migrations []Migration `yaml:"migrations,omitempty"`
	Verify     [][]string  `yaml:"verify,omitempty"` // argv that prove a generated project good
	// Parts are packs that share the repository, each in a folder of its own.
	Parts []Part `yaml:"parts,omitempty"`
	// Guidance are rules of a team's own for the recommendation.
	Guidance []GuidanceRule `yaml:"guidance,omitempty"`
	// MadeOf is for people who compare stacks: scaffold list --matrix.
	MadeOf []Made `yaml:"made_of,omitempty"`
}

// Preset is a named set of answers, chosen by the select question "preset".
type Preset = answers.Preset

// Option is a bool question that adds files.
type Option = answers.Option

// Computed is a value derived from the answers: a text (Value, a template) or a
// bool (When, a condition). Later ones may use earlier ones.
type Computed struct {
	ID    string `yaml:"id"`
	Value string `yaml:"value,omitempty"`
	When  string `yaml:"when,omitempty"`
}

// The policies of a file: who may change it after it was generated.
const (
	Managed    = "managed"     // follows the pack on updates; the default
	CreateOnce = "create-once" // written once, then the project's own
	UserOwned  = "user-owned"  // never written over, not even compared
)

// FileRule says more about the files a glob matches (doublestar, on the path
// before names are replaced). Of several rules that match, the last that sets
// When, Policy or Option wins; Exec and Raw add up.
type FileRule struct {
	Glob   string `yaml:"glob"`
	When   string `yaml:"when,omitempty"`
	Exec   bool   `yaml:"exec,omitempty"`
	Raw    bool   `yaml:"raw,omitempty"`    // copied as it stands: no markers, no names
	Policy string `yaml:"policy,omitempty"` // Managed, CreateOnce, UserOwned
	Option string `yaml:"option,omitempty"` // who put it there, for the preview; default: "base" or the feature
}

// Merge changes a JSON file structurally when its condition holds.
type Merge struct {
	File   string         `yaml:"file"`
	When   string         `yaml:"when"`
	Remove []string       `yaml:"remove,omitempty"` // JSON pointers; a star in a step stands for any text
	Set    map[string]any `yaml:"set,omitempty"`    // JSON pointer -> value, applied in the order of the pointers
}

// The kinds of lock that can be pruned.
const (
	LockPip = "pip" // uv pip compile --universal --generate-hashes
	LockNpm = "npm" // package-lock.json, version 3
)

// Lock is a dependency lock carried with every option on, pruned on rendering to
// what the rendered manifest reaches.
type Lock struct {
	File string   `yaml:"file"`
	Kind string   `yaml:"kind"`             // LockPip, LockNpm
	From string   `yaml:"from"`             // the manifest that names the roots: pyproject.toml, package.json
	With []string `yaml:"groups,omitempty"` // optional-dependency groups that are roots as well
}

// Migration is what changed its name in one version. An update that passes the
// version takes a person's edits and answers along.
type Migration struct {
	To      string            `yaml:"to"`                // the version that has the new names
	Files   map[string]string `yaml:"files,omitempty"`   // old path -> new path, before names are replaced
	Answers map[string]string `yaml:"answers,omitempty"` // old id of a question or option -> new id
}

// TestCase is one case of "scaffold pack test".
type TestCase struct {
	Name    string         `yaml:"name"`
	Answers map[string]any `yaml:"answers,omitempty"` // by question or option id
	// What must hold of the rendered tree. A text is what a file must contain.
	Files    []string          `yaml:"files,omitempty"`
	Absent   []string          `yaml:"absent,omitempty"`
	Contains map[string]string `yaml:"contains,omitempty"` // path -> text
	Golden   bool              `yaml:"golden,omitempty"`   // the whole tree is that of tests/NAME.golden
	// Error is a part of the message with which the answers must be refused.
	Error string `yaml:"error,omitempty"`
	// From makes it a case of an update: of a project as it was before.
	From *TestFrom `yaml:"from,omitempty"`
	// Conflicts are the paths that the update leaves to a person, all of them.
	Conflicts []string `yaml:"conflicts,omitempty"`
}

// TestFrom is a project before the update of a TestCase.
type TestFrom struct {
	// Pack is the source of an earlier version: a folder of this pack such as
	// ./tests/v1, or a place in git. "" for this version, with other answers.
	Pack    string         `yaml:"pack,omitempty"`
	Answers map[string]any `yaml:"answers,omitempty"`
	Edits   []TestEdit     `yaml:"edits,omitempty"` // what a person did since
}

// TestEdit changes one file: a text in it, the whole of it, or whether it is there.
type TestEdit struct {
	File    string `yaml:"file"`
	Find    string `yaml:"find,omitempty"` // stands in it exactly once
	Replace string `yaml:"replace,omitempty"`
	Text    string `yaml:"text,omitempty"` // the whole file
	Delete  bool   `yaml:"delete,omitempty"`
}

// GuidanceRule speaks for some stacks in a recommendation, where its condition holds.
type GuidanceRule struct {
	ID        string         `yaml:"id"`
	Statement string         `yaml:"statement"`    // one sentence, for the reasons
	Favours   []string       `yaml:"favours"`      // ids of stacks, or "python", "node"
	If        map[string]any `yaml:"if,omitempty"` // criterion -> least importance, value or values; empty: always
	Weight    int            `yaml:"weight"`       // 1 to 5
}

// NextStep is a command to try after generation and what it does.
type NextStep struct {
	Run  string `yaml:"run"`
	Say  string `yaml:"say"`
	When string `yaml:"when,omitempty"`
}

// Reserved are the names that templates see besides questions, options and
// computed values: the pack's name and what the tool itself works out.
func Reserved() []string { return []string{"stack", "decision_record", "subpath"} }
