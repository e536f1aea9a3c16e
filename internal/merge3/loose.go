package merge3

import "bytes"

// Loose merges edits that only touch: changed lines side by side are both taken,
// and of two insertions at one place ours comes first. ok is false where both
// sides changed one line differently. Lines that touch often belong together, so
// the caller must be able to tell that the result is right.
func Loose(base, ours, theirs []byte) (merged []byte, ok bool) {
	form := formOf(base).merge(formOf(ours), formOf(theirs))
	ids := map[string]int{}
	b, o, t := read(base, ids), read(ours, ids), read(theirs, ids)
	mine, other := edits(b, o), edits(b, t)
	var out bytes.Buffer
	for i := range len(b.lines) + 1 {
		writeAll(&out, mine.before[i])
		if !equal(mine.before[i], other.before[i]) {
			writeAll(&out, other.before[i])
		}
		if i == len(b.lines) {
			break
		}
		x, y := mine.instead[i], other.instead[i]
		switch {
		case x == nil && y == nil:
			out.Write(b.lines[i])
		case x == nil:
			writeAll(&out, *y)
		case y == nil || equal(*x, *y):
			writeAll(&out, *x)
		default:
			return nil, false
		}
	}
	return form.apply(out.Bytes()), true
}

// edited says of each line of base what a side has instead of it (nil: the same),
// and what it has before it; the last entry is for the end.
type edited struct {
	before  [][][]byte
	instead []*[][]byte
}

// edits spreads each change over the lines it replaces: the first gets the first
// new line, and so on; the last one gets what is left.
func edits(base, side text) edited {
	e := edited{make([][][]byte, len(base.lines)+1), make([]*[][]byte, len(base.lines))}
	for _, c := range diff(base.ids, side.ids) {
		fresh := side.lines[c.b : c.b+c.insB]
		if c.delA == 0 {
			e.before[c.a] = fresh
			continue
		}
		for i := range c.delA {
			n := min(1, len(fresh))
			if i == c.delA-1 {
				n = len(fresh)
			}
			part := fresh[:n]
			e.instead[c.a+i], fresh = &part, fresh[n:]
		}
	}
	return e
}

func writeAll(out *bytes.Buffer, lines [][]byte) {
	for _, l := range lines {
		out.Write(l)
	}
}
