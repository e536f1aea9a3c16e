// Package merge3 merges two edits of one text, line by line: what only one side
// changed is taken, what both changed alike is taken once, and what both changed
// differently is a conflict that shows both. It is pure, needs no git, and is
// held against `git merge-file` by a fuzz test: what git calls a conflict is
// never called clean here.
package merge3

import (
	"bytes"
)

// Labels name the sides in conflict markers.
type Labels struct{ Ours, Base, Theirs string }

// Result is a merged text.
type Result struct {
	Text []byte
	// Conflicts are the places, in order, where both sides changed lines that
	// are the same or touch. Text has them between markers.
	Conflicts []Conflict
}

// Conflict is one place; each side is given with its line ends.
type Conflict struct {
	Line               int // of the opening marker in Result.Text, from 1
	Ours, Base, Theirs []byte
}

// Clean says whether nothing is left for a person to decide.
func (r Result) Clean() bool { return len(r.Conflicts) == 0 }

// Merge merges ours and theirs, two edits of base. Line ends and a byte order
// mark follow the person: if ours has another kind than base throughout, the
// result has ours'. A text that lacks its last line end differs from one that
// has it, as in git.
func Merge(base, ours, theirs []byte, labels Labels) Result {
	switch {
	case bytes.Equal(ours, theirs), bytes.Equal(base, theirs):
		return Result{Text: ours}
	case bytes.Equal(base, ours):
		return Result{Text: theirs}
	}
	form := formOf(base).merge(formOf(ours), formOf(theirs))
	m := &merger{labels: labels}
	ids := map[string]int{}
	m.base, m.ours, m.theirs = read(base, ids), read(ours, ids), read(theirs, ids)
	m.run(diff(m.base.ids, m.ours.ids), diff(m.base.ids, m.theirs.ids))
	return m.result(form)
}

// text is a file in lines: each with its "\n", if it has one.
type text struct {
	lines [][]byte
	ids   []int
}

// read takes a text without its form.
func read(data []byte, ids map[string]int) text {
	return plain(formOf(data).strip(data), ids)
}

func plain(data []byte, ids map[string]int) text {
	var t text
	for line := range bytes.Lines(data) {
		id, ok := ids[string(line)]
		if !ok {
			id = len(ids)
			ids[string(line)] = id
		}
		t.lines = append(t.lines, line)
		t.ids = append(t.ids, id)
	}
	return t
}

type merger struct {
	base, ours, theirs text
	labels             Labels
	out                bytes.Buffer
	conflicts          []Conflict
	line               int // written so far
}

// run walks over both scripts. Changes of the two sides that overlap or touch
// form one cluster; between clusters all three texts are the same.
func (m *merger) run(ours, theirs []change) {
	at, atOurs, atTheirs := 0, 0, 0 // read so far, in each text
	for len(ours) > 0 || len(theirs) > 0 {
		start := len(m.base.lines)
		if len(ours) > 0 {
			start = ours[0].a
		}
		if len(theirs) > 0 {
			start = min(start, theirs[0].a)
		}
		m.write(m.base.lines[at:start])
		atOurs, atTheirs = atOurs+start-at, atTheirs+start-at
		end, growthOurs, growthTheirs, fromOurs, fromTheirs := start, 0, 0, false, false
		for {
			switch {
			case len(ours) > 0 && ours[0].a <= end:
				end = max(end, ours[0].a+ours[0].delA)
				growthOurs += ours[0].insB - ours[0].delA
				ours, fromOurs = ours[1:], true
				continue
			case len(theirs) > 0 && theirs[0].a <= end:
				end = max(end, theirs[0].a+theirs[0].delA)
				growthTheirs += theirs[0].insB - theirs[0].delA
				theirs, fromTheirs = theirs[1:], true
				continue
			}
			break
		}
		a := m.ours.lines[atOurs : atOurs+end-start+growthOurs]
		b := m.theirs.lines[atTheirs : atTheirs+end-start+growthTheirs]
		switch {
		case !fromTheirs || equal(a, b):
			m.write(a)
		case !fromOurs:
			m.write(b)
		default:
			m.conflict(m.base.lines[start:end], a, b)
		}
		at, atOurs, atTheirs = end, atOurs+len(a), atTheirs+len(b)
	}
	m.write(m.base.lines[at:])
}

func equal(a, b [][]byte) bool {
	if len(a) != len(b) {
		return false
	}
	for i := range a {
		if !bytes.Equal(a[i], b[i]) {
			return false
		}
	}
	return true
}

func (m *merger) write(lines [][]byte) {
	for _, l := range lines {
		m.out.Write(l)
	}
	m.line += len(lines)
}

// conflict writes both sides between markers. Lines at its ends that the sides
// agree on stand outside.
func (m *merger) conflict(base, ours, theirs [][]byte) {
	var head, tail [][]byte
	for len(ours) > 0 && len(theirs) > 0 && bytes.Equal(ours[0], theirs[0]) {
		head, ours, theirs = append(head, ours[0]), ours[1:], theirs[1:]
	}
	for len(ours) > 0 && len(theirs) > 0 && bytes.Equal(ours[len(ours)-1], theirs[len(theirs)-1]) {
		tail = append([][]byte{ours[len(ours)-1]}, tail...)
		ours, theirs = ours[:len(ours)-1], theirs[:len(theirs)-1]
	}
	m.write(head)
	m.conflicts = append(m.conflicts, Conflict{
		Line: m.line + 1, Ours: bytes.Join(ours, nil), Base: bytes.Join(base, nil), Theirs: bytes.Join(theirs, nil),
	})
	m.marker("<<<<<<<", m.labels.Ours)
	m.side(ours)
	m.marker("=======", "")
	m.side(theirs)
	m.marker(">>>>>>>", m.labels.Theirs)
	m.write(tail)
}

func (m *merger) marker(sign, label string) {
	m.out.WriteString(sign)
	if label != "" {
		m.out.WriteString(" " + label)
	}
	m.out.WriteByte('\n')
	m.line++
}

// side writes one side of a conflict. A last line without its end gets one: the
// marker below must stand on a line of its own.
func (m *merger) side(lines [][]byte) {
	m.write(lines)
	if n := len(lines); n > 0 && !bytes.HasSuffix(lines[n-1], []byte("\n")) {
		m.out.WriteByte('\n')
	}
}

func (m *merger) result(f form) Result {
	r := Result{Text: f.apply(m.out.Bytes()), Conflicts: m.conflicts}
	for i, c := range r.Conflicts {
		r.Conflicts[i].Ours, r.Conflicts[i].Base, r.Conflicts[i].Theirs = f.ends(c.Ours), f.ends(c.Base), f.ends(c.Theirs)
	}
	return r
}
