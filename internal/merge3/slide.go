package merge3

// group is a run of changed lines [start, end) of one file, possibly empty:
// there is one before, between and after any two lines of the alignment, so the
// groups of two files correspond.
type group struct{ start, end int }

func (g group) empty() bool { return g.start == g.end }

func first(changed marks) group {
	g := group{}
	g.grow(changed)
	return g
}

func (g *group) grow(changed marks) {
	for g.end < len(changed) && changed[g.end] {
		g.end++
	}
}

func (g *group) growUp(changed marks) {
	for g.start > 0 && changed[g.start-1] {
		g.start--
	}
}

// next moves to the following group; it reports whether there is one.
func (g *group) next(changed marks) bool {
	if g.end == len(changed) {
		return false
	}
	g.start, g.end = g.end+1, g.end+1
	g.grow(changed)
	return true
}

func (g *group) previous(changed marks) {
	g.start, g.end = g.start-1, g.start-1
	g.growUp(changed)
}

// up slides the group one line up, if the line it gives free equals the one it
// takes, and joins it with a group it meets.
func (g *group) up(lines []int, changed marks) bool {
	if g.start == 0 || lines[g.start-1] != lines[g.end-1] {
		return false
	}
	g.start, g.end = g.start-1, g.end-1
	changed[g.start], changed[g.end] = true, false
	g.growUp(changed)
	return true
}

func (g *group) down(lines []int, changed marks) bool {
	if g.end == len(lines) || lines[g.start] != lines[g.end] {
		return false
	}
	changed[g.start], changed[g.end] = false, true
	g.start, g.end = g.start+1, g.end+1
	g.grow(changed)
	return true
}

// slide puts every group of changed lines at the lowest place it can take, or
// at the lowest beside a change of the other file, and joins those that meet.
func slide(lines []int, changed, otherChanged marks) {
	g, other := first(changed), first(otherChanged)
	for {
		if !g.empty() {
			slideOne(&g, &other, lines, changed, otherChanged)
		}
		if !g.next(changed) {
			return
		}
		other.next(otherChanged)
	}
}

func slideOne(g, other *group, lines []int, changed, otherChanged marks) {
	highest, beside := 0, false
	for size := -1; size != g.end-g.start; {
		size, beside = g.end-g.start, false
		for g.up(lines, changed) {
			other.previous(otherChanged)
		}
		highest = g.end
		beside = beside || !other.empty()
		for g.down(lines, changed) {
			other.next(otherChanged)
			beside = beside || !other.empty()
		}
	}
	if g.end == highest || !beside {
		return
	}
	for other.empty() {
		g.up(lines, changed)
		other.previous(otherChanged)
	}
}

// changes reads the script off the marks.
func changes(changedA, changedB marks) []change {
	var script []change
	a, b := 0, 0
	for a < len(changedA) || b < len(changedB) {
		c := change{a: a, b: b}
		for a < len(changedA) && changedA[a] {
			a++
		}
		for b < len(changedB) && changedB[b] {
			b++
		}
		c.delA, c.insB = a-c.a, b-c.b
		if c.delA+c.insB > 0 {
			script = append(script, c)
		}
		a, b = a+1, b+1
	}
	return script
}
