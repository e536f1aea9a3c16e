package load

import (
	"bytes"
	"errors"
	"fmt"
	"net/http"
	"sync/atomic"
)

// Request is one prebuilt request and what its answer must be. It may be sent any
// number of times, by several runs after one another.
type Request struct {
	raw    []byte
	head   bool
	expect Expect
	asked  atomic.Int64 // times a body was looked at or passed over
}

// Expect says when an answer counts as right. Its zero value takes any 2xx.
type Expect struct {
	Status int                // 0 for any from 200 to 299
	Length Span               // of the body in bytes, without the framing of chunks
	Body   func([]byte) error // looks at a body, which is only lent; nil for none
	Every  int                // shows Body every n-th answer; 0 and 1 mean each
}

// Span is a closed interval of lengths. The zero value holds every length.
type Span struct {
	min, max int
	bounded  bool
}

// Exactly holds one length.
func Exactly(n int) Span { return Span{min: n, max: n, bounded: true} }

// Between holds the lengths from low to high, both included.
func Between(low, high int) Span { return Span{min: low, max: high, bounded: true} }

func (s Span) holds(n int) bool { return !s.bounded || n >= s.min && n <= s.max }

func (s Span) String() string {
	switch {
	case !s.bounded:
		return "any length"
	case s.min == s.max:
		return fmt.Sprintf("%d bytes", s.min)
	default:
		return fmt.Sprintf("%d to %d bytes", s.min, s.max)
	}
}

// NewRequest builds the bytes of an HTTP/1.1 request for a target in origin form
// ("/v1/items?limit=20"). Host and Content-Length are set, the rest is the caller's.
func NewRequest(method, host, target string, header http.Header, body []byte, expect Expect) (*Request, error) {
	if len(target) == 0 || target[0] != '/' {
		return nil, fmt.Errorf("load: the target %q does not begin with a slash", target)
	}
	if bytes.ContainsAny([]byte(method+host+target), " \r\n") {
		return nil, fmt.Errorf("load: %q %q %q would not be one request line", method, host, target)
	}
	if method == http.MethodConnect || header.Get("Upgrade") != "" {
		return nil, errors.New("load: a tunnel is no request that has an answer")
	}
	var raw bytes.Buffer
	fmt.Fprintf(&raw, "%s %s HTTP/1.1\r\nHost: %s\r\n", method, target, host)
	if len(body) > 0 || method == http.MethodPost || method == http.MethodPut || method == http.MethodPatch {
		fmt.Fprintf(&raw, "Content-Length: %d\r\n", len(body))
	}
	err := header.WriteSubset(&raw, map[string]bool{"Host": true, "Content-Length": true, "Transfer-Encoding": true})
	if err != nil {
		return nil, err
	}
	raw.WriteString("\r\n")
	raw.Write(body)
	return &Request{raw: raw.Bytes(), head: method == http.MethodHead, expect: expect}, nil
}

// sampled says whether this answer's body is one to look at.
func (r *Request) sampled() bool {
	if r.expect.Body == nil {
		return false
	}
	return (r.asked.Add(1)-1)%int64(max(r.expect.Every, 1)) == 0
}

// judge names the failure of a whole answer, 0 if it is right.
func (r *Request) judge(status, length int, sampled bool, body []byte) (failure, error) {
	if e := r.expect.Status; e != status && (e != 0 || status < 200 || status > 299) {
		return failedStatus, fmt.Errorf("%s: status %d", r.line(), status)
	}
	if !r.expect.Length.holds(length) {
		return failedLength, fmt.Errorf("%s: a body of %d bytes instead of %s", r.line(), length, r.expect.Length)
	}
	if sampled {
		if err := r.expect.Body(body); err != nil {
			return failedBody, fmt.Errorf("%s: %w", r.line(), err)
		}
	}
	return 0, nil
}

// line is the method and the target, for people.
func (r *Request) line() string {
	line, _, _ := bytes.Cut(r.raw, []byte(" HTTP/1.1\r\n"))
	return string(line)
}
