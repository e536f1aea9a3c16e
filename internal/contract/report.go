package contract

import (
	"strings"
	"time"
)

// Report is what a run found.
type Report struct {
	Target   string
	Profile  Profile
	Options  []string
	Results  []Result
	Coverage Coverage
	Took     time.Duration

	Passed, Failed, Skipped int

	redact *strings.Replacer
	ledger *Ledger
}

func newReport(tg *Target, tests []Test, results []Result, rec *recorder, took time.Duration) *Report {
	r := &Report{
		Target: tg.Base, Profile: tg.Profile, Options: tg.Facts.Options,
		Results: results, Took: took, redact: rec.redactor(), ledger: LoadLedger(),
	}
	for _, res := range results {
		switch res.Status {
		case Passed:
			r.Passed++
		case Failed:
			r.Failed++
		case Skipped:
			r.Skipped++
		}
	}
	r.Coverage = r.ledger.Coverage(tests, results)
	return r
}

// OK reports whether the service kept the contract: nothing failed, and
// something passed.
func (r *Report) OK() bool { return r.Failed == 0 && r.Passed > 0 }

// evidence is the exchange to show for a result, secrets replaced by their kind.
func (r *Report) evidence(f Failure) (request, response string) {
	if f.Exchange == nil {
		return "", ""
	}
	return r.redact.Replace(f.Exchange.Request()), r.redact.Replace(f.Exchange.Response())
}

// first is the failure with an exchange that stands for a result.
func (res Result) first() Failure {
	for _, f := range res.Failures {
		if f.Exchange != nil {
			return f
		}
	}
	return Failure{}
}
