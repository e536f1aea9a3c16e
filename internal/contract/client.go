package contract

import (
	"bytes"
	"context"
	"crypto/tls"
	"encoding/json"
	"errors"
	"io"
	"net"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"
)

// M is a JSON object.
type M = map[string]any

// Client sends requests from one local address and records them. It follows
// no redirects, keeps no cookies and asks for no compression.
type Client struct {
	t    *T
	base string
	addr string // local address; empty: the system's choice
	tls  *tls.Config
	http *http.Client
	opts []Opt  // of every request
	who  string // for messages, where a request does not tell
}

// Opt changes one request before it is sent.
type Opt func(*request)

type request struct {
	*http.Request
	body     []byte
	bodySet  bool
	chunked  bool
	mayFail  bool
	noRetry  bool
	buildErr error
}

// Header sets a header, replacing earlier values. An empty value removes it.
func Header(name, value string) Opt {
	return func(r *request) {
		if value == "" {
			r.Header.Del(name)
			return
		}
		r.Header.Set(name, value)
	}
}

// AddHeader adds one more value of a header.
func AddHeader(name, value string) Opt {
	return func(r *request) { r.Header.Add(name, value) }
}

// Bearer sends an access token.
func Bearer(token string) Opt { return Header("Authorization", "Bearer "+token) }

// Origin is the Origin header.
func Origin(origin string) Opt { return Header("Origin", origin) }

// Host replaces the Host header.
func Host(host string) Opt { return func(r *request) { r.Host = host } }

// JSON sends v as application/json.
func JSON(v any) Opt {
	return func(r *request) {
		b, err := json.Marshal(v)
		r.buildErr = errors.Join(r.buildErr, err)
		r.body, r.bodySet = b, true
		r.Header.Set("Content-Type", "application/json")
	}
}

// Body sends bytes under a media type; an empty media type sends none.
func Body(contentType, body string) Opt {
	return func(r *request) {
		r.body, r.bodySet = []byte(body), true
		Header("Content-Type", contentType)(r)
	}
}

// Chunked sends the body without a Content-Length.
func Chunked() Opt { return func(r *request) { r.chunked = true } }

// MayFail lets the exchange end without an answer: Response.Err says why.
func MayFail() Opt { return func(r *request) { r.mayFail = true } }

// NoRetry takes 503 for an answer even when it says to come back soon.
func NoRetry() Opt { return func(r *request) { r.noRetry = true } }

// With returns a client that applies opts to every request.
func (c *Client) With(opts ...Opt) *Client {
	d := *c
	d.opts = append(append([]Opt(nil), c.opts...), opts...)
	return &d
}

// At returns a client of the same local address for another base address.
func (c *Client) At(base string) *Client {
	d := *c
	d.base = strings.TrimSuffix(base, "/")
	return &d
}

// Addr is the local address requests come from; empty away from loopback.
func (c *Client) Addr() string { return c.addr }

// Get sends a GET.
func (c *Client) Get(path string, opts ...Opt) *Response {
	return c.Do(http.MethodGet, path, opts...)
}

// Post sends v as JSON.
func (c *Client) Post(path string, v any, opts ...Opt) *Response {
	return c.Do(http.MethodPost, path, append([]Opt{JSON(v)}, opts...)...)
}

// Put sends v as JSON.
func (c *Client) Put(path string, v any, opts ...Opt) *Response {
	return c.Do(http.MethodPut, path, append([]Opt{JSON(v)}, opts...)...)
}

// Patch sends v as JSON.
func (c *Client) Patch(path string, v any, opts ...Opt) *Response {
	return c.Do(http.MethodPatch, path, append([]Opt{JSON(v)}, opts...)...)
}

// Delete sends a DELETE without a body.
func (c *Client) Delete(path string, opts ...Opt) *Response {
	return c.Do(http.MethodDelete, path, opts...)
}

// Do sends a request; path goes out as it is written, percent signs and all.
// A request that gets no answer ends the test unless MayFail is given. An
// answer of 503 with Retry-After (the password hasher is busy: other tests run
// beside this one) is asked for again, up to five times.
func (c *Client) Do(method, path string, opts ...Opt) *Response {
	for try := 0; ; try++ {
		res, retry := c.once(method, path, opts)
		wait, err := strconv.Atoi(res.Header.Get("Retry-After"))
		if !retry || res.Status != http.StatusServiceUnavailable || err != nil || wait > 5 || try == 5 {
			return res
		}
		select {
		case <-time.After(time.Duration(max(wait, 1)) * time.Second):
		case <-c.t.ctx.Done():
			return res
		}
	}
}

func (c *Client) once(method, path string, opts []Opt) (res *Response, retry bool) {
	u, err := url.Parse(c.base)
	if err != nil {
		c.t.Fatalf("%q is no address: %v", c.base, err)
	}
	raw, query, hasQuery := strings.Cut(path, "?")
	u.Path, u.Opaque, u.RawQuery, u.ForceQuery = "", raw, query, hasQuery && query == ""
	hr := (&http.Request{
		Method: method, URL: u, Header: http.Header{}, Host: u.Host,
		Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1,
	}).WithContext(c.t.ctx)
	hr.Header.Set("User-Agent", "scaffold-verify")
	r := &request{Request: hr}
	for _, o := range append(append([]Opt(nil), c.opts...), opts...) {
		o(r)
	}
	if r.buildErr != nil {
		c.t.Fatalf("the suite could not write a request: %v", r.buildErr)
	}
	if r.bodySet {
		r.Body = io.NopCloser(bytes.NewReader(r.body))
		r.ContentLength = int64(len(r.body))
		if len(r.body) == 0 {
			r.Body = http.NoBody
		}
		if r.chunked {
			r.ContentLength = -1
		}
	}
	x := &Exchange{
		Test: c.t.test.ID, Group: c.t.test.Group(), Base: c.base, Method: method, Target: path, Source: c.addr, Who: c.who,
		Header: r.Header.Clone(), Body: r.body, At: time.Now(),
	}
	if r.Host != u.Host {
		x.Header.Set("Host", r.Host)
	}
	answer, err := c.http.Do(r.Request)
	if err == nil {
		x.Status, x.RespHeader = answer.StatusCode, answer.Header
		x.RespBody, err = io.ReadAll(io.LimitReader(answer.Body, 8<<20))
		err = errors.Join(err, answer.Body.Close())
	}
	x.Took, x.Err = time.Since(x.At), err
	c.t.run.rec.add(x)
	res = &Response{t: c.t, Status: x.Status, Header: x.RespHeader, Body: x.RespBody, Took: x.Took, Err: err, x: x}
	if res.Header == nil {
		res.Header = http.Header{}
	}
	if err != nil && !r.mayFail {
		res.Fatalf("no answer to %s %s: %v", method, path, err)
	}
	return res, !r.noRetry && c.t.test.Phase != Alone
}

func newHTTP(addr string, tlsConf *tls.Config) *http.Client {
	d := &net.Dialer{Timeout: 5 * time.Second}
	if addr != "" {
		d.LocalAddr = &net.TCPAddr{IP: net.ParseIP(addr)}
	}
	return &http.Client{
		Timeout:       45 * time.Second,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		Transport: &http.Transport{
			DialContext:         d.DialContext,
			TLSClientConfig:     tlsConf,
			DisableCompression:  true,
			MaxIdleConnsPerHost: 64,
			IdleConnTimeout:     3 * time.Second,
		},
	}
}

// dial opens a connection from the client's local address, over TLS when the
// base address is https.
func (c *Client) dial(ctx context.Context) (net.Conn, error) {
	d := &net.Dialer{Timeout: 5 * time.Second}
	if c.addr != "" {
		d.LocalAddr = &net.TCPAddr{IP: net.ParseIP(c.addr)}
	}
	if !strings.HasPrefix(c.base, "https://") {
		return d.DialContext(ctx, "tcp", hostPort(c.base))
	}
	return (&tls.Dialer{NetDialer: d, Config: c.tls}).DialContext(ctx, "tcp", hostPort(c.base))
}
