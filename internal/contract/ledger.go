package contract

import (
	_ "embed"
	"fmt"
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

// Coverage says how much of ASVS 5.0 L1+L2 one run really covered.
type Coverage struct {
	Version       string        `json:"version"`
	Total         int           `json:"total"`
	Testable      int           `json:"testable"`  // requirements that name tests
	Covered       int           `json:"covered"`   // every test that they name passed
	Partly        int           `json:"partly"`    // some passed, the rest was skipped or is of another option
	Failed        int           `json:"failed"`    // at least one test failed
	NotRun        int           `json:"not_run"`   // no test passed or failed
	Static        int           `json:"static"`    // checked on the template
	StartUp       int           `json:"start_up"`  // checked by the service as it starts (counted under testable too)
	UsersJob      int           `json:"users_job"` // left to whoever deploys
	NotApplicable int           `json:"not_applicable"`
	Rows          []CoverageRow `json:"requirements"`
}

// CoverageRow is one requirement's state in a run.
type CoverageRow struct {
	ID      string   `json:"id"`
	Level   string   `json:"level"`
	Verdict Verdict  `json:"verdict"`
	State   string   `json:"state"` // covered, partly, failed, not run; empty when no test can say
	Tests   []string `json:"tests"`
}

// Coverage counts what the results say about each requirement.
func (l *Ledger) Coverage(results []Result) Coverage {
	status := map[string]Status{}
	for _, r := range results {
		status[r.Test.ID] = r.Status
	}
	c := Coverage{Version: "5.0.0", Total: len(l.rows), Rows: []CoverageRow{}}
	for _, r := range l.rows {
		row := CoverageRow{ID: r.ID, Level: r.Level, Verdict: r.Verdict, Tests: orEmpty(r.Tests)}
		switch r.Verdict {
		case StaticCheck:
			c.Static++
		case UsersJob:
			c.UsersJob++
		case NotApplicable:
			c.NotApplicable++
		case StartUpCheck:
			c.StartUp++
			row.State = state(r.Tests, status)
		case BlackBox:
			row.State = state(r.Tests, status)
		}
		if row.State != "" {
			c.Testable++
		}
		switch row.State {
		case "covered":
			c.Covered++
		case "partly":
			c.Partly++
		case "failed":
			c.Failed++
		case "not run":
			c.NotRun++
		}
		c.Rows = append(c.Rows, row)
	}
	return c
}

func state(tests []string, status map[string]Status) string {
	var passed, failed int
	for _, t := range tests {
		switch status[t] {
		case Passed:
			passed++
		case Failed:
			failed++
		}
	}
	switch {
	case failed > 0:
		return "failed"
	case passed == 0:
		return "not run"
	case passed < len(tests):
		return "partly"
	}
	return "covered"
}

// String is the line under a report.
func (c Coverage) String() string {
	return fmt.Sprintf(
		"ASVS %s, levels 1 and 2: of %d requirements %d can be tested from outside: %d covered by tests that passed, %d partly, %d failed, %d not run.\n"+
			"The others: %d checked on the template, %d the job of whoever deploys, %d not applicable.",
		c.Version, c.Total, c.Testable, c.Covered, c.Partly, c.Failed, c.NotRun, c.Static, c.UsersJob, c.NotApplicable)
}
