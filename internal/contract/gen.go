package contract

import (
	"fmt"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"time"
)

func genTests() []Test {
	return []Test{
		{ID: "GEN-01", Name: "unknown path", Users: 1, Clauses: []string{"G2"}, Run: gen01},
		{ID: "GEN-02", Name: "method not allowed", Users: 1, Clauses: []string{"G5"}, Run: gen02},
		{ID: "GEN-03", Name: "malformed JSON", Users: 1, Clauses: []string{"G2", "G9"}, Run: gen03},
		{ID: "GEN-04", Name: "content type", Users: 1, Clauses: []string{"G7"}, Run: gen04},
		{ID: "GEN-05", Name: "accept", Users: 1, Clauses: []string{"G6"}, Run: gen05},
		{ID: "GEN-06", Name: "body limits", Users: 1, Clauses: []string{"G4"}, Run: gen06},
		{ID: "GEN-07", Name: "header and URL limits", Clauses: []string{"G4"}, Run: gen07},
		{ID: "GEN-08", Name: "request id", Clauses: []string{"G3"}, Run: gen08},
		{ID: "GEN-09", Name: "host", Clauses: []string{"G8"}, Run: gen09},
		{ID: "GEN-10", Name: "smuggling", Clauses: []string{"G12"}, Run: gen10},
		{ID: "GEN-11", Name: "path tricks", Users: 1, Clauses: []string{"G12"}, Run: gen11},
		{ID: "GEN-12", Name: "types not coerced", Users: 1, Clauses: []string{"G9"}, Run: gen12},
		{ID: "GEN-13", Name: "unknown and repeated parameters", Users: 1, Clauses: []string{"G9", "G10"}, Run: gen13},
		{ID: "GEN-14", Name: "strange strings", Users: 1, Clauses: []string{"G9"}, Run: gen14},
		{ID: "GEN-15", Name: "prototype pollution", Users: 1, Clauses: []string{"G9", "O2"}, Run: gen15},
		{ID: "GEN-16", Name: "injection probes", Users: 1, Clauses: []string{"G9", "Q1"}, Limit: 90 * time.Second, Run: gen16},
		{ID: "GEN-17", Name: "error hygiene", Clauses: []string{"G2"}, Phase: After, Run: gen17},
		{ID: "GEN-18", Name: "slow and many", Needs: []Need{NeedLocal}, Clauses: []string{"G12", "L8"}, Limit: 2 * time.Minute, Run: gen18},
	}
}

// writable is a call that takes a JSON body: login where there are accounts,
// creating a resource otherwise. A good body is answered with status accepted,
// which for a login by nobody is 401: it was read and judged.
type writable struct {
	client   *Client
	path     string
	accepted int
	good     func() M
}

func (t *T) writable() writable {
	if t.Accounts() {
		return writable{t.Client, "/v1/auth/login", http.StatusUnauthorized, func() M {
			return M{"email": NewEmail(), "password": NewPassword()}
		}}
	}
	r := t.First()
	return writable{t.Client, r.Path, http.StatusCreated, func() M { return r.Body(nil) }}
}

// readable is a path that answers 200 to a signed-in GET without parameters.
func (t *T) readable() string {
	if t.Accounts() {
		return "/v1/me"
	}
	return t.First().Path
}

func gen01(t *T) {
	s := t.SignedIn()
	s.Get(t.readable()).Control()
	path := "/v1/nope-" + Random(6)
	for _, c := range []*Client{t.Client, s.Client} {
		res := c.Get(path).Refused(http.StatusNotFound, "not-found")
		if strings.Contains(string(res.Body), path[4:]) {
			res.Errorf("the unknown path is echoed in the body")
		}
	}
}

func gen02(t *T) {
	s := t.SignedIn()
	t.EachResource(func(r Resource) {
		s.Post(r.Path, r.Create, Header("X-HTTP-Method-Override", "DELETE")).Control(http.StatusCreated)
		s.Post(r.Path+"?_method=DELETE", r.Create).Refused(http.StatusUnprocessableEntity, "validation")
		s.Put(r.Path, r.Create).Refused(http.StatusMethodNotAllowed, "method-not-allowed").allows("GET", "POST")
		id, _ := s.Make(r)
		s.Post(r.At(id), r.Create).Refused(http.StatusMethodNotAllowed, "method-not-allowed").allows("GET", "PATCH", "DELETE")
	})
	if t.Accounts() {
		t.Delete("/v1/auth/login").Refused(http.StatusMethodNotAllowed, "method-not-allowed").allows("POST")
	}
	t.Do(http.MethodOptions, t.First().Path).Want(http.StatusNoContent).allows("GET", "POST")
	canary := "canary-" + Random(6)
	for _, method := range []string{"TRACE", "TRACK"} {
		res := t.Raw(method+" / HTTP/1.1\r\nHost: {host}\r\nX-Canary: "+canary+"\r\nConnection: close\r\n\r\n", 3*time.Second).First()
		// TRACK is unknown to some parsers, which may answer 400 themselves.
		ok := res.Status == 405 || res.Status == 501 || method == "TRACK" && res.Status == 400
		t.Refusal(ok, res.x, "%s /: want 405 or 501, got %d", method, res.Status)
		if strings.Contains(string(res.Body), canary) {
			res.Errorf("%s echoes the request", method)
		}
	}
}

// allows asserts the Allow header; HEAD and OPTIONS may stand in it as well.
func (r *Response) allows(methods ...string) {
	got := slices.DeleteFunc(tokens(r.Header.Values("Allow")), func(m string) bool { return m == "head" || m == "options" })
	if want := tokens(methods); !slices.Equal(got, want) {
		r.Errorf("%s: Allow is %v, want %v (and perhaps HEAD, OPTIONS)", r.what(), r.Header.Values("Allow"), methods)
	}
}

// tokens splits comma-separated header values, in lower case and sorted.
func tokens(values []string) []string {
	var out []string
	for _, v := range values {
		for part := range strings.SplitSeq(v, ",") {
			if part = strings.ToLower(strings.TrimSpace(part)); part != "" {
				out = append(out, part)
			}
		}
	}
	slices.Sort(out)
	return out
}

// parserWords are what JSON parsers of common platforms say.
func parserWords() *regexp.Regexp {
	return regexp.MustCompile(`(?i)expecting|line \d+ column|jsondecode|unexpected (token|end)|syntaxerror|in json at|trailing (comma|data)|EOF while|expected value`)
}

func gen03(t *T) {
	w := t.writable()
	w.client.Post(w.path, w.good()).Control(w.accepted)
	for body, status := range map[string]int{
		`{"a":`: 400, ``: 400, `{"a" 1}`: 400, `{'a':1}`: 400, "{\"a\":\"\xff\"}": 400, `{"a":NaN}`: 400,
		`[]`: 422, `"x"`: 422, `null`: 422, `7`: 422,
	} {
		slug := "malformed-json"
		if status == 422 {
			slug = "validation"
		}
		res := w.client.Do(http.MethodPost, w.path, Body("application/json", body)).Refused(status, slug)
		if m := parserWords().Find(res.Body); m != nil {
			res.Errorf("the parser's own words are in the body: %q", m)
		}
	}
}

func gen04(t *T) {
	w := t.writable()
	good := string(mustJSON(w.good()))
	w.client.Do(http.MethodPost, w.path, Body("application/json; charset=utf-8", good)).Control(w.accepted)
	xml := `<?xml version="1.0"?><!DOCTYPE x [<!ENTITY e SYSTEM "` + t.canaryURL() + `">]><x>&e;</x>`
	for _, c := range []struct{ kind, body string }{
		{"text/plain", good},
		{"application/x-www-form-urlencoded", "email=a%40b.test&password=x"},
		{"multipart/form-data; boundary=b", "--b\r\nContent-Disposition: form-data; name=\"email\"\r\n\r\nx\r\n--b--\r\n"},
		{"application/xml", xml},
		{"text/xml", xml},
		{"", good},
		{"application/json; charset=utf-16", good},
		{"application/jsonx", good},
	} {
		res := w.client.Do(http.MethodPost, w.path, Body(c.kind, c.body)).Refused(http.StatusUnsupportedMediaType, "unsupported-media-type")
		if res.Status == http.StatusUnsupportedMediaType && res.Header.Get("Accept") != "application/json" {
			res.Errorf("415 for %q does not say Accept: application/json", c.kind)
		}
	}
	t.canaryQuiet()
}

// canaryURL is an address that nothing but an attack's success calls.
func (t *T) canaryURL() string {
	if t.run.target.Canary == nil {
		return "http://canary.invalid/" + t.test.ID
	}
	return t.run.target.Canary.URL(t.test.ID)
}

// canaryQuiet asserts that the service did not call the test's canary address.
func (t *T) canaryQuiet() {
	if c := t.run.target.Canary; c != nil {
		n := c.Hits(t.test.ID)
		t.Refusal(n == 0, nil, "the service called an address out of the request %d times", n)
	}
}

func gen05(t *T) {
	s := t.SignedIn()
	path := t.readable()
	for _, accept := range []string{"*/*", "", "application/*", "application/json", "text/html, application/json;q=0.5"} {
		s.Get(path, Header("Accept", accept)).Control()
	}
	for _, accept := range []string{"text/html", "application/xml", "image/*"} {
		s.Get(path, Header("Accept", accept)).Refused(http.StatusNotAcceptable, "not-acceptable")
	}
}

func gen08(t *T) {
	valid := regexp.MustCompile(`^[A-Za-z0-9._-]{8,64}$`)
	path := "/v1/nope-" + Random(4)
	ask := func(opts ...Opt) (*Response, string) {
		res := t.Get(path, opts...).Want(http.StatusNotFound)
		res.Problem() // compares request_id with the header
		return res, res.Header.Get("X-Request-Id")
	}
	if res, id := ask(); !valid.MatchString(id) {
		res.Errorf("the generated X-Request-Id is %q", id)
	}
	mine := "abc-" + Random(4)
	_, id := ask(Header("X-Request-Id", mine))
	t.Control(id == mine, "a valid X-Request-Id was not kept: sent %q, got %q", mine, id)
	for _, bad := range []string{"<script>alert(1)</script>", strings.Repeat("a", 300), "short", "has space in it", `abc"def"ghi`, "abc%0d%0aX-Injected:1"} {
		res, id := ask(Header("X-Request-Id", bad))
		t.Refusal(id != bad && valid.MatchString(id), res.x, "an invalid X-Request-Id was answered by %q", id)
	}
	raw := t.Raw("GET "+path+" HTTP/1.1\r\nHost: {host}\r\nX-Request-Id: abcdefgh\rX-Injected: 1\r\nConnection: close\r\n\r\n", 2*time.Second)
	for _, res := range raw.Responses {
		t.Refusal(res.Header.Get("X-Injected") == "" && !strings.Contains(res.Header.Get("X-Request-Id"), "Injected"), res.x,
			"a header was injected through X-Request-Id")
	}
}

func gen09(t *T) {
	path := t.First().Path
	want := http.StatusOK
	if t.Accounts() {
		want = http.StatusUnauthorized
	}
	t.Get(path).Control(want)
	t.Get(path, Host("evil.example")).Refused(http.StatusBadRequest, "invalid-host")
	t.Get(path, Host("evil.example:80")).Refused(http.StatusBadRequest, "invalid-host")
	t.Get("/healthz", Host("10.1.2.3:8000")).Want(http.StatusOK) // probes use addresses
	two := t.Raw("GET "+path+" HTTP/1.1\r\nHost: {host}\r\nHost: evil.example\r\nConnection: close\r\n\r\n", 3*time.Second).First()
	t.Refusal(two.Status == http.StatusBadRequest, two.x, "two Host headers: want 400, got %d", two.Status)
	for _, name := range []string{"X-Forwarded-Host", "X-Host", "Forwarded"} {
		value := "evil.example"
		if name == "Forwarded" {
			value = "host=evil.example"
		}
		res := t.Get(path, Header(name, value)).Want(want)
		all := string(res.Body) + fmt.Sprint(res.Header)
		t.Refusal(!strings.Contains(all, "evil.example"), res.x, "%s shows up in the response", name)
	}
}
