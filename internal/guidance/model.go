// Package guidance says which stack fits a project and why: it weighs the answers
// a person gave by rules taken from one article, cites rule and section for each
// reason, and says how sure it is and what would change its mind.
//
// It is pure: the same answers give the same result, without a clock or a file.
package guidance

import (
	"embed"
	"fmt"
	"io/fs"
	"slices"
	"strings"
	"sync"

	"github.com/goccy/go-yaml"
)

// The rules, the matrix, the stacks and the form's questions are data.
//
//go:embed data
var data embed.FS

// hybrid stands for one stack of each world in recommendations.
const hybrid = "hybrid"

// Stack is a backend the guidance knows.
type Stack struct {
	ID       string    `yaml:"id" json:"id"`
	Title    string    `yaml:"title" json:"title"`
	Language string    `yaml:"language" json:"language,omitempty"` // python, node
	Aliases  []string  `yaml:"aliases" json:"aliases,omitempty"`
	Summary  string    `yaml:"summary" json:"summary,omitempty"`
	Outside  bool      `yaml:"-" json:"outside,omitempty"` // named by the article, not one of the four
	Nearest  string    `yaml:"nearest" json:"nearest,omitempty"`
	Note     string    `yaml:"note" json:"-"` // said when it leads and NoteWhen holds
	NoteWhen Condition `yaml:"note_when" json:"-"`
}

// cell is how well a stack meets what a row asks for.
type cell struct {
	Score float64  `yaml:"score"` // 0 to 5
	Rules []string `yaml:"rules"` // what it rests on; the first is its evidence
	doubt float64
}

// row is a criterion, or one value of a choice.
type row struct {
	ID       string          `yaml:"id"`
	Title    string          `yaml:"title"`
	Value    string          `yaml:"value"` // of a choice, else empty
	Weight   float64         `yaml:"weight"`
	Evidence string          `yaml:"evidence"` // a verdict, instead of the rules'
	Cells    map[string]cell `yaml:"cells"`
	cells    []cell          // in the order of the stacks
	team     *Rule           // that it stands for, of a team's own; else nil
}

// choice is a criterion answered with one of some values.
type choice struct {
	ID      string   `yaml:"id"`
	Title   string   `yaml:"title"`
	Values  []string `yaml:"values"`
	Ordered bool     `yaml:"ordered"` // values lie beside their neighbours
	Several bool     `yaml:"several"` // more than one may be given
	Rows    []row    `yaml:"rows"`
}

type constraint struct {
	If   Condition `yaml:"if"`
	Rule string    `yaml:"rule"`
	Use  string    `yaml:"use"`
	Why  string    `yaml:"why"`
}

type pairing struct {
	If      Condition `yaml:"if"`
	Rule    string    `yaml:"rule"`
	Stacks  []string  `yaml:"stacks"` // the one in front first
	Summary string    `yaml:"summary"`
	Why     string    `yaml:"why"`
}

type implication struct {
	If       Condition      `yaml:"if"`
	SetAside string         `yaml:"set_aside"`
	Raise    map[string]int `yaml:"raise"`
	Why      string         `yaml:"why"`
}

// model is all that is known, read once from data.
type model struct {
	Stacks       []Stack       `yaml:"stacks"`
	Outside      []Stack       `yaml:"outside"`
	Constraints  []constraint  `yaml:"constraints"`
	Hybrid       pairing       `yaml:"hybrid"`
	Implications []implication `yaml:"implications"`

	importance []row
	choices    []choice
	rows       []row // importance, then the rows of choices: the order of all sums
	rules      []Rule
	byID       map[string]*Rule
	questions  []formQuestion
}

// knowledge reads the embedded data on first use, so that a command that asks for
// no guidance does not pay for it. It panics where the data is broken, which the
// tests of this package rule out for a build.
var knowledge = sync.OnceValue(func() *model {
	m, err := load(data)
	if err != nil {
		panic(err)
	}
	return m
})

// load reads and connects a set of data files.
func load(files fs.FS) (*model, error) {
	m := &model{byID: make(map[string]*Rule)}
	var matrix struct {
		Importance []row `yaml:"importance"`
	}
	var choices struct {
		Choices []choice `yaml:"choices"`
	}
	for name, into := range map[string]any{
		"data/stacks.yaml": m, "data/matrix.yaml": &matrix, "data/choices.yaml": &choices, "data/questions.yaml": &m.questions,
	} {
		if err := decode(files, name, into); err != nil {
			return nil, err
		}
	}
	names, err := fs.Glob(files, "data/rules/*.yaml") // sorted
	if err != nil {
		return nil, err
	}
	for _, name := range names {
		var some []Rule
		if err := decode(files, name, &some); err != nil {
			return nil, err
		}
		m.rules = append(m.rules, some...)
	}
	m.importance, m.choices = matrix.Importance, choices.Choices
	return m, m.connect()
}

func decode(files fs.FS, name string, into any) error {
	content, err := fs.ReadFile(files, name)
	if err != nil {
		return err
	}
	if err := yaml.UnmarshalWithOptions(content, into, yaml.Strict()); err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	return nil
}

// connect resolves ids and spells out groups.
func (m *model) connect() error {
	for i := range m.Outside {
		m.Outside[i].Outside = true
	}
	for i := range m.rules {
		r := &m.rules[i]
		if m.byID[r.ID] != nil {
			return fmt.Errorf("rule %s is there twice", r.ID)
		}
		m.byID[r.ID] = r
		r.Favours = m.spellOut(r.Favours)
		for j := range r.When {
			if r.When[j].Favours != nil {
				r.When[j].Favours = m.spellOut(r.When[j].Favours)
			}
		}
	}
	m.rows = slices.Clone(m.importance)
	for _, c := range m.choices {
		for _, r := range c.Rows {
			r.ID, r.Title = c.ID, c.Title
			m.rows = append(m.rows, r)
		}
	}
	for i := range m.rows {
		if err := m.connectRow(&m.rows[i]); err != nil {
			return err
		}
	}
	return nil
}

func (m *model) connectRow(r *row) error {
	if len(r.Cells) != len(m.Stacks) {
		return fmt.Errorf("%s %s: has %d cells, not one a stack", r.ID, r.Value, len(r.Cells))
	}
	r.cells = make([]cell, len(m.Stacks))
	for i, s := range m.Stacks {
		c, ok := r.Cells[s.ID]
		if !ok || len(c.Rules) == 0 {
			return fmt.Errorf("%s %s: no cell, or no rule in it, for %s", r.ID, r.Value, s.ID)
		}
		for _, id := range c.Rules {
			if m.byID[id] == nil {
				return fmt.Errorf("%s %s, %s: no rule %s", r.ID, r.Value, s.ID, id)
			}
		}
		c.doubt = doubt(m.byID[c.Rules[0]].Verdict)
		if r.Evidence != "" {
			c.doubt = doubt(r.Evidence)
		}
		r.cells[i] = c
	}
	return nil
}

// spellOut replaces a language by its stacks.
func (m *model) spellOut(favours []string) []string {
	out := []string{}
	for _, id := range favours {
		before := len(out)
		for _, s := range m.Stacks {
			if s.Language == id {
				out = append(out, s.ID)
			}
		}
		if len(out) == before {
			out = append(out, id)
		}
	}
	return out
}

// stack finds a stack, one of the four or an outside one.
func (m *model) stack(id string) (Stack, bool) {
	for _, list := range [][]Stack{m.Stacks, m.Outside} {
		if i := slices.IndexFunc(list, func(s Stack) bool { return s.ID == id }); i >= 0 {
			return list[i], true
		}
	}
	return Stack{}, false
}

// title is how a text names a stack.
func (m *model) title(id string) string {
	if id == hybrid {
		titles := make([]string, len(m.Hybrid.Stacks))
		for i, s := range m.Hybrid.Stacks {
			titles[i] = m.title(s)
		}
		return strings.Join(titles, " + ")
	}
	if s, ok := m.stack(id); ok {
		return s.Title
	}
	return id
}

// Hybrid is one stack of each world together, as a stack.
func Hybrid() Stack {
	m := knowledge()
	return Stack{ID: hybrid, Title: m.title(hybrid), Summary: m.Hybrid.Summary}
}

// Stacks lists the four stacks, then those the article names besides.
func Stacks() []Stack {
	m := knowledge()
	return slices.Concat(m.Stacks, m.Outside)
}

// ResolveStack finds the id of one of the four stacks by id, title or short name.
func ResolveStack(name string) (id string, ok bool) {
	for _, s := range knowledge().Stacks {
		if strings.EqualFold(name, s.ID) || strings.EqualFold(name, s.Title) || slices.Contains(s.Aliases, strings.ToLower(name)) {
			return s.ID, true
		}
	}
	return "", false
}

// Rules lists what the article says, R01 to R103. The caller must not change it.
func Rules() []Rule { return knowledge().rules }
