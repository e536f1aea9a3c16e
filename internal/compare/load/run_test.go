//go:build unix

package load

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"
)

// TestFailuresAreCounted sends the same number of requests of each kind and wants
// exactly that number of each failure.
func TestFailuresAreCounted(t *testing.T) {
	t.Parallel()
	hijack := func(w http.ResponseWriter, say string) {
		conn, _, err := w.(http.Hijacker).Hijack()
		if err != nil {
			panic(err)
		}
		_, _ = io.WriteString(conn, say)
		_ = conn.Close()
	}
	handler := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/status":
			w.WriteHeader(http.StatusInternalServerError)
		case "/length":
			_, _ = io.WriteString(w, "longer than it should be")
		case "/body":
			_, _ = io.WriteString(w, "wrong")
		case "/timeout":
			<-r.Context().Done()
		case "/broken":
			hijack(w, "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nri")
		case "/protocol":
			hijack(w, "220 mail.example.com ESMTP\r\n\r\n")
		default:
			_, _ = io.WriteString(w, "right")
		}
	})
	for name, kind := range pollers() {
		t.Run(name, func(t *testing.T) {
			addr := serveHTTP(t, handler)
			expect := Expect{Status: http.StatusOK, Length: Exactly(5), Body: func(body []byte) error {
				if string(body) != "right" {
					return fmt.Errorf("it says %q", body)
				}
				return nil
			}}
			var kinds []*Request
			for _, path := range []string{"/", "/status", "/length", "/body", "/timeout", "/broken", "/protocol"} {
				kinds = append(kinds, get(t, addr, path, expect))
			}
			const each = 8
			o := Options{
				Addr: addr, Rate: 7 * each * 2, Duration: time.Second / 2, Timeout: 3 * time.Second,
				Next: func(i int) *Request { return kinds[i%7] },
			}
			if err := o.check(); err != nil {
				t.Fatal(err)
			}
			r, err := runWith(t.Context(), o, kind)
			if err != nil {
				t.Fatal(err)
			}
			want := Failures{Status: each, Length: each, Body: each, Timeout: each, Broken: each, Protocol: each}
			if r.OK != each || r.Sent != 7*each || r.Failed != want {
				t.Errorf("%d right answers of %d, failures: %s", r.OK, r.Sent, r.Failed)
			}
			if r.Example == "" || r.Latency.Count() != 2*each || r.Latency.Max() < 3*time.Second {
				t.Errorf("the example %q; %d latencies up to %s", r.Example, r.Latency.Count(), r.Latency.Max())
			}
		})
	}
}

// TestKinds of answers that are right, however they are framed.
func TestKindsOfAnswers(t *testing.T) {
	t.Parallel()
	big := bytes.Repeat([]byte("0123456789abcdef"), 64<<10)
	addr := serveHTTP(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/chunked":
			for range 3 {
				_, _ = io.WriteString(w, "part")
				w.(http.Flusher).Flush()
			}
		case "/close":
			w.Header().Set("Connection", "close")
			_, _ = io.WriteString(w, "bye")
		case "/big":
			_, _ = w.Write(big)
		case "/empty":
			w.WriteHeader(http.StatusNoContent)
		case "/early":
			w.WriteHeader(http.StatusEarlyHints)
			_, _ = io.WriteString(w, "late")
		case "/echo":
			_, _ = io.Copy(w, r.Body)
		default:
			_, _ = io.WriteString(w, r.Header.Get("X-Text"))
		}
	}))
	var all []*Request
	add := func(method, target string, header http.Header, body []byte, expect Expect) {
		req, err := NewRequest(method, addr, target, header, body, expect)
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, req)
	}
	same := func(want []byte) func([]byte) error {
		return func(got []byte) error {
			if !bytes.Equal(got, want) {
				return fmt.Errorf("%d other bytes", len(got))
			}
			return nil
		}
	}
	add("GET", "/chunked", nil, nil, Expect{Status: 200, Length: Exactly(12), Body: same([]byte("partpartpart"))})
	add("GET", "/close", nil, nil, Expect{Length: Exactly(3)})
	add("GET", "/big", nil, nil, Expect{Length: Exactly(len(big)), Body: same(big), Every: 2})
	add("HEAD", "/big", nil, nil, Expect{Status: 200, Length: Exactly(0)})
	add("GET", "/empty", nil, nil, Expect{Status: 204})
	add("GET", "/early", nil, nil, Expect{Status: 200, Body: same([]byte("late"))})
	add("POST", "/echo", nil, big, Expect{Length: Exactly(len(big)), Body: same(big), Every: 3})
	add("GET", "/text", http.Header{"X-Text": {"héllo"}}, nil, Expect{Length: Between(1, 10), Body: same([]byte("héllo"))})
	add("DELETE", "/text", nil, nil, Expect{Length: Exactly(0)})
	r, err := Run(t.Context(), Options{Addr: addr, Rate: 180, Duration: time.Second, Connections: 7, Next: func(i int) *Request { return all[i%len(all)] }})
	if err != nil {
		t.Fatal(err)
	}
	if r.OK != 180 {
		t.Errorf("%d right answers; failures: %s (%s)", r.OK, r.Failed, r.Example)
	}
}

// TestServerDies in the middle and comes back: what was due meanwhile has failed, at
// once and not after a time-out, and what is due later is answered.
func TestServerDies(t *testing.T) {
	t.Parallel()
	const rate = 300
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	addr := listener.Addr().String()
	var served, again atomic.Int64
	serve := func(l net.Listener, count *atomic.Int64) *http.Server {
		s := &http.Server{ReadHeaderTimeout: time.Minute}
		s.Handler = http.HandlerFunc(func(http.ResponseWriter, *http.Request) {
			if count.Add(1) == rate && count == &served {
				go func() { _ = s.Close() }() // the listener and every connection
			}
		})
		go func() { _ = s.Serve(l) }() // ends with Close
		return s
	}
	first := serve(listener, &served)
	defer first.Close()
	back := make(chan *http.Server, 1)
	go func() {
		for served.Load() < rate {
			time.Sleep(time.Millisecond)
		}
		time.Sleep(time.Second)
		l, err := (&net.ListenConfig{}).Listen(context.WithoutCancel(t.Context()), "tcp", addr)
		if err != nil {
			t.Error(err)
			close(back)
			return
		}
		back <- serve(l, &again)
	}()
	req := get(t, addr, "/", Expect{})
	r, err := Run(t.Context(), Options{Addr: addr, Rate: rate, Duration: 4 * time.Second, Next: func(int) *Request { return req }})
	if s := <-back; s != nil {
		defer s.Close()
	}
	if err != nil {
		t.Fatal(err)
	}
	if r.Sent != 4*rate || r.OK+r.Failed.Total() != r.Sent {
		t.Errorf("%d right and %d wrong of %d, all told %d", r.OK, r.Failed.Total(), r.Sent, 4*rate)
	}
	if r.Failed.Connect == 0 || r.Failed.Connect+r.Failed.Broken != r.Failed.Total() || !strings.Contains(r.Example, "connection") && !strings.Contains(r.Example, "EOF") {
		t.Errorf("failures: %s (%s)", r.Failed, r.Example)
	}
	if again.Load() == 0 || int64(r.OK) > served.Load()+again.Load() {
		t.Errorf("%d right answers; %d served before and %d after", r.OK, served.Load(), again.Load())
	}
}

func TestGivesUp(t *testing.T) {
	t.Parallel()
	addr := serveHTTP(t, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusTeapot) }))
	req := get(t, addr, "/tea", Expect{})
	r, err := Run(t.Context(), Options{Addr: addr, Rate: 500, Warmup: 10 * time.Millisecond, Duration: time.Hour, GiveUp: 20, Next: func(int) *Request { return req }})
	if err != nil {
		t.Fatal(err)
	}
	if total := r.Failed.Status + r.Warmup.Status; r.Stopped != StoppedFailures || total < 20 || total > 20+defaultConnections || r.OK != 0 {
		t.Errorf("ended by %q with %d right, %s, warm-up %s", r.Stopped, r.OK, r.Failed, r.Warmup)
	}
	if want := "GET /tea: status 418"; r.Example != want {
		t.Errorf("the example is %q, want %q", r.Example, want)
	}
}

// TestInterrupted at once returns what there was and leaves no connection.
func TestInterrupted(t *testing.T) {
	t.Parallel()
	for name, kind := range pollers() {
		t.Run(name, func(t *testing.T) {
			ctx, stop := context.WithCancel(t.Context())
			defer stop()
			var served, open atomic.Int64
			server := &http.Server{ReadHeaderTimeout: time.Minute, ConnState: func(_ net.Conn, s http.ConnState) {
				switch s {
				case http.StateNew:
					open.Add(1)
				case http.StateClosed:
					open.Add(-1)
				default:
				}
			}}
			server.Handler = http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
				if served.Add(1) == 50 {
					stop()
				}
				if served.Load() > 30 {
					<-r.Context().Done() // the run has to end with answers missing
				}
			})
			listener, err := net.Listen("tcp", "127.0.0.1:0")
			if err != nil {
				t.Fatal(err)
			}
			go func() { _ = server.Serve(listener) }() // ends with Close
			defer server.Close()
			addr := listener.Addr().String()
			req := get(t, addr, "/", Expect{})
			o := Options{Addr: addr, Rate: 100, Duration: time.Hour, Timeout: time.Hour, Next: func(int) *Request { return req }}
			if err := o.check(); err != nil {
				t.Fatal(err)
			}
			r, err := runWith(ctx, o, kind)
			if !errors.Is(err, context.Canceled) || r == nil || r.Stopped != StoppedContext || r.OK < 1 || r.OK > 30 {
				t.Fatalf("%+v, %v", r, err)
			}
			for open.Load() > 0 { // the test's own deadline ends this if it has to
				time.Sleep(time.Millisecond)
			}
		})
	}
}

// TestWarmupIsNotMeasured counts exactly, and tells when the measured part begins.
func TestWarmupIsNotMeasured(t *testing.T) {
	t.Parallel()
	var served atomic.Int64
	addr := serveHTTP(t, http.HandlerFunc(func(http.ResponseWriter, *http.Request) { served.Add(1) }))
	req := get(t, addr, "/", Expect{})
	began := make(chan int64, 2)
	r, err := Run(t.Context(), Options{
		Addr: addr, Rate: 400, Warmup: 500 * time.Millisecond, Duration: time.Second, Connections: 8,
		Next: func(int) *Request { return req }, OnMeasure: func() { began <- served.Load() },
	})
	if err != nil {
		t.Fatal(err)
	}
	if r.Sent != 400 || r.OK != 400 || served.Load() != 600 || r.Latency.Count() != 400 || r.Lag.Count() != 400 {
		t.Errorf("%d sent, %d right, %d served, %d latencies, %d lags", r.Sent, r.OK, served.Load(), r.Latency.Count(), r.Lag.Count())
	}
	if n := <-began; n < 200-8 || len(began) != 0 { // the last of the warm-up may be on their way
		t.Errorf("the measured part began after %d requests", n)
	}
	if r.Elapsed < time.Second || r.CPU <= 0 || r.Share() <= 0 || r.Achieved > 400 {
		t.Errorf("%s, %s of CPU, %.1f a second", r.Elapsed, r.CPU, r.Achieved)
	}
}

// TestIdleConnectionsAreRenewed: eight connections at two requests a second lie idle
// for four seconds, which servers do not bear, and none of them fails.
func TestIdleConnectionsAreRenewed(t *testing.T) {
	t.Parallel()
	var opened atomic.Int64
	server := &http.Server{IdleTimeout: 3500 * time.Millisecond, ReadHeaderTimeout: time.Minute, ConnState: func(_ net.Conn, s http.ConnState) {
		if s == http.StateNew {
			opened.Add(1)
		}
	}}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	go func() { _ = server.Serve(listener) }() // ends with Close
	defer server.Close()
	addr := listener.Addr().String()
	req := get(t, addr, "/", Expect{Status: http.StatusNotFound})
	r, err := Run(t.Context(), Options{Addr: addr, Rate: 2, Duration: 5 * time.Second, Connections: 8, Next: func(int) *Request { return req }})
	if err != nil {
		t.Fatal(err)
	}
	// One finds the address, eight are opened, and two seconds later each again.
	if r.OK != 10 || opened.Load() < 1+8+8 {
		t.Errorf("%d right answers over %d connections; failures: %s (%s)", r.OK, opened.Load(), r.Failed, r.Example)
	}
}

func TestOptionsAreChecked(t *testing.T) {
	t.Parallel()
	addr := serveHTTP(t, http.NotFoundHandler())
	req := get(t, addr, "/", Expect{})
	for name, change := range map[string]func(*Options){
		"no requests":  func(o *Options) { o.Next = nil },
		"no rate":      func(o *Options) { o.Rate = 0 },
		"no time":      func(o *Options) { o.Duration = 0 },
		"too short":    func(o *Options) { o.Duration = time.Millisecond; o.Warmup = time.Millisecond },
		"too much":     func(o *Options) { o.Rate = 1e9; o.Duration = time.Hour },
		"connections":  func(o *Options) { o.Connections = maxConnections + 1 },
		"no port":      func(o *Options) { o.Addr = "localhost" },
		"no such host": func(o *Options) { o.Addr = "no.such.host.invalid:80" },
	} {
		o := Options{Addr: addr, Rate: 100, Duration: time.Second, Next: func(int) *Request { return req }}
		change(&o)
		if _, err := Run(t.Context(), o); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	_ = listener.Close() // nobody listens there now
	if _, err := Run(t.Context(), Options{Addr: listener.Addr().String(), Rate: 10, Duration: time.Second, Next: func(int) *Request { return req }}); !errors.Is(err, syscall.ECONNREFUSED) {
		t.Errorf("nobody listens: %v", err)
	}
	for _, bad := range [][3]string{{"GET", "host", "path"}, {"GET", "host", "/a b"}, {"GET\r\n", "host", "/"}, {"CONNECT", "host", "/"}} {
		if _, err := NewRequest(bad[0], bad[1], bad[2], nil, nil, Expect{}); err == nil {
			t.Errorf("%q: no error", bad)
		}
	}
}

// TestResultIsKept as JSON, and merged with itself is twice as much.
func TestResultIsKept(t *testing.T) {
	t.Parallel()
	addr := serveHTTP(t, http.NotFoundHandler())
	req := get(t, addr, "/", Expect{Status: http.StatusNotFound})
	r, err := Run(t.Context(), Options{Addr: addr, Rate: 500, Duration: 500 * time.Millisecond, Next: func(int) *Request { return req }})
	if err != nil {
		t.Fatal(err)
	}
	text, err := json.Marshal(r)
	if err != nil {
		t.Fatal(err)
	}
	var back Result
	if err := json.Unmarshal(text, &back); err != nil {
		t.Fatal(err)
	}
	again, err := json.Marshal(&back)
	if err != nil {
		t.Fatal(err)
	}
	var one, two map[string]any
	if err := errors.Join(json.Unmarshal(text, &one), json.Unmarshal(again, &two)); err != nil {
		t.Fatal(err)
	}
	if fmt.Sprint(one) != fmt.Sprint(two) || back.Latency.Quantile(0.99) != r.Latency.Quantile(0.99) || back.OK != 250 {
		t.Errorf("%s became %s", text, again)
	}
	back.Merge(r)
	if back.OK != 500 || back.Sent != 500 || back.Latency.Count() != 500 || back.Latency.Quantile(0.5) != r.Latency.Quantile(0.5) || back.Elapsed != 2*r.Elapsed {
		t.Errorf("merged with itself: %+v", back)
	}
}

// TestRunsAtTheSameTime share nothing.
func TestRunsAtTheSameTime(t *testing.T) {
	t.Parallel()
	addr := serveHTTP(t, http.NotFoundHandler())
	req := get(t, addr, "/", Expect{Status: http.StatusNotFound})
	var wg sync.WaitGroup
	for range 3 {
		wg.Go(func() {
			r, err := Run(t.Context(), Options{Addr: addr, Rate: 100, Duration: time.Second, Connections: 4, Next: func(int) *Request { return req }})
			if err != nil || r.OK != 100 {
				t.Errorf("%+v, %v", r, err)
			}
		})
	}
	wg.Wait()
}
