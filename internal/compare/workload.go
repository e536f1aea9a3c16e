package compare

import (
	"bytes"
	"context"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"

	"example.com/scaffold/internal/compare/load"
	"example.com/scaffold/internal/compare/result"
)

// workload is what is asked of a service, again and again.
type workload struct {
	id      string
	account bool // it signs in
	bench   bool // it needs the routes of the option benchmark

	method, target, body string
	// constant says that each answer has the same bytes as the first; otherwise it
	// must hold this text and be about as long.
	constant bool
	holds    string
	gentle   float64   // requests a second that any service answers
	fixed    []float64 // rates where parts of what a service can do would mean little
	beside   *workload
	own      *result.Own // what a person brought; then nothing above but id, account and gentle is set
	// limit is what 99 % of the answers keep in the search for the highest rate; 0:
	// there is no search.
	limit time.Duration
}

// besides is how many requests a second go on beside a mixed workload: they keep
// the slowest language busy for less than half of the time.
const besides = 2

// workloads describes what Workloads names. {item} stands for an item of the account.
func workloads() []workload {
	const (
		change = `{"title":"Changed","body":"text"}`
		sample = `{"name":"Lamp","quantity":3,"tags":["green","desk","small"]}`
		echo   = "/v1/benchmark/echo"
		ms     = time.Millisecond
	)
	get, post := http.MethodGet, http.MethodPost
	primes := func(n int) string { return fmt.Sprintf("/v1/benchmark/cpu?n=%d", n) }
	return []workload{
		{id: "health", method: get, target: "/healthz", constant: true, gentle: 100, limit: 50 * ms},
		{id: readID, account: true, method: get, target: "/v1/items/{item}", holds: `"title"`, gentle: 50, limit: 50 * ms},
		{id: "write", account: true, method: http.MethodPatch, target: "/v1/items/{item}", body: change, holds: `"Changed"`, gentle: 50, limit: 50 * ms},
		{id: "list", account: true, method: get, target: "/v1/items", holds: `"next_cursor"`, gentle: 50, limit: 50 * ms},
		{id: "login", account: true, method: post, target: "/v1/auth/login", holds: `"access_token"`, gentle: 5, limit: 500 * ms},
		{id: "echo", account: true, bench: true, method: post, target: echo, body: sample, constant: true, gentle: 50, limit: 50 * ms},
		{id: "cpu", account: true, bench: true, method: get, target: primes(20_000), constant: true, gentle: 5, limit: 500 * ms},
		{id: "slow", account: true, bench: true, method: get, target: "/v1/benchmark/slow", constant: true, gentle: 20, limit: 200 * ms},
		{
			id: "mixed", account: true, bench: true, method: post, target: echo, body: sample, constant: true, gentle: 50, fixed: []float64{50},
			beside: &workload{
				id: "cpu", account: true, method: get, target: primes(400_000), constant: true, gentle: besides,
			},
		},
		{id: bareID, method: get, target: "/v1/items/{item}", holds: `"title"`, gentle: 50},
		{ // a rate is one of events, of which each goes to every stream
			id: fanoutID, account: true, bench: true, method: post, target: "/v1/benchmark/publish", body: `{"id":"try"}`,
			constant: true, gentle: 5, fixed: []float64{5, 20},
		},
	}
}

func byID(id string) workload {
	all := workloads()
	return all[slices.IndexFunc(all, func(w workload) bool { return w.id == id })]
}

// tolerance is how far, as a part, the length of an answer that is not constant may
// be from the first one's: times and tokens vary by a few characters.
const tolerance = 0.15

// every is how often a body is looked at; status and length are each time.
const every = 25

// requests builds the requests of a workload, after it has tried each once.
func (w workload) requests(ctx context.Context, s *session) ([]*load.Request, error) {
	if w.account {
		if err := s.renew(ctx); err != nil {
			return nil, err
		}
	}
	if w.own != nil {
		return ownRequests(ctx, s, w.own)
	}
	one, err := w.request(ctx, s)
	return []*load.Request{one}, err
}

// request builds the request of a workload of ours.
func (w workload) request(ctx context.Context, s *session) (*load.Request, error) {
	target, body := strings.ReplaceAll(w.target, "{item}", s.item), w.body
	header := s.header
	if w.id == "login" {
		body = s.login.body()
		header = (&session{}).header // signing in goes without a token
	}
	status, first, err := s.once(ctx, w.method, target, body)
	if err != nil {
		return nil, err
	}
	expect := load.Expect{Status: status, Length: load.Exactly(len(first)), Every: every}
	expect.Body = func(got []byte) error {
		if !bytes.Equal(got, first) {
			return fmt.Errorf("the answer changed to %.80q", got)
		}
		return nil
	}
	if !w.constant {
		slack := int(tolerance * float64(len(first)))
		expect.Length = load.Between(len(first)-slack, len(first)+slack)
		expect.Body = func(got []byte) error {
			if !bytes.Contains(got, []byte(w.holds)) {
				return fmt.Errorf("the answer does not hold %s: %.80q", w.holds, got)
			}
			return nil
		}
	}
	return load.NewRequest(w.method, s.addr, target, header(body), []byte(body), expect)
}
