package update

import (
	"bytes"
	"slices"
	"strings"
	"unicode/utf8"

	"example.com/scaffold/internal/merge3"
	"example.com/scaffold/internal/tree"
)

// settle decides about one file. It returns no step when nothing happens and
// nothing has to be said.
func (o Options) settle(m meeting) []Step {
	switch {
	case m.base == nil && m.theirs != nil:
		return o.added(m)
	case m.theirs == nil:
		return o.dropped(m)
	case same(m.base, m.theirs) && m.at == m.to:
		return nil // the pack changed nothing: whatever the person did stands
	default:
		return o.changed(m)
	}
}

// added: the pack brings a file that it did not have before.
func (o Options) added(m meeting) []Step {
	switch {
	case m.ours.Kind == Missing:
		return []Step{{Path: m.to, State: Add, File: m.theirs}}
	case m.ours.Kind == Regular && bytes.Equal(m.ours.File.Data, m.theirs.Data):
		return nil
	default:
		return []Step{o.keepBoth(m, "you have a file of your own where the pack now adds one")}
	}
}

// dropped: the pack no longer has a file.
func (o Options) dropped(m meeting) []Step {
	switch {
	case m.ours.Kind == Missing:
		return nil
	case m.ours.Kind == Regular && same(m.base, &m.ours.File):
		return []Step{{Path: m.at, State: Delete, Remove: true}}
	default:
		s := Step{Path: m.at, State: Conflict, Base: m.base, Note: "the pack no longer has it, and you changed it: delete it or keep it as your own"}
		if m.ours.Kind == Regular {
			s.Ours = &m.ours.File
		}
		return []Step{s}
	}
}

// changed: the pack has another content, mode or place for a file.
func (o Options) changed(m meeting) []Step {
	switch m.ours.Kind {
	case Regular:
	case Missing:
		return []Step{{Path: m.at, State: Keep, Note: "you deleted it: it stays deleted, though the pack changed it"}}
	case Folder, Other:
		return []Step{o.keepBoth(m, "you have something else than a regular file here, and the pack changed it")}
	}
	ours := m.ours.File
	if settings(m.at) && !bytes.Equal(m.base.Data, ours.Data) {
		return []Step{{Path: m.at, State: Keep, Note: "it holds your settings: it stays as it is, though the pack changed it"}}
	}
	moved := m.at != m.to
	exec := mergeExec(m.base.Exec, ours.Exec, m.theirs.Exec)
	whole := func(state State, data []byte) []Step {
		f := tree.File{Data: data, Exec: exec}
		if moved {
			return []Step{{Path: m.to, From: m.at, State: Rename, File: &f}, {Path: m.at, State: Rename, Remove: true, Note: "moves to " + m.to}}
		}
		if bytes.Equal(f.Data, ours.Data) && f.Exec == ours.Exec {
			return nil
		}
		return []Step{{Path: m.to, State: state, File: &f}}
	}
	switch {
	case bytes.Equal(m.base.Data, ours.Data), bytes.Equal(ours.Data, m.theirs.Data):
		return whole(Update, m.theirs.Data)
	case bytes.Equal(m.base.Data, m.theirs.Data):
		return whole(Merge, ours.Data)
	case binary(m.base.Data) || binary(ours.Data) || binary(m.theirs.Data):
		return o.conflict(m, ours, "both changed it, and it is not a text")
	}
	merged := merge3.Merge(m.base.Data, ours.Data, m.theirs.Data, o.labels())
	if data, ok := mergeStructure(m.to, m.base.Data, ours.Data, m.theirs.Data, merged); ok {
		return whole(Merge, data)
	}
	switch {
	case merged.Clean():
		return o.conflict(m, ours, "the edits of both do not go together, though their lines do")
	case o.TheirsFile:
		return o.conflict(m, ours, "both changed the same lines")
	case marked(ours.Data) && !marked(m.base.Data):
		return o.conflict(m, ours, "it still has the markers of another conflict")
	}
	steps := whole(Conflict, merged.Text)
	s := &steps[0]
	s.State, s.Note, s.Markers = Conflict, "both changed the same lines", len(merged.Conflicts)
	s.Base, s.Ours, s.Theirs = m.base, &ours, m.theirs
	return steps
}

// conflict keeps ours, at its new place if the pack moved it, and lays theirs beside.
func (o Options) conflict(m meeting, ours tree.File, why string) []Step {
	s := o.keepBoth(m, why)
	s.Base, s.Ours = m.base, &ours
	if m.at == m.to {
		return []Step{s}
	}
	s.From, s.File = m.at, &ours
	return []Step{s, {Path: m.at, State: Rename, Remove: true, Note: "moves to " + m.to}}
}

// keepBoth leaves what stands at the path and lays theirs beside it.
func (o Options) keepBoth(m meeting, why string) Step {
	s := Step{Path: m.to, State: Conflict, Note: why, Beside: beside(m.to), Theirs: m.theirs, Base: m.base}
	if m.ours.Kind == Regular {
		s.Ours = &m.ours.File
	}
	return s
}

// same says whether two versions of a file are the same bytes and mode.
func same(a, b *tree.File) bool { return a.Exec == b.Exec && bytes.Equal(a.Data, b.Data) }

// mergeExec follows whoever changed the bit.
func mergeExec(base, ours, theirs bool) bool {
	if ours != base {
		return ours
	}
	return theirs
}

// marked says whether a text has conflict markers, of ours or of git.
func marked(data []byte) bool {
	ours, theirs := false, false
	for l := range bytes.Lines(data) {
		ours = ours || bytes.HasPrefix(l, []byte("<<<<<<< "))
		theirs = theirs || ours && bytes.HasPrefix(l, []byte(">>>>>>> "))
	}
	return theirs
}

// settings says whether a file is one that people fill in on their machine, mostly
// with secrets, and that git ignores: what .env.example is the example of.
func settings(path string) bool {
	name := base(path)
	return name == ".env" || strings.HasPrefix(name, ".env.") && !slices.Contains([]string{".env.example", ".env.sample", ".env.template", ".env.dist"}, name)
}

// binary says whether merging lines would make no sense. As in git, a NUL tells;
// text in another encoding than UTF-8 merges well, byte for byte.
func binary(data []byte) bool {
	const head = 8000
	return bytes.IndexByte(data[:min(len(data), head)], 0) >= 0
}

// text says whether a file can be compared by lines to find out where it went.
func text(data []byte) bool { return !binary(data) && utf8.Valid(data) }
