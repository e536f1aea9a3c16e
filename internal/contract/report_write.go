package contract

import (
	"encoding/json"
	"encoding/xml"
	"fmt"
	"io"
	"strings"
	"time"
)

// maxEvidence is how many exchanges the text shows of one test.
const maxEvidence = 3

// WriteText writes the report for a person: group by group, with the request
// and response behind each failure. Colours are for terminals.
func (r *Report) WriteText(w io.Writer, colour bool) error {
	paint := func(code, s string) string {
		if !colour {
			return s
		}
		return "\x1b[" + code + "m" + s + "\x1b[0m"
	}
	var b strings.Builder
	fmt.Fprintf(&b, "%s, profile %s\n", r.Target, r.Profile)
	wants := wants{hint: map[string]string{}, tests: map[string]int{}}
	var failed []string
	group := ""
	for _, res := range r.Results {
		if g := res.Test.Group(); g != group {
			group = g
			fmt.Fprintf(&b, "\n%s\n", paint("1", g))
		}
		mark := map[Status]string{Passed: paint("32", "passed "), Failed: paint("31", "failed "), Skipped: paint("33", "skipped")}[res.Status]
		fmt.Fprintf(&b, "  %s %-8s %s", mark, res.Test.ID, res.Test.Name)
		if res.Status == Skipped {
			fmt.Fprintf(&b, ": %s", wants.note(res.Reason))
		}
		b.WriteByte('\n')
		if res.Status == Failed {
			failed = append(failed, fmt.Sprintf("  %-8s %s\n", res.Test.ID, res.Test.Name))
			r.writeFailures(&b, res)
		}
	}
	wants.write(&b)
	if len(failed) > 0 {
		fmt.Fprintf(&b, "\n%s\n%s", paint("31", "Failed, as shown above"), strings.Join(failed, ""))
	}
	fmt.Fprintf(&b, "\n%s\n", r.Coverage)
	if r.Passed == 0 {
		b.WriteString("nothing passed, which counts as a failure\n")
	}
	fmt.Fprintf(&b, "%d passed, %d failed, %d skipped\n", r.Passed, r.Failed, r.Skipped)
	_, err := io.WriteString(w, b.String())
	return err
}

// wants are the needs that were not met, each with what to do about it, which
// is said once and not behind every test.
type wants struct {
	order []string
	hint  map[string]string
	tests map[string]int
}

// note shortens the reason of a skipped test to the need's name.
func (w *wants) note(reason string) string {
	short, hint, ok := strings.Cut(strings.TrimSuffix(reason, ")"), " (")
	need, needs := strings.CutPrefix(short, "needs ")
	if !ok || !needs {
		return reason
	}
	if w.tests[need]++; w.tests[need] == 1 {
		w.order, w.hint[need] = append(w.order, need), hint
	}
	return short
}

func (w *wants) write(b *strings.Builder) {
	if len(w.order) > 0 {
		b.WriteString("\nSkipped for want of\n")
	}
	for _, need := range w.order {
		fmt.Fprintf(b, "  %-2s %3d × %s\n", need, w.tests[need], w.hint[need])
	}
}

func (r *Report) writeFailures(b *strings.Builder, res Result) {
	if ids := r.ledger.ids(res.Test); ids != "" {
		fmt.Fprintf(b, "          clauses %s; %s\n", strings.Join(res.Test.Clauses, " "), ids)
	}
	shown := map[*Exchange]bool{}
	for _, f := range res.Failures {
		fmt.Fprintf(b, "          - %s\n", indent(clip([]byte(r.redact.Replace(f.Message))), "            "))
		if request, response := r.evidence(f); request != "" && !shown[f.Exchange] && len(shown) < maxEvidence {
			shown[f.Exchange] = true
			fmt.Fprintf(b, "            > %s\n", indent(request, "            > "))
			fmt.Fprintf(b, "            < %s\n", indent(response, "            < "))
		}
	}
}

func indent(s, prefix string) string {
	return strings.ReplaceAll(strings.TrimRight(s, "\n"), "\n", "\n"+prefix)
}

type jsonReport struct {
	Target  string     `json:"target"`
	Profile Profile    `json:"profile"`
	Options []string   `json:"options"`
	Counts  jsonCounts `json:"counts"`
	Tests   []jsonTest `json:"tests"`
	ASVS    Coverage   `json:"asvs"`
}

type jsonCounts struct {
	Passed  int `json:"passed"`
	Failed  int `json:"failed"`
	Skipped int `json:"skipped"`
}

type jsonTest struct {
	ID       string   `json:"id"`
	Name     string   `json:"name"`
	Clauses  []string `json:"clauses"`
	ASVS     []string `json:"asvs"`
	API      []string `json:"api"`
	Status   Status   `json:"status"`
	Reason   string   `json:"reason"`
	Request  string   `json:"request"`
	Response string   `json:"response"`
	MS       int64    `json:"ms"`
}

// WriteJSON writes the report for a program.
func (r *Report) WriteJSON(w io.Writer) error {
	out := jsonReport{
		Target: r.Target, Profile: r.Profile, Options: orEmpty(r.Options),
		Counts: jsonCounts{r.Passed, r.Failed, r.Skipped}, Tests: []jsonTest{}, ASVS: r.Coverage,
	}
	for _, res := range r.Results {
		request, response := r.evidence(res.first())
		out.Tests = append(out.Tests, jsonTest{
			ID: res.Test.ID, Name: res.Test.Name, Clauses: res.Test.Clauses,
			ASVS: orEmpty(r.ledger.Requirements(res.Test.ID)), API: orEmpty(r.ledger.API(res.Test.Clauses)),
			Status: res.Status, Reason: r.redact.Replace(res.Reason),
			Request: request, Response: response, MS: res.Took.Milliseconds(),
		})
	}
	enc := json.NewEncoder(w)
	enc.SetIndent("", "  ")
	enc.SetEscapeHTML(false)
	return enc.Encode(out)
}

func orEmpty(s []string) []string {
	if s == nil {
		return []string{}
	}
	return s
}

type junitSuites struct {
	XMLName xml.Name     `xml:"testsuites"`
	Suites  []junitSuite `xml:"testsuite"`
}

type junitSuite struct {
	Name     string      `xml:"name,attr"`
	Tests    int         `xml:"tests,attr"`
	Failures int         `xml:"failures,attr"`
	Skipped  int         `xml:"skipped,attr"`
	Time     string      `xml:"time,attr"`
	Cases    []junitCase `xml:"testcase"`
}

type junitCase struct {
	Name    string        `xml:"name,attr"`
	Class   string        `xml:"classname,attr"`
	Time    string        `xml:"time,attr"`
	Failure *junitMessage `xml:"failure,omitempty"`
	Skipped *junitMessage `xml:"skipped,omitempty"`
}

type junitMessage struct {
	Message string `xml:"message,attr"`
	Text    string `xml:",chardata"`
}

// WriteJUnit writes the report for a build server, one suite a group.
func (r *Report) WriteJUnit(w io.Writer) error {
	var out junitSuites
	var took time.Duration
	for _, res := range r.Results {
		if n := len(out.Suites); n == 0 || out.Suites[n-1].Name != res.Test.Group() {
			out.Suites = append(out.Suites, junitSuite{Name: res.Test.Group()})
			took = 0
		}
		s := &out.Suites[len(out.Suites)-1]
		took += res.Took
		s.Tests++
		s.Time = seconds(took)
		c := junitCase{Name: res.Test.ID + " " + res.Test.Name, Class: "contract." + res.Test.Group(), Time: seconds(res.Took)}
		switch res.Status {
		case Passed:
		case Failed:
			s.Failures++
			var b strings.Builder
			r.writeFailures(&b, res)
			c.Failure = &junitMessage{Message: r.redact.Replace(res.Reason), Text: b.String()}
		case Skipped:
			s.Skipped++
			c.Skipped = &junitMessage{Message: res.Reason}
		}
		s.Cases = append(s.Cases, c)
	}
	if _, err := io.WriteString(w, xml.Header); err != nil {
		return err
	}
	enc := xml.NewEncoder(w)
	enc.Indent("", "  ")
	if err := enc.Encode(out); err != nil {
		return err
	}
	_, err := io.WriteString(w, "\n")
	return err
}

func seconds(d time.Duration) string { return fmt.Sprintf("%.3f", d.Seconds()) }
