package update

import (
	"bytes"
	"fmt"
	"maps"
	"slices"
	"strings"

	"example.com/scaffold/internal/pack"
	"example.com/scaffold/internal/tree"
)

// New plans how ours gets from base to theirs.
func New(base, theirs *tree.Tree, ours Project, o Options) (Plan, error) {
	p := &planner{base: base, theirs: theirs, ours: ours, o: o, seen: map[string]Found{}}
	meetings, err := p.meet()
	if err != nil {
		return Plan{}, err
	}
	var plan Plan
	for _, m := range meetings {
		plan.Steps = append(plan.Steps, o.settle(m)...)
	}
	slices.SortFunc(plan.Steps, func(a, b Step) int { return strings.Compare(a.Path, b.Path) })
	if err := p.makeRoom(&plan); err != nil {
		return Plan{}, err
	}
	return plan, nil
}

type planner struct {
	base, theirs *tree.Tree
	ours         Project
	o            Options
	seen         map[string]Found
}

func (p *planner) look(path string) (Found, error) {
	if f, ok := p.seen[path]; ok {
		return f, nil
	}
	f, err := p.ours.Look(path)
	if err != nil {
		return f, fmt.Errorf("%s: %w", path, err)
	}
	if b, known := p.base.Get(path); known && f.Kind == Regular && bytes.Equal(f.File.Data, b.Data) {
		f.File.Data = b.Data // one copy is enough
	}
	p.seen[path] = f
	return f, nil
}

// meet brings together the three versions of every file.
func (p *planner) meet() ([]meeting, error) {
	moved := packRenames(p.base, p.theirs, p.o.Renames)
	arrived := map[string]bool{}
	for _, to := range moved {
		arrived[to] = true
	}
	var all []meeting
	for path, f := range p.base.All() {
		m := meeting{base: &f, at: path, to: path}
		if t, ok := p.theirs.Get(path); ok {
			m.theirs = &t
		} else if to, ok := moved[path]; ok {
			t, _ := p.theirs.Get(to)
			m.theirs, m.to = &t, to
		}
		all = append(all, m)
	}
	for path, f := range p.theirs.All() {
		if _, known := p.base.Get(path); !known && !arrived[path] {
			all = append(all, meeting{theirs: &f, at: path, to: path})
		}
	}
	all = slices.DeleteFunc(all, p.leftAlone)
	for i := range all {
		found, err := p.look(all[i].at)
		if err != nil {
			return nil, err
		}
		all[i].ours = found
	}
	all, err := p.unoccupied(all)
	if err != nil {
		return nil, err
	}
	return all, p.follow(all)
}

// leftAlone says whether the pack's policy keeps an update from a file: one of
// the person's own always, one that is written once as soon as it has been.
func (p *planner) leftAlone(m meeting) bool {
	policy := ""
	if p.o.Policy != nil {
		policy = p.o.Policy(m.to)
	}
	return policy == pack.UserOwned || policy == pack.CreateOnce && m.base != nil
}

// unoccupied looks at files that the pack renames where something stands at the
// new place already. Either the person made the same move, or the new place is
// taken: then the file is dropped at its old place and added at its new one.
func (p *planner) unoccupied(all []meeting) ([]meeting, error) {
	var added []meeting
	for i, m := range all {
		if m.at == m.to {
			continue
		}
		there, err := p.look(m.to)
		switch {
		case err != nil:
			return nil, err
		case there.Kind == Missing:
		case m.ours.Kind == Missing:
			all[i].at, all[i].ours = m.to, there
		default:
			added = append(added, meeting{theirs: m.theirs, ours: there, at: m.to, to: m.to})
			all[i].theirs, all[i].to = nil, m.at
		}
	}
	return append(all, added...), nil
}

// follow finds where the person moved files that the pack changed.
func (p *planner) follow(all []meeting) error {
	gone := map[string]tree.File{}
	index := map[string]int{}
	for i, m := range all {
		if m.base != nil && m.theirs != nil && m.ours.Kind == Missing && !same(m.base, m.theirs) {
			gone[m.at], index[m.at] = *m.base, i
		}
	}
	if len(gone) == 0 {
		return nil
	}
	files, err := p.ours.Files()
	if err != nil {
		return err
	}
	fresh := map[string]tree.File{}
	for _, path := range files {
		_, inBase := p.base.Get(path)
		_, inTheirs := p.theirs.Get(path)
		if inBase || inTheirs {
			continue
		}
		found, err := p.look(path)
		if err != nil {
			return err
		}
		if found.Kind == Regular {
			fresh[path] = found.File
		}
	}
	moved := pair(gone, fresh)
	for _, from := range slices.Sorted(maps.Keys(moved)) {
		m := &all[index[from]]
		m.at, m.to, m.ours = moved[from], moved[from], p.seen[moved[from]]
	}
	return nil
}

// makeRoom turns a step that would write where a folder must be, below a file,
// or over a file laid beside earlier, into a conflict that leaves the disk alone.
func (p *planner) makeRoom(plan *Plan) error {
	removed := map[string]bool{}
	for _, s := range plan.Steps {
		if s.Remove {
			removed[s.Path] = true
		}
	}
	for i := range plan.Steps {
		s := &plan.Steps[i]
		if s.File == nil && s.Beside == "" {
			continue
		}
		if up, err := p.blocked(s.Path, removed); err != nil {
			return err
		} else if up != "" {
			*s = Step{Path: s.Path, State: Conflict, Theirs: s.Theirs, Base: s.Base, Note: note("%s is not a folder: the pack's file has no place", up)}
			continue
		}
		if s.Beside == "" {
			continue
		}
		there, err := p.look(s.Beside)
		if err != nil {
			return err
		}
		if there.Kind != Missing && (there.Kind != Regular || !bytes.Equal(there.File.Data, s.Theirs.Data)) {
			return fmt.Errorf("%s is in the way: it is left from an earlier conflict; settle that first, or move it away", s.Beside)
		}
	}
	return nil
}

// blocked returns the ancestor of a path that is no folder, "" if there is none.
func (p *planner) blocked(path string, removed map[string]bool) (string, error) {
	for i, c := range path {
		if c != '/' {
			continue
		}
		up := path[:i]
		f, err := p.look(up)
		if err != nil {
			return "", err
		}
		if f.Kind == Regular && !removed[up] || f.Kind == Other {
			return up, nil
		}
	}
	return "", nil
}
