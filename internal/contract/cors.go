package contract

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
)

func corsTests() []Test {
	return []Test{
		{ID: "CORS-01", Name: "allowed preflight", Clauses: []string{"C1"}, Run: cors01},
		{ID: "CORS-02", Name: "refused preflight", Clauses: []string{"C2"}, Run: cors02},
		{ID: "CORS-03", Name: "origin look-alikes", Users: 1, Clauses: []string{"C4"}, Run: cors03},
		{ID: "CORS-04", Name: "actual responses", Users: 1, Clauses: []string{"C3"}, Run: cors04},
		{ID: "CORS-05", Name: "vary", Users: 1, Clauses: []string{"C3", "C5"}, Run: cors05},
		{ID: "CORS-06", Name: "no wildcard", Clauses: []string{"C1"}, Phase: After, Run: cors06},
		{ID: "CORS-07", Name: "unlisted method or header", Clauses: []string{"C1"}, Run: cors07},
	}
}

const evil = "https://evil.example"

// preflight asks whether a page of origin may call path.
func (c *Client) preflight(path, origin, method, headers string) *Response {
	opts := []Opt{Origin(origin), Header("Access-Control-Request-Method", method)}
	if headers != "" {
		opts = append(opts, Header("Access-Control-Request-Headers", headers))
	}
	return c.Do(http.MethodOptions, path, opts...)
}

// allowedPreflight asserts the answer to a preflight that is allowed.
func (r *Response) allowedPreflight(origin string) *Response {
	r.Control(http.StatusNoContent)
	for name, want := range map[string]string{
		"Access-Control-Allow-Origin": origin, "Access-Control-Allow-Credentials": "true", "Access-Control-Max-Age": "600",
	} {
		if got := r.Header.Values(name); len(got) != 1 || got[0] != want {
			r.Errorf("%s: %s is %q, want %q once", r.what(), name, got, want)
		}
	}
	return r
}

// noCORS asserts that no Access-Control header is there.
func (r *Response) noCORS() {
	for name := range r.Header {
		if strings.HasPrefix(name, "Access-Control-") {
			r.Errorf("%s: %s is %q for an origin that is not allowed", r.what(), name, r.Header.Get(name))
		}
	}
}

func cors01(t *T) {
	origin := t.Target().Origin
	check := func(path string, methods ...string) {
		res := t.preflight(path, origin, methods[0], "authorization,content-type").allowedPreflight(origin)
		if len(res.Body) > 0 {
			res.Errorf("%s: a preflight's answer has a body", res.what())
		}
		got := slices.DeleteFunc(tokens(res.Header.Values("Access-Control-Allow-Methods")), func(m string) bool { return m == "head" || m == "options" })
		if !slices.Equal(got, tokens(methods)) {
			res.Errorf("%s: Access-Control-Allow-Methods is %v, want %v", res.what(), got, methods)
		}
		allowed := tokens(res.Header.Values("Access-Control-Allow-Headers"))
		for _, h := range []string{"authorization", "content-type", "idempotency-key", "x-request-id", "traceparent", "tracestate", "baggage"} {
			if !slices.Contains(allowed, h) {
				res.Errorf("%s: Access-Control-Allow-Headers lacks %s: %v", res.what(), h, allowed)
			}
		}
		vary := tokens(res.Header.Values("Vary"))
		for _, h := range []string{"origin", "access-control-request-method", "access-control-request-headers"} {
			if !slices.Contains(vary, h) {
				res.Errorf("%s: Vary lacks %s: %v", res.what(), h, vary)
			}
		}
	}
	t.EachResource(func(r Resource) {
		check(r.Path, "POST", "GET")
		check(r.At("00000000-0000-4000-8000-000000000000"), "PATCH", "GET", "DELETE")
	})
	if t.Accounts() {
		check("/v1/auth/login", "POST")
	}
}

func cors02(t *T) {
	path := t.First().Path
	t.preflight(path, t.Target().Origin, "POST", "authorization").allowedPreflight(t.Target().Origin)
	t.preflight(path, evil, "POST", "authorization,content-type").Refused(http.StatusForbidden, "cross-origin-forbidden").noCORS()
}

// lookAlikes are origins that are easily taken for the allowed one.
func lookAlikes(allowed string) []string {
	u, err := url.Parse(allowed)
	if err != nil {
		return nil
	}
	host, scheme := u.Host, u.Scheme
	other := map[string]string{"https": "http", "http": "https"}[scheme]
	all := []string{
		"null", allowed + ".evil.example", scheme + "://evil" + host, scheme + "://evil." + host, other + "://" + host,
		scheme + "://" + u.Hostname() + ":8443", allowed + ".", strings.ToUpper(allowed), scheme + "://" + strings.ToUpper(host),
		scheme + "://" + host + "_.evil.example", scheme + "://" + host + "%60.evil.example", allowed + "@evil.example",
		"https://evil.example/" + host, allowed + "/", allowed + "," + allowed, "file://", scheme + "://" + strings.Replace(host, ".", "x", 1),
	}
	return slices.DeleteFunc(all, func(origin string) bool { return origin == allowed }) // a host without a dot
}

func cors03(t *T) {
	s := t.SignedIn()
	r := t.First()
	allowed := t.Target().Origin
	t.preflight(r.Path, allowed, "GET", "").allowedPreflight(allowed)
	if got := s.Get(r.Path, Origin(allowed)).Control().Header.Get("Access-Control-Allow-Origin"); got != allowed {
		t.Errorf("GET from the allowed origin is answered with Access-Control-Allow-Origin %q", got)
	}
	for _, origin := range lookAlikes(allowed) {
		t.preflight(r.Path, origin, "GET", "").Refused(http.StatusForbidden, "cross-origin-forbidden").noCORS()
		s.Get(r.Path, Origin(origin)).Want(http.StatusOK).noCORS()
	}
}

// shared asserts the CORS headers of an actual response to the allowed origin.
func (r *Response) shared(origin string) {
	for name, want := range map[string]string{"Access-Control-Allow-Origin": origin, "Access-Control-Allow-Credentials": "true"} {
		if got := r.Header.Values(name); len(got) != 1 || got[0] != want {
			r.Errorf("%d has %s %q, want %q once", r.Status, name, got, want)
		}
	}
	want := []string{"idempotent-replayed", "location", "ratelimit", "ratelimit-policy", "retry-after", "x-request-id"}
	if got := tokens(r.Header.Values("Access-Control-Expose-Headers")); !slices.Equal(got, want) {
		r.Errorf("%d has Access-Control-Expose-Headers %v, want %v", r.Status, got, want)
	}
}

func cors04(t *T) {
	s := t.SignedIn()
	r := t.First()
	from := Origin(t.Target().Origin)
	for status, res := range map[int]*Response{
		200: s.Get(r.Path, from),
		201: s.Post(r.Path, r.Create, from),
		404: s.Get("/v1/nope", from),
		405: s.Put(r.Path, r.Create, from),
		413: s.big(r.Path, Body("application/json", strings.Repeat(" ", 1<<20+1)), from),
		415: s.Do(http.MethodPost, r.Path, Body("text/plain", "x"), from),
		422: s.Get(r.Path+"?foo=1", from),
	} {
		t.passed.Add(1)
		if res.Status != status {
			res.Errorf("%s: want %d, got %d", res.what(), status, res.Status)
		}
		res.shared(t.Target().Origin)
	}
	if t.Accounts() {
		t.Get(r.Path, from).Want(http.StatusUnauthorized).shared(t.Target().Origin)
	}
	if t.Production() {
		t.exhaust(t.NewClient().With(from)).shared(t.Target().Origin)
	}
}

func cors05(t *T) {
	s := t.SignedIn()
	path := t.First().Path
	for _, origin := range []string{"", t.Target().Origin, evil} {
		for _, res := range []*Response{s.Get(path, Origin(origin)), s.Get("/v1/nope", Origin(origin)), s.Get("/healthz", Origin(origin))} {
			t.passed.Add(1)
			if !slices.Contains(tokens(res.Header.Values("Vary")), "origin") {
				res.Errorf("%s with Origin %q: Vary is %q, want Origin in it", res.what(), origin, res.Header.Values("Vary"))
			}
			if origin != t.Target().Origin {
				res.noCORS()
			}
		}
	}
}

func cors06(t *T) {
	n := 0
	for _, x := range t.Exchanges() {
		if x.RespHeader.Get("Access-Control-Allow-Origin") != "" {
			n++
		}
		for name, values := range x.RespHeader {
			if strings.HasPrefix(name, "Access-Control-Allow-") && slices.Contains(tokens(values), "*") {
				t.FatalAt(x, "%s has a wildcard (in %s)", name, x.Test)
			}
		}
	}
	t.Check(n > 0, "no response of the run allowed an origin, so there was nothing to look at")
}

func cors07(t *T) {
	path, method := t.First().Path, "DELETE"
	origin := t.Target().Origin
	t.preflight(path, origin, "POST", "authorization").allowedPreflight(origin)
	paths := []string{path}
	if t.Accounts() {
		paths = append(paths, "/v1/auth/login")
	}
	for _, p := range paths {
		res := t.preflight(p, origin, method, "x-evil")
		t.Refusal(!slices.Contains(tokens(res.Header.Values("Access-Control-Allow-Methods")), "delete"), res.x,
			"%s: DELETE is allowed by the preflight but is no method of the path", p)
		t.Refusal(!slices.Contains(tokens(res.Header.Values("Access-Control-Allow-Headers")), "x-evil"), res.x,
			"%s: the preflight allows a header that is not listed", p)
	}
}
