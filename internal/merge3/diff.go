package merge3

// The line diff. A merge is only as careful as its alignment: where lines
// repeat, two right diffs can put one change in two places, and a merge built on
// one of them may call clean what a reader of the other sees as a conflict. So
// the alignment here is the one git makes by default: Myers' O(ND) algorithm in
// linear space, on files from which the ends they share and the lines without a
// partner were taken, and then every group of changed lines slid to its lowest
// place. A fuzz test holds it against git.
//
// Source: E. W. Myers, "An O(ND) Difference Algorithm and Its Variations", 1986.

// change says that lines [A, A+DelA) of the first file became lines
// [B, B+InsB) of the second.
type change struct{ a, delA, b, insB int }

// marks has one bool a line: is it in no pair of the alignment?
type marks []bool

// diff aligns two files whose lines are given as ids: equal lines, equal ids.
func diff(a, b []int) []change {
	changedA, changedB := make(marks, len(a)), make(marks, len(b))
	lo, hiA, hiB := 0, len(a), len(b)
	for lo < hiA && lo < hiB && a[lo] == b[lo] {
		lo++
	}
	for hiA > lo && hiB > lo && a[hiA-1] == b[hiB-1] {
		hiA, hiB = hiA-1, hiB-1
	}
	keepA, keepB := thin(a, b, lo, hiA, hiB, changedA, changedB)
	newMyers(a, b, keepA, keepB, changedA, changedB).solve(box{0, len(keepA), 0, len(keepB)})
	slide(a, changedA, changedB)
	slide(b, changedB, changedA)
	return changes(changedA, changedB)
}

// thin drops the lines that would only slow the search down or mislead it:
// those without a partner in the other file, and those with very many partners
// that stand among such. It marks what it drops and returns the indexes of the
// rest.
func thin(a, b []int, lo, hiA, hiB int, changedA, changedB marks) (keepA, keepB []int) {
	countA, countB := map[int]int{}, map[int]int{}
	for _, id := range a {
		countA[id]++
	}
	for _, id := range b {
		countB[id]++
	}
	return thinOne(a, countB, lo, hiA, changedA), thinOne(b, countA, lo, hiB, changedB)
}

// What a line's number of partners says about it.
const (
	partnerless = iota
	ordinary
	common
)

func thinOne(lines []int, partners map[int]int, lo, hi int, changed marks) []int {
	limit := min(roughRoot(len(lines)), maxPartners)
	kind := make([]int, len(lines))
	for i := lo; i < hi; i++ {
		switch n := partners[lines[i]]; {
		case n == 0:
			kind[i] = partnerless
		case n >= limit:
			kind[i] = common
		default:
			kind[i] = ordinary
		}
	}
	var keep []int
	for i := lo; i < hi; i++ {
		if kind[i] == ordinary || kind[i] == common && !drowned(kind, i, lo, hi-1) {
			keep = append(keep, i)
		} else {
			changed[i] = true
		}
	}
	return keep
}

const (
	maxPartners = 1024
	// drownWindow is how far drowned looks; of all lines it sees, the common
	// ones must be fewer than one in drownShare.
	drownWindow = 100
	drownShare  = 4
)

// drowned says whether the common line i stands between lines without a partner,
// on both sides, with few other common ones: it would be matched by chance.
func drowned(kind []int, i, lo, hi int) bool {
	lo, hi = max(lo, i-drownWindow), min(hi, i+drownWindow)
	count := func(step int) (lone, others int) {
		for r := 1; i+step*r >= lo && i+step*r <= hi; r++ {
			switch kind[i+step*r] {
			case partnerless:
				lone++
			case common:
				others++
			default:
				return lone, others
			}
		}
		return lone, others
	}
	loneAbove, above := count(-1)
	loneBelow, below := count(1)
	if loneAbove == 0 || loneBelow == 0 {
		return false
	}
	alike := above + below + 2 // the line itself counts once for each side
	return alike*drownShare < alike+loneAbove+loneBelow
}

// roughRoot is a power of two near the square root of n.
func roughRoot(n int) int {
	root := 1
	for ; n > 0; n >>= 2 {
		root <<= 1
	}
	return root
}
