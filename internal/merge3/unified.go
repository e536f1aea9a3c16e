package merge3

import (
	"bytes"
	"fmt"
)

// around is how many unchanged lines stand before and after a change.
const around = 3

// Unified is the unified diff of two texts, as diff -u and git print it, under
// the names given; nil if they are the same.
func Unified(nameA, nameB string, a, b []byte) []byte {
	if bytes.Equal(a, b) {
		return nil
	}
	var out bytes.Buffer
	fmt.Fprintf(&out, "--- %s\n+++ %s\n", nameA, nameB)
	if bytes.IndexByte(a, 0) >= 0 || bytes.IndexByte(b, 0) >= 0 {
		fmt.Fprintf(&out, "Binary files %s and %s differ\n", nameA, nameB)
		return out.Bytes()
	}
	ids := map[string]int{}
	x, y := plain(a, ids), plain(b, ids)
	script := diff(x.ids, y.ids)
	for len(script) > 0 {
		n := 1
		for n < len(script) && script[n].a-(script[n-1].a+script[n-1].delA) <= 2*around {
			n++
		}
		hunk(&out, x, y, script[:n])
		script = script[n:]
	}
	return out.Bytes()
}

// hunk prints changes that share their around.
func hunk(out *bytes.Buffer, x, y text, script []change) {
	first, last := script[0], script[len(script)-1]
	lead := min(around, first.a)
	startA, startB := first.a-lead, first.b-lead
	endA := min(len(x.lines), last.a+last.delA+around)
	endB := last.b + last.insB + endA - last.a - last.delA
	fmt.Fprintf(out, "@@ -%s +%s @@\n", span(startA, endA), span(startB, endB))
	at := startA
	for _, c := range script {
		printLines(out, ' ', x.lines[at:c.a])
		printLines(out, '-', x.lines[c.a:c.a+c.delA])
		printLines(out, '+', y.lines[c.b:c.b+c.insB])
		at = c.a + c.delA
	}
	printLines(out, ' ', x.lines[at:endA])
}

// span is a hunk's place in one text: first line from 1, and how many if not one.
func span(start, end int) string {
	switch end - start {
	case 0:
		return fmt.Sprintf("%d,0", start)
	case 1:
		return fmt.Sprint(start + 1)
	}
	return fmt.Sprintf("%d,%d", start+1, end-start)
}

func printLines(out *bytes.Buffer, sign byte, lines [][]byte) {
	for _, l := range lines {
		out.WriteByte(sign)
		out.Write(l)
		if !bytes.HasSuffix(l, []byte("\n")) {
			out.WriteString("\n\\ No newline at end of file\n")
		}
	}
}
