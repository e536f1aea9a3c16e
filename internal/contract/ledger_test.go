package contract

import (
	"regexp"
	"slices"
	"testing"
)

// laterTests are those of options that this version does not have; the ledger
// names them already.
func laterTests() *regexp.Regexp {
	return regexp.MustCompile(`^(MFA-\d\d|OIDC-\d\d|WS-\d\d|RBAC-0[1-6]|KEY-01)$`)
}

func TestLedger(t *testing.T) {
	l := LoadLedger()
	tests := map[string]bool{}
	for _, test := range Tests() {
		if tests[test.ID] {
			t.Errorf("two tests are called %s", test.ID)
		}
		tests[test.ID] = true
	}
	id := regexp.MustCompile(`^V\d{1,2}\.\d{1,2}\.\d{1,2}$`)
	seen := map[string]bool{}
	count := map[string]int{}
	for _, r := range l.All() {
		if !id.MatchString(r.ID) || seen[r.ID] {
			t.Errorf("%q is no requirement's id, or stands twice", r.ID)
		}
		seen[r.ID] = true
		count[r.Level]++
		if !slices.Contains([]Verdict{BlackBox, StaticCheck, StartUpCheck, UsersJob, NotApplicable}, r.Verdict) {
			t.Errorf("%s has the verdict %q", r.ID, r.Verdict)
		}
		for _, c := range r.Clauses {
			if !l.HasClause(c) && !slices.Contains([]string{"Q1", "Q2", "Q3"}, c) {
				t.Errorf("%s names the clause %s, which the contract does not have", r.ID, c)
			}
		}
		if r.Verdict == BlackBox && (len(r.Tests) == 0 || len(r.Clauses) == 0) {
			t.Errorf("%s is to be tested, but names no test or no clause", r.ID)
		}
		if r.Verdict == StartUpCheck && len(r.Tests) == 0 {
			t.Errorf("%s is a start-up check without a test", r.ID)
		}
		if r.Verdict == NotApplicable && r.Note == "" {
			t.Errorf("%s does not apply, but nothing says why", r.ID)
		}
		for _, test := range r.Tests {
			if !tests[test] && !laterTests().MatchString(test) {
				t.Errorf("%s names the test %s, which does not exist", r.ID, test)
			}
			if tests[test] && laterTests().MatchString(test) {
				t.Errorf("%s exists now: take it out of the later ones", test)
			}
		}
	}
	// ASVS 5.0.0 has 70 requirements of level 1 and 183 of level 2.
	if count["L1"] != 70 || count["L2"] != 183 || len(count) != 2 {
		t.Errorf("requirements by level: %v", count)
	}
}

func TestTable(t *testing.T) {
	l := LoadLedger()
	id := regexp.MustCompile(`^[A-Z]{2,5}-\d\d$`)
	covered := map[string]bool{}
	for _, test := range Tests() {
		if !id.MatchString(test.ID) || test.Name == "" || test.Run == nil || len(test.Clauses) == 0 {
			t.Errorf("incomplete: %+v", test)
		}
		for _, c := range test.Clauses {
			covered[c] = true
			if !l.HasClause(c) {
				t.Errorf("%s names the clause %s, which the contract does not have", test.ID, c)
			}
		}
	}
	if len(covered) < 20 {
		t.Errorf("all tests together name %d clauses", len(covered))
	}
}

func TestCoverage(t *testing.T) {
	l := &Ledger{rows: []Requirement{
		{ID: "V1.1.1", Verdict: BlackBox, Tests: []string{"A-01", "A-02"}},
		{ID: "V1.1.2", Verdict: BlackBox, Tests: []string{"A-01", "A-05"}},
		{ID: "V1.1.3", Verdict: BlackBox, Tests: []string{"A-03", "A-01"}},
		{ID: "V1.1.4", Verdict: StartUpCheck, Tests: []string{"A-04"}},
		{ID: "V1.1.5", Verdict: UsersJob},
		{ID: "V1.1.6", Verdict: BlackBox, Tests: []string{"A-05", "LATER-01"}},
	}}
	var tests []Test
	for _, id := range []string{"A-01", "A-02", "A-03", "A-04", "A-05"} {
		tests = append(tests, Test{ID: id})
	}
	c := l.Coverage(tests, []Result{
		{Test: tests[0], Status: Passed},
		{Test: tests[1], Status: Skipped},
		{Test: tests[2], Status: Failed},
		{Test: tests[4], Status: Skipped, Absent: true},
	})
	var states []string
	for _, r := range c.Rows {
		states = append(states, r.State)
	}
	if want := []string{"partly", "covered", "failed", "not run", "", "absent"}; !slices.Equal(states, want) {
		t.Errorf("states are %q, want %q", states, want)
	}
	if c.Testable != 5 || c.Covered != 1 || c.Partly != 1 || c.Failed != 1 || c.NotRun != 1 || c.Absent != 1 || c.UsersJob != 1 {
		t.Errorf("counted %+v", c)
	}
}
