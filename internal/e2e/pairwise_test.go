package e2e

import (
	"slices"
	"strings"
	"testing"
)

// axis is one answer and the flags for each of its values.
type axis struct {
	id     string
	values []string
}

var axes = []axis{
	{"auth", []string{"accounts", "none"}},
	{"database", []string{"sqlite", "postgres"}},
	{"ci", []string{"github", "gitlab", "none"}},
	{"license", []string{"apache-2.0", "mit", "none"}},
	{"native", []string{"false", "true"}},
	{"idempotency", []string{"false", "true"}},
	{"kubernetes", []string{"false", "true"}},
	{"devcontainer", []string{"false", "true"}},
	{"owner", []string{"", "@acme/backend"}},
	{"contact", []string{"", "security@example.com"}},
}

type row []int // index of the value of each axis

func (r row) flags() []string {
	var flags []string
	for i, a := range axes {
		flags = append(flags, "--set", a.id+"="+a.values[r[i]])
	}
	return flags
}

func (r row) String() string {
	var s []string
	for i, a := range axes {
		s = append(s, a.id+"="+a.values[r[i]])
	}
	return strings.Join(s, ",")
}

// legal refuses what the manifest refuses: native sign-in without accounts.
func (r row) legal() bool { return r[0] != 1 || r[4] != 1 }

// pairwise returns a small set of legal rows in which every legal pair of values
// of two axes stands together at least once. Greedy and deterministic.
func pairwise() []row {
	type pair struct{ a, x, b, y int }
	open := map[pair]bool{}
	for a := range axes {
		for b := a + 1; b < len(axes); b++ {
			for x := range axes[a].values {
				for y := range axes[b].values {
					r := make(row, len(axes))
					r[a], r[b] = x, y
					if r.legal() {
						open[pair{a, x, b, y}] = true
					}
				}
			}
		}
	}
	gain := func(r row) int {
		n := 0
		for a := range axes {
			for b := a + 1; b < len(axes); b++ {
				if open[pair{a, r[a], b, r[b]}] {
					n++
				}
			}
		}
		return n
	}
	all := []row{{}}
	for _, ax := range axes {
		var next []row
		for _, r := range all {
			for v := range ax.values {
				next = append(next, append(slices.Clone(r), v))
			}
		}
		all = next
	}
	var rows []row
	for len(open) > 0 {
		best, most := row(nil), 0
		for _, r := range all {
			if r.legal() {
				if n := gain(r); n > most {
					best, most = r, n
				}
			}
		}
		for a := range axes {
			for b := a + 1; b < len(axes); b++ {
				delete(open, pair{a, best[a], b, best[b]})
			}
		}
		rows = append(rows, best)
	}
	return rows
}

func TestPairwiseCoversEveryLegalPair(t *testing.T) {
	rows := pairwise()
	if len(rows) > 16 {
		t.Errorf("%d rows: the matrix has grown beyond what a run can afford", len(rows))
	}
	for a := range axes {
		for b := a + 1; b < len(axes); b++ {
			for x := range axes[a].values {
				for y := range axes[b].values {
					probe := make(row, len(axes))
					probe[a], probe[b] = x, y
					if !probe.legal() {
						continue
					}
					if !slices.ContainsFunc(rows, func(r row) bool { return r[a] == x && r[b] == y }) {
						t.Errorf("%s=%s never meets %s=%s", axes[a].id, axes[a].values[x], axes[b].id, axes[b].values[y])
					}
				}
			}
		}
	}
}
