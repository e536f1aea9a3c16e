package contract

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/parser"
)

// Facts are what a repository says about its service in .scaffold/contract.yaml.
type Facts struct {
	Contract  int        `yaml:"contract"` // version of the contract; this suite knows 0
	Stack     string     `yaml:"stack"`
	Auth      string     `yaml:"auth"` // "accounts" or "none"
	Options   []string   `yaml:"options"`
	AppWords  []string   `yaml:"app_words"` // words the password policy refuses
	Resources []Resource `yaml:"resources"`
	Run       Commands   `yaml:"run"`
}

// Resource is one collection whose members belong to users.
type Resource struct {
	Path     string         `yaml:"path"` // of the collection, such as /v1/items
	Owned    bool           `yaml:"owned"`
	Create   map[string]any `yaml:"create"`    // a body that POST accepts
	Update   map[string]any `yaml:"update"`    // a body that PATCH accepts
	ReadOnly []string       `yaml:"read_only"` // members a client never sets
	Members  []string       `yaml:"members"`   // exactly those of an answer
	Text     string         `yaml:"text"`      // a single-line text member of Create
}

// Commands are argument vectors, run in the repository's root without a shell.
type Commands struct {
	Setup       []string `yaml:"setup"`
	Migrate     []string `yaml:"migrate"`
	Start       []string `yaml:"start"`
	CreateAdmin []string `yaml:"create_admin"`
	OpenAPI     []string `yaml:"openapi"`
}

// Accounts reports whether the service has accounts of its own.
func (f Facts) Accounts() bool { return f.Auth == "accounts" }

// Has reports whether an option is on.
func (f Facts) Has(option string) bool { return slices.Contains(f.Options, option) }

// DefaultFacts describe the service as it is generated, for a target that
// comes without a contract.yaml.
func DefaultFacts() Facts {
	return Facts{
		Auth: "accounts",
		Resources: []Resource{{
			Path: "/v1/items", Owned: true,
			Create:   map[string]any{"title": "First", "body": "text"},
			Update:   map[string]any{"title": "Second"},
			ReadOnly: []string{"id", "created_at", "updated_at"},
			Members:  []string{"id", "title", "body", "created_at", "updated_at"},
			Text:     "title",
		}},
	}
}

// ParseFacts reads a contract.yaml. An unknown member, a wrong type or a
// resource that cannot be tested is an error with line and column, or with the
// member's path.
func ParseFacts(data []byte) (Facts, error) {
	var f Facts
	if at := fancy(data); at != "" {
		return Facts{}, fmt.Errorf("contract.yaml: %s: has a YAML tag, anchor or alias; write the value out", at)
	}
	if err := yaml.UnmarshalWithOptions(data, &f, yaml.Strict()); err != nil {
		return Facts{}, fmt.Errorf("contract.yaml: %s", strings.TrimSpace(yaml.FormatError(err, false, true)))
	}
	if err := f.check(); err != nil {
		return Facts{}, fmt.Errorf("contract.yaml: %w", err)
	}
	return f, nil
}

// fancy is the place, as line:column, of the first tag, anchor or alias, or "".
// These facts need none, and the decoder panics on some tags.
func fancy(data []byte) string {
	parsed, err := parser.ParseBytes(data, 0)
	if err != nil {
		return "" // the decoder says it better
	}
	for _, kind := range []ast.NodeType{ast.TagType, ast.AnchorType, ast.AliasType, ast.MergeKeyType} {
		for _, doc := range parsed.Docs {
			if doc.Body == nil {
				continue
			}
			for _, n := range ast.Filter(kind, doc.Body) {
				at := n.GetToken().Position
				return fmt.Sprintf("%d:%d", at.Line, at.Column)
			}
		}
	}
	return ""
}

func (f Facts) check() error {
	if f.Contract != 0 {
		return fmt.Errorf("contract: %d is newer than this suite, which knows 0: update scaffold", f.Contract)
	}
	if f.Auth != "accounts" && f.Auth != "none" {
		return fmt.Errorf("auth: %q is neither accounts nor none", f.Auth)
	}
	if len(f.Resources) == 0 {
		return errors.New("resources: name at least one, or the tests of ownership have nothing to look at")
	}
	seen := map[string]bool{}
	for i, r := range f.Resources {
		if err := r.check(f.Accounts()); err != nil {
			return fmt.Errorf("resources[%d]: %w", i, err)
		}
		if seen[r.Path] {
			return fmt.Errorf("resources[%d]: path %s is named twice", i, r.Path)
		}
		seen[r.Path] = true
	}
	return nil
}

func (r Resource) check(accounts bool) error {
	switch {
	case !strings.HasPrefix(r.Path, "/v1/") || strings.HasSuffix(r.Path, "/") || strings.ContainsAny(r.Path, "{}?# %\n"):
		return fmt.Errorf("path: %q is no collection under /v1, such as /v1/items", r.Path)
	case r.Owned && !accounts:
		return errors.New("owned: nobody can own anything when auth is none")
	case len(r.Create) == 0:
		return errors.New("create: a body that POST accepts is missing")
	case len(r.Update) == 0:
		return errors.New("update: a body that PATCH accepts is missing")
	case !slices.Contains(r.Members, "id"):
		return errors.New("members: list all members of an answer; id is not among them")
	case !slices.Contains(r.ReadOnly, "id"):
		return errors.New("read_only: list what a client never sets; id is not among them")
	}
	if _, ok := r.Create[r.Text].(string); !ok {
		return fmt.Errorf("text: %q is no text member of create", r.Text)
	}
	for _, m := range r.ReadOnly {
		if !slices.Contains(r.Members, m) {
			return fmt.Errorf("read_only: %q is not in members", m)
		}
	}
	for _, body := range []map[string]any{r.Create, r.Update} {
		for m := range body {
			if slices.Contains(r.ReadOnly, m) {
				return fmt.Errorf("%q is read-only but stands in create or update", m)
			}
		}
	}
	return nil
}
