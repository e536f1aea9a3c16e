//go:build unix

package load

import (
	"net"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"
)

// serveHTTP serves until the test ends and returns the address.
func serveHTTP(t *testing.T, handler http.Handler) string {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	server := &http.Server{Handler: handler, ReadHeaderTimeout: time.Minute}
	go func() { _ = server.Serve(listener) }() // ends with Close
	t.Cleanup(func() { _ = server.Close() })
	return listener.Addr().String()
}

// slots answers after a time, so many requests at once.
func slots(n int, after time.Duration) http.Handler {
	free := make(chan struct{}, n)
	return http.HandlerFunc(func(http.ResponseWriter, *http.Request) {
		free <- struct{}{}
		time.Sleep(after)
		<-free
	})
}

func get(t *testing.T, addr, target string, expect Expect) *Request {
	t.Helper()
	req, err := NewRequest(http.MethodGet, addr, target, nil, nil, expect)
	if err != nil {
		t.Fatal(err)
	}
	return req
}

// numbered is a request for each number, /0, /1, ….
func numbered(t *testing.T, addr string, n int, expect Expect) func(int) *Request {
	t.Helper()
	all := make([]*Request, n)
	for i := range all {
		all[i] = get(t, addr, "/"+strconv.Itoa(i), expect)
	}
	return func(i int) *Request { return all[i] }
}

// record is a server's own account of when it began with and answered each of the
// numbered requests: what is true whatever else the machine does.
type record struct {
	mu              sync.Mutex
	began, answered map[int]time.Time
}

// keep wraps the work of a server.
func (r *record) keep(work func(i int)) http.Handler {
	r.began, r.answered = map[int]time.Time{}, map[int]time.Time{}
	return http.HandlerFunc(func(_ http.ResponseWriter, req *http.Request) {
		i, err := strconv.Atoi(strings.TrimPrefix(req.URL.Path, "/"))
		if err != nil {
			panic(err)
		}
		began := time.Now()
		work(i)
		r.mu.Lock()
		r.began[i], r.answered[i] = began, time.Now()
		r.mu.Unlock()
	})
}

// latencies are the times from when each request was due to its answer, sorted.
func (r *record) latencies(start time.Time, rate float64) []time.Duration {
	r.mu.Lock()
	defer r.mu.Unlock()
	var all []time.Duration
	for i, at := range r.answered {
		all = append(all, at.Sub(start)-time.Duration(float64(i)/rate*float64(time.Second)))
	}
	slices.Sort(all)
	return all
}

// quantile of sorted values.
func quantile(sorted []time.Duration, q float64) time.Duration {
	return sorted[min(int(q*float64(len(sorted))), len(sorted)-1)]
}

// pollers are both ways to wait, for this system's own may be either.
func pollers() map[string]func() (poller, error) {
	return map[string]func() (poller, error){
		"own":    newPoller,
		"select": func() (poller, error) { return &selectPoller{}, nil },
	}
}
