package contract

import (
	"bytes"
	"compress/gzip"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"
)

func mustJSON(v any) []byte {
	b, err := json.Marshal(v)
	if err != nil {
		panic(err) // the suite's own literals; reported as its fault
	}
	return b
}

// big sends a body that the service may refuse before it has read it, in which
// case the answer can be lost with the connection: it is then asked again.
func (c *Client) big(path string, opts ...Opt) *Response {
	var res *Response
	for range 4 {
		res = c.Do(http.MethodPost, path, append(opts, MayFail())...)
		if res.Err == nil {
			return res
		}
	}
	res.Fatalf("no answer to a long body: %v", res.Err)
	return nil
}

func gen06(t *T) {
	s := t.SignedIn()
	r := t.First()
	quick := func(res *Response) {
		if res.Took > 5*time.Second {
			res.Errorf("%s: the refusal took %s", res.what(), res.Took.Round(time.Millisecond))
		}
	}
	s.Post(r.Path, r.Create).Control(http.StatusCreated)
	body := func(n int) string { return `{"` + r.Text + `":"` + strings.Repeat("a", n-len(r.Text)-7) + `"}` }
	const mib = 1 << 20
	// A body just within the limit is judged by the schema.
	s.big(r.Path, Body("application/json", body(mib))).Control(http.StatusUnprocessableEntity)
	for _, c := range []*Client{s.Client, t.Client} { // signed in or not: size comes before authentication
		quick(c.big(r.Path, Body("application/json", body(mib+1))).Refused(413, "payload-too-large"))
		quick(c.big(r.Path, Body("application/json", body(mib+mib/2)), Chunked()).Refused(413, "payload-too-large"))
	}
	if t.Accounts() {
		long := strings.Repeat("a", 64<<10)
		quick(t.big("/v1/auth/login", JSON(M{"email": NewEmail(), "password": long})).Refused(413, "payload-too-large"))
		quick(t.big("/v1/auth/login", JSON(M{"email": NewEmail(), "password": long}), Chunked()).Refused(413, "payload-too-large"))
	}
	var zipped bytes.Buffer
	z := gzip.NewWriter(&zipped)
	_, _ = z.Write(mustJSON(r.Create)) // to memory
	_ = z.Close()
	quick(s.Do(http.MethodPost, r.Path, Body("application/json", zipped.String()), Header("Content-Encoding", "gzip")).Refused(415, "unsupported-media-type"))
	nested := func(n int) Opt {
		return Body("application/json", `{"`+r.Text+`":`+strings.Repeat("[", n)+strings.Repeat("]", n)+"}")
	}
	s.Do(http.MethodPost, r.Path, nested(16)).Control(http.StatusUnprocessableEntity)
	quick(s.Do(http.MethodPost, r.Path, nested(40)).Refused(400, "malformed-json"))
	quick(s.Do(http.MethodPost, r.Path, nested(10_000)).Refused(400, "malformed-json"))
	// A string that never ends: whoever looks for its end from each quote in it anew takes minutes. The letter is for
	// those who look for NaN only where there is one.
	endless := `{"` + r.Text + `":"N` + strings.Repeat(`\"`, mib/8)
	quick(s.Do(http.MethodPost, r.Path, Body("application/json", endless)).Refused(400, "malformed-json"))
	s.Get(r.Path).Want(http.StatusOK)
}

func gen07(t *T) {
	t.Get("/healthz", Header("X-Long", strings.Repeat("a", 4<<10))).Control()
	for name, c := range map[string]struct {
		line, header string
		want         []int
	}{
		"a header of 64 KiB": {"/healthz", "X-Long: " + strings.Repeat("a", 64<<10) + "\r\n", []int{431, 400}},
		"headers of 64 KiB":  {"/healthz", strings.Repeat("X-Many: "+strings.Repeat("a", 1000)+"\r\n", 64), []int{431, 400}},
		"a URL of 20 KiB":    {"/healthz?" + strings.Repeat("a", 20<<10), "", []int{414, 431, 400}},
	} {
		var res *RawResult
		for range 3 { // closing early may take the answer along
			res = t.Raw("GET "+c.line+" HTTP/1.1\r\nHost: {host}\r\n"+c.header+"Connection: close\r\n\r\n", 3*time.Second)
			if len(res.Responses) > 0 {
				break
			}
		}
		first := res.First()
		t.Refusal(slices.Contains(c.want, first.Status), first.x, "%s: want %s, got %d", name, list(c.want), first.Status)
	}
}

func gen10(t *T) {
	const get = "GET /healthz HTTP/1.1\r\nHost: {host}\r\n"
	clean := get + "Connection: close\r\n\r\n"
	// Two clean requests on one connection give two answers, so counting means something.
	two := t.Raw(get+"\r\n"+clean, 3*time.Second)
	t.Control(len(two.Responses) == 2, "two clean requests on one connection were given %d answers", len(two.Responses))
	post := "POST " + t.First().Path + " HTTP/1.1\r\nHost: {host}\r\nContent-Type: application/json\r\n"
	chunked := t.Raw(post+"Transfer-Encoding: chunked\r\nConnection: close\r\n\r\n2\r\n{}\r\n0\r\n\r\n", 3*time.Second).First()
	t.Control(chunked.Status != 400 && chunked.Status < 500, "a clean chunked request was answered with %d", chunked.Status)
	for name, attack := range map[string]string{
		"Content-Length with Transfer-Encoding": post + "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
		"Transfer-Encoding with Content-Length": post + "Transfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n0\r\n\r\n",
		"unknown transfer coding":               post + "Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n",
		"two lengths":                           post + "Content-Length: 2\r\nContent-Length: 20\r\n\r\n{}",
		"folded header":                         get + "X-Fold: a\r\n b\r\n\r\n",
		"bare line feeds":                       strings.ReplaceAll(get, "\r\n", "\n") + "\n",
		"space before the colon":                get + "X-Space : a\r\n\r\n",
		"two hosts":                             get + "Host: evil.example\r\n\r\n",
	} {
		res := t.Raw(attack+clean, 3*time.Second)
		n := len(res.Responses)
		if t.run.target.proxied() && tolerated(name) && n == 2 && res.Responses[0].Status == 200 && res.Responses[1].Status == 200 {
			continue
		}
		t.Refusal(n <= 1 && res.Closed, rawExchange(res), "%s: want one answer and the connection closed, got %d answers (closed: %t)", name, n, res.Closed)
		if n > 0 {
			first := res.Responses[0]
			t.Refusal(first.Status == 400 || first.Status == 501, first.x, "%s: want 400, got %d", name, first.Status)
		} else {
			t.Errorf("%s: want 400, got no answer", name)
		}
	}
}

// tolerated are faults that a proxy may mend before it passes the request on:
// where a message ends is not in doubt. The service itself refuses them.
func tolerated(fault string) bool { return fault == "bare line feeds" || fault == "folded header" }

func rawExchange(r *RawResult) *Exchange {
	if len(r.Responses) == 0 {
		return nil
	}
	return r.Responses[0].x
}

func gen11(t *T) {
	s := t.SignedIn()
	path := t.readable()
	s.Get(path).Control()
	tail := strings.TrimPrefix(path, "/v1/")
	auth := ""
	if s.Access != "" {
		auth = "Authorization: Bearer " + s.Access + "\r\n"
	}
	for _, trick := range []string{
		"//v1/" + tail, "/v1//" + tail, "/v1/./" + tail, "/v1/%2e/" + tail, "/v1/x/../" + tail,
		"/v1/%2e%2e/v1/" + tail, "/%2e%2e/v1/" + tail, "/v1/%252e%252e/v1/" + tail,
		"/v1/" + tail + "%00", "/v1/" + tail + "/", "/v1/" + tail + ";x=1", "/v1/" + tail + "%2f",
		"/docs/..%2f..%2fetc/passwd", "/static/../../../../etc/passwd", "/docs/%2e%2e/%2e%2e/%2e%2e/etc/passwd", "/..%5c..%5cetc/passwd",
	} {
		for _, credentials := range []string{auth, ""} {
			res := t.Raw("GET "+trick+" HTTP/1.1\r\nHost: {host}\r\n"+credentials+"Connection: close\r\n\r\n", 5*time.Second).First()
			want := []int{404, 400}
			if credentials == "" && t.Accounts() {
				want = append(want, 401)
			}
			t.Refusal(slices.Contains(want, res.Status), res.x, "GET %s: want %s, got %d", trick, list(want), res.Status)
			if strings.Contains(string(res.Body), "root:") {
				res.Errorf("GET %s shows a file of the machine", trick)
			}
		}
	}
}

// slowConnections is how many connections GEN-18 keeps half open.
const slowConnections = 50

func gen18(t *T) {
	t.Get("/healthz").Control()
	ctx, cancel := context.WithTimeout(t.ctx, 40*time.Second)
	defer cancel()
	var wg sync.WaitGroup
	lived := make([]time.Duration, slowConnections)
	for i := range lived {
		wg.Go(func() {
			if d, err := t.trickle(ctx); err != nil {
				t.Errorf("slow connection %d: %v", i, err)
			} else {
				lived[i] = d
			}
		})
	}
	over := make(chan struct{})
	go func() { wg.Wait(); close(over) }()
	slow := 0
	for open := true; open; {
		select {
		case <-over:
			open = false
		case <-time.After(time.Second):
			// One slow answer may be the machine's; two are the service's.
			if res := t.Get("/healthz"); res.Status != 200 || res.Took > time.Second {
				if slow++; slow > 1 {
					res.Errorf("/healthz beside %d slow connections: %d after %s", slowConnections, res.Status, res.Took.Round(time.Millisecond))
				}
			}
		}
	}
	longest := slices.Max(lived)
	t.Refusal(longest < 32*time.Second, nil, "a connection that sends one byte of a header a second was kept for %s, want at most 30 s", longest.Round(time.Second))
}

// trickle opens a connection, to the shipped proxy where there is one, and
// sends one byte of a header a second until the server closes it.
func (t *T) trickle(ctx context.Context) (time.Duration, error) {
	conn, err := t.slowClient().dial(ctx)
	if err != nil {
		return 0, err
	}
	defer func() { _ = conn.Close() }() // it is closed already, or given up
	started := time.Now()
	if _, err := fmt.Fprintf(conn, "GET /healthz HTTP/1.1\r\nHost: %s\r\nX-Slow: ", t.run.target.HostPort()); err != nil {
		return 0, err
	}
	closed := make(chan struct{})
	go func() {
		defer close(closed)
		buf := make([]byte, 4096)
		for {
			if _, err := conn.Read(buf); err != nil {
				return
			}
		}
	}()
	for {
		select {
		case <-closed:
			return time.Since(started), nil
		case <-ctx.Done():
			return time.Since(started), nil
		case <-time.After(time.Second):
			if _, err := conn.Write([]byte("a")); err != nil {
				return time.Since(started), nil
			}
		}
	}
}

// slowClient is a client of the shipped proxy where there is one, which has the
// time limits that a plain server may lack.
func (t *T) slowClient() *Client {
	if tg := t.run.target; tg.TLSURL != "" {
		return t.At(tg.TLSURL)
	}
	return t.Client
}
