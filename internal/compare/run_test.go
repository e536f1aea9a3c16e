package compare

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"example.com/scaffold/internal/compare/result"
)

// healthy answers every request; once it is dead, if ever, it closes connections instead.
func healthy(t *testing.T, dead *atomic.Bool) Candidate {
	t.Helper()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		if dead != nil && dead.Load() {
			panic(http.ErrAbortHandler)
		}
		_, _ = w.Write([]byte(`{"status":"ok"}`)) // the client may be gone
	}))
	t.Cleanup(server.Close)
	id := strings.TrimPrefix(server.URL, "http://")
	return Candidate{ID: id, Title: id, URL: server.URL, Place: server.URL}
}

// small is a comparison that takes a second or two.
func small(t *testing.T, candidates ...Candidate) Options {
	t.Helper()
	return Options{
		Dir: filepath.Join(t.TempDir(), "out"), Candidates: candidates, Workloads: []string{"health"}, Rates: []float64{50},
		Rounds: 3, Duration: 200 * time.Millisecond, Quick: true, Database: "sqlite", Workers: 1,
		Say: func(format string, args ...any) { t.Logf(format, args...) },
	}
}

func TestRun(t *testing.T) {
	t.Parallel()
	o := small(t, healthy(t, nil), healthy(t, nil))
	c, err := Run(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	kept, err := Load(o.Dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []*result.Comparison{c, kept} {
		if !c.Complete || c.Stopped != "" || len(c.Services) != 3 || !c.Services[2].Control || len(c.Rounds) != 9 {
			t.Fatalf("complete %t, stopped %q, %d services, %d rounds", c.Complete, c.Stopped, len(c.Services), len(c.Rounds))
		}
		for _, row := range c.Rounds {
			if row.Sent != 10 || row.Rate != 50 || row.Place < 0 || row.Place > 2 || len(row.Curve) == 0 {
				t.Errorf("%+v", row)
			}
		}
		if c.Generator.TrueP99 == 0 || c.Generator.SeenP99 == 0 {
			t.Errorf("the generator was not proven: %+v", c.Generator)
		}
	}
}

func TestEveryServiceComesAtEveryPlace(t *testing.T) {
	t.Parallel()
	o := small(t, healthy(t, nil), healthy(t, nil))
	o.Rounds, o.Duration = 6, 100*time.Millisecond
	c, err := Run(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	places := map[string]int{}
	for _, row := range c.Rounds {
		places[row.Service+" "+string(rune('0'+row.Place))]++
	}
	for where, n := range places {
		if n != 2 {
			t.Errorf("%s: %d times of 6 rounds", where, n)
		}
	}
}

// TestAServiceThatDies keeps the rounds of the others and says what became of its own.
func TestAServiceThatDies(t *testing.T) {
	t.Parallel()
	var dead atomic.Bool
	dying := healthy(t, &dead)
	o := small(t, healthy(t, nil), dying)
	o.Say = func(format string, args ...any) {
		if strings.HasPrefix(format, "Round") && args[0] == 2 {
			dead.Store(true)
		}
	}
	c, err := Run(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	rejected := 0
	for _, row := range c.Rounds {
		if row.Service == dying.ID && row.Rejected != "" {
			rejected++
		}
	}
	if rejected == 0 || len(c.Rounds) != 9 || !c.Complete {
		t.Errorf("%d of its rounds were rejected, of %d in all", rejected, len(c.Rounds))
	}
}

// TestResume stops a run in its second round and goes on: the rounds that were there
// stay as they were, the missing ones come, none is there twice.
func TestResume(t *testing.T) {
	t.Parallel()
	o := small(t, healthy(t, nil), healthy(t, nil))
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	o.Say = func(format string, args ...any) {
		if strings.HasPrefix(format, "Round") && args[0] == 2 {
			stop()
		}
	}
	c, err := Run(ctx, o)
	if !errors.Is(err, context.Canceled) || c == nil || c.Complete || c.Stopped != "interrupted" || len(c.Rounds) != 3 {
		t.Fatalf("%v: %+v", err, c)
	}
	first := slices.Clone(c.Rounds)
	if _, err := Run(t.Context(), o); err == nil || !strings.Contains(err.Error(), "--resume") {
		t.Errorf("beginning again over it: %v", err)
	}
	o.Resume, o.Say = true, nil
	other := o
	other.Candidates = []Candidate{o.Candidates[1], o.Candidates[0]}
	if _, err := Run(t.Context(), other); err == nil || !strings.Contains(err.Error(), "compares") {
		t.Errorf("going on with other services: %v", err)
	}
	c, err = Run(t.Context(), o)
	if err != nil || !c.Complete || len(c.Rounds) != 9 {
		t.Fatalf("%v: %d rounds", err, len(c.Rounds))
	}
	for i, row := range first {
		if c.Rounds[i].Latency != row.Latency || c.Rounds[i].Service != row.Service {
			t.Errorf("round %d changed", i)
		}
	}
	if _, err := Run(t.Context(), o); err == nil || !strings.Contains(err.Error(), "complete") {
		t.Errorf("going on with a complete run: %v", err)
	}
}

// TestAPartOfABlockIsMeasuredAgain: services that are compared were measured within
// the same minute.
func TestAPartOfABlockIsMeasuredAgain(t *testing.T) {
	t.Parallel()
	o := small(t, healthy(t, nil), healthy(t, nil))
	c, err := Run(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	c.Rounds, c.Complete = c.Rounds[:7], false
	if err := save(o.Dir, c); err != nil {
		t.Fatal(err)
	}
	o.Resume = true
	again, err := Run(t.Context(), o)
	if err != nil || len(again.Rounds) != 9 {
		t.Fatalf("%v: %d rounds", err, len(again.Rounds))
	}
}

func TestRefused(t *testing.T) {
	good := healthy(t, nil)
	gone := healthy(t, nil)
	gone.URL, gone.ID = "http://127.0.0.1:1", "gone"
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	for _, tc := range []struct {
		name   string
		change func(*Options)
		want   string
	}{
		{"one service", func(o *Options) { o.Candidates = o.Candidates[:1] }, "fewer than two"},
		{"nobody there", func(o *Options) { o.Candidates[1] = gone }, "gone: no service answers there"},
		{"nobody there, going on", func(o *Options) { o.Candidates[1], o.KeepGoing = gone, true }, "fewer than two"},
		{"no folder", func(o *Options) { o.Dir = filepath.Join(file, "out") }, "make the folder"},
		{"an account is needed", func(o *Options) { o.Workloads = []string{"read"} }, "--user"},
		{"nothing to go on with", func(o *Options) { o.Resume = true }, "no comparison to go on with"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			o := small(t, good, healthy(t, nil))
			tc.change(&o)
			if _, err := Run(t.Context(), o); err == nil || !strings.Contains(err.Error(), tc.want) {
				t.Errorf("error %v does not say %q", err, tc.want)
			}
		})
	}
}

// TestKeepGoing leaves out who is not there and compares the rest.
func TestKeepGoing(t *testing.T) {
	t.Parallel()
	gone := Candidate{ID: "gone", URL: "http://127.0.0.1:1"}
	o := small(t, gone, healthy(t, nil), healthy(t, nil))
	o.KeepGoing = true
	c, err := Run(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	if c.Services[0].Excluded == "" || c.Plan.Control != c.Services[1].ID || len(c.Rounds) != 9 {
		t.Errorf("excluded %q, control of %s, %d rounds", c.Services[0].Excluded, c.Plan.Control, len(c.Rounds))
	}
}

// TestABrokenResultIsNotOverwritten: somebody may still want it.
func TestABrokenResultIsNotOverwritten(t *testing.T) {
	o := small(t, healthy(t, nil), healthy(t, nil))
	plant(t, o.Dir, map[string]string{File: "{"})
	if _, err := Run(t.Context(), o); err == nil || !strings.Contains(err.Error(), File) {
		t.Errorf("error %v", err)
	}
	if text, err := os.ReadFile(filepath.Join(o.Dir, File)); err != nil || string(text) != "{" {
		t.Errorf("it holds %q now, %v", text, err)
	}
}
