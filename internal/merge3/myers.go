package merge3

import "math"

// minBudget is the least number of steps from either side that a search for the
// middle may take. Beyond it, and beyond the root of the problem's size, the
// search stops at the furthest point: files that differ so much have no good
// alignment, and a bad one costs a conflict, never a line.
const minBudget = 256

// myers finds a shortest edit script between the kept lines of two files and
// marks the lines that are in it.
type myers struct {
	a, b               []int // ids of the kept lines
	indexA, indexB     []int // their places in the files
	changedA, changedB marks
	forward, backward  []int // furthest place in a on each diagonal, shifted by shift
	shift              int
	budget             int
}

// box is the part of the problem that is still open: a[a0:a1] against b[b0:b1].
type box struct{ a0, a1, b0, b1 int }

func newMyers(a, b, keepA, keepB []int, changedA, changedB marks) *myers {
	m := &myers{indexA: keepA, indexB: keepB, changedA: changedA, changedB: changedB}
	for _, i := range keepA {
		m.a = append(m.a, a[i])
	}
	for _, i := range keepB {
		m.b = append(m.b, b[i])
	}
	diagonals := len(keepA) + len(keepB) + 3
	m.forward, m.backward = make([]int, diagonals), make([]int, diagonals)
	m.shift = len(keepB) + 1
	m.budget = max(minBudget, roughRoot(diagonals))
	return m
}

func (m *myers) solve(p box) {
	for p.a0 < p.a1 && p.b0 < p.b1 && m.a[p.a0] == m.b[p.b0] {
		p.a0, p.b0 = p.a0+1, p.b0+1
	}
	for p.a0 < p.a1 && p.b0 < p.b1 && m.a[p.a1-1] == m.b[p.b1-1] {
		p.a1, p.b1 = p.a1-1, p.b1-1
	}
	if p.a0 == p.a1 || p.b0 == p.b1 {
		for _, i := range m.indexA[p.a0:p.a1] {
			m.changedA[i] = true
		}
		for _, i := range m.indexB[p.b0:p.b1] {
			m.changedB[i] = true
		}
		return
	}
	x, y := m.middle(p)
	m.solve(box{p.a0, x, p.b0, y})
	m.solve(box{x, p.a1, y, p.b1})
}

// middle returns a point of a shortest path through the box, from a search that
// starts at both of its corners.
func (m *myers) middle(p box) (x, y int) {
	fwd, bwd := m.forward, m.backward
	least, most := p.a0-p.b1, p.a1-p.b0
	f0, b0 := p.a0-p.b0, p.a1-p.b1
	fLow, fHigh, bLow, bHigh := f0, f0, b0, b0
	odd := (f0-b0)&1 != 0
	fwd[f0+m.shift], bwd[b0+m.shift] = p.a0, p.a1
	for steps := 1; ; steps++ {
		fLow, fHigh = widen(fwd, m.shift, fLow, fHigh, least, most, -1)
		for d := fHigh; d >= fLow; d -= 2 {
			k := d + m.shift
			x := max(fwd[k-1]+1, fwd[k+1])
			for x < p.a1 && x-d < p.b1 && m.a[x] == m.b[x-d] {
				x++
			}
			fwd[k] = x
			if odd && bLow <= d && d <= bHigh && bwd[k] <= x {
				return x, x - d
			}
		}
		bLow, bHigh = widen(bwd, m.shift, bLow, bHigh, least, most, math.MaxInt)
		for d := bHigh; d >= bLow; d -= 2 {
			k := d + m.shift
			x := min(bwd[k-1], bwd[k+1]-1)
			for x > p.a0 && x-d > p.b0 && m.a[x-1] == m.b[x-d-1] {
				x--
			}
			bwd[k] = x
			if !odd && fLow <= d && d <= fHigh && x <= fwd[k] {
				return x, x - d
			}
		}
		if steps >= m.budget {
			return m.furthest(p, fLow, fHigh, bLow, bHigh)
		}
	}
}

// widen lets a search use one more diagonal on each side, as long as the box has
// one; none is the value of a diagonal that nothing has reached.
func widen(reach []int, shift, low, high, least, most, none int) (int, int) {
	if low > least {
		low--
		reach[low-1+shift] = none
	} else {
		low++
	}
	if high < most {
		high++
		reach[high+1+shift] = none
	} else {
		high--
	}
	return low, high
}

// furthest is the point inside the box that either search came furthest to.
func (m *myers) furthest(p box, fLow, fHigh, bLow, bHigh int) (x, y int) {
	best := -1
	for d := fHigh; d >= fLow; d -= 2 {
		if i := min(m.forward[d+m.shift], p.a1); i-d <= p.b1 && i-p.a0+i-d-p.b0 > best {
			best, x, y = i-p.a0+i-d-p.b0, i, i-d
		}
	}
	for d := bHigh; d >= bLow; d -= 2 {
		if i := max(m.backward[d+m.shift], p.a0); i-d >= p.b0 && p.a1-i+p.b1-i+d > best {
			best, x, y = p.a1-i+p.b1-i+d, i, i-d
		}
	}
	return x, y
}
