package answers

import (
	"fmt"
	"strings"
)

// Problem is one thing wrong with one answer.
//
//nolint:errname // it is first of all what forms and --json show
type Problem struct {
	ID      string // the question, or "" when the problem is not with one
	Place   string // where the value came from: "answers.yaml:3:5", "--database", "preset minimal"
	Message string
	Hint    string // the way out
	Missing bool   // no value at all, rather than a wrong one
	Unknown bool   // nothing asks for an answer of this ID
}

// Error says place, problem and way out in one line.
func (p Problem) Error() string {
	var out strings.Builder
	if p.Place != "" {
		out.WriteString(p.Place + ": ")
	}
	out.WriteString(p.Message)
	if p.Hint != "" {
		out.WriteString(" (" + p.Hint + ")")
	}
	return out.String()
}

// Problems is every problem found at once, so that a person mends all of them
// before the next try.
//
//nolint:errname // as Problem
type Problems struct{ List []Problem }

// Error has a line for each problem.
func (p *Problems) Error() string {
	lines := make([]string, len(p.List))
	for i, one := range p.List {
		lines[i] = one.Error()
	}
	return strings.Join(lines, "\n")
}

// Wrong lists the problems other than missing answers: what a form that is
// still being filled in must show.
func (p *Problems) Wrong() []Problem {
	var wrong []Problem
	for _, one := range p.List {
		if !one.Missing {
			wrong = append(wrong, one)
		}
	}
	return wrong
}

func (p *Problems) add(one Problem) { p.List = append(p.List, one) }

// err is nil when there is no problem.
func (p *Problems) err() error {
	if len(p.List) == 0 {
		return nil
	}
	return p
}

// DidYouMean is a hint that names the candidate closest to a word, or lists all
// of them when none is close.
func DidYouMean(word string, candidates []string) string {
	best, distance := "", min(max(2, len(word)/3)+1, len(word)) // every letter another is no likeness
	for _, c := range candidates {
		if d := editDistance(strings.ToLower(word), strings.ToLower(c)); d < distance {
			best, distance = c, d
		}
	}
	switch {
	case best != "":
		return fmt.Sprintf("did you mean %q?", best)
	case len(candidates) == 0:
		return ""
	default:
		return "one of: " + strings.Join(candidates, ", ")
	}
}

// editDistance is the Damerau-Levenshtein distance (optimal string alignment),
// in bytes, of words cut to 64 bytes.
func editDistance(a, b string) int {
	a, b = a[:min(len(a), 64)], b[:min(len(b), 64)]
	var before []int
	prev := make([]int, len(b)+1)
	for j := range prev {
		prev[j] = j
	}
	for i := 1; i <= len(a); i++ {
		row := make([]int, len(b)+1)
		row[0] = i
		for j := 1; j <= len(b); j++ {
			cost := 1
			if a[i-1] == b[j-1] {
				cost = 0
			}
			row[j] = min(prev[j]+1, row[j-1]+1, prev[j-1]+cost)
			if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
				row[j] = min(row[j], before[j-2]+1)
			}
		}
		before, prev = prev, row
	}
	return prev[len(b)]
}
