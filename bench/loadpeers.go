package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"strconv"
	"sync"
	"time"

	"example.com/scaffold/internal/compare/load"
)

// The part "load" runs this program again as a server and as a generator, so that the
// CPU time of each is that of a process.
const (
	loadServer    = "load-server"
	loadGenerator = "load-generator"
)

// peer is the other program that this one may be; false if it is asked for no such.
func peer(ctx context.Context, args []string) (bool, error) {
	switch {
	case len(args) == 1 && args[0] == loadServer:
		return true, serve(ctx)
	case len(args) == 2 && args[0] == loadGenerator:
		return true, generate(ctx, args[1])
	}
	return false, nil
}

func generate(ctx context.Context, text string) error {
	var o order
	if err := json.Unmarshal([]byte(text), &o); err != nil {
		return err
	}
	expect := load.Expect{Status: http.StatusOK, Length: load.Exactly(len(small))}
	req, err := load.NewRequest(http.MethodGet, o.Addr, o.Path, nil, nil, expect)
	if err != nil {
		return err
	}
	r, err := load.Run(ctx, load.Options{
		Addr: o.Addr, Rate: o.Rate, Duration: o.Duration, Connections: o.Connections,
		Next: func(int) *load.Request { return req }, Timeout: time.Minute, // one that is behind catches up
	})
	if err != nil {
		return err
	}
	return json.NewEncoder(os.Stdout).Encode(r)
}

const small = `{"status":"ok"}`

// serve answers until it is interrupted, and says its address first.
func serve(ctx context.Context) error {
	listener, err := (&net.ListenConfig{}).Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	fmt.Println(listener.Addr()) //nolint:forbidigo // to the program that started this one
	answer := func(w http.ResponseWriter) {
		w.Header().Set("Content-Type", "application/json")
		_, _ = io.WriteString(w, small) // the generator counts what does not come
	}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /", func(w http.ResponseWriter, _ *http.Request) { answer(w) })
	mux.HandleFunc("GET /after", func(w http.ResponseWriter, r *http.Request) {
		after, err := strconv.Atoi(r.FormValue("ms"))
		if err != nil {
			http.Error(w, err.Error(), http.StatusBadRequest)
			return
		}
		time.Sleep(time.Duration(after) * time.Millisecond)
		answer(w)
	})
	// Frozen for the second that begins one second after the first request.
	var once sync.Once
	var begin time.Time
	mux.HandleFunc("GET /freeze", func(w http.ResponseWriter, _ *http.Request) {
		once.Do(func() { begin = time.Now() })
		if since := time.Since(begin); since > time.Second && since < 2*time.Second {
			time.Sleep(2*time.Second - since)
		}
		answer(w)
	})
	h := &hub{}
	mux.HandleFunc("GET /stream", h.stream)
	mux.HandleFunc("POST /publish", h.publish)
	server := &http.Server{Handler: mux, ReadHeaderTimeout: time.Minute}
	defer context.AfterFunc(ctx, func() { _ = server.Close() })() // Serve tells
	if err := server.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	return nil
}

// hub tells every stream what is published.
type hub struct {
	mu      sync.Mutex
	streams []chan string
}

func (h *hub) stream(w http.ResponseWriter, r *http.Request) {
	mine := make(chan string, 1000)
	h.mu.Lock()
	h.streams = append(h.streams, mine)
	h.mu.Unlock()
	out := http.NewResponseController(w)
	w.Header().Set("Content-Type", "text/event-stream")
	for err := out.Flush(); err == nil; err = out.Flush() {
		select {
		case <-r.Context().Done():
			return
		case text := <-mine:
			_, _ = fmt.Fprintf(w, "data: %s\n\n", text) // Flush tells
		}
	}
}

func (h *hub) publish(w http.ResponseWriter, r *http.Request) {
	text, err := io.ReadAll(r.Body)
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	for _, s := range h.streams {
		select {
		case s <- string(text):
		default: // one that has left; the generator counts what is lost
		}
	}
	w.WriteHeader(http.StatusNoContent)
}
