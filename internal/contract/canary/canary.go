// Package canary is a listener on loopback that nobody has a reason to call: a
// request that reaches it was sent by the service under test because an
// attacker's URL told it to.
package canary

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"strings"
	"sync"
	"time"
)

// Listener counts calls by the first segment of their path.
type Listener struct {
	server *http.Server
	url    string

	mu   sync.Mutex
	hits map[string]int
}

// Listen starts a listener on a free loopback port.
func Listen(ctx context.Context) (*Listener, error) {
	l, err := new(net.ListenConfig).Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return nil, fmt.Errorf("canary listener: %w", err)
	}
	c := &Listener{url: "http://" + l.Addr().String(), hits: map[string]int{}}
	c.server = &http.Server{
		ReadHeaderTimeout: 5 * time.Second,
		Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			name, _, _ := strings.Cut(strings.TrimPrefix(r.URL.Path, "/"), "/")
			c.mu.Lock()
			c.hits[name]++
			c.mu.Unlock()
			w.WriteHeader(http.StatusNoContent)
		}),
	}
	go func() { _ = c.server.Serve(l) }() // ends with Close
	return c, nil
}

// URL is an address under the listener that belongs to name, which has no slash.
func (c *Listener) URL(name string) string { return c.url + "/" + name + "/x" }

// Hits is how often name's address was called.
func (c *Listener) Hits(name string) int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.hits[name]
}

// Close ends the listener.
func (c *Listener) Close() error {
	ctx, cancel := context.WithTimeout(context.Background(), time.Second)
	defer cancel()
	return c.server.Shutdown(ctx)
}
