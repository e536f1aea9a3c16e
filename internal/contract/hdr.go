package contract

import (
	"bytes"
	"encoding/json"
	"mime"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"example.com/scaffold/internal/service"
)

func hdrTests() []Test {
	return []Test{
		{ID: "HDR-01", Name: "header set", Users: 1, Clauses: []string{"H1", "H4"}, Run: hdr01},
		{ID: "HDR-02", Name: "banner", Clauses: []string{"H3"}, Phase: After, Run: hdr02},
		{ID: "HDR-03", Name: "HSTS", Needs: []Need{NeedTLS}, Clauses: []string{"H2", "L3"}, Run: hdr03},
		{ID: "HDR-04", Name: "media type", Clauses: []string{"H6"}, Phase: After, Run: hdr04},
		{ID: "HDR-05", Name: "docs", Needs: []Need{NeedControl}, Eased: true, Clauses: []string{"H5", "Z4"}, Run: hdr05},
		{ID: "HDR-06", Name: "no reflection", Users: 1, Clauses: []string{"H6"}, Run: hdr06},
	}
}

// securityHeaders is the set on every /v1 response, whatever its status.
func securityHeaders() map[string]string {
	return map[string]string{
		"Content-Security-Policy":      "default-src 'none'; base-uri 'none'; object-src 'none'; form-action 'none'; frame-ancestors 'none'; sandbox",
		"X-Content-Type-Options":       "nosniff",
		"Referrer-Policy":              "no-referrer",
		"X-Frame-Options":              "DENY",
		"Cross-Origin-Resource-Policy": "same-origin",
		"Cross-Origin-Opener-Policy":   "same-origin",
		"Permissions-Policy":           "geolocation=(), camera=(), microphone=()",
		"Cache-Control":                "no-store",
	}
}

func hdr01(t *T) {
	s := t.SignedIn()
	r := t.First()
	made := s.Post(r.Path, r.Create)
	id := made.Want(http.StatusCreated).Text("id")
	if loc := made.Header.Get("Location"); loc != r.At(id) && !strings.HasSuffix(loc, r.At(id)) {
		made.Errorf("Location of the new object is %q, want %s", loc, r.At(id))
	}
	responses := map[int]*Response{
		200: s.Get(r.Path),
		201: made,
		204: s.Delete(r.At(id)),
		400: s.Get(r.Path + "?cursor=bad"),
		403: s.Post(r.Path, r.Create, Header("Sec-Fetch-Site", "cross-site")),
		404: s.Get(r.At(id)),
		405: s.Put(r.Path, r.Create),
		406: s.Get(r.Path, Header("Accept", "text/html")),
		413: s.big(r.Path, Body("application/json", strings.Repeat(" ", 1<<20+1))),
		415: s.Do(http.MethodPost, r.Path, Body("text/plain", "x")),
		422: s.Get(r.Path + "?foo=1"),
	}
	if t.Production() {
		responses[429] = t.exhaust(t.NewClient())
	}
	if t.Accounts() {
		responses[401] = t.Get(r.Path)
	}
	for status, res := range responses {
		t.passed.Add(1)
		if res.Status != status {
			res.Errorf("%s: want %d, got %d", res.what(), status, res.Status)
			continue
		}
		for name, want := range securityHeaders() {
			if got := res.Header.Values(name); len(got) != 1 || got[0] != want {
				res.Errorf("%d has %s %q, want %q once", status, name, got, want)
			}
		}
		if v := res.Header.Get("X-XSS-Protection"); v != "" && v != "0" {
			res.Errorf("%d has X-XSS-Protection %q", status, v)
		}
	}
}

func hdr02(t *T) {
	digit := regexp.MustCompile(`\d`)
	n := 0
	for _, x := range t.Exchanges() {
		if x.Status == 0 {
			continue
		}
		n++
		server, by := x.RespHeader.Get("Server"), x.RespHeader.Get("X-Powered-By")
		if by != "" || digit.MatchString(server) {
			t.FatalAt(x, "a banner: Server %q, X-Powered-By %q (in %s)", server, by, x.Test)
		}
	}
	t.Check(n > 0, "the run recorded no response")
}

func hdr03(t *T) {
	tg := t.Target()
	absent := func(res *Response) {
		if v := res.Header.Get("Strict-Transport-Security"); v != "" {
			res.Errorf("Strict-Transport-Security over plain http: %q", v)
		}
	}
	path := t.First().Path
	if direct := tg.direct(); direct != "" {
		absent(t.At(direct).Get(path))
		absent(t.At(direct).Get(path, Header("X-Forwarded-Proto", "https")))
	}
	res := t.ClientTo(tg.TLSURL, nil).Get(path, Host(t.publicHost()))
	v := res.Header.Get("Strict-Transport-Security")
	age := regexp.MustCompile(`max-age=(\d+)`).FindStringSubmatch(v)
	long := false
	if age != nil {
		n, err := strconv.Atoi(age[1])
		long = err == nil && n >= 31536000
	}
	t.passed.Add(1)
	if !long || !strings.Contains(v, "includeSubDomains") || len(res.Header.Values("Strict-Transport-Security")) != 1 {
		res.Errorf("Strict-Transport-Security through the proxy is %q, want one with max-age ≥ 31536000 and includeSubDomains", res.Header.Values("Strict-Transport-Security"))
	}
}

// publicHost is the Host value of the service's own origin.
func (t *T) publicHost() string {
	_, host, _ := strings.Cut(t.run.target.PublicURL, "://")
	return host
}

func hdr04(t *T) {
	n := 0
	tg := t.Target()
	for _, x := range t.Exchanges() {
		if x.Status == 0 || x.Parser || x.Method == http.MethodHead || !strings.HasPrefix(x.Target, "/v1/") {
			continue
		}
		if (x.Base == tg.TLSURL || x.Base == tg.PlainURL) && x.RespHeader.Get("X-Request-Id") == "" {
			continue // the proxy's own answer
		}
		if len(x.RespBody) == 0 {
			if kind := x.RespHeader.Get("Content-Type"); kind != "" {
				t.FatalAt(x, "Content-Type %q on a response without a body (in %s)", kind, x.Test)
			}
			continue
		}
		n++
		kind, params, err := mime.ParseMediaType(x.RespHeader.Get("Content-Type"))
		want := "application/json"
		if x.Status >= 400 {
			want = "application/problem+json"
		}
		charset := strings.ToLower(params["charset"])
		if err != nil || kind != want || charset != "" && charset != "utf-8" {
			t.FatalAt(x, "Content-Type of a %d is %q, want %s (in %s)", x.Status, x.RespHeader.Get("Content-Type"), want, x.Test)
		}
		if !json.Valid(x.RespBody) {
			t.FatalAt(x, "the body is not the JSON that Content-Type promises (in %s)", x.Test)
		}
		if x.RespHeader.Get("X-Content-Type-Options") != "nosniff" {
			t.FatalAt(x, "a body without nosniff (in %s)", x.Test)
		}
	}
	t.Check(n > 0, "the run recorded no response with a body")
}

// docsPolicy is the Content-Security-Policy of the documentation page.
const docsPolicy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; base-uri 'none'; object-src 'none'; form-action 'none'; frame-ancestors 'none'"

func hdr05(t *T) {
	dev := t.Start(service.Spec{Name: "development", Set: service.Env{"APP_ENV": "development"}, Unset: []string{"DOCS"}})
	c := t.ClientTo(dev.URL, nil)
	page := c.Get("/docs").Control()
	c.Get("/openapi.json").Control()
	if got := page.Header.Get("Content-Security-Policy"); got != docsPolicy {
		page.Errorf("the policy of /docs is %q, want %q", got, docsPolicy)
	}
	if !strings.HasPrefix(page.Header.Get("Content-Type"), "text/html") {
		page.Errorf("/docs is %q, want text/html", page.Header.Get("Content-Type"))
	}
	if m := regexp.MustCompile(`(?i)(src|href)\s*=\s*["']?(https?:)?//[^"'\s>]+`).Find(page.Body); m != nil {
		page.Errorf("/docs loads from another host: %s", m)
	}
	if m := regexp.MustCompile(`(?is)<script(\s[^>]*)?>\s*[^<\s]|\son\w+\s*=`).Find(page.Body); m != nil {
		page.Errorf("/docs has an inline script, which its policy forbids: %s", m)
	}
	here := &url.URL{Path: "/docs"}
	for _, m := range regexp.MustCompile(`(?:src|href)="([^"#]+)"`).FindAllSubmatch(page.Body, -1) {
		if ref, err := here.Parse(string(m[1])); err == nil && ref.Scheme == "" {
			c.Get(ref.Path).Want(http.StatusOK)
		}
	}
	for _, path := range []string{
		"/docs", "/redoc", "/openapi.json", "/v1/openapi.json", "/swagger", "/swagger-ui", "/api-docs", "/metrics", "/admin", "/admin/",
		"/debug", "/graphql", "/actuator", "/.git/HEAD", "/.env", "/static/", "/assets/", "/dev/mailbox", "/docs/docs.js",
	} {
		res := t.Get(path)
		t.Refusal(res.Status == http.StatusNotFound, res.x, "GET %s in production: want 404, got %d", path, res.Status)
	}
}

func hdr06(t *T) {
	s := t.SignedIn()
	r := t.First()
	s.Get(r.Path).Control()
	for _, path := range []string{
		"/v1/%3Csvg%20onload=1%3E", r.At("%3Csvg%20onload=1%3E"), r.Path + "?cursor=%3Cscript%3E", r.Path + "?%3Cscript%3E=1",
	} {
		res := s.Get(path).RefusedAny([]int{400, 404, 422})
		if slices.ContainsFunc([]string{"<svg", "<script"}, func(s string) bool { return bytes.Contains(res.Body, []byte(s)) }) {
			res.Errorf("%s: markup of the request is repeated as it was sent", res.what())
		}
	}
}
