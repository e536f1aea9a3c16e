// Package plan says which files a project will have, and why each is there. It
// reads no file's content and writes nothing.
package plan

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/bmatcuk/doublestar/v4"

	"example.com/scaffold/internal/answers"
	"example.com/scaffold/internal/expr"
	"example.com/scaffold/internal/pack"
	"example.com/scaffold/internal/tree"
)

// Base is the owner of a file that no option put there.
const Base = "base"

// Entry is one file to come.
type Entry struct {
	Path   string // in the project, names replaced
	Layer  pack.Layer
	Source string // in the layer, such as "base/src/app/main.py"
	Owner  string // Base, an option, a question, or "auth=none": who put it there
	Policy string // pack.Managed, pack.CreateOnce or pack.UserOwned
	Exec   bool
	Raw    bool
	Merges []pack.Merge // structured changes that apply
	Lock   *pack.Lock   // set when the file is a dependency lock to prune
	Part   string       // folder of the part it belongs to, "" for the pack itself

	feature string
}

// Plan is every file of a project to come, and all that rendering needs.
type Plan struct {
	Pack      *pack.Pack
	Answers   answers.Resolved
	Data      map[string]any // what templates see
	Names     []Name         // placeholders and their values
	Entries   []Entry        // of the parts too, in byte order of Path
	Parts     []Part
	NextSteps []pack.NextStep
	Verify    [][]string
}

// Name is a placeholder of the pack's sources and the text that takes its place.
type Name struct{ Placeholder, Value string }

// Build makes the plan for answers that resolved without a problem. Extra are
// values that the tool works out and templates may use (pack.Reserved).
func Build(p *pack.Pack, r answers.Resolved, extra map[string]any) (*Plan, error) {
	if p.Abstract {
		return nil, fmt.Errorf("pack %s is only there to be extended; choose one that extends it", p.Source)
	}
	pl, err := build(p, r, extra)
	if err != nil {
		return nil, err
	}
	for _, part := range p.Parts {
		if err := pl.addPart(part, extra); err != nil {
			return nil, err
		}
	}
	return pl, pl.sortEntries()
}

// build plans one pack by itself.
func build(p *pack.Pack, r answers.Resolved, extra map[string]any) (*Plan, error) {
	pl := &Plan{Pack: p, Answers: r, Verify: p.Verify}
	if err := pl.computeData(extra); err != nil {
		return nil, err
	}
	rules, err := newRules(p.Files, pl.Data)
	if err != nil {
		return nil, err
	}
	chosen := make(map[string]Entry) // by logical path
	for _, l := range p.Layers {
		own, err := pl.layerEntries(l, rules)
		if err != nil {
			return nil, err
		}
		// A child's file replaces its parent's.
		maps.Copy(chosen, own)
	}
	if err := pl.addRoles(chosen); err != nil {
		return nil, err
	}
	if err := pl.nameAll(chosen); err != nil {
		return nil, err
	}
	return pl, pl.addSteps()
}

// computeData gathers answers, computed values and extras, and works out the names.
func (pl *Plan) computeData(extra map[string]any) error {
	pl.Data = pl.Answers.Data()
	pl.Data["stack"] = pl.Pack.Name
	for id, value := range extra {
		if _, taken := pl.Data[id]; taken || !slices.Contains(pack.Reserved(), id) {
			return fmt.Errorf("plan: extra value %q is not one of %s", id, strings.Join(pack.Reserved(), ", "))
		}
		pl.Data[id] = value
	}
	if _, ok := pl.Data["subpath"]; !ok {
		pl.Data["subpath"] = "" // a repository of its own
	}
	for _, c := range pl.Pack.Computed {
		var value any
		var err error
		if c.When != "" {
			value, err = expr.Holds(c.When, pl.Data)
		} else {
			value, err = expr.Text("computed", c.Value, pl.Data)
		}
		if err != nil {
			return fmt.Errorf("%s: computed %s: %w", pl.Pack.Source, c.ID, err)
		}
		pl.Data[c.ID] = value
	}
	for placeholder, template := range pl.Pack.Names {
		value, err := expr.Text("name", template, pl.Data)
		if err != nil {
			return fmt.Errorf("%s: name %s: %w", pl.Pack.Source, placeholder, err)
		}
		pl.Names = append(pl.Names, Name{placeholder, value})
	}
	// Longest first, so that a placeholder inside another is never taken for it.
	slices.SortFunc(pl.Names, func(a, b Name) int {
		return cmp.Or(cmp.Compare(len(b.Placeholder), len(a.Placeholder)), cmp.Compare(a.Placeholder, b.Placeholder))
	})
	return nil
}

// Replacer puts the names in place of their placeholders.
func (pl *Plan) Replacer() *strings.Replacer {
	pairs := make([]string, 0, 2*len(pl.Names))
	for _, n := range pl.Names {
		pairs = append(pairs, n.Placeholder, n.Value)
	}
	return strings.NewReplacer(pairs...)
}

// layerEntries lists the files of one layer that apply, by logical path.
func (pl *Plan) layerEntries(l pack.Layer, rules *rules) (map[string]Entry, error) {
	own := make(map[string]Entry)
	for _, f := range l.Files {
		if !pl.featureOn(f.Feature) {
			continue
		}
		e, applies := rules.entry(f)
		if !applies {
			continue
		}
		e.Layer = l
		other, taken := own[f.Path]
		if !taken {
			own[f.Path] = e
			continue
		}
		// The overlay of an exclusive choice takes the place of the base file;
		// any other two owners are the pack's mistake.
		switch {
		case other.feature == "" && isChoice(e.feature):
			own[f.Path] = e
		case isChoice(other.feature) && e.feature == "":
		default:
			return nil, fmt.Errorf("%s and %s both bring %s, by %s and %s: one path has one owner",
				l.Name(other.Source), l.Name(e.Source), f.Path, other.Owner, e.Owner)
		}
	}
	return own, nil
}

func isChoice(feature string) bool { return strings.Contains(feature, "=") }

// featureOn tells whether the files below features/<feature> apply: an option
// that is on, or a question that has the value.
func (pl *Plan) featureOn(feature string) bool {
	id, value, choice := strings.Cut(feature, "=")
	switch {
	case feature == "":
		return true
	case choice:
		return pl.Data[id] == value
	default:
		return pl.Data[id] == true
	}
}

// addRoles attaches merges and locks to the files they are for.
func (pl *Plan) addRoles(chosen map[string]Entry) error {
	for _, m := range pl.Pack.Merges {
		holds, err := expr.Holds(m.When, pl.Data)
		if err != nil {
			return fmt.Errorf("%s: merge into %s: %w", pl.Pack.Source, m.File, err)
		}
		if e, ok := chosen[m.File]; ok && holds {
			e.Merges = append(e.Merges, m)
			chosen[m.File] = e
		}
	}
	for _, lock := range pl.Pack.Locks {
		e, ok := chosen[lock.File]
		if !ok {
			continue
		}
		if _, ok := chosen[lock.From]; !ok {
			return fmt.Errorf("%s: lock %s is made from %s, which is not among the files", pl.Pack.Source, lock.File, lock.From)
		}
		e.Lock = &lock
		chosen[lock.File] = e
	}
	return nil
}

// nameAll gives the entries their final paths and checks them.
func (pl *Plan) nameAll(chosen map[string]Entry) error {
	names := pl.Replacer()
	for _, logical := range slices.Sorted(maps.Keys(chosen)) {
		e := chosen[logical]
		e.Path = names.Replace(logical)
		pl.Entries = append(pl.Entries, e)
	}
	return pl.sortEntries()
}

// sortEntries puts the entries in order and refuses bad paths and twins.
func (pl *Plan) sortEntries() error {
	slices.SortFunc(pl.Entries, func(a, b Entry) int { return cmp.Compare(a.Path, b.Path) })
	var all tree.Tree
	for _, e := range pl.Entries {
		if err := all.Add(e.Path, tree.File{}); err != nil {
			return fmt.Errorf("%s: %w", e.Layer.Name(e.Source), err)
		}
	}
	return nil
}

func (pl *Plan) addSteps() error {
	for _, s := range pl.Pack.NextSteps {
		holds, err := expr.Holds(s.When, pl.Data)
		if err != nil {
			return fmt.Errorf("%s: next step %q: %w", pl.Pack.Source, s.Run, err)
		}
		if !holds {
			continue
		}
		for _, text := range []*string{&s.Run, &s.Say} {
			if *text, err = expr.Text("next step", *text, pl.Data); err != nil {
				return fmt.Errorf("%s: next step %q: %w", pl.Pack.Source, s.Run, err)
			}
		}
		pl.NextSteps = append(pl.NextSteps, s)
	}
	return nil
}

// Entry finds the file at a path of the project.
func (pl *Plan) Entry(path string) (Entry, bool) {
	i, ok := slices.BinarySearchFunc(pl.Entries, path, func(e Entry, p string) int { return cmp.Compare(e.Path, p) })
	if !ok {
		return Entry{}, false
	}
	return pl.Entries[i], true
}

// rules are the manifest's file rules with their conditions evaluated.
type rules struct {
	list  []pack.FileRule
	holds []bool
}

func newRules(list []pack.FileRule, data map[string]any) (*rules, error) {
	r := &rules{list: list, holds: make([]bool, len(list))}
	for i, rule := range list {
		holds, err := expr.Holds(rule.When, data)
		if err != nil {
			return nil, fmt.Errorf("files %s: %w", rule.Glob, err)
		}
		r.holds[i] = holds
	}
	return r, nil
}

// entry applies the rules to a file and tells whether it is wanted at all.
func (r *rules) entry(f pack.File) (Entry, bool) {
	e := Entry{Source: f.Source, Owner: cmp.Or(f.Feature, Base), Policy: pack.Managed, feature: f.Feature}
	applies := true
	for i, rule := range r.list {
		if !doublestar.MatchUnvalidated(rule.Glob, f.Path) {
			continue
		}
		if rule.When != "" {
			applies = r.holds[i]
		}
		e.Exec = e.Exec || rule.Exec
		e.Raw = e.Raw || rule.Raw
		e.Policy = cmp.Or(rule.Policy, e.Policy)
		e.Owner = cmp.Or(rule.Option, e.Owner)
	}
	return e, applies
}
