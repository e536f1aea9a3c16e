package compare

import (
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"example.com/scaffold/internal/compare/result"
)

// shop answers as a service of somebody's would, and keeps what it was asked.
type shop struct {
	mu    sync.Mutex
	asked map[string]int
}

func (s *shop) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		panic(http.ErrAbortHandler)
	}
	s.mu.Lock()
	s.asked[strings.Join([]string{r.Method, r.URL.RequestURI(), r.Header.Get("Authorization"), r.Header.Get("Content-Type"), string(body)}, " ")]++
	s.mu.Unlock()
	switch r.URL.Path {
	case "/v1/auth/login":
		_, _ = io.WriteString(w, `{"access_token":"t0ken"}`)
	case "/v1/items":
		_, _ = io.WriteString(w, `{"items":[{"id":"i7"}`+strings.Repeat(`,{"id":"x"}`, listed)+`]}`)
	case "/moved":
		http.Redirect(w, r, "/v1/items", http.StatusSeeOther)
	case "/healthz", "/v1/items/i7", "/form":
		_, _ = io.WriteString(w, `{"title":"Lamp"}`)
	default:
		http.Error(w, "nothing here", http.StatusNotFound)
	}
}

func serve(t *testing.T) (*shop, Candidate) {
	t.Helper()
	s := &shop{asked: map[string]int{}}
	server := httptest.NewServer(s)
	t.Cleanup(server.Close)
	id := strings.TrimPrefix(server.URL, "http://")
	return s, Candidate{ID: id, Title: id, URL: server.URL, Place: server.URL}
}

// mine is a run with a workload of the person's.
func mine(t *testing.T, requests ...result.Request) (a *shop, o Options) {
	t.Helper()
	a, first := serve(t)
	_, second := serve(t)
	o = small(t, first, second)
	o.Workloads, o.Rates, o.User = nil, nil, Account{"me@example.com", "secret"}
	o.Own = []result.Own{{Name: "mine", Rates: []float64{40}, Requests: requests}}
	return a, o
}

// TestOwnWorkload: the requests are sent as they were written, in turn, at their rate;
// the result keeps them.
func TestOwnWorkload(t *testing.T) {
	t.Setenv("TENANT_TOKEN", "abc")
	a, o := mine(t,
		result.Request{Method: "GET", Path: "/v1/items/{item}?q=%20", SignedIn: true, Contains: "Lamp", Status: 200},
		result.Request{Method: "POST", Path: "/form", Body: "a=1", Headers: map[string]string{"content-type": "text/plain", "Authorization": "Key ${TENANT_TOKEN}"}},
		result.Request{Method: "PATCH", Path: "/moved", Body: `{"a":1}`, Status: 303},
		result.Request{Method: "HEAD", Path: "/healthz"},
	)
	c, err := Run(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	if len(c.Rounds) != 9 || len(c.Plan.Workloads) != 1 {
		t.Fatalf("%d rounds of %v", len(c.Rounds), c.Plan.Workloads)
	}
	for _, row := range c.Rounds {
		if row.Workload != "mine" || row.Rate != 40 || row.Sent != 8 || row.OK != 8 {
			t.Errorf("%+v", row)
		}
	}
	for _, want := range []string{
		"GET /v1/items/i7?q=%20 Bearer t0ken  ", "POST /form Key abc text/plain a=1", `PATCH /moved  application/json {"a":1}`, "HEAD /healthz   ",
	} {
		if a.asked[want] < 2*3*2 { // by the service and its control
			t.Errorf("%q was asked %d times of %v", want, a.asked[want], a.asked)
		}
	}
	kept, err := Load(o.Dir)
	if err != nil || len(kept.Plan.Own) != 1 || kept.Plan.Own[0].Requests[1].Headers["Authorization"] != "Key ${TENANT_TOKEN}" {
		t.Errorf("%v: kept %+v", err, kept.Plan.Own)
	}
}

// TestOwnWorkloadRefused: a request that is not answered as its file says is named
// before any round.
func TestOwnWorkloadRefused(t *testing.T) {
	t.Parallel()
	fine := result.Request{Method: "GET", Path: "/healthz"}
	for _, tc := range []struct {
		name string
		bad  result.Request
		want string
	}{
		{"another status", result.Request{Method: "GET", Path: "/healthz", Status: 201}, "workload mine: %s: request 2, GET /healthz: answers 200 instead of 201: {"},
		{"no success", result.Request{Method: "GET", Path: "/none"}, "workload mine: %s: request 2, GET /none: answers 404; if that is right, write status: 404: nothing here"},
		{"another text", result.Request{Method: "GET", Path: "/healthz", Contains: "Chair"}, `does not hold "Chair"`},
		{"a variable that is not set", result.Request{Method: "GET", Path: "/healthz", Headers: map[string]string{"A": "${NOT_SET_ANYWHERE}"}}, "workload mine, request 2: the header A names ${NOT_SET_ANYWHERE}"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			_, o := mine(t, fine, tc.bad)
			c, err := Run(t.Context(), o)
			if want := strings.ReplaceAll(tc.want, "%s", o.Candidates[0].ID); err == nil || !strings.Contains(err.Error(), want) {
				t.Errorf("error %v does not say %q", err, want)
			}
			if c != nil && len(c.Rounds) > 0 {
				t.Errorf("%d rounds were measured", len(c.Rounds))
			}
		})
	}
}

// TestOwnWorkloadGoneOnWith: what was begun with one workload is not gone on with
// another of its name; without the file, it is what the result keeps.
func TestOwnWorkloadGoneOnWith(t *testing.T) {
	t.Parallel()
	_, o := mine(t, result.Request{Method: "GET", Path: "/healthz"})
	o.Rounds = 2
	c, err := Run(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	c.Rounds, c.Complete = c.Rounds[:3], false
	if err := save(o.Dir, c); err != nil {
		t.Fatal(err)
	}
	o.Resume = true
	for name, want := range map[string]string{"mine": "has changed", "other": "was no part of the run"} {
		changed := o
		changed.Own = []result.Own{{Name: name, Requests: []result.Request{{Method: "GET", Path: "/form"}}}}
		if _, err := Run(t.Context(), changed); err == nil || !strings.Contains(err.Error(), "workload "+name+" "+want) {
			t.Errorf("%s: %v", name, err)
		}
	}
	o.Own = nil
	if c, err = Run(t.Context(), o); err != nil || len(c.Rounds) != 6 || c.Rounds[5].Workload != "mine" {
		t.Errorf("%v: %d rounds", err, len(c.Rounds))
	}
}

// TestOwnWorkloadIsPlanned alone, unless others are named, and before them.
func TestOwnWorkloadIsPlanned(t *testing.T) {
	t.Parallel()
	_, o := mine(t, result.Request{Method: "GET", Path: "/healthz"})
	o.Own[0].Rates, o.Own[0].P99Millis = nil, 20
	r := &run{c: &result.Comparison{Plan: newPlan(o)}}
	if w := r.workload("mine"); w.limit != 20*time.Millisecond || w.account || w.gentle == 0 {
		t.Errorf("%+v", w)
	}
	if p := newPlan(o); len(p.Workloads) != 1 || p.Workloads[0] != "mine" {
		t.Errorf("planned %v", p.Workloads)
	}
	o.Workloads = []string{"health"}
	if p := newPlan(o); len(p.Workloads) != 2 || keep(p.Workloads, 1)[0] != "mine" {
		t.Errorf("planned %v", p.Workloads)
	}
}
