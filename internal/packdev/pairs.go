package packdev

import (
	"fmt"
	"slices"
	"strings"

	"example.com/scaffold/internal/answers"
	"example.com/scaffold/internal/pack"
)

// axis is one question and the values of it that are combined, the default first.
type axis struct {
	id     string
	values []any
}

// axes are the questions whose answers a test can choose: choices, options, yes or
// no, and texts and lists that may be left out.
func axes(p *pack.Pack) []axis {
	var all []axis
	for _, q := range p.Answerable().All() {
		if q.ID == answers.PresetID {
			continue // it only fills in others
		}
		a := axis{id: q.ID}
		switch q.Kind {
		case answers.Bool:
			on, _ := q.Default.(bool)
			a.values = []any{on, !on}
		case answers.Select:
			for _, c := range q.Choices {
				a.values = append(a.values, c.Value)
			}
			if i := slices.Index(a.values, q.Default); i > 0 {
				a.values[0], a.values[i] = a.values[i], a.values[0]
			}
		case answers.MultiSelect:
			var every []string
			for _, c := range q.Choices {
				every = append(every, c.Value)
			}
			a.values = []any{q.Default, []string{}, every}
		case answers.Text:
			if q.Optional && q.Pattern == "" && q.Format == "" {
				a.values = []any{"", "sample"}
			}
		default: // any other answer is as good as the sample
		}
		if len(a.values) > 1 {
			all = append(all, a)
		}
	}
	return all
}

// pair is two values of two axes, the first before the second.
type pair struct{ a, x, b, y int }

// matrix makes few rows of answers in which every two values that the pack takes
// together stand together. The first row is the defaults. It is the same every time.
type matrix struct {
	pack *pack.Pack
	axes []axis
	open map[pair]bool // not yet together
}

// pairwise are the rows: answers that differ from the defaults, by id.
func pairwise(p *pack.Pack) []answers.Values {
	m := &matrix{pack: p, axes: axes(p), open: map[pair]bool{}}
	order := m.pairs()
	for _, one := range order {
		m.open[one] = true
	}
	defaults := make([]int, len(m.axes))
	rows := []answers.Values{{}}
	m.close(defaults)
	for _, one := range order {
		if !m.open[one] {
			continue
		}
		row, ok := m.around(one)
		delete(m.open, one) // what no row can have is refused by the pack
		if ok {
			m.close(row)
			rows = append(rows, m.values(row))
		}
	}
	if len(m.axes) == 1 {
		for v := 1; v < len(m.axes[0].values); v++ {
			if row := []int{v}; m.accepts(row) {
				rows = append(rows, m.values(row))
			}
		}
	}
	return rows
}

func (m *matrix) pairs() []pair {
	var all []pair
	for a := range m.axes {
		for b := a + 1; b < len(m.axes); b++ {
			for x := range m.axes[a].values {
				for y := range m.axes[b].values {
					all = append(all, pair{a, x, b, y})
				}
			}
		}
	}
	return all
}

// close notes the pairs of a row.
func (m *matrix) close(row []int) {
	for a := range row {
		for b := a + 1; b < len(row); b++ {
			delete(m.open, pair{a, row[a], b, row[b]})
		}
	}
}

// values are the answers of a row that are not the defaults.
func (m *matrix) values(row []int) answers.Values {
	v := answers.Values{}
	for i, x := range row {
		if x != 0 {
			v[m.axes[i].id] = m.axes[i].values[x]
		}
	}
	return v
}

func (m *matrix) accepts(row []int) bool {
	_, err := resolve(m.pack, m.values(row))
	return err == nil
}

// around is a row with a pair in it, and as many open pairs besides as a greedy
// choice finds. A choice that the pack refuses is taken back.
func (m *matrix) around(one pair) (row []int, ok bool) {
	row = make([]int, len(m.axes))
	row[one.a], row[one.b] = one.x, one.y
	fixed := map[int]bool{one.a: true, one.b: true}
	if !m.accepts(row) && !m.repair(row, fixed) {
		return nil, false
	}
	for i := range m.axes {
		if fixed[i] {
			continue
		}
		was, best, most := row[i], row[i], m.gain(row, i)
		for v := range m.axes[i].values {
			row[i] = v
			if g := m.gain(row, i); g > most && m.accepts(row) {
				best, most = v, g
			}
		}
		if row[i] = best; !m.accepts(row) {
			row[i] = was
		}
	}
	return row, true
}

// repair looks for one other answer, or two, that make the pack take the row: what
// an option needs.
func (m *matrix) repair(row []int, fixed map[int]bool) bool {
	for i := range m.axes {
		if fixed[i] {
			continue
		}
		for v := range m.axes[i].values {
			if row[i] = v; m.accepts(row) {
				return true
			}
		}
		row[i] = 0
	}
	for i := range m.axes {
		for j := i + 1; j < len(m.axes); j++ {
			if fixed[i] || fixed[j] || len(m.axes[i].values)*len(m.axes[j].values) > 16 {
				continue
			}
			for v := range m.axes[i].values {
				for w := range m.axes[j].values {
					if row[i], row[j] = v, w; m.accepts(row) {
						return true
					}
				}
			}
			row[i], row[j] = 0, 0
		}
	}
	return false
}

// gain is how many open pairs one axis of a row has with the others.
func (m *matrix) gain(row []int, i int) int {
	n := 0
	for j := range row {
		one := pair{i, row[i], j, row[j]}
		if j < i {
			one = pair{j, row[j], i, row[i]}
		}
		if j != i && m.open[one] {
			n++
		}
	}
	return n
}

// describe names a row by what is not the default.
func describe(row answers.Values) string {
	if len(row) == 0 {
		return "defaults"
	}
	var parts []string
	for id, v := range row {
		if list, ok := v.([]string); ok {
			v = strings.Join(list, "+")
		}
		parts = append(parts, fmt.Sprintf("%s=%v", id, v))
	}
	slices.Sort(parts)
	return strings.Join(parts, ", ")
}
