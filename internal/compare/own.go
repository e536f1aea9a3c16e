package compare

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"os"
	"slices"
	"strings"
	"time"

	"example.com/scaffold/internal/compare/load"
	"example.com/scaffold/internal/compare/result"
	ownfile "example.com/scaffold/internal/compare/workload"
)

// ownGentle is a rate at which nothing is known yet of a person's workload, in
// requests a second.
const ownGentle = 5

// workload is one of the plan, ours or the person's.
func (r *run) workload(id string) workload {
	i := slices.IndexFunc(r.c.Plan.Own, func(o result.Own) bool { return o.Name == id })
	if i < 0 {
		return byID(id)
	}
	own := &r.c.Plan.Own[i]
	return workload{
		id: id, own: own, gentle: ownGentle, limit: time.Duration(own.P99Millis * float64(time.Millisecond)),
		account: slices.ContainsFunc(own.Requests, func(q result.Request) bool { return q.SignedIn }),
	}
}

// ownRequests builds the requests of a person's workload, after it has tried each once.
func ownRequests(ctx context.Context, s *session, own *result.Own) ([]*load.Request, error) {
	var all []*load.Request
	for i, q := range own.Requests {
		request, err := ownRequest(ctx, s, q)
		if err != nil {
			return nil, fmt.Errorf("request %d, %s: %w", i+1, q.Line(), err)
		}
		all = append(all, request)
	}
	return all, nil
}

func ownRequest(ctx context.Context, s *session, q result.Request) (*load.Request, error) {
	target := strings.ReplaceAll(q.Path, "{item}", s.item)
	header, err := ownHeader(s, q)
	if err != nil {
		return nil, err
	}
	status, text, err := s.send(ctx, q.Method, target, header, q.Body)
	switch {
	case err != nil:
		return nil, err
	case q.Status != 0 && status != q.Status:
		return nil, fmt.Errorf("answers %d instead of %d: %s", status, q.Status, excerpt(text))
	case q.Status == 0 && (status < 200 || status > 299):
		return nil, fmt.Errorf("answers %d; if that is right, write status: %d: %s", status, status, excerpt(text))
	}
	expect := load.Expect{Status: q.Status, Every: every}
	if q.Contains != "" {
		expect.Body = func(got []byte) error {
			if !bytes.Contains(got, []byte(q.Contains)) {
				return fmt.Errorf("the answer does not hold %q: %.80q", q.Contains, got)
			}
			return nil
		}
		if err := expect.Body(text); err != nil {
			return nil, err
		}
	}
	return load.NewRequest(q.Method, s.addr, target, header, []byte(q.Body), expect)
}

// ownHeader is what a request says, over what every request of ours does.
func ownHeader(s *session, q result.Request) (http.Header, error) {
	one := *s
	if !q.SignedIn {
		one.token = ""
	}
	header := one.header(q.Body)
	for name, value := range q.Headers {
		expanded, missing := ownfile.Expand(value, os.LookupEnv)
		switch {
		case missing != "":
			return nil, unset(name, missing)
		case strings.ContainsAny(expanded, "\r\n\x00"):
			return nil, fmt.Errorf("the header %s would be more than one line: look at the variables it names", name)
		}
		header.Set(name, expanded)
	}
	return header, nil
}

func unset(header, variable string) error {
	return fmt.Errorf("the header %s names ${%s}, which the environment does not have: export %s=…", header, variable, variable)
}

// secrets makes sure that every variable that a workload names is set.
func secrets(all []result.Own) error {
	for _, own := range all {
		for i, q := range own.Requests {
			for name, value := range q.Headers {
				if _, missing := ownfile.Expand(value, os.LookupEnv); missing != "" {
					return fmt.Errorf("workload %s, request %d: %w", own.Name, i+1, unset(name, missing))
				}
			}
		}
	}
	return nil
}

// unchanged makes sure that a run is gone on with as it was begun. Nothing given is
// as it was.
func unchanged(given, kept []result.Own) error {
	for _, own := range given {
		i := slices.IndexFunc(kept, func(k result.Own) bool { return k.Name == own.Name })
		if i < 0 {
			return fmt.Errorf("workload %s was no part of the run: leave out --workload, or begin anew in another folder", own.Name)
		}
		now, err := json.Marshal(own)
		then, otherErr := json.Marshal(kept[i])
		if err := errors.Join(err, otherErr); err != nil {
			return err
		}
		if !bytes.Equal(now, then) {
			return fmt.Errorf("workload %s has changed since its first rounds: leave out --workload to go on with what it was, or begin anew in another folder", own.Name)
		}
	}
	return nil
}
