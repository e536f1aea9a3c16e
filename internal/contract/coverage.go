package contract

import "fmt"

// Coverage says how much of ASVS 5.0 L1+L2 one run really covered.
type Coverage struct {
	Version       string        `json:"version"`
	Total         int           `json:"total"`
	Testable      int           `json:"testable"` // requirements that tests speak for
	Covered       int           `json:"covered"`  // every test that applies to this service passed
	Partly        int           `json:"partly"`   // some passed, the others were skipped or left out
	Failed        int           `json:"failed"`   // at least one failed
	NotRun        int           `json:"not_run"`  // none passed or failed
	Absent        int           `json:"absent"`   // all are about options this service does not have
	Static        int           `json:"static"`   // checked on the template
	UsersJob      int           `json:"users_job"`
	NotApplicable int           `json:"not_applicable"`
	Rows          []CoverageRow `json:"requirements"`
}

// CoverageRow is one requirement's state in a run.
type CoverageRow struct {
	ID      string   `json:"id"`
	Level   string   `json:"level"`
	Verdict Verdict  `json:"verdict"`
	State   string   `json:"state"` // covered, partly, failed, not run, absent; empty when no test can say
	Tests   []string `json:"tests"`
}

// standing is what a run knows about one test.
type standing int

const (
	absent  standing = iota // not about this service: its option is off, or of a later version
	notRun                  // skipped for another reason, or left out
	passing                 // passed
	failing                 // failed
)

// Coverage counts what the results say about each requirement. The tests are
// all that the run could have chosen from.
func (l *Ledger) Coverage(tests []Test, results []Result) Coverage {
	known := map[string]standing{}
	for _, t := range tests {
		known[t.ID] = notRun
	}
	for _, r := range results {
		switch {
		case r.Status == Passed:
			known[r.Test.ID] = passing
		case r.Status == Failed:
			known[r.Test.ID] = failing
		case r.Absent:
			known[r.Test.ID] = absent
		}
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
		case BlackBox, StartUpCheck:
			c.Testable++
			row.State = state(r.Tests, known)
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
		case "absent":
			c.Absent++
		}
		c.Rows = append(c.Rows, row)
	}
	return c
}

func state(tests []string, known map[string]standing) string {
	var count [4]int
	for _, t := range tests {
		count[known[t]]++
	}
	switch {
	case count[failing] > 0:
		return "failed"
	case count[passing] == 0 && count[notRun] == 0:
		return "absent"
	case count[passing] == 0:
		return "not run"
	case count[notRun] > 0:
		return "partly"
	}
	return "covered"
}

// String is the paragraph under a report.
func (c Coverage) String() string {
	return fmt.Sprintf(
		"ASVS %s, levels 1 and 2: of %d requirements, tests speak for %d: %d covered by tests that passed, %d partly, %d failed, %d not run, %d about options that are off.\n"+
			"The others: %d checked on the template, %d the job of whoever deploys, %d not applicable.",
		c.Version, c.Total, c.Testable, c.Covered, c.Partly, c.Failed, c.NotRun, c.Absent, c.Static, c.UsersJob, c.NotApplicable)
}
