package contract

import (
	_ "embed"
	"slices"
	"strings"
)

//go:embed ledger.tsv
var ledgerTSV string

//go:embed clauses.tsv
var clausesTSV string

// Verdict is how an ASVS requirement is met.
type Verdict string

// The verdicts.
const (
	BlackBox      Verdict = "black-box"      // tests of this suite
	StaticCheck   Verdict = "static check"   // on the template, before it is generated
	StartUpCheck  Verdict = "start-up check" // the service refuses to start; tests with a control hook
	UsersJob      Verdict = "user's job"     // of whoever deploys
	NotApplicable Verdict = "not applicable"
)

// Requirement is one row of the ledger: an ASVS 5.0 requirement of level 1 or
// 2 and what the project does about it. The requirement's text is not kept.
type Requirement struct {
	ID      string // such as "V6.2.1"
	Level   string // "L1" or "L2"
	Verdict Verdict
	Clauses []string
	Tests   []string
	Note    string
}

// Ledger maps ASVS requirements and clauses of the contract to tests.
type Ledger struct {
	rows    []Requirement
	clauses map[string][]string // clause → API Top 10 ids
}

// LoadLedger parses the ledger that the program carries.
func LoadLedger() *Ledger {
	l := &Ledger{clauses: map[string][]string{}}
	for _, f := range rows(ledgerTSV) {
		l.rows = append(l.rows, Requirement{
			ID: f[0], Level: f[1], Verdict: Verdict(f[2]),
			Clauses: strings.Fields(f[3]), Tests: strings.Fields(f[4]), Note: f[5],
		})
	}
	for _, f := range rows(clausesTSV) {
		l.clauses[f[0]] = strings.Fields(f[1])
	}
	return l
}

// rows splits a table with a header line into its fields, six to a row.
func rows(table string) [][]string {
	var out [][]string
	lines := strings.Split(strings.TrimSpace(table), "\n")
	for _, line := range lines[1:] {
		f := strings.Split(line, "\t")
		for len(f) < 6 {
			f = append(f, "")
		}
		out = append(out, f)
	}
	return out
}

// All returns every requirement.
func (l *Ledger) All() []Requirement { return slices.Clone(l.rows) }

// Requirements returns the ids of the requirements that a test speaks for.
func (l *Ledger) Requirements(test string) []string {
	var out []string
	for _, r := range l.rows {
		if slices.Contains(r.Tests, test) {
			out = append(out, r.ID)
		}
	}
	return out
}

// API returns the ids of the OWASP API Security Top 10 (2023) behind clauses.
func (l *Ledger) API(clauses []string) []string {
	var out []string
	for _, c := range clauses {
		out = append(out, l.clauses[c]...)
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// HasClause reports whether the contract has a clause.
func (l *Ledger) HasClause(id string) bool {
	_, ok := l.clauses[id]
	return ok
}

// ids are the requirements behind a test, for a line of text.
func (l *Ledger) ids(t Test) string {
	var parts []string
	if v := l.Requirements(t.ID); len(v) > 0 {
		parts = append(parts, "ASVS "+strings.Join(v, " "))
	}
	if v := l.API(t.Clauses); len(v) > 0 {
		parts = append(parts, strings.Join(v, " "))
	}
	return strings.Join(parts, "; ")
}
