//go:build unix

package load

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"
)

// hub is a server that fans out, with its own account of when it wrote each event.
type hub struct {
	mu      sync.Mutex
	next    int
	clients map[int]chan string
	written map[int][]time.Time // by event

	twice, drop int           // an event told twice, and one told to nobody; 0 for none
	hold        time.Duration // between publishing and telling
	hangUp      int           // one stream ends with this event; 0 for none
}

func (h *hub) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if r.Method == http.MethodPost {
		body, _ := io.ReadAll(r.Body)
		id, err := strconv.Atoi(string(body))
		if err != nil {
			panic(err)
		}
		time.Sleep(h.hold)
		h.tell(id)
		w.WriteHeader(http.StatusNoContent)
		return
	}
	mine := make(chan string, 1000)
	h.mu.Lock()
	me := h.next
	h.next++
	h.clients[me] = mine
	h.mu.Unlock()
	defer func() {
		h.mu.Lock()
		delete(h.clients, me)
		h.mu.Unlock()
	}()
	w.Header().Set("Content-Type", "text/event-stream; charset=utf-8")
	_, _ = io.WriteString(w, ": hello\n\n")
	w.(http.Flusher).Flush()
	for {
		select {
		case <-r.Context().Done():
			return
		case id := <-mine:
			n, _ := strconv.Atoi(id)
			h.mu.Lock()
			h.written[n] = append(h.written[n], time.Now())
			h.mu.Unlock()
			_, _ = fmt.Fprintf(w, "event: x\r\ndata: {\"id\":\ndata: \"%s\"}\n\n: keep-alive\n\n", id)
			w.(http.Flusher).Flush()
			if h.hangUp > 0 && n == h.hangUp && me == 1 {
				return
			}
		}
	}
}

func (h *hub) tell(id int) {
	h.mu.Lock()
	defer h.mu.Unlock()
	for _, c := range h.clients {
		if id != h.drop || id == 0 {
			c <- strconv.Itoa(id)
		}
		if id == h.twice && id != 0 {
			c <- strconv.Itoa(id)
		}
	}
}

func (h *hub) options(t *testing.T) FanoutOptions {
	t.Helper()
	h.clients, h.written = map[int]chan string{}, map[int][]time.Time{}
	addr := serveHTTP(t, h)
	publish := make([]*Request, 100)
	for i := range publish {
		var err error
		if publish[i], err = NewRequest(http.MethodPost, addr, "/publish", nil, []byte(strconv.Itoa(i)), Expect{Status: http.StatusNoContent}); err != nil {
			t.Fatal(err)
		}
	}
	return FanoutOptions{
		Addr: addr, Streams: 20, Subscribe: get(t, addr, "/stream", Expect{}), Rate: 100, Duration: time.Second,
		Publish: func(i int) *Request { return publish[i] },
		Seq: func(data []byte) (int, bool) {
			text, found := strings.CutPrefix(string(data), "{\"id\":\n\"")
			id, err := strconv.Atoi(strings.TrimSuffix(text, "\"}"))
			return id, found && err == nil
		},
	}
}

// TestFanout: every event comes once on every stream, and the time it took is that of
// the server's own account, which holds each event back for 100 ms.
func TestFanout(t *testing.T) {
	t.Parallel()
	h := &hub{hold: 100 * time.Millisecond}
	o := h.options(t)
	o.Connections = 64
	r, err := Fanout(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	if r.Publish.OK != 100 || r.Delivered != 2000 || r.Lost+r.Duplicates+r.Ended != 0 || r.Delivery.Count() != 2000 {
		t.Fatalf("%+v; published %d, failures: %s", r, r.Publish.OK, r.Publish.Failed)
	}
	if least := r.Delivery.Min(); least < 99*time.Millisecond {
		t.Errorf("an event came after %s", least)
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	var truth []time.Duration
	for i, times := range h.written {
		for _, at := range times {
			truth = append(truth, at.Sub(r.Publish.Start)-time.Duration(i)*10*time.Millisecond)
		}
	}
	slices.Sort(truth)
	got, want := r.Delivery.Quantile(0.5), quantile(truth, 0.5)
	if got < want*99/100 || got > want*3/2 {
		t.Errorf("events take %s in the middle, by the server's account %s", got, want)
	}
}

func TestFanoutCountsWhatIsWrong(t *testing.T) {
	t.Parallel()
	h := &hub{twice: 30, drop: 40}
	o := h.options(t)
	o.Timeout = 4 * time.Second // for the event that never comes
	r, err := Fanout(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	if r.Delivered != 1980 || r.Lost != 20 || r.Duplicates != 20 || r.Ended != 0 {
		t.Errorf("delivered %d, lost %d, twice %d, ended %d", r.Delivered, r.Lost, r.Duplicates, r.Ended)
	}
	h = &hub{hangUp: 49}
	o = h.options(t)
	o.Timeout, o.Connections = 4*time.Second, 1 // one after the other, so that no event overtakes
	if r, err = Fanout(t.Context(), o); err != nil {
		t.Fatal(err)
	}
	if r.Delivered != 1950 || r.Lost != 50 || r.Ended != 1 || r.Example == "" {
		t.Errorf("delivered %d, lost %d, ended %d (%s)", r.Delivered, r.Lost, r.Ended, r.Example)
	}
}

func TestFanoutRefusals(t *testing.T) {
	t.Parallel()
	h := &hub{}
	good := h.options(t)
	plain := serveHTTP(t, http.NotFoundHandler())
	for name, tc := range map[string]struct {
		change func(*FanoutOptions)
		say    string
	}{
		"no streams":        {func(o *FanoutOptions) { o.Streams = 0 }, "0 streams"},
		"too many":          {func(o *FanoutOptions) { o.Streams = 5000 }, "5000 streams"},
		"nothing to open":   {func(o *FanoutOptions) { o.Subscribe = nil }, "no streams"},
		"nothing published": {func(o *FanoutOptions) { o.Publish = nil }, "no requests"},
		"not a stream":      {func(o *FanoutOptions) { o.Addr = plain }, "status 404"},
	} {
		o := good
		tc.change(&o)
		if r, err := Fanout(t.Context(), o); err == nil || r != nil || !strings.Contains(err.Error(), tc.say) {
			t.Errorf("%s: %+v, %v", name, r, err)
		}
	}
	ctx, stop := context.WithCancel(t.Context())
	o := good
	o.Duration, o.OnMeasure = time.Hour, stop
	o.Publish = func(i int) *Request { return good.Publish(i % 100) }
	if r, err := Fanout(ctx, o); !errors.Is(err, context.Canceled) || r == nil || r.Publish.Stopped != StoppedContext {
		t.Errorf("interrupted: %+v, %v", r, err)
	}
}

func TestEventsInPieces(t *testing.T) {
	const text = ": comment\n\ndata: one\n\ndata:two\r\ndata: lines\r\n\r\nid: 7\nevent: x\ndata\n\nnothing: here\n\ndata: cut"
	want := []string{"one", "two\nlines", ""}
	for cut := range len(text) + 1 {
		var got []string
		e := events{take: func(data []byte) { got = append(got, string(data)) }}
		e.feed([]byte(text[:cut]))
		e.feed([]byte(text[cut:]))
		if !slices.Equal(got, want) {
			t.Errorf("cut at %d: %q, want %q", cut, got, want)
		}
	}
}
