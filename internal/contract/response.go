package contract

import (
	"bytes"
	"encoding/json"
	"mime"
	"net/http"
	"reflect"
	"slices"
	"strings"
	"time"
)

// Response is an answer, with assertions that show the exchange when they fail.
type Response struct {
	t      *T
	Status int // zero when Err is set
	Header http.Header
	Body   []byte
	Took   time.Duration
	Err    error
	x      *Exchange
}

// Problem is an RFC 9457 body.
type Problem struct {
	Type      string `json:"type"`
	Title     string `json:"title"`
	Status    int    `json:"status"`
	Detail    string `json:"detail"`
	Instance  string `json:"instance"`
	RequestID string `json:"request_id"`
	Errors    []struct {
		Pointer string `json:"pointer"`
		Detail  string `json:"detail"`
	} `json:"errors"`
	ViolatedPolicies []string `json:"violated-policies"`
}

// Errorf records a failure that shows this exchange; the test goes on.
func (r *Response) Errorf(format string, args ...any) { r.t.ErrorAt(r.x, format, args...) }

// Fatalf records a failure that shows this exchange and ends the test.
func (r *Response) Fatalf(format string, args ...any) { r.t.FatalAt(r.x, format, args...) }

// Want ends the test unless the status is one of those given.
func (r *Response) Want(status ...int) *Response {
	if !slices.Contains(status, r.Status) {
		r.Fatalf("%s: want %s, got %d", r.what(), list(status), r.Status)
	}
	return r
}

// Control is a positive control: the same call without the attack, which must
// have been accepted with one of status (200 if none is given).
func (r *Response) Control(status ...int) *Response {
	if len(status) == 0 {
		status = []int{http.StatusOK}
	}
	if !slices.Contains(status, r.Status) {
		r.Fatalf("positive control %s: want %s, got %d, so a refusal would prove nothing", r.what(), list(status), r.Status)
	}
	r.t.controls.Add(1)
	return r
}

// Refused asserts a refusal with a problem body of one of the slugs (any when
// none is given) and records a failure otherwise. A test that uses it and has
// no Control fails.
func (r *Response) Refused(status int, slugs ...string) *Response {
	return r.RefusedAny([]int{status}, slugs...)
}

// RefusedAny is Refused with a choice of statuses.
func (r *Response) RefusedAny(status []int, slugs ...string) *Response {
	r.t.refusals.Add(1)
	if !slices.Contains(status, r.Status) {
		r.Errorf("%s: want %s, got %d", r.what(), list(status), r.Status)
		return r
	}
	p, ok := r.problem()
	if !ok {
		return r
	}
	if slug := p.Type[strings.LastIndexByte(p.Type, '/')+1:]; len(slugs) > 0 && !slices.Contains(slugs, slug) {
		r.Errorf("%s: problem type is %q, want the slug %s", r.what(), p.Type, strings.Join(slugs, " or "))
	}
	return r
}

// Problem returns the body as a problem, all of its obligatory members checked.
func (r *Response) Problem() Problem {
	p, _ := r.problem()
	return p
}

func (r *Response) problem() (Problem, bool) {
	var p Problem
	if ct, _, err := mime.ParseMediaType(r.Header.Get("Content-Type")); err != nil || ct != "application/problem+json" {
		r.Errorf("%s: Content-Type of an error is %q, want application/problem+json", r.what(), r.Header.Get("Content-Type"))
		return p, false
	}
	d := json.NewDecoder(bytes.NewReader(r.Body))
	d.DisallowUnknownFields()
	if err := d.Decode(&p); err != nil {
		r.Errorf("%s: the problem body is no JSON of RFC 9457: %v", r.what(), err)
		return p, false
	}
	quota := r.Status == http.StatusTooManyRequests
	switch {
	case !quota && !strings.HasPrefix(strings.TrimPrefix(p.Type, r.t.run.target.PublicURL), "/problems/"):
		r.Errorf("%s: problem type is %q, want /problems/<slug>, perhaps under %s", r.what(), p.Type, r.t.run.target.PublicURL)
	case quota && p.Type != "https://iana.org/assignments/http-problem-types#quota-exceeded":
		r.Errorf("%s: problem type is %q, want the registered quota-exceeded", r.what(), p.Type)
	case p.Title == "":
		r.Errorf("%s: the problem has no title", r.what())
	case p.Status != r.Status:
		r.Errorf("%s: the problem says status %d, the response %d", r.what(), p.Status, r.Status)
	case p.RequestID == "" || p.RequestID != r.Header.Get("X-Request-Id"):
		r.Errorf("%s: request_id %q is not the X-Request-Id %q", r.what(), p.RequestID, r.Header.Get("X-Request-Id"))
	case r.Status == http.StatusUnauthorized && !strings.HasPrefix(r.Header.Get("WWW-Authenticate"), "Bearer"):
		r.Errorf("%s: 401 without WWW-Authenticate: Bearer", r.what())
	default:
		return p, true
	}
	return p, false
}

// Pointer asserts that the problem names a member, such as /title.
func (r *Response) Pointer(pointer string) *Response {
	for _, e := range r.Problem().Errors {
		if e.Pointer == pointer {
			return r
		}
	}
	r.Errorf("%s: no entry of errors points to %s", r.what(), pointer)
	return r
}

// Object returns the body as a JSON object; anything else ends the test.
func (r *Response) Object() M {
	if ct, _, err := mime.ParseMediaType(r.Header.Get("Content-Type")); err != nil || (ct != "application/json" && ct != "application/problem+json") {
		r.Fatalf("%s: Content-Type is %q, want JSON", r.what(), r.Header.Get("Content-Type"))
	}
	var m M
	if err := json.Unmarshal(r.Body, &m); err != nil {
		r.Fatalf("%s: the body is no JSON object: %v", r.what(), err)
	}
	return m
}

// Text returns a text member of the body, by its path; a missing one ends the test.
func (r *Response) Text(path ...string) string {
	var v any = r.Object()
	for _, p := range path {
		m, ok := v.(M)
		if !ok {
			r.Fatalf("%s: no member %s", r.what(), strings.Join(path, "."))
		}
		v = m[p]
	}
	s, ok := v.(string)
	if !ok || s == "" {
		r.Fatalf("%s: member %s is no text: %v", r.what(), strings.Join(path, "."), v)
	}
	return s
}

// Items returns the members of a list answer.
func (r *Response) Items() []M {
	list, ok := r.Object()["items"].([]any)
	if !ok {
		r.Fatalf("%s: no list \"items\"", r.what())
	}
	out := make([]M, 0, len(list))
	for _, v := range list {
		m, ok := v.(M)
		if !ok {
			r.Fatalf("%s: an entry of items is no object", r.what())
		}
		out = append(out, m)
	}
	return out
}

// Cookie returns a cookie that the answer sets, or nil.
func (r *Response) Cookie(name string) *http.Cookie {
	for _, c := range (&http.Response{Header: r.Header}).Cookies() {
		if c.Name == name {
			return c
		}
	}
	return nil
}

// NoCookie asserts that the answer sets none.
func (r *Response) NoCookie() *Response {
	if v := r.Header.Values("Set-Cookie"); len(v) > 0 {
		r.Errorf("%s: it sets a cookie", r.what())
	}
	return r
}

// Same asserts that two answers differ in nothing an observer can use: status,
// names of headers, and body but for the request id.
func (r *Response) Same(other *Response) *Response {
	if r.Status != other.Status {
		r.Errorf("%s: status %d, the other case has %d", r.what(), r.Status, other.Status)
	}
	if a, b := headerNames(r.Header), headerNames(other.Header); !slices.Equal(a, b) {
		r.Errorf("%s: headers %v, the other case has %v", r.what(), a, b)
	}
	if a, b := withoutID(r.Body), withoutID(other.Body); !reflect.DeepEqual(a, b) {
		r.Errorf("%s: body %v, the other case has %v", r.what(), a, b)
	}
	return r
}

func headerNames(h http.Header) []string {
	var out []string
	for n := range h {
		out = append(out, n)
	}
	slices.Sort(out)
	return out
}

// withoutID is a body to compare: parsed when it is JSON, without what differs
// in every answer.
func withoutID(body []byte) any {
	var m M
	if json.Unmarshal(body, &m) != nil {
		return string(body)
	}
	delete(m, "request_id")
	delete(m, "instance")
	return m
}

func (r *Response) what() string {
	if r.x.Raw != nil {
		line, _, _ := strings.Cut(string(r.x.Raw), "\r\n")
		return line
	}
	target := r.x.Target
	if len(target) > 80 {
		target = target[:80] + "…"
	}
	if r.x.Who != "" {
		target += " by " + r.x.Who
	}
	return r.x.Method + " " + target
}
