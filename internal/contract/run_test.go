package contract

import (
	"bytes"
	"encoding/json"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// little is a service with as much of the contract as the tests below look at.
func little(t *testing.T, change func(w http.ResponseWriter, r *http.Request) bool) *Target {
	t.Helper()
	n := atomic.Int64{}
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("X-Request-Id", fmt.Sprintf("request-%d", n.Add(1)))
		w.Header().Set("Vary", "Origin")
		if change != nil && change(w, r) {
			return
		}
		switch r.URL.Path {
		case "/v1/items":
			problem(w, http.StatusUnprocessableEntity, "validation")
		case "/healthz":
			w.Header().Set("Content-Type", "application/json")
			fmt.Fprint(w, `{"status":"ok"}`)
		case "/v1/echo":
			w.Header().Set("Content-Type", "application/json")
			fmt.Fprintf(w, `{"from":%q,"token":%q}`, r.RemoteAddr, r.Header.Get("Authorization"))
		default:
			problem(w, http.StatusNotFound, "not-found")
		}
	}))
	t.Cleanup(s.Close)
	facts := DefaultFacts()
	facts.Auth, facts.Resources[0].Owned = "none", false
	return &Target{Base: s.URL, Facts: facts}
}

func problem(w http.ResponseWriter, status int, slug string) {
	w.Header().Set("Content-Type", "application/problem+json")
	w.WriteHeader(status)
	fmt.Fprintf(w, `{"type":"/problems/%s","title":"No","status":%d,"request_id":%q}`, slug, status, w.Header().Get("X-Request-Id"))
}

func runOne(t *testing.T, tg *Target, test Test) (*Report, Result) {
	t.Helper()
	rep, err := Run(t.Context(), tg, []Test{test}, Options{})
	if err != nil {
		t.Fatal(err)
	}
	if len(rep.Results) != 1 {
		t.Fatalf("%d results", len(rep.Results))
	}
	return rep, rep.Results[0]
}

// TestHowTestsEnd holds the rules of T against small tests.
func TestHowTestsEnd(t *testing.T) {
	for name, c := range map[string]struct {
		test   Test
		status Status
		reason string
	}{
		"passes": {Test{Run: func(t *T) {
			t.Get("/v1/echo").Control()
			t.Get("/v1/nope").Refused(404, "not-found")
		}}, Passed, ""},
		"no control":      {Test{Run: func(t *T) { t.Get("/v1/nope").Refused(404) }}, Failed, "without a positive control"},
		"asserts nothing": {Test{Run: func(*T) {}}, Failed, "asserted nothing"},
		"wrong status":    {Test{Run: func(t *T) { t.Get("/v1/echo").Control(); t.Get("/v1/nope").Refused(403) }}, Failed, "want 403, got 404"},
		"wrong slug":      {Test{Run: func(t *T) { t.Get("/v1/echo").Control(); t.Get("/v1/nope").Refused(404, "conflict") }}, Failed, "slug"},
		"failed control":  {Test{Run: func(t *T) { t.Get("/v1/nope").Control(); t.Fatalf("goes on") }}, Failed, "positive control"},
		"panic":           {Test{Run: func(*T) { panic("oops") }}, Failed, "fault of the suite: oops"},
		"skips":           {Test{Run: func(t *T) { t.Skip("because") }}, Skipped, "because"},
		"no answer":       {Test{Run: func(t *T) { t.At("http://127.0.0.1:1").Get("/") }}, Failed, "no answer"},
		"too long": {Test{Limit: 50 * time.Millisecond, Run: func(t *T) {
			t.Check(true, "")
			<-t.Context().Done()
		}}, Failed, "in its time"},
		"needs mail":    {Test{Needs: []Need{NeedMail}, Run: func(*T) { panic("ran") }}, Skipped, "needs M"},
		"needs a user":  {Test{Accounts: true, Run: func(*T) { panic("ran") }}, Skipped, "auth=none"},
		"needs options": {Test{Option: "native", Run: func(*T) { panic("ran") }}, Skipped, "option native is off"},
	} {
		t.Run(name, func(t *testing.T) {
			c.test.ID = "GEN-99"
			_, res := runOne(t, little(t, nil), c.test)
			if res.Status != c.status || !strings.Contains(res.Reason, c.reason) {
				t.Errorf("ended %s (%s), want %s (%s)", res.Status, res.Reason, c.status, c.reason)
			}
		})
	}
}

func TestUsersWithoutAccountsOrMail(t *testing.T) {
	tg := little(t, nil)
	tg.Facts = DefaultFacts()
	_, res := runOne(t, tg, Test{ID: "GEN-99", Users: 1, Run: func(*T) { panic("ran") }})
	if res.Status != Skipped || !strings.HasPrefix(res.Reason, "needs A1") {
		t.Errorf("ended %s (%s)", res.Status, res.Reason)
	}
}

func TestDevelopmentSkips(t *testing.T) {
	tg := little(t, nil)
	tg.Profile = Development
	_, res := runOne(t, tg, Test{ID: "GEN-99", Eased: true, Run: func(*T) { panic("ran") }})
	if res.Status != Skipped || res.Reason != "development" {
		t.Errorf("ended %s (%s)", res.Status, res.Reason)
	}
}

// TestRightAndWrongServices runs real tests of the table against a service
// that keeps their clause and one that does not.
func TestRightAndWrongServices(t *testing.T) {
	table := map[string]Test{}
	for _, test := range Tests() {
		table[test.ID] = test
	}
	banner := func(w http.ResponseWriter, _ *http.Request) bool {
		w.Header().Set("Server", "thing/1.2")
		return false
	}
	wildcard := func(w http.ResponseWriter, _ *http.Request) bool {
		w.Header().Set("Access-Control-Allow-Origin", "*")
		return false
	}
	one := func(w http.ResponseWriter, _ *http.Request) bool {
		w.Header().Set("Access-Control-Allow-Origin", "https://app.example.test")
		return false
	}
	trace := func(w http.ResponseWriter, r *http.Request) bool {
		if r.URL.Path != "/v1/nope" {
			return false
		}
		w.Header().Set("Content-Type", "application/problem+json")
		w.WriteHeader(http.StatusInternalServerError)
		fmt.Fprint(w, `{"detail":"Traceback (most recent call last)"}`)
		return true
	}
	echo := func(w http.ResponseWriter, r *http.Request) bool {
		if r.Method != http.MethodPost {
			return false
		}
		w.Header().Set("Content-Type", "application/problem+json")
		w.WriteHeader(http.StatusUnprocessableEntity)
		_, _ = io.Copy(w, r.Body)
		return true
	}
	html := func(w http.ResponseWriter, r *http.Request) bool {
		if r.URL.Path != "/v1/nope" {
			return false
		}
		w.Header().Set("Content-Type", "text/html")
		w.WriteHeader(http.StatusNotFound)
		fmt.Fprint(w, "<h1>no</h1>")
		return true
	}
	sniff := func(w http.ResponseWriter, _ *http.Request) bool {
		w.Header().Set("X-Content-Type-Options", "nosniff")
		return false
	}
	for name, c := range map[string]struct {
		id     string
		change func(http.ResponseWriter, *http.Request) bool
		status Status
	}{
		"no banner":       {"HDR-02", nil, Passed},
		"banner":          {"HDR-02", banner, Failed},
		"one origin":      {"CORS-06", one, Passed},
		"any origin":      {"CORS-06", wildcard, Failed},
		"nothing allowed": {"CORS-06", nil, Failed},
		"clean errors":    {"GEN-17", nil, Passed},
		"a stack trace":   {"GEN-17", trace, Failed},
		"an echo":         {"GEN-17", echo, Failed},
		"json":            {"HDR-04", sniff, Passed},
		"html":            {"HDR-04", html, Failed},
		"no nosniff":      {"HDR-04", nil, Failed},
	} {
		t.Run(name, func(t *testing.T) {
			traffic := Test{ID: "GEN-98", Run: func(t *T) {
				t.Get("/v1/echo").Control()
				t.Get("/v1/nope")
			}}
			rep, err := Run(t.Context(), little(t, c.change), []Test{traffic, table[c.id]}, Options{})
			if err != nil {
				t.Fatal(err)
			}
			if res := rep.Results[1]; res.Status != c.status {
				t.Errorf("%s ended %s: %s", c.id, res.Status, res.Reason)
			}
		})
	}
}

func TestOwnAddresses(t *testing.T) {
	addrs := make(chan string, 3)
	var tests []Test
	for i := range 3 {
		tests = append(tests, Test{ID: fmt.Sprintf("GEN-9%d", i), Run: func(t *T) {
			from := t.Get("/v1/echo").Control().Text("from")
			if !strings.HasPrefix(from, t.Addr()+":") || !strings.HasPrefix(from, "127.1.") {
				t.Errorf("came from %s, not %s", from, t.Addr())
			}
			addrs <- t.Addr()
		}})
	}
	rep, err := Run(t.Context(), little(t, nil), tests, Options{})
	if err != nil || !rep.OK() {
		t.Fatalf("%v, %d failed", err, rep.Failed)
	}
	a, b, c := <-addrs, <-addrs, <-addrs
	if a == b || b == c || a == c {
		t.Errorf("tests share an address: %s %s %s", a, b, c)
	}
}

func TestUnreachable(t *testing.T) {
	for base, want := range map[string]string{
		"http://127.0.0.1:1":      "no service answers",
		"127.0.0.1:8000":          "no address of a service",
		"ftp://127.0.0.1":         "no address of a service",
		"http://192.0.2.1:8000":   "--allow-remote",
		"https://service.example": "--allow-remote",
	} {
		_, err := Run(t.Context(), &Target{Base: base, Facts: DefaultFacts()}, Tests(), Options{})
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %q", base, err, want)
		}
	}
}

// TestReadableLog looks for secrets and forged lines in the log of a development
// process too, whose lines are no JSON.
func TestReadableLog(t *testing.T) {
	for name, c := range map[string]struct {
		line string
		want map[string]Status
	}{
		"good":  {"INFO http_request request_id=%q path=%q\n", map[string]Status{"LOG-03": Passed, "LOG-04": Passed}},
		"leaks": {"INFO http_request request_id=%q path=%q query=%s\n", map[string]Status{"LOG-03": Failed, "LOG-04": Passed}},
	} {
		path := filepath.Join(t.TempDir(), "log")
		if err := os.WriteFile(path, nil, 0o600); err != nil {
			t.Fatal(err)
		}
		var mu sync.Mutex
		tg := little(t, func(_ http.ResponseWriter, r *http.Request) bool {
			mu.Lock()
			defer mu.Unlock()
			args := []any{r.Header.Get("X-Request-Id"), r.URL.Path, r.URL.RawQuery}
			f, err := os.OpenFile(path, os.O_APPEND|os.O_WRONLY, 0)
			if err == nil {
				fmt.Fprintf(f, c.line, args[:strings.Count(c.line, "%")]...)
				err = f.Close()
			}
			if err != nil {
				t.Error(err)
			}
			return false
		})
		tg.Logs = []string{path}
		tests := slices.DeleteFunc(logTests(), func(t Test) bool { return c.want[t.ID] == "" })
		tests = append(tests, Test{ID: "GEN-99", Run: func(t *T) { t.Get("/v1/echo", Bearer(t.Canary("token", "a-very-secret-token"))).Control() }})
		rep, err := Run(t.Context(), tg, tests, Options{})
		if err != nil {
			t.Fatal(err)
		}
		for _, res := range rep.Results {
			if want, ok := c.want[res.Test.ID]; ok && res.Status != want {
				t.Errorf("%s: %s %s: %s", name, res.Test.ID, res.Status, res.Reason)
			}
		}
	}
}

// TestReports checks that every writer shows the evidence and hides the secret.
func TestReports(t *testing.T) {
	tests := []Test{
		{ID: "GEN-01", Name: "fails", Clauses: []string{"G2"}, Run: func(t *T) {
			t.Get("/v1/echo", Bearer("a-very-secret-token")).Control().Errorf("it is wrong for a-very-secret-token")
			other := t.NewClient()
			other.who = "another user"
			for range 4 {
				res := other.Get("/v1/nope").Refused(http.StatusForbidden)
				res.Errorf("and again")
			}
		}},
		{ID: "HDR-01", Name: "passes", Clauses: []string{"H1"}, Run: func(t *T) { t.Get("/v1/echo").Control() }},
		{ID: "HDR-03", Name: "skips", Clauses: []string{"H2"}, Needs: []Need{NeedTLS}, Run: func(*T) {}},
	}
	rep, err := Run(t.Context(), little(t, nil), tests, Options{})
	if err != nil {
		t.Fatal(err)
	}
	if rep.OK() {
		t.Error("a failed test is no failure of the run")
	}
	var text, colour, js, junit bytes.Buffer
	if err := errors.Join(rep.WriteText(&text, false), rep.WriteText(&colour, true), rep.WriteJSON(&js), rep.WriteJUnit(&junit)); err != nil {
		t.Fatal(err)
	}
	for name, b := range map[string]*bytes.Buffer{"text": &text, "json": &js, "junit": &junit} {
		if strings.Contains(b.String(), "a-very-secret-token") {
			t.Errorf("%s shows the token", name)
		}
		if !strings.Contains(b.String(), "GET /v1/echo") || !strings.Contains(b.String(), "it is wrong") || !strings.Contains(b.String(), "‹bearer›") {
			t.Errorf("%s lacks the evidence:\n%s", name, b)
		}
	}
	if strings.Contains(text.String(), "\x1b") || !strings.Contains(colour.String(), "\x1b[31m") {
		t.Error("colour is where it should not be, or not where it should")
	}
	for what, want := range map[string]struct {
		text  string
		times int
	}{
		"each exchange once, three of a test":  {"> GET ", 3},
		"every failure":                        {"and again", 4},
		"who sent it":                          {"GET /v1/nope by another user: want 403, got 404", 4},
		"the tests that failed, at the end":    {"\n  GEN-01   fails\n", 1},
		"what a test lacks":                    {"HDR-03   skips: needs T\n", 1},
		"what to do about it, once at the end": {"\n  T    1 × the TLS proxy: --tls-url URL\n", 1},
	} {
		if n := strings.Count(text.String(), want.text); n != want.times {
			t.Errorf("%s: %q is there %d times, want %d:\n%s", what, want.text, n, want.times, &text)
		}
	}
	if !strings.HasSuffix(text.String(), "\n1 passed, 1 failed, 1 skipped\n") {
		t.Errorf("the text ends with %q", text.String()[max(0, text.Len()-80):])
	}
	var out map[string]any
	if err := json.Unmarshal(js.Bytes(), &out); err != nil {
		t.Fatal(err)
	}
	for _, member := range []string{"target", "profile", "options", "counts", "tests", "asvs"} {
		if _, ok := out[member]; !ok {
			t.Errorf("json lacks %s", member)
		}
	}
	var suites junitSuites
	if err := xml.Unmarshal(junit.Bytes(), &suites); err != nil || len(suites.Suites) != 2 || suites.Suites[0].Failures != 1 {
		t.Errorf("junit is %+v, %v", suites, err)
	}
}

func TestNothingPassedIsFailure(t *testing.T) {
	rep, _ := runOne(t, little(t, nil), Test{ID: "HDR-03", Needs: []Need{NeedTLS}, Run: func(*T) {}})
	if rep.OK() || rep.Failed != 0 {
		t.Error("a run in which nothing passed is taken for a success")
	}
}

// TestSharedAccountsAreUsedUpLast checks the order when tests share the given
// accounts.
func TestSharedAccountsAreUsedUpLast(t *testing.T) {
	var order []string
	test := func(id string, phase Phase, destroys bool) Test {
		return Test{ID: id, Phase: phase, Destroys: destroys, Run: func(t *T) {
			t.Check(true, "")
			order = append(order, id) // one worker: the accounts are shared
		}}
	}
	tg := little(t, nil)
	tg.Users = []Credentials{{Email: "a@x.test", Password: "a"}}
	tests := []Test{test("A-01", Parallel, true), test("A-02", Alone, false), test("A-03", Parallel, false), test("A-04", After, false)}
	if _, err := Run(t.Context(), tg, tests, Options{}); err != nil {
		t.Fatal(err)
	}
	if got := strings.Join(order, " "); got != "A-03 A-02 A-01 A-04" {
		t.Errorf("ran in the order %s", got)
	}
}
